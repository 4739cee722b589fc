//! Settings that a whole program shows: what it says of itself, where it leads, what tokens tell, which scripts it takes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Client, Program, Start};
use serde_json::{Value, json};

fn with(settings: &[(&str, &str)]) -> Program {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Program::with(Start {
        environment: settings.iter().map(owned).collect(),
        ..Start::default()
    })
}

/// The claims of a fresh token.
async fn claims(client: &Client) -> Value {
    let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let answer = client.post("/api/v2/system/admin/session", &login).await;
    let token = answer.json()["session_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let claims = token.split('.').nth(1).expect("a token has three parts");
    let claims = URL_SAFE_NO_PAD.decode(claims);
    serde_json::from_slice(&claims.expect("base64")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_tell_of_the_user_what_is_asked_for() {
    let named = with(&[(
        "DF_JWT_USER_CLAIM",
        "email, first_name,password,user_id,phone,security_answer",
    )]);
    let told = claims(&named.client()).await;
    assert_eq!(
        (&told["email"], &told["first_name"]),
        (&json!(ADMIN_EMAIL), &json!("Oracle"))
    );
    // What nobody may see is never told, and no claim of the token's own is replaced.
    assert_eq!(
        (told.get("password"), told.get("security_answer")),
        (None, None),
        "{told}"
    );
    assert!(told["user_id"].is_i64(), "{told}");
    let plain = claims(&Program::start().client()).await;
    assert_eq!(plain.get("email"), None, "{plain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_https_where_that_is_forced() {
    let program = with(&[
        ("FORCE_HTTPS", "true"),
        ("DF_INSTALL", "Test bench"),
        ("DF_LANDING_PAGE", "/elsewhere/index.html?a=1"),
    ]);
    let status = program.client().get("/status").await.json();
    assert_eq!(
        status["uri"],
        json!(program.base().replace("http://", "https://"))
    );
    assert_eq!(status["dist"], "Test bench");
    let admin = program.admin().await;
    let environment = admin.get("/api/v2/system/environment").await.json();
    assert_eq!(environment["platform"]["install_type"], "Test bench");
    let app = json!({"resource": [{"name": "page", "type": 3, "path": "index.html", "is_active": true}]});
    let made = admin
        .post("/api/v2/system/app?fields=launch_url", &app)
        .await
        .json();
    let url = made["resource"][0]["launch_url"].as_str().unwrap_or_default();
    assert!(url.starts_with("https://"), "{made}");

    let browser = program.client().with("Accept", "text/html");
    let landed = browser.get("/").await;
    assert_eq!(
        (landed.status, landed.header("location")),
        (302, "/elsewhere/index.html?a=1")
    );
    let landed = browser.get("/?session_token=a%26b").await;
    assert_eq!(
        landed.header("location"),
        "/elsewhere/index.html?a=1&session_token=a%26b"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_of_types_that_are_switched_off_are_not_taken() {
    let script =
        |kind: &str| json!({"resource": [{"name": format!("db.get.{kind}"), "type": kind, "content": ""}]});
    const PATH: &str = "/api/v2/system/event_script";
    let all = with(&[("DF_SCRIPTING_DISABLE", "all")]);
    let none = Program::start();
    for (admin, kind, status, message) in [
        (&none.admin().await, "python3", 201, ""),
        (
            &all.admin().await,
            "nodejs",
            503,
            "All scripting is disabled for this instance.",
        ),
    ] {
        let answer = admin.post(PATH, &script(kind)).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.text());
        assert!(answer.text().contains(message), "{}", answer.text());
    }
    let some = with(&[("DF_SCRIPTING_DISABLE", "php, Python3")]);
    let admin = some.admin().await;
    for (kind, taken) in [("nodejs", true), ("php", false), ("python3", false)] {
        let answer = admin.post(PATH, &script(kind)).await;
        let refused = answer
            .text()
            .contains(&format!("Scripting with {kind} is disabled for this instance."));
        assert_eq!(
            (answer.status == 201, refused),
            (taken, !taken),
            "{kind}: {}",
            answer.text()
        );
    }
}
