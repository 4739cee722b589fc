//! HTTP services: what goes on to the other server and what does not, what comes back, and who may call which path.
#![allow(clippy::unwrap_used)]

use kit::{Asked, Client, Program, RemoteServer, Reply};
use scenarios::furnished::create;
use serde_json::{Value, json};

/// Says what it was asked, and what some paths are for.
fn remote(asked: &Asked) -> Reply {
    match asked.path().trim_end_matches('/') {
        "/v1/missing" => Reply::new(404, "text/plain", "no such thing"),
        "/v1/gone" => Reply::new(302, "text/plain", "").with("location", "/v1/here?x=1"),
        "/v1/away" => Reply::new(302, "text/plain", "").with("location", "https://elsewhere.example/"),
        "/v1/page" => Reply::new(200, "text/html", "<script>1</script>")
            .with("set-cookie", "a=b")
            .with("access-control-allow-origin", "*")
            .with("x-kept", "yes")
            .with("etag", "\"1\""),
        "/v1/none" => Reply {
            status: 204,
            ..Reply::default()
        },
        "/v1/links" => {
            let host = asked.header("host");
            let text = format!(r#"{{"next":"http://{host}/v1/things?p=2","other":"http://{host}/v10"}}"#);
            Reply::new(200, "application/json", text)
        }
        "/v1/large" => Reply::new(200, "application/octet-stream", vec![7; 3_000_000]),
        _ => {
            let said = json!({"method": asked.method, "target": asked.target, "body": asked.text()});
            Reply::new(201, "application/vnd.things+json; v=1", said.to_string())
        }
    }
}

async fn service(admin: &Client, name: &str, config: Value) -> i64 {
    create(
        admin,
        "service",
        json!({"name": name, "label": name, "type": "rws", "is_active": true, "config": config}),
    )
    .await
}

#[tokio::test]
async fn calls_go_on_and_answers_come_back() {
    let (program, server) = (Program::start(), RemoteServer::start(remote));
    let admin = program.admin().await;
    let config = json!({"base_url": format!("{}/v1/", server.url()),
        "parameters": [{"name": "key", "value": "s3 cret", "outbound": true, "action": 1},
                       {"name": "drop", "exclude": true, "outbound": true, "action": 31}],
        "headers": [{"name": "X-Key", "value": "{strtoupper(user.email)}", "action": 31},
                    {"name": "Accept-Language", "pass_from_client": true, "action": 1}]});
    service(&admin, "things", config).await;

    let client = admin
        .with("Accept-Language", "de")
        .with("Cookie", "c=1")
        .with("X-Own", "1");
    let answer = client
        .get("/api/v2/things/a%20b/%C3%A9?x=1&x=2&drop=1&page=0&api_key=k&session_token=&f=a%26b")
        .await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.header("content-type"), "application/vnd.things+json; v=1");
    let [asked] = server.asked().try_into().unwrap();
    assert_eq!(
        asked.target,
        "/v1/a%20b/%C3%A9?x=1&x=2&page=0&f=a%26b&key=s3+cret"
    );
    assert_eq!(asked.header("x-key"), "ADMIN@EXAMPLE.COM");
    assert_eq!(asked.header("accept-language"), "de");
    for staying in [
        "authorization",
        "cookie",
        "x-own",
        "x-dreamfactory-session-token",
        "x-request-id",
        "referer",
    ] {
        assert_eq!(asked.header(staying), "", "{staying}");
    }

    // Bodies go on byte by byte, whatever they are.
    let odd = b"{ \"a\" : 1.00, \"a\": \xff }".to_vec();
    for (verb, media) in [
        ("POST", "application/json"),
        ("PUT", "multipart/form-data; boundary=x"),
        ("PATCH", "text/csv"),
        ("DELETE", "application/octet-stream"),
    ] {
        let answer = admin
            .send(verb, "/api/v2/things/t/", &[("Content-Type", media)], Some(&odd))
            .await
            .unwrap();
        assert_eq!(answer.status, 201, "{}", answer.text());
        let [asked] = server.asked().try_into().unwrap();
        assert_eq!((asked.method.as_str(), asked.target.as_str()), (verb, "/v1/t"));
        assert_eq!((asked.header("content-type"), &asked.body), (media, &odd));
        assert_eq!(asked.header("content-length"), odd.len().to_string());
    }
    let large = vec![b'x'; 5_000_000];
    let answer = admin
        .send(
            "POST",
            "/api/v2/things/t",
            &[("Content-Type", "text/plain")],
            Some(&large),
        )
        .await
        .unwrap();
    assert_eq!(answer.status, 201);
    assert_eq!(server.asked()[0].body.len(), large.len());
    assert_eq!(admin.get("/api/v2/things/large").await.body, vec![7; 3_000_000]);

    // Answers that are no success keep their status, and their text is the message.
    let missing = admin.get("/api/v2/things/missing").await;
    assert_eq!(
        missing.json(),
        json!({"error": {"code": 404, "context": null, "message": "no such thing", "status_code": 404}})
    );
    let gone = admin.get("/api/v2/things/gone").await;
    let here = format!("{}/api/v2/things/here?x=1", program.base());
    assert_eq!((gone.status, gone.header("location")), (302, here.as_str()));
    let away = admin.get("/api/v2/things/away").await;
    assert_eq!((away.status, away.header("location")), (302, ""));
    assert_eq!(admin.get("/api/v2/things/none").await.status, 204);

    // What would bind browsers to this origin stays away from it.
    let page = admin.get("/api/v2/things/page").await;
    assert_eq!((page.header("x-kept"), page.header("etag")), ("yes", "\"1\""));
    assert_eq!(
        (
            page.header("set-cookie"),
            page.header("access-control-allow-origin")
        ),
        ("", "")
    );
    assert_eq!(page.header("content-security-policy"), "sandbox");
    assert_eq!(page.header("cache-control"), "no-store");
}

