//! Source control services over HTTP: repositories of a GitLab server, read with a token, through roles.
#![allow(clippy::unwrap_used)]

use kit::{Asked, Program, RemoteServer, Reply};
use scenarios::furnished::{APP_KEY, create};
use serde_json::{Value, json};

fn gitlab(asked: &Asked) -> Reply {
    let found = |value: Value| Reply::new(200, "application/json", value.to_string());
    if asked.header("private-token") != "t0ken" {
        return Reply::new(401, "application/json", r#"{"message":"401 Unauthorized"}"#);
    }
    match asked.target.as_str() {
        "/api/v4/groups/acme%2Ftools/projects?page=1&per_page=50" => {
            found(json!([{"id": 1, "name": "scripts"}]))
        }
        "/api/v4/projects/acme%2Ftools%2Fscripts" => found(json!({"default_branch": "main"})),
        "/api/v4/projects/acme%2Ftools%2Fscripts/repository/tree?ref=main&path=&per_page=100&page=1" => {
            found(json!([{"id": "a", "name": "src", "type": "tree", "path": "src"}]))
        }
        "/api/v4/projects/acme%2Ftools%2Fscripts/repository/files/src%2Fa%20b.js?ref=main" => {
            found(json!({"file_name": "a b.js", "encoding": "base64", "content": "cmV0dXJuIDE7"}))
        }
        "/api/v4/projects/acme%2Ftools%2Fscripts/repository/files/logo.png?ref=v1.0" => {
            found(json!({"file_name": "logo.png", "encoding": "base64", "content": "iVBORw=="}))
        }
        _ => Reply::new(404, "application/json", r#"{"message":"404 Tree Not Found"}"#),
    }
}

#[tokio::test]
async fn files_are_read_by_branch() {
    let (program, server) = (Program::start(), RemoteServer::start(gitlab));
    let admin = program.admin().await;
    let service = |name: &str, token: &str| {
        json!({"name": name, "type": "gitlab", "is_active": true,
               "config": {"base_url": format!("{}/api/v4/", server.url()), "namespace": "acme/tools", "token": token}})
    };
    let id = create(&admin, "service", service("git", "t0ken")).await;
    let stored = admin.get(&format!("/api/v2/system/service/{id}")).await.json();
    assert_eq!(stored["config"]["token"], "**********");

    assert_eq!(
        admin.get("/api/v2/git").await.json(),
        json!({"resource": [{"name": "_repo"}]})
    );
    assert_eq!(
        admin.get("/api/v2/git?as_list=true").await.json(),
        json!({"resource": ["_repo"]})
    );
    let list = admin.get("/api/v2/git/_repo?fields=name").await.json();
    assert_eq!(list, json!({"resource": [{"name": "scripts"}]}));
    let list = admin.get("/api/v2/git/_repo?as_list=true").await.json();
    assert_eq!(list, json!({"resource": ["scripts"]}));

    // There is no master, so the repository's default branch is read.
    let root = admin.get("/api/v2/git/_repo/scripts").await.json();
    assert_eq!(root["resource"][0]["path"], "src");
    let file = admin
        .get("/api/v2/git/_repo/scripts/src/a%20b.js?branch=main")
        .await
        .json();
    assert_eq!(file["file_name"], "a b.js");
    for path in [
        "src/a%20b.js?branch=main&content=true",
        "?path=src/a%20b.js&content=1",
    ] {
        let answer = admin.get(&format!("/api/v2/git/_repo/scripts/{path}")).await;
        assert_eq!(
            (answer.text().as_str(), answer.header("content-type")),
            ("return 1;", "text/plain; charset=utf-8")
        );
    }
    let logo = admin
        .get("/api/v2/git/_repo/scripts/logo.png?tag=v1.0&content=true")
        .await;
    assert_eq!(
        (logo.body.as_slice(), logo.header("content-type")),
        (&b"\x89PNG"[..], "application/octet-stream")
    );
    let missing = admin.get("/api/v2/git/_repo/scripts/none?branch=main").await;
    assert_eq!(missing.refusal(), (404, "404 Tree Not Found".to_owned()));
    for path in [
        "scripts/a/%2e/b",
        "scripts/a%5Cb",
        "scripts/a//b",
        "scripts?path=../../x",
        "%2E",
    ] {
        server.asked();
        let answer = admin.get(&format!("/api/v2/git/_repo/{path}")).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
        assert!(server.asked().is_empty(), "{path}");
    }

    let role = json!({"name": "reader", "is_active": true, "role_service_access_by_role_id": [
        {"service_id": id, "component": "_repo/scripts", "verb_mask": 1, "requestor_mask": 3},
        {"service_id": id, "component": "_repo/scripts/src/*", "verb_mask": 1, "requestor_mask": 3}]});
    let role = create(&admin, "role", role).await;
    create(
        &admin,
        "app",
        json!({"name": "reader", "api_key": APP_KEY, "is_active": true, "role_id": role}),
    )
    .await;
    let reader = program.client().with("X-DreamFactory-API-Key", APP_KEY);
    for (path, status) in [
        ("scripts", 200),
        ("scripts/src/a%20b.js?branch=main", 200),
        ("scripts?path=src/a%20b.js", 200),
        ("scripts/logo.png?tag=v1.0", 401),
        ("scripts?path=logo.png&tag=v1.0", 403),
        ("other", 401),
    ] {
        assert_eq!(
            reader.get(&format!("/api/v2/git/_repo/{path}")).await.status,
            status,
            "{path}"
        );
    }

    create(&admin, "service", service("stale", "wrong")).await;
    let refused = admin.get("/api/v2/stale/_repo").await;
    assert_eq!(refused.refusal(), (401, "401 Unauthorized".to_owned()));
    let answer = admin
        .post(
            "/api/v2/system/service?test=true",
            &json!({"resource": [service("", "wrong")]}),
        )
        .await;
    assert_eq!(
        answer.json()["error"]["context"]["config.token"][0],
        "The provider does not accept the token."
    );
    assert!(!program.log().contains("t0ken"));
}
