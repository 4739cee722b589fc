//! Calls from pages of other origins, over HTTP: rows count from the next request on, preflights included.

use kit::{Client, Program};
use serde_json::{Value, json};

const PATH: &str = "/api/v2/system/environment";

fn from(client: &Client, origin: &str) -> Client {
    client.with("Origin", origin)
}

async fn preflight(client: &Client, origin: &str, method: &str) -> kit::Answer {
    from(client, origin)
        .with("Access-Control-Request-Method", method)
        .with("Access-Control-Request-Headers", "X-DreamFactory-API-Key")
        .call("OPTIONS", PATH, None)
        .await
}

async fn row(admin: &Client, row: Value) -> i64 {
    let answer = admin
        .post("/api/v2/system/cors", &json!({"resource": [row]}))
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["resource"][0]["id"].as_i64().expect("an id")
}

#[tokio::test]
async fn rows_count_from_the_next_request_on() {
    let program = Program::start();
    let (anyone, admin) = (program.client(), program.admin().await);

    let nothing = preflight(&anyone, "http://app.example.com", "GET").await;
    assert_eq!(nothing.status, 405);
    assert_eq!(nothing.header("access-control-allow-origin"), "");
    let plain = from(&anyone, "http://app.example.com").get(PATH).await;
    assert_eq!(
        (plain.status, plain.header("access-control-allow-origin")),
        (200, "")
    );

    let id = row(&admin, json!({"path": "/api/*", "origin": "http://app.example.com, http://*.example.org",
        "header": "X-DreamFactory-API-Key", "exposed_header": "X-Exposed", "method": ["GET", "POST"], "max_age": 600}))
    .await;
    let allowed = preflight(&anyone, "http://app.example.com", "POST").await;
    assert_eq!((allowed.status, allowed.text().as_str()), (204, ""));
    for (name, value) in [
        ("allow-origin", "http://app.example.com"),
        ("allow-methods", "GET, POST"),
        ("allow-headers", "X-DreamFactory-API-Key"),
        ("max-age", "600"),
        ("allow-credentials", ""),
    ] {
        assert_eq!(allowed.header(&format!("access-control-{name}")), value, "{name}");
    }
    assert_eq!(
        preflight(&anyone, "http://app.example.com", "DELETE")
            .await
            .status,
        405
    );
    let stranger = preflight(&anyone, "http://evil.example", "GET").await;
    assert_eq!(stranger.header("access-control-allow-origin"), "");

    let simple = from(&anyone, "http://a.example.org").get(PATH).await;
    assert_eq!(
        simple.header("access-control-allow-origin"),
        "http://a.example.org"
    );
    assert_eq!(simple.header("access-control-expose-headers"), "X-Exposed");
    assert!(
        simple.header("vary").contains("Origin"),
        "{}",
        simple.header("vary")
    );
    // A refusal is for the page, too.
    let refused = from(&anyone, "http://a.example.org")
        .get("/api/v2/system/user")
        .await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.header("access-control-allow-origin"),
        "http://a.example.org"
    );
    // Beside the API nothing is allowed.
    let status = from(&anyone, "http://a.example.org").get("/status").await;
    assert_eq!(status.header("access-control-allow-origin"), "");

    let (target, off) = (format!("/api/v2/system/cors/{id}"), json!({"enabled": false}));
    assert_eq!(admin.call("PATCH", &target, Some(&off)).await.status, 200);
    assert_eq!(
        preflight(&anyone, "http://app.example.com", "GET").await.status,
        405
    );
}

#[tokio::test]
async fn the_longest_path_decides_however_it_is_written() {
    let program = Program::start();
    let (anyone, admin) = (program.client(), program.admin().await);
    row(&admin, json!({"path": "*", "origin": "*", "method": 31})).await;
    row(
        &admin,
        json!({"path": "api/v2/system/*", "origin": "http://inside.example", "method": 31}),
    )
    .await;
    for path in [
        "/api/v2/system/environment",
        "/api/v2/SYSTEM/environment",
        "/api/v2/%73ystem/environment",
    ] {
        let told = from(&anyone, "http://evil.example").get(path).await;
        assert_eq!(
            told.header("access-control-allow-origin"),
            "http://inside.example",
            "{path}"
        );
    }
    assert_eq!(
        from(&anyone, "http://evil.example")
            .get("/api/v2")
            .await
            .header("access-control-allow-origin"),
        "*"
    );
    let bad = json!({"resource": [{"path": "^(", "origin": "*", "method": 31}]});
    assert_eq!(admin.post("/api/v2/system/cors", &bad).await.status, 400);
}
