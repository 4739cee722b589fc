//! Thousands of bad requests on every database: a clean refusal or a right answer, never more.

use kit::{Answer, Client};
use scenarios::generator::{Generator, INJECTIONS};
use scenarios::leaks::leak;
use scenarios::world::{Base, World, grant};
use serde_json::{Value, json};
use std::collections::BTreeMap;
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
    let mut sender = Sender {
        client,
        service: "",
        findings: Vec::new(),
        statuses: BTreeMap::new(),
    };
    for (seed, base) in world.bases.iter().enumerate() {
        sender.service = base.service;
        let before = hidden(&world, base).await;
        sender.reads(seed as u64 + 1).await;
        sender.injections().await;
        sender.writes(seed as u64 + 100).await;
        assert_eq!(
            hidden(&world, base).await,
            before,
            "{}: rows beyond the filter have changed",
            base.service
        );
    }
    sender.heads(&world.program.client()).await;
    kit::announce(&format!("bad input: answers by status {:?}", sender.statuses));
    let findings = sender.findings;
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings[..findings.len().min(40)].join("\n\n")
    );
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
        ("employees", "emp_no%20%3E%2010005"),
        ("supplies", "quantity%20%3C%3D%205"),
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

/// Sends with the role's key and collects what must not be.
struct Sender {
    client: Client,
    service: &'static str,
    findings: Vec<String>,
    statuses: BTreeMap<u16, usize>,
}

impl Sender {
    async fn reads(&mut self, seed: u64) {
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
            self.send("GET", &path, None).await;
        }
    }

    async fn injections(&mut self) {
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
                self.send("GET", &path, None).await;
            }
        }
    }

    async fn writes(&mut self, seed: u64) {
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
            self.send(method, &path, Some(&body)).await;
        }
    }

    /// Requests that are broken before a service is reached.
    async fn heads(&mut self, client: &Client) {
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
                self.judge(&String::from_utf8_lossy(&request), &answer);
            }
        }
    }

    async fn send(&mut self, method: &str, path: &str, body: Option<&[u8]>) {
        let path = format!("/api/v2/{}/{path}", self.service);
        let began = Instant::now();
        let answer = self
            .client
            .send(method, &path, &[("Content-Type", "application/json")], body)
            .await;
        let body = String::from_utf8_lossy(body.unwrap_or_default());
        let request = format!("{method} {path} {body}");
        match answer {
            Ok(answer) => self.judge(&request, &answer),
            Err(error) => self.find(&request, &format!("no answer: {error}")),
        }
        if began.elapsed() > SLOW {
            self.find(&request, &format!("took {:?}", began.elapsed()));
        }
    }

    fn find(&mut self, request: &str, what: &str) {
        let request: String = request.chars().take(600).collect();
        self.findings.push(format!("{request}\n  {what}"));
    }

    fn judge(&mut self, request: &str, answer: &Answer) {
        let text = answer.text();
        *self.statuses.entry(answer.status).or_default() += 1;
        if answer.status >= 500 && answer.status != 501 {
            return self.find(request, &format!("answered {}: {text}", answer.status));
        }
        if answer.status >= 400 {
            let told = answer
                .json()
                .pointer("/error/message")
                .and_then(Value::as_str)
                .is_some_and(|m| !m.is_empty());
            let before_the_api = text.is_empty() || !answer.header("content-type").contains("json");
            if !told && !before_the_api {
                self.find(
                    request,
                    &format!("answered {} without a message: {text}", answer.status),
                );
            }
            if let Some(word) = leak(&text, request) {
                self.find(
                    request,
                    &format!("answered {}, which tells '{word}': {text}", answer.status),
                );
            }
        }
        if let Some(row) = foreign_row(&answer.json()) {
            self.find(request, &format!("shows a row beyond the filter: {row}"));
        }
    }
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