#[tokio::test]
async fn no_path_leads_out() {
    let (program, server) = (Program::start(), RemoteServer::start(remote));
    let admin = program.admin().await;
    service(
        &admin,
        "things",
        json!({"base_url": format!("{}/v1", server.url())}),
    )
    .await;
    for path in [
        "a/../../b",
        "%2e%2e/b",
        "a/%2e%2e%2fb",
        "a//b",
        "./a",
        "a%5C..%5Cb",
        "%2F%2Felsewhere.example/x",
        "@elsewhere.example/",
        "%252e%252e/b",
        ".%00./x",
        "http://elsewhere.example/",
    ] {
        let answer = admin.get(&format!("/api/v2/things/{path}")).await;
        for asked in server.asked() {
            assert_eq!(answer.status, 201, "{path}: {}", answer.text());
            assert!(asked.target.starts_with("/v1/"), "{path} led to {}", asked.target);
            assert!(
                !asked.target.contains("..") && !asked.target[3..].contains("//"),
                "{path}: {}",
                asked.target
            );
            assert_eq!(asked.header("host"), server.address().to_string());
        }
    }
    // A base that is none of the web is no service.
    service(&admin, "file", json!({"base_url": "file:///etc/passwd"})).await;
    assert_eq!(admin.get("/api/v2/file").await.status, 400);
    service(&admin, "nothing", json!({})).await;
    let answer = admin.get("/api/v2/nothing").await;
    assert_eq!(answer.message(), "Remote Web Service base url can not be empty.");
    service(
        &admin,
        "odd",
        json!({"base_url": server.url(), "options": {"CURLOPT_NOSUCH": 1}}),
    )
    .await;
    let answer = admin.get("/api/v2/odd").await;
    let said = "Invalid configuration: CURLOPT_NOSUCH is not a defined option.";
    assert_eq!(answer.refusal(), (500, said.to_owned()));
    let away = format!("http://127.0.0.1:{}/?key=s3cret", kit::free_port());
    service(&admin, "away", json!({ "base_url": away })).await;
    let answer = admin.get("/api/v2/away/x").await;
    assert_eq!(answer.status, 503);
    assert!(!answer.text().contains("s3cret") && !program.log().contains("s3cret"));
}

#[tokio::test]
async fn roles_grant_paths() {
    let (program, server) = (Program::start(), RemoteServer::start(remote));
    let admin = program.admin().await;
    let definition = json!({"openapi": "3.0.0", "servers": [{"url": format!("{}/v1", server.url())}],
        "paths": {"/pets": {"get": {}}, "/pets/{id}": {"get": {}, "delete": {}}, "/admin/users": {"get": {}}}});
    let id = create(
        &admin,
        "service",
        json!({"name": "pets", "type": "rws", "is_active": true, "config": {},
               "service_doc_by_service_id": {"format": 0, "content": definition.to_string()}}),
    )
    .await;
    let list = admin.get("/api/v2/pets?as_access_list=true").await.json();
    assert_eq!(
        list,
        json!({"resource": ["", "*", "pets", "pets/*", "admin/users", "admin/users/*"]})
    );
    assert!(server.asked().is_empty());

    let role = json!({"name": "keeper", "is_active": true, "role_service_access_by_role_id": [
        {"service_id": id, "component": "pets/*", "verb_mask": 3, "requestor_mask": 1},
        {"service_id": id, "component": "pets/secret", "verb_mask": 0, "requestor_mask": 1}]});
    let role = create(&admin, "role", role).await;
    let key = scenarios::furnished::APP_KEY;
    create(
        &admin,
        "app",
        json!({"name": "keeper", "api_key": key, "is_active": true, "role_id": role}),
    )
    .await;
    let keeper = program.client().with("X-DreamFactory-API-Key", key);
    for (verb, path, status) in [
        ("GET", "pets", 201),
        ("GET", "pets/1/toys", 201),
        ("POST", "pets/1", 201),
        ("DELETE", "pets/1", 401),
        ("GET", "pets/secret", 401),
        ("GET", "pets/SECRET", 401),
        ("GET", "pets/%73ecret/", 401),
        ("GET", "pets/./secret", 400),
        ("GET", "pets//secret", 400),
        ("GET", "pets/x/../secret", 400),
        ("GET", "admin/users", 401),
        ("GET", "petshop", 401),
        ("GET", "", 401),
    ] {
        let answer = keeper.call(verb, &format!("/api/v2/pets/{path}"), None).await;
        assert_eq!(answer.status, status, "{verb} {path}: {}", answer.text());
        assert_eq!(server.asked().len(), usize::from(status == 201), "{verb} {path}");
    }
}

