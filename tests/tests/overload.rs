//! More than there is room for: slow databases, pools without a free connection, ten thousand clients that wait.

use kit::{Engine, Start};
use scenarios::world::World;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Seconds that a request has, and seconds that the slow view takes.
const DEADLINE: u64 = 6;
const SLOW: u64 = 30;
/// Connections that wait; fewer where the system does not let this process open as many files.
const WAITING: usize = 10_000;
/// Files that this process and its databases need beside.
const OTHERS: usize = 500;
/// Memory of a connection that waits, at most, in a build that is not optimised.
const EACH: u64 = 48 * 1024;

fn start(environment: &[(&str, &str)]) -> Start {
    Start {
        environment: environment
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect(),
        ..Start::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_database_is_told_in_time_and_costs_no_connection() {
    let servers = [kit::postgres(), kit::mariadb()].into_iter().flatten().collect();
    let deadline = DEADLINE.to_string();
    let environment = [
        ("DW_REQUEST_TIMEOUT", deadline.as_str()),
        ("DW_POOL_SIZE", "1"),
        ("DW_POOL_WAIT", "1"),
    ];
    let world = World::start(servers, start(&environment)).await;
    for base in &world.bases {
        let Some(database) = &base.database else { continue };
        let (engine, service) = (database.server().engine(), base.service);
        let wait = match engine {
            Engine::Postgres => format!("SELECT 1 AS id, pg_sleep({SLOW})::text AS waited"),
            Engine::MariaDb => format!("SELECT 1 AS id, SLEEP({SLOW}) AS waited"),
        };
        database.run(&format!("CREATE VIEW slow AS {wait}"));
        let quick = format!("/api/v2/{service}/_table/employees/10001");
        let slow = format!("/api/v2/{service}/_table/slow");
        // Known before, so that the slow one takes the only connection at once.
        assert_eq!(world.admin.get(&quick).await.status, 200);
        let described = world.admin.get(&format!("/api/v2/{service}/_schema/slow")).await;
        assert_eq!(described.status, 200, "{service}: {}", described.text());

        let began = Instant::now();
        let client = world.admin.clone();
        let waiting = tokio::spawn(async move { client.get(&slow).await });
        let running = match engine {
            Engine::Postgres => {
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%waited%' AND pid <> pg_backend_pid()"
            }
            Engine::MariaDb => {
                "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%waited%' AND id <> connection_id()"
            }
        };
        until(|| database.run(running).trim() == "1").await;
        // The pool is exhausted meanwhile: told within its wait, and when to come back.
        let refused = world.admin.get(&quick).await;
        assert_eq!(refused.status, 503, "{service}: {}", refused.text());
        let again = refused.header("retry-after").parse::<u64>().ok();
        assert!(again.is_some_and(|seconds| seconds > 0), "{service}");
        kit::announce(&format!(
            "{service}: no free connection, 503 and Retry-After {again:?}"
        ));
        let answer = waiting.await.expect("an answer");
        assert_eq!(answer.status, 504, "{service}: {}", answer.text());
        let took = began.elapsed();
        assert!(took < Duration::from_secs(SLOW), "{service}: {took:?}");
        kit::announce(&format!("{service}: 504 after {took:?}"));
        // The statement is ended with its request, and the connection serves others.
        until(|| database.run(running).trim() == "0").await;
        let answer = world.admin.get(&quick).await;
        assert_eq!(answer.status, 200, "{service}: {}", answer.text());
    }
}

async fn until(mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < limit, "it never happens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Files that this process may open.
fn files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    soft.unwrap_or(1024)
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_clients_may_wait() {
    let world = World::start(Vec::new(), start(&[("DW_HEADER_TIMEOUT", "600")])).await;
    let address = world.program.address();
    let count = WAITING.min(files().saturating_sub(OTHERS));
    let request = format!("GET /live HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let before = world.program.memory();
    let mut waiting = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("a request");
        waiting.push(stream);
    }
    let mut answer = [0; 512];
    for stream in &mut waiting {
        let size = stream.read(&mut answer).await.expect("an answer");
        assert!(answer[..size].starts_with(b"HTTP/1.1 200"));
    }
    let each = world.program.memory().saturating_sub(before) / count as u64;
    kit::announce(&format!("{count} connections wait, {each} bytes each"));
    assert!(each <= EACH, "{each} bytes for each of {count} connections");
    // Others are served as ever, and those who waited too.
    for _ in 0..50 {
        let answer = world.admin.get("/api/v2/sqlite/_table/employees/10001").await;
        assert_eq!((answer.status, &answer.json()["emp_no"]), (200, &json!(10001)));
    }
    for stream in waiting.iter_mut().step_by(100) {
        stream.write_all(request.as_bytes()).await.expect("a request");
        let size = stream.read(&mut answer).await.expect("an answer");
        assert!(answer[..size].starts_with(b"HTTP/1.1 200"));
    }
}
