//! A restart in the midst of writes and reads: whatever was sent is answered, and nothing happens unanswered.

use kit::{Answer, Start};
use scenarios::world::World;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const WORKERS: usize = 8;
/// Answers after which the program is told to end.
const ENOUGH: usize = 200;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_when_the_program_is_told_to_end() {
    let servers = [kit::postgres(), kit::mariadb()].into_iter().flatten().collect();
    let mut world = World::start(servers, Start::default()).await;
    let grants: Vec<_> = world
        .bases
        .iter()
        .map(|base| scenarios::world::grant(base.id, "*", 31, json!([])))
        .collect();
    let role = world.role("writer", &grants).await;
    let app = json!({"name": "writer", "type": 0, "is_active": true, "role_id": role});
    let made = world.create("app", app).await;
    let key = made["api_key"].as_str().expect("a key").to_owned();
    let answered = Arc::new(AtomicUsize::new(0));
    let address = world.program.address();
    let services = world.bases.iter().map(|base| base.service);
    let workers: Vec<_> = (0..WORKERS)
        .zip(services.cycle())
        .map(|(worker, service)| {
            let work = work(address, key.clone(), service, worker, answered.clone());
            (service, tokio::spawn(work))
        })
        .collect();
    while answered.load(Ordering::SeqCst) < ENOUGH {
        tokio::task::yield_now().await;
    }
    world.program.restart("TERM");
    let mut acknowledged: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (service, worker) in workers {
        let written = worker.await.expect("no request is lost");
        acknowledged.entry(service).or_default().extend(written);
    }
    let answered = answered.load(Ordering::SeqCst);
    kit::announce(&format!(
        "SIGTERM under load: {answered} requests answered, 0 failed"
    ));
    let admin = world.program.admin().await;
    for (service, acknowledged) in acknowledged {
        let path = format!(
            "/api/v2/{service}/_table/supplies?fields=name&limit=1000&filter=name like 'restart %25'"
        );
        let stored: BTreeSet<String> = admin.get(&path).await.json()["resource"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|row| row["name"].as_str().map(String::from))
            .collect();
        assert_eq!(stored, acknowledged, "{service}");
    }
}

/// Writes and reads in turn on one connection after the other until the program does not let anybody in; gives what
/// was written. Panics when a request is not answered, but for the first of a connection that nobody accepted.
async fn work(
    address: SocketAddr,
    key: String,
    service: &'static str,
    worker: usize,
    answered: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut written = Vec::new();
    let mut n = 0;
    while let Ok(mut stream) = TcpStream::connect(address).await {
        for request in 0.. {
            n += 1;
            let name = format!("restart {worker} {n}");
            let (line, body) = match n % 2 {
                0 => (
                    format!("GET /api/v2/{service}/_table/employees?limit=5"),
                    String::new(),
                ),
                _ => (
                    format!("POST /api/v2/{service}/_table/supplies"),
                    json!({"resource": [{"name": name, "quantity": 1}]}).to_string(),
                ),
            };
            let text = format!(
                "{line} HTTP/1.1\r\nHost: {address}\r\nX-DreamFactory-API-Key: {key}\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            );
            let Some(answer) = exchange(&mut stream, text.as_bytes()).await else {
                assert_eq!(request, 0, "{line} is not answered");
                return written;
            };
            assert_eq!(answer.status, 200, "{line}: {}", answer.text());
            answered.fetch_add(1, Ordering::SeqCst);
            if n % 2 == 1 {
                written.push(name);
            }
            if answer.header("connection") == "close" {
                break;
            }
        }
    }
    written
}

/// Sends a request and reads its answer, which must come whole or not at all.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> Option<Answer> {
    stream.write_all(request).await.ok()?;
    let mut bytes = Vec::new();
    loop {
        let taken = stream.read_buf(&mut bytes).await.unwrap_or(0);
        if taken == 0 {
            assert!(bytes.is_empty(), "an answer breaks off");
            return None;
        }
        let text = String::from_utf8_lossy(&bytes);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let headers: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let answer = Answer {
            status: head.get(9..12).and_then(|s| s.parse().ok()).unwrap_or(0),
            headers,
            body: body.as_bytes().to_vec(),
        };
        if answer.header("content-length").parse() == Ok(body.len()) {
            return Some(answer);
        }
    }
}