#[tokio::test]
async fn links_are_replaced_and_answers_kept() {
    let (program, server) = (Program::start(), RemoteServer::start(remote));
    let admin = program.admin().await;
    let base = format!("{}/v1", server.url());
    let config = json!({"base_url": base, "replace_link": true, "cache_enabled": true, "cache_ttl": 600,
        "preserve_forward_trailing_slash": true,
        "parameters": [{"name": "stamp", "exclude": true, "cache_key": true, "action": 1}],
        "headers": [{"name": "X-Who", "value": "{user.id}", "action": 1}]});
    service(&admin, "kept", config).await;
    let first = admin.get("/api/v2/kept/x?stamp=1").await;
    assert_eq!(server.asked()[0].target, "/v1/x/?stamp=1");
    let again = admin.get("/api/v2/kept/x?stamp=2").await;
    assert_eq!(first.body, again.body);
    assert_eq!(
        (again.status, again.header("content-type")),
        (201, "application/vnd.things+json; v=1")
    );
    assert!(server.asked().is_empty());
    admin.get("/api/v2/kept/x?other=2").await;
    assert_eq!(server.asked().len(), 1);
    // Another user's header is another answer.
    let user = json!({"email": "two@example.com", "password": "Second-Admin-Password-1", "is_active": true});
    create(&admin, "admin", user).await;
    let login = json!({"email": "two@example.com", "password": "Second-Admin-Password-1"});
    let session = program
        .client()
        .post("/api/v2/system/admin/session", &login)
        .await
        .json();
    let other = program.client().with(
        "X-DreamFactory-Session-Token",
        session["session_token"].as_str().unwrap(),
    );
    other.get("/api/v2/kept/x?stamp=1").await;
    assert_eq!(server.asked().len(), 1);
    for (verb, path) in [("POST", "x"), ("GET", "missing"), ("GET", "missing")] {
        admin.call(verb, &format!("/api/v2/kept/{path}"), None).await;
        assert_eq!(server.asked().len(), 1, "{verb} {path}");
    }
    admin.call("DELETE", "/api/v2/system/cache/kept", None).await;
    admin.get("/api/v2/kept/x?stamp=1").await;
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn connections_are_tried_and_redirects_stay_on_the_server() {
    let (program, server) = (Program::start(), RemoteServer::start(remote));
    let admin = program.admin().await;
    let links = json!({"base_url": format!("{}/v1", server.url()), "replace_link": true,
                       "options": {"CURLOPT_FOLLOWLOCATION": "1"}});
    service(&admin, "links", links.clone()).await;
    let answer = admin.get("/api/v2/links/links").await.json();
    assert_eq!(
        answer["next"],
        format!("{}/api/v2/links/things?p=2", program.base())
    );
    assert_eq!(answer["other"], format!("{}/v10", server.url()));
    server.asked();
    let followed = admin.get("/api/v2/links/gone").await;
    assert_eq!(
        (followed.status, server.asked()[1].target.as_str()),
        (201, "/v1/here?x=1")
    );
    assert_eq!(admin.get("/api/v2/links/away").await.status, 302);

    let tried = json!({"resource": [{"name": "t", "type": "rws", "config": links}]});
    let answer = admin.post("/api/v2/system/service?test=true", &tried).await;
    assert_eq!(
        (answer.status, answer.json()["success"].clone()),
        (200, json!(true)),
        "{}",
        answer.text()
    );
    let away = json!({"base_url": format!("http://127.0.0.1:{}", kit::free_port())});
    let tried = json!({"resource": [{"name": "t", "type": "rws", "config": away}]});
    let answer = admin.post("/api/v2/system/service?test=true", &tried).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.json()["error"]["context"]["config.base_url"].is_array(),
        "{}",
        answer.text()
    );
}
