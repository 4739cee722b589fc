//! Thousands of bad requests on every database: a clean refusal or a right answer, never more.

use kit::{Answer, Client};
use scenarios::generator::{Generator, INJECTIONS};
use scenarios::leaks::leak;
use scenarios::world::{Base, World, grant};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Requests of each kind on each database.
const ROUNDS: usize = 1200;
/// The role sees employees up to this key, and supplies above this quantity.
const LAST: i64 = 10_005;
const PLENTY: i64 = 5;
/// No bad request may keep the program busy.
const SLOW: Duration = Duration::from_secs(10);

#[tokio::test]
async fn bad_input_is_refused_cleanly_and_shows_no_foreign_row() {
    let world = World::shared().await;
    let mut grants = Vec::new();
    for base in &world.bases {
        let few = json!([{"name": "emp_no", "operator": "<=", "value": LAST.to_string()}]);
        let plenty = json!([{"name": "quantity", "operator": ">", "value": PLENTY.to_string()}]);
        grants.push(grant(base.id, "_table/employees/*", 1, few));
        grants.push(grant(base.id, "_table/supplies/*", 31, plenty));
        grants.push(grant(
            base.id,
            "_table/salaries/*",
            1,
            json!([{"name": "emp_no", "operator": "<=", "value": LAST.to_string()}]),
        ));
        grants.push(grant(base.id, "_schema/*", 1, json!([])));
    }
    let role = world.role("bad_input", &grants).await;
    let client = world.key("bad_input", &role).await;
    for (seed, base) in world.bases.iter().enumerate() {
        let before = hidden(&world, base).await;
        reads(&client, base, seed as u64 + 1).await;
        injections(&client, base).await;
        writes(&client, base, seed as u64 + 100).await;
        assert_eq!(
            hidden(&world, base).await,
            before,
            "{}: rows beyond the filter have changed",
            base.service
        );
    }
    heads(&world).await;
    assert!(
        world.program.running(),
        "the program has ended: {}",
        world.program.log()
    );
    assert!(
        !world.program.log().contains("panicked"),
        "{}",
        world.program.log()
    );
    assert_eq!(world.program.client().get("/ready").await.status, 200);
}

