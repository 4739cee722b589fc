//! Whose word counts when a request says where it comes from: login attempts, links, the audit.

use kit::{Client, Program, Start};
use serde_json::{Value, json};

const SESSION: &str = "/api/v2/system/admin/session";

fn behind(networks: &str) -> Program {
    Program::with(Start {
        environment: vec![("DW_TRUSTED_PROXIES".into(), networks.into())],
        ..Start::default()
    })
}

async fn fail(client: &Client, from: &str) -> u16 {
    let login = json!({"email": "nobody@example.com", "password": "wrong"});
    client
        .with("X-Forwarded-For", from)
        .post(SESSION, &login)
        .await
        .status
}

async fn uri(client: &Client) -> Value {
    client.get("/status").await.json()["uri"].clone()
}

/// The address of the last refused call on a service that does not exist.
async fn audited(program: &Program, client: &Client, name: &str) -> Value {
    assert_eq!(client.get(&format!("/api/v2/{name}")).await.status, 400);
    let admin = program.admin().await;
    let path = format!("/api/v2/system/audit?filter=service={name}");
    // Refusals are written in the background, soon.
    for _ in 0..200 {
        let found = admin.get(&path).await.json();
        if let Some(record) = found["resource"].get(0) {
            return record["address"].clone();
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the refusal of {name} is not in the audit");
}

#[tokio::test]
async fn nobody_is_believed_unless_the_settings_say_so() {
    let program = Program::start();
    let client = program.client();
    for host in 1..=5 {
        assert_eq!(fail(&client, &format!("198.51.100.{host}")).await, 401);
    }
    assert_eq!(
        fail(&client, "198.51.100.6").await,
        429,
        "it was one address all the time"
    );
    let proxied = client
        .with("X-Forwarded-Proto", "https")
        .with("X-Forwarded-Host", "evil.example")
        .with("X-Forwarded-For", "198.51.100.7");
    assert_eq!(uri(&proxied).await, json!(program.base()));
    assert_eq!(audited(&program, &proxied, "nothing").await, "127.0.0.1");
}

#[tokio::test]
async fn a_trusted_proxy_tells_who_is_behind_it() {
    let program = behind("127.0.0.0/8, 10.0.0.0/8");
    let client = program.client();
    for spoofed in 1..=5 {
        let chain = format!("203.0.113.{spoofed}, 198.51.100.7, 10.1.1.1");
        assert_eq!(fail(&client, &chain).await, 401);
    }
    assert_eq!(
        fail(&client, "1.1.1.1, 198.51.100.7").await,
        429,
        "the client's own part counts for nothing"
    );
    assert_eq!(
        fail(&client, "198.51.100.8").await,
        401,
        "another client is not locked out"
    );

    let proxied = client
        .with("X-Forwarded-Proto", "https")
        .with("X-Forwarded-Host", "api.example")
        .with("X-Forwarded-For", "198.51.100.9");
    assert_eq!(uri(&proxied).await, "https://api.example");
    assert_eq!(audited(&program, &proxied, "nothing").await, "198.51.100.9");
    let standard = client.with(
        "Forwarded",
        "for=\"[2001:db8::9]:55\";proto=https;host=api.example",
    );
    assert_eq!(uri(&standard).await, "https://api.example");
    assert_eq!(audited(&program, &standard, "nothing2").await, "2001:db8::9");
}

#[tokio::test]
async fn failed_logins_outlive_a_restart() {
    let mut program = behind("127.0.0.1");
    // Eight failures: refused for eight seconds, longer than a restart takes.
    for _ in 0..5 {
        assert_eq!(fail(&program.client(), "198.51.100.7").await, 401);
    }
    assert_eq!(fail(&program.client(), "198.51.100.7").await, 429);
    for wait in [1, 2, 4] {
        tokio::time::sleep(std::time::Duration::from_millis(wait * 1000 + 50)).await;
        assert_eq!(fail(&program.client(), "198.51.100.7").await, 401);
    }
    program.restart("TERM");
    assert_eq!(fail(&program.client(), "198.51.100.7").await, 429);
    assert_eq!(fail(&program.client(), "198.51.100.8").await, 401);
}

#[test]
fn a_list_that_is_none_is_refused_at_start() {
    let output = std::process::Command::new(kit::program::binary())
        .args(["config", "--data", "/nonexistent"])
        .env("DW_TRUSTED_PROXIES", "10.0.0.0/8, proxy.example")
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        text.contains("DW_TRUSTED_PROXIES") && text.contains("'proxy.example'"),
        "{text}"
    );
}
