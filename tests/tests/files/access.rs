//! Roles: what a call touches beside its own path is permitted by itself.

use super::{get, put, send};
use kit::Program;
use scenarios::furnished::create;
use scenarios::world::{KEY, grant};
use serde_json::{Value, json};

const GET: u8 = 1;
const POST: u8 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_role_reaches_its_folders_alone() {
    let program = Program::start();
    let admin = program.admin().await;
    for folder in ["docs", "docs/sub", "secret"] {
        admin
            .call("POST", &format!("/api/v2/files/{folder}/"), None)
            .await;
    }
    put(&admin, "docs/a.txt", b"public").await;
    put(&admin, "docs/hidden.txt", b"TopSecret").await;
    put(&admin, "secret/b.txt", b"TopSecret").await;
    let service = admin
        .get("/api/v2/system/service?filter=name%3Dfiles")
        .await
        .json()["resource"][0]["id"]
        .as_i64()
        .expect("the service is seeded");
    let grants = [
        grant(service, "", GET, json!([])),
        grant(service, "docs/*", GET | POST, json!([])),
        // The exact path decides before the wildcard.
        grant(service, "docs/hidden.txt", 0, json!([])),
    ];
    let role = json!({"name": "docs", "is_active": true, "role_service_access_by_role_id": grants});
    let role = create(&admin, "role", role).await;
    let key = "f".repeat(64);
    let app = json!({"name": "docs", "api_key": key, "is_active": true, "type": 0, "role_id": role});
    create(&admin, "app", app).await;
    let client = program.client().with(KEY, &key);

    assert_eq!(get(&client, "docs/a.txt").await.text(), "public");
    assert_eq!(get(&client, "docs/").await.status, 200);
    for closed in [
        "docs/hidden.txt",
        "docs//hidden.txt",
        "docs/./hidden.txt",
        "DOCS/hidden.txt",
        "docs/hidden.txt/",
        "secret/",
        "secret/b.txt",
        "secret",
        "docs/%2e%2e/secret/b.txt",
        "docs/hidden.txt?include_properties=1&content=1",
    ] {
        let answer = get(&client, closed).await;
        assert!((400..500).contains(&answer.status), "{closed}: {}", answer.status);
        assert!(
            !answer.text().contains("TopSecret") && !answer.text().contains("VG9wU2VjcmV0"),
            "{closed}"
        );
    }
    assert_eq!(send(&client, "POST", "docs/new.txt", &[], b"x").await.status, 201);
    assert_eq!(send(&client, "PUT", "docs/new.txt", &[], b"x").await.status, 401);
    assert_eq!(
        send(&client, "DELETE", "docs/new.txt", &[], b"").await.status,
        401
    );
    for (header, name) in [("X-File-Name", "hidden.txt"), ("X-Folder-Name", "hidden.txt")] {
        assert_eq!(
            send(&client, "POST", "docs/", &[(header, name)], b"x")
                .await
                .status,
            403
        );
    }
    let list = json!({"resource": [
        {"type": "file", "path": "secret/new.txt", "content": "x"},
        {"type": "file", "name": "stolen.txt", "source_path": "secret/b.txt"},
        {"type": "file", "name": "taken.txt", "source_path": "docs/a.txt", "delete_source": true},
        {"type": "folder", "name": "all", "source_path": "docs/"},
        {"type": "folder", "name": "stolen", "source_path": "secret/"},
        {"type": "file", "name": "fine.txt", "source_path": "docs/a.txt"}]});
    let answer = client.post("/api/v2/files/docs/", &list).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let entries = answer.json()["resource"].as_array().cloned().unwrap_or_default();
    let failed: Vec<bool> = entries.iter().map(|entry| entry["error"].is_object()).collect();
    assert_eq!(failed, [true, true, true, true, true, false], "{entries:?}");
    let all = get(&admin, "?full_tree=true&as_list=true").await.json();
    assert_eq!(
        all["resource"],
        json!([
            "docs/",
            "docs/a.txt",
            "docs/fine.txt",
            "docs/hidden.txt",
            "docs/new.txt",
            "docs/sub/",
            "secret/",
            "secret/b.txt"
        ])
    );
    // An archive holds what may be read.
    let zip = get(&client, "?zip=true").await;
    assert_eq!(zip.status, 200);
    let text = zip.text();
    assert!(
        text.contains("docs/a.txt") && !text.contains("hidden.txt") && !text.contains("secret"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_delete_saves_its_folder() {
    let program = Program::start();
    let admin = program.admin().await;
    admin.call("POST", "/api/v2/files/docs/", None).await;
    put(&admin, "docs/a.txt", b"a").await;
    put(&admin, "docs/kept.txt", b"kept").await;
    let service = admin
        .get("/api/v2/system/service?filter=name%3Dfiles")
        .await
        .json()["resource"][0]["id"]
        .as_i64()
        .expect("the service is seeded");
    let grants = [
        grant(service, "docs/*", 31, json!([])),
        grant(service, "docs/kept.txt", GET, json!([])),
    ];
    let role = json!({"name": "docs", "is_active": true, "role_service_access_by_role_id": grants});
    let role = create(&admin, "role", role).await;
    let key = "e".repeat(64);
    let app = json!({"name": "docs", "api_key": key, "is_active": true, "type": 0, "role_id": role});
    create(&admin, "app", app).await;
    let client = program.client().with(KEY, &key);
    for words in ["force=true", "content_only=true"] {
        let answer = client
            .call("DELETE", &format!("/api/v2/files/docs/?{words}"), None)
            .await;
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
    assert_eq!(
        get(&admin, "docs/?as_list=true").await.json()["resource"],
        json!(["docs/a.txt", "docs/kept.txt"])
    );
    let components = admin.get("/api/v2/files?as_access_list=true").await.json();
    assert_eq!(components["resource"], json!(["", "*", "docs/", "docs/*"]));
    assert_eq!(components["error"], Value::Null);
}