/// The rows that the role cannot see.
async fn hidden(world: &World, base: &Base) -> Value {
    let mut rows = Vec::new();
    for (table, filter) in [
        ("employees", "emp_no > 10005"),
        ("supplies", "quantity <= 5"),
        ("departments", ""),
    ] {
        let path = format!(
            "/api/v2/{}/_table/{table}?filter={}&limit=2000",
            base.service,
            filter.replace(' ', "%20")
        );
        let answer = world.admin.get(&path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        rows.push(answer.json());
    }
    rows.into()
}

async fn reads(client: &Client, base: &Base, seed: u64) {
    let mut generator = Generator::new(seed);
    for _ in 0..ROUNDS {
        let query = generator.query();
        let table = generator.one(&[
            "employees",
            "employees",
            "employees",
            "salaries",
            "nope",
            "EMPLOYEES",
            "a%27b",
            "%00",
        ]);
        let value = generator.value();
        let path = match generator.below(6) {
            0 => format!("_table/{table}/{}?{query}", generator.encode(&value)),
            1 => format!("_schema/{table}/_field/{}?{query}", generator.encode(&value)),
            _ => format!("_table/{table}?{query}"),
        };
        send(client, base, "GET", &path, None).await;
    }
}

async fn injections(client: &Client, base: &Base) {
    let mut generator = Generator::new(42);
    for text in INJECTIONS {
        let raw = generator.encode(text);
        let paths = [
            format!("_table/employees?filter={raw}"),
            format!("_table/employees?filter=emp_no%20%3D%20{raw}"),
            format!("_table/employees?filter=last_name%20%3D%20'{raw}'"),
            format!("_table/employees?filter=(emp_no%20%3E%200)%20or%20({raw}"),
            format!("_table/employees?filter=emp_no%20in%20({raw})"),
            format!("_table/employees?filter=emp_no%20%3D%20:x&params[:x]={raw}"),
            format!("_table/employees?order={raw}"),
            format!("_table/employees?order=emp_no%20{raw}"),
            format!("_table/employees?fields={raw}"),
            format!("_table/employees?group={raw}&fields=COUNT(*)"),
            format!("_table/employees?ids={raw}"),
            format!("_table/employees?ids=10001&id_field={raw}"),
            format!("_table/employees?limit={raw}&offset={raw}"),
            format!("_table/employees?related={raw}"),
            format!(
                "_table/employees?related=salaries_by_emp_no&salaries_by_emp_no.order={raw}&salaries_by_emp_no.fields={raw}"
            ),
            format!("_table/employees/{raw}"),
            format!("_table/{raw}"),
            format!("_schema/{raw}"),
            raw.clone(),
        ];
        for path in paths {
            send(client, base, "GET", &path, None).await;
        }
    }
}

async fn writes(client: &Client, base: &Base, seed: u64) {
    let mut generator = Generator::new(seed);
    for _ in 0..ROUNDS {
        let method = generator.one(&["POST", "PUT", "PATCH", "DELETE", "POST"]);
        let (value, query) = (generator.value(), generator.query());
        let path = match generator.below(4) {
            0 => format!("_table/supplies/{}?{query}", generator.encode(&value)),
            1 => format!("_table/supplies?{query}"),
            _ => "_table/supplies".to_owned(),
        };
        let body = generator.body();
        send(client, base, method, &path, Some(&body)).await;
    }
}

/// Requests that are broken before a service is reached.
async fn heads(world: &World) {
    let client = world.program.client();
    let long = "x".repeat(200_000);
    let requests: Vec<Vec<u8>> = vec![
        b"GET /api/v2/\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /api/v2/%FF%FE/_table HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"FROB /api/v2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /api/v2 HTTP/9.9\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(9),
        format!("GET /api/v2?filter={long} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").into_bytes(),
        format!("GET /api/v2 HTTP/1.1\r\nHost: x\r\nX-A: {long}\r\nConnection: close\r\n\r\n").into_bytes(),
        b"POST /api/v2/user/session HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n".to_vec(),
        b"POST /api/v2/user/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n".to_vec(),
        b"GET /api/v2 HTTP/1.1\r\nHost: x\r\nX-DreamFactory-Session-Token: \xff\xff\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /api/v2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a.b.c\r\nConnection: close\r\n\r\n".to_vec(),
        b"GET /api/v2 HTTP/1.1\r\nHost: x\r\nAuthorization: Basic !!!!\r\nConnection: close\r\n\r\n".to_vec(),
    ];
    for request in requests {
        // To close the connection is an answer, too.
        if let Ok(answer) = client.raw(&request).await {
            judge(&String::from_utf8_lossy(&request), &answer);
        }
    }
}

async fn send(client: &Client, base: &Base, method: &str, path: &str, body: Option<&[u8]>) {
    let path = format!("/api/v2/{}/{path}", base.service);
    let began = Instant::now();
    let answer = client
        .send(method, &path, &[("Content-Type", "application/json")], body)
        .await;
    let body = String::from_utf8_lossy(body.unwrap_or_default());
    let request = format!("{method} {path} {body}");
    let answer = answer.unwrap_or_else(|e| panic!("{request}: no answer: {e}"));
    assert!(began.elapsed() < SLOW, "{request} took {:?}", began.elapsed());
    judge(&request, &answer);
}

fn judge(request: &str, answer: &Answer) {
    let text = answer.text();
    let short: String = request.chars().take(2000).collect();
    let clean = answer.status < 500 || answer.status == 501;
    assert!(clean, "{short}\nanswered {}: {text}", answer.status);
    if answer.status >= 400 {
        let told = answer
            .json()
            .pointer("/error/message")
            .and_then(Value::as_str)
            .is_some_and(|m| !m.is_empty());
        let before_the_api = text.is_empty() || !answer.header("content-type").contains("json");
        assert!(
            told || before_the_api,
            "{short}\nanswered {} without a message: {text}",
            answer.status
        );
        let leaked = leak(&text, request);
        assert!(
            leaked.is_none(),
            "{short}\nanswered {}, which tells '{}': {text}",
            answer.status,
            leaked.unwrap_or_default()
        );
    }
    let foreign = foreign_row(&answer.json());
    assert!(
        foreign.is_none(),
        "{short}\nshows a row beyond the filter: {}",
        foreign.unwrap_or_default()
    );
}

/// A row that the role must not see.
fn foreign_row(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(foreign_row),
        Value::Object(members) => {
            let beyond = members
                .get("emp_no")
                .and_then(Value::as_i64)
                .is_some_and(|n| n > LAST);
            let scarce = members.contains_key("id")
                && members
                    .get("quantity")
                    .and_then(Value::as_i64)
                    .is_some_and(|n| n <= PLENTY);
            if beyond || scarce {
                Some(value.to_string())
            } else {
                members.values().find_map(foreign_row)
            }
        }
        _ => None,
    }
}
