//! The package manager of the original's console.

use crate::console::Console;
use kit::Program;
use scenarios::furnished::upload_to;
use serde_json::{Value, json};

#[tokio::test]
async fn an_instance_is_exported_and_imported() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let role = json!({"name": "clerk", "is_active": true});
    let id = console.create("system/role", &[], role).await;
    let environment = console.get("system/environment", &[]).await;
    assert!(environment["platform"]["secured_package_export"].is_boolean());

    // The screen offers what the manifest names.
    let manifest = console.get("system/package", &[]).await;
    let services = console.get("system/service", &[("limit", "0")]).await;
    for name in manifest["service"].as_object().unwrap().keys() {
        let known = services["resource"].as_array().unwrap().iter();
        assert_eq!(
            known.filter(|service| service["name"] == *name).count(),
            1,
            "{name}"
        );
    }
    assert_eq!(manifest["service"]["system"]["role"], json!(["clerk"]));

    let wanted =
        json!({"secured": false, "storage": {"filename": "own"}, "service": {"system": {"role": ["clerk"]}}});
    let made = console
        .expect(200, "POST", "system/package", &[], Some(&wanted))
        .await;
    assert_eq!(made["success"], true);
    let address = made["path"].as_str().unwrap();
    let (_, path) = address.split_once("/api/v2/").unwrap();
    let archive = console.send("GET", path, &[], None).await;
    assert_eq!(archive.status, 200);
    console.delete(&format!("system/role/{id}"), &[]).await;

    let admin = program.admin().await;
    let target = "/api/v2/system/package?password=&overwrite=false";
    let answer = upload_to(&admin, target, &[], ("files", "own.zip", &archive.body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["success"], true);
    let again = upload_to(&admin, target, &[], ("files", "own.zip", &archive.body)).await;
    assert_eq!(again.status, 200);
    // The screen shows these when nothing came in.
    let notices = again.json()["log"]["notice"].clone();
    assert!(notices.as_array().unwrap().iter().all(Value::is_string));
}
