//! Packages of one app as the original makes them (`.dfpkg`), and packages that are brought in at start.

use kit::{Program, Start};
use scenarios::furnished::upload_to;
use scenarios::world::KEY;
use scenarios::zipped::archive;
use serde_json::{Value, json};
use std::io::Cursor;

const APP_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// An app with a service, a table and its records, as the original packs it.
fn todo() -> Vec<u8> {
    let json = |value: Value| value.to_string().into_bytes();
    let app = json!({"name": "todo", "description": "Things to do", "type": 1, "is_active": true, "api_key": APP_KEY,
                     "storage_container": "todo", "path": "index.html", "requires_fullscreen": false,
                     "allow_fullscreen_toggle": true, "toggle_location": "top"});
    let services = json!({"resource": [{"name": "list", "label": "List", "type": "sqlite", "is_active": true,
                                        "config": {"database": "list.sqlite"}}]});
    let schema = json!({"service": [{"name": "list", "table": [{"name": "todo", "label": "Thing", "field": [
        {"name": "id", "type": "id"}, {"name": "what", "type": "string", "required": true}]}]}]});
    let data = json!({"service": [{"name": "list", "table": [
        {"name": "todo", "record": [{"id": 1, "what": "sleep"}, {"id": 2, "what": "eat"}]}]}]});
    archive(&[
        ("description.json", json(app)),
        ("services.json", json(services)),
        ("schema.json", json(schema)),
        ("data.json", json(data)),
        ("index.html", b"<h1>To do</h1>".to_vec()),
        ("css/todo.css", b"h1 {}".to_vec()),
    ])
}

#[tokio::test]
async fn an_app_comes_with_its_service_tables_and_records() {
    let program = Program::start();
    let admin = program.admin().await;
    let answer = upload_to(
        &admin,
        "/api/v2/system/package",
        &[],
        ("files", "todo.dfpkg", &todo()),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["success"], true, "{}", answer.text());
    assert!(
        answer.text().contains("2 files were put into 'files'"),
        "{}",
        answer.text()
    );
    let page = admin.get("/api/v2/files/todo/css/todo.css").await;
    assert_eq!((page.status, page.text().as_str()), (200, "h1 {}"));
    let app = admin.get("/api/v2/system/app?filter=name%3Dtodo").await.json();
    assert_eq!(app["resource"][0]["api_key"], APP_KEY);
    let rows = admin.get("/api/v2/list/_table/todo").await.json();
    assert_eq!(rows["resource"][1]["what"], "eat");
    let schema = admin.get("/api/v2/list/_schema/todo").await.json();
    assert_eq!(schema["label"], "Thing");
    // The app has no role, so its key opens nothing.
    let keyed = program.client().with(KEY, APP_KEY);
    assert_eq!(keyed.get("/api/v2/list/_table/todo").await.status, 400);
}

#[tokio::test]
async fn the_resource_of_apps_takes_one_and_answers_the_app() {
    let program = Program::start();
    let admin = program.admin().await;
    let path = "/api/v2/system/app";
    let answer = upload_to(&admin, path, &[], ("files", "todo.dfpkg", &todo())).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.json()["name"], "todo", "{}", answer.text());
    assert!(answer.json()["id"].is_i64());
    let rows = admin.get("/api/v2/list/_table/todo").await.json();
    assert_eq!(rows["resource"].as_array().map(Vec::len), Some(2));
    let again = upload_to(&admin, path, &[], ("files", "todo.dfpkg", &todo())).await;
    assert_eq!(again.status, 400, "{}", again.text());
    for nonsense in [&b"nothing"[..], &archive(&[("readme.txt", Vec::new())])] {
        assert_eq!(
            upload_to(&admin, path, &[], ("files", "x.dfpkg", nonsense))
                .await
                .status,
            400
        );
    }
    let bomb = archive(&[("description.json", vec![b' '; 8 << 20])]);
    assert_eq!(
        upload_to(&admin, path, &[], ("files", "x.dfpkg", &bomb))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn packages_are_brought_in_once_at_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let role = json!([{"id": 1, "name": "from start", "is_active": true}]);
    let package = archive(&[
        ("package.json", b"{}".to_vec()),
        ("system/role.json", role.to_string().into_bytes()),
    ]);
    std::fs::write(folder.path().join("a.zip"), &package).expect("a file");
    std::fs::write(folder.path().join("b.dfpkg"), todo()).expect("a file");
    std::fs::write(folder.path().join("broken.zip"), "nothing").expect("a file");
    std::fs::write(folder.path().join("notes.txt"), "nothing").expect("a file");
    let path = folder.path().display().to_string();
    let start = Start {
        environment: vec![("DF_PACKAGE_PATH".into(), path)],
        ..Start::default()
    };
    let mut program = Program::with(start);
    let admin = program.admin().await;
    let roles = admin.get("/api/v2/system/role").await.json();
    assert_eq!(roles["resource"][0]["name"], "from start");
    let apps = admin.get("/api/v2/system/app?filter=name%3Dtodo").await.json();
    assert_eq!(apps["resource"][0]["api_key"], APP_KEY);
    let log = program.log();
    assert!(log.contains("broken.zip was not brought in"), "{log}");
    assert!(log.contains("tables or files of other services"), "{log}");
    let audit = admin.get("/api/v2/system/audit?filter=resource%3Drole").await;
    assert!(audit.text().contains("DF_PACKAGE_PATH"), "{}", audit.text());

    // What was deleted since does not come back, and a lost file keeps nobody from starting.
    let id = &roles["resource"][0]["id"];
    let gone = admin
        .call("DELETE", &format!("/api/v2/system/role/{id}"), None)
        .await;
    assert_eq!(gone.status, 200);
    program.restart("TERM");
    let admin = program.admin().await;
    assert_eq!(
        admin.get("/api/v2/system/role").await.json()["resource"],
        json!([])
    );
    drop(folder);
    program.restart("TERM");
    assert_eq!(program.admin().await.get("/api/v2/system/role").await.status, 200);
}

