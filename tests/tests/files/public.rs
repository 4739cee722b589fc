//! Public files, at the root of the site.

use super::{put, root};
use kit::{Program, Start};
use serde_json::json;

async fn publish(program: &Program, paths: &[&str]) {
    let admin = program.admin().await;
    for folder in ["images", "images-private", "docs"] {
        std::fs::create_dir_all(root(program).join(folder)).expect("it can be written");
    }
    for file in [
        "images/a.html",
        "images/b.svg",
        "images-private/c.txt",
        "docs/open.txt",
        "docs/closed.txt",
    ] {
        put(&admin, file, b"<script>content</script>").await;
    }
    let config = json!({"config": {"container": "app", "public_path": paths}});
    let answer = admin
        .call("PATCH", "/api/v2/system/service/3", Some(&config))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn public_paths_are_read_by_anybody() {
    let program = Program::start();
    publish(&program, &["images/", "docs/open.txt", ""]).await;
    let client = program.client();
    for (path, media) in [
        ("images/a.html", "text/html;charset=UTF-8"),
        ("images/b.svg", "image/svg+xml"),
        ("docs/open.txt", "text/plain;charset=UTF-8"),
    ] {
        let answer = client.get(&format!("/files/{path}")).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, media),
            "{path}"
        );
        assert_eq!(answer.text(), "<script>content</script>");
        // It stands on the console's origin, and must not be of it.
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("sandbox ") && !policy.contains("allow-same-origin"),
            "{policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let saved = client.get("/files/images/a.html?download=true").await;
    assert_eq!(
        saved.header("content-disposition"),
        "attachment; filename=\"a.html\";"
    );
    for closed in [
        "docs/closed.txt",
        "images-private/c.txt",
        "docs",
        "images/../docs/closed.txt",
        "images/%2e%2e/docs/closed.txt",
        "images//../docs/closed.txt",
        "images%2f..%2fdocs%2fclosed.txt",
        "images/./../docs/closed.txt",
        "images/..\\docs\\closed.txt",
        "%3Cscript%3E/x",
    ] {
        let answer = client.get(&format!("/files/{closed}")).await;
        assert!(matches!(answer.status, 403 | 404), "{closed}: {}", answer.status);
        let text = answer.text();
        assert!(!text.contains("<script>"), "{closed}: {text}");
    }
    let answer = client.get("/files/docs/closed.txt").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (403, "text/html; charset=UTF-8")
    );
    assert!(
        answer
            .text()
            .contains("Access denied, please contact your system administrator.")
    );
    // A folder is no file, and its content is not told.
    for folder in ["images", "images/"] {
        assert_eq!(client.get(&format!("/files/{folder}")).await.status, 404);
    }
    // Strangers do not learn which services there are, and write nothing.
    for nothing in ["/db/x", "/nosuch/x", "/system/admin"] {
        assert_eq!(client.get(nothing).await.status, 404, "{nothing}");
    }
    assert_eq!(
        client
            .call("PUT", "/files/images/a.html", Some(&json!("x")))
            .await
            .status,
        404
    );
    let refused = client.get("/api/v2/files/images/a.html").await;
    assert_eq!(
        (refused.status, refused.header("content-type")),
        (400, "application/json")
    );
    assert_eq!(
        client.get("/api/v2/").await.header("content-type"),
        "application/json"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prefix_moves_them() {
    let program = Program::with(Start {
        environment: vec![("DF_STORAGE_ROUTE_PREFIX".into(), "storage".into())],
        ..Start::default()
    });
    publish(&program, &["images"]).await;
    let client = program.client();
    assert_eq!(client.get("/storage/files/images/a.html").await.status, 200);
    assert_eq!(client.get("/storage/files/docs/open.txt").await.status, 403);
    assert_eq!(client.get("/files/images/a.html").await.status, 404);
}
