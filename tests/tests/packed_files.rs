//! Files of file services in packages, and packages in file services.

use kit::{Client, Program};
use scenarios::furnished::{upload, upload_to};
use scenarios::zipped::archive;
use serde_json::{Value, json};

const PACKAGE: &str = "/api/v2/system/package";
/// What the digest of `reports/` names.
const REPORTS: &str = "files/reports/99d1827b2bf5d5fb42b03c8ba7a2b44b.zip";

async fn put(admin: &Client, path: &str, content: &str) {
    let headers = [("Content-Type", "text/plain")];
    let answer = admin.send("POST", path, &headers, Some(content.as_bytes())).await;
    let answer = answer.expect("the program answers");
    assert_eq!(answer.status, 201, "{}", answer.text());
}

async fn text(admin: &Client, path: &str) -> String {
    let answer = admin.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

fn log(answer: &kit::Answer) -> Value {
    answer.json()["log"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_folders_go_through_a_package_in_a_file_service() {
    let program = Program::start();
    let admin = program.admin().await;
    let folder = admin.call("POST", "/api/v2/files/reports/2026/", None).await;
    assert_eq!(folder.status, 201, "{}", folder.text());
    put(&admin, "/api/v2/files/reports/2026/a.txt", "first").await;
    put(&admin, "/api/v2/files/reports/b.txt", "second").await;
    put(&admin, "/api/v2/files/logo.svg", "<svg/>").await;
    put(&admin, "/api/v2/files/other.txt", "not asked for").await;

    let listed = admin.get(PACKAGE).await.json();
    assert_eq!(
        listed["service"]["files"],
        json!(["logo.svg", "other.txt", "reports/"])
    );
    let listed = admin.get(&format!("{PACKAGE}?full_tree=true")).await.json();
    let tree = listed["service"]["files"].to_string();
    assert!(tree.contains("reports/2026/a.txt"), "{tree}");

    let body = json!({
        "service": {"files": ["reports/", "logo.svg"]},
        "storage": {"name": "files", "folder": "out/packages", "filename": "own.zip"},
        "secured": true, "password": "a passphrase",
    });
    let answer = admin.post(PACKAGE, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(
        (&told["success"], &told["is_public"]),
        (&json!(true), &json!(false))
    );
    let path = told["path"].as_str().unwrap_or_default().to_owned();
    assert!(path.ends_with("/api/v2/files/out/packages/own.zip"), "{path}");
    let package = admin.get("/api/v2/files/out/packages/own.zip").await;
    assert_eq!(
        (package.status, package.header("content-type")),
        (200, "application/zip")
    );

    let gone = admin
        .call("DELETE", "/api/v2/files/reports/?force=true", None)
        .await;
    assert_eq!(gone.status, 200, "{}", gone.text());
    put(&admin, "/api/v2/files/logo.svg", "changed").await;
    let fields = [("password", "a passphrase")];
    let answer = upload(&admin, &fields, &package.body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(text(&admin, "/api/v2/files/reports/2026/a.txt").await, "first");
    assert_eq!(text(&admin, "/api/v2/files/reports/b.txt").await, "second");
    assert_eq!(text(&admin, "/api/v2/files/logo.svg").await, "changed");
    assert!(
        log(&answer)["notice"]
            .to_string()
            .contains("'logo.svg' of 'files' exists already")
    );
    let answer = upload(
        &admin,
        &[("password", "a passphrase"), ("overwrite", "true")],
        &package.body,
    )
    .await;
    assert_eq!(answer.json()["success"], true, "{}", answer.text());
    assert_eq!(text(&admin, "/api/v2/files/logo.svg").await, "<svg/>");
    // By the service's id, and into the folder that the original uses.
    let body = json!({"service": {"files": "logo.svg"}, "storage": {"id": 3, "filename": "again"}});
    let told = admin.post(PACKAGE, &body).await.json();
    let path = told["path"].as_str().unwrap_or_default();
    assert!(path.ends_with("/api/v2/files/__EXPORTS/again.zip"), "{told}");
    for (wrong, status) in [(json!({"id": 4711}), 404), (json!({"name": "nowhere"}), 404)] {
        let body = json!({"service": {"files": ["logo.svg"]}, "storage": wrong});
        assert_eq!(admin.post(PACKAGE, &body).await.status, status);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_the_original_packed_are_unpacked() {
    let program = Program::start();
    let admin = program.admin().await;
    let folder = archive(&[
        ("reports/a.txt", b"one".to_vec()),
        ("reports/deep/b.txt", b"two".to_vec()),
    ]);
    let package = archive(&[
        ("package.json", b"{\"version\": \"0.1\"}".to_vec()),
        (REPORTS, folder),
        ("files/plain.zip", archive(&[("x.txt", b"stays packed".to_vec())])),
        ("nowhere/a.txt", b"no such service".to_vec()),
    ]);
    let answer = upload(&admin, &[], &package).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(text(&admin, "/api/v2/files/reports/a.txt").await, "one");
    assert_eq!(text(&admin, "/api/v2/files/reports/deep/b.txt").await, "two");
    assert_eq!(admin.get("/api/v2/files/plain.zip").await.status, 200);
    assert!(
        log(&answer)["warning"]
            .to_string()
            .contains("'a.txt' could not be put into 'nowhere'")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_an_app_lie_where_the_form_says() {
    let program = Program::start();
    let admin = program.admin().await;
    let app = json!({"name": "shop", "type": 1, "path": "index.html", "is_active": true});
    let package = archive(&[
        ("description.json", app.to_string().into_bytes()),
        ("index.html", b"<h1>Shop</h1>".to_vec()),
        ("pages/css/shop.css", b"h1 {}".to_vec()),
    ]);
    let fields = [("storage_service_id", "3"), ("storage_container", "pages")];
    let answer = upload_to(
        &admin,
        "/api/v2/system/app",
        &fields,
        ("files", "shop.dfpkg", &package),
    )
    .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(
        text(&admin, "/api/v2/files/pages/index.html").await,
        "<h1>Shop</h1>"
    );
    assert_eq!(text(&admin, "/api/v2/files/pages/css/shop.css").await, "h1 {}");
    let stored = admin
        .get("/api/v2/system/app?filter=name=shop&fields=*")
        .await
        .json();
    let app = &stored["resource"][0];
    assert_eq!(
        (&app["storage_service_id"], &app["storage_container"]),
        (&json!(3), &json!("pages"))
    );
}