#[tokio::test]
async fn an_app_is_packed_with_what_it_needs_and_without_secrets() {
    let (from, to) = (Program::start(), Program::start());
    let admin = from.admin().await;
    let brought = upload_to(
        &admin,
        "/api/v2/system/app",
        &[],
        ("files", "todo.dfpkg", &todo()),
    )
    .await;
    let id = brought.json()["id"].clone();
    let far = json!({"resource": [{"name": "far", "type": "mysql",
        "config": {"host": "db", "database": "d", "username": "u", "password": "s3cret-of-far"}}]});
    assert_eq!(admin.post("/api/v2/system/service", &far).await.status, 201);
    let path = format!("/api/v2/system/app/{id}?pkg=true");
    let query = "&service=list,far&schema=%7B%22list%22:%5B%22todo%22%5D%7D";
    let packed = admin.get(&format!("{path}{query}&include_data=true")).await;
    assert_eq!(packed.status, 200, "{}", packed.text());
    assert_eq!(
        packed.header("content-disposition"),
        "attachment; filename=\"todo.dfpkg\""
    );
    let mut zip = zip::ZipArchive::new(Cursor::new(packed.body.clone())).expect("an archive");
    for entry in 0..zip.len() {
        let mut text = String::new();
        let mut file = zip.by_index(entry).expect("an entry");
        std::io::Read::read_to_string(&mut file, &mut text).expect("text");
        for secret in [APP_KEY, "s3cret-of-far", "**********"] {
            assert!(!text.contains(secret), "an entry tells {secret}: {text}");
        }
    }

    let admin = to.admin().await;
    let answer = upload_to(
        &admin,
        "/api/v2/system/app",
        &[],
        ("file", "todo.dfpkg", &packed.body),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.json();
    assert_eq!(
        (&made["name"], &made["path"]),
        (&json!("todo"), &json!("index.html"))
    );
    assert_ne!(made["api_key"], APP_KEY);
    let rows = admin.get("/api/v2/list/_table/todo").await.json();
    assert_eq!(rows["resource"][1]["what"], "eat");
    let far = admin.get("/api/v2/system/service?filter=name%3Dfar").await.json();
    let config = &far["resource"][0]["config"];
    assert_eq!(
        (&config["host"], &config["password"]),
        (&json!("db"), &Value::Null)
    );

    // Without more, it is the app alone; what is not there is told; who is bound by a role gets none.
    let admin = from.admin().await;
    let alone = admin.get(&path).await;
    let zip = zip::ZipArchive::new(Cursor::new(alone.body)).expect("an archive");
    assert_eq!((zip.len(), zip.index_for_name("description.json")), (1, Some(0)));
    for (query, status) in [
        ("&service=nosuch", 404),
        ("&schema=%7B%22list%22:%5B%22nosuch%22%5D%7D", 404),
        ("&schema=list", 400),
    ] {
        let refused = admin.get(&format!("{path}{query}")).await;
        assert_eq!(refused.status, status, "{query}: {}", refused.text());
    }
    let missing = admin.get("/api/v2/system/app/99?pkg=true").await;
    assert_eq!(missing.status, 404, "{}", missing.text());
    let role = json!({"resource": [{"name": "apps", "is_active": true, "role_service_access_by_role_id": [
        {"service_id": 1, "component": "app/*", "verb_mask": 1, "requestor_mask": 3}]}]});
    let role = admin.post("/api/v2/system/role", &role).await.json()["resource"][0]["id"].clone();
    let key = "k".repeat(64);
    let app = json!({"resource": [{"name": "keyed", "is_active": true, "role_id": role, "api_key": key}]});
    assert_eq!(admin.post("/api/v2/system/app", &app).await.status, 201);
    let keyed = from.client().with(KEY, &key);
    assert_eq!(keyed.get(&path).await.status, 403);
}
