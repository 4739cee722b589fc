//! Large exports: they hold nobody up, and take no memory.

use kit::{Client, Engine, Start};
use scenarios::world::World;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Rows of the large table, and signs in each.
const ROWS: usize = 50_000;
const SIGNS: usize = 2000;
/// Bytes that an export has at least.
const EXPORT: u64 = (ROWS * SIGNS) as u64;
const MEGABYTE: u64 = 1024 * 1024;
/// Exports held back at the same time; connections of the pool.
const HELD: usize = 6;
const POOL: usize = 8;
/// Small reads meanwhile, and how many at once.
const READS: usize = 400;
const READERS: usize = 8;
/// Until something must have happened that only takes a moment.
const LIMIT: Duration = Duration::from_secs(60);

/// A world with a table of 100 MB in every database, and services that give all of it.
async fn world(environment: &[(&str, &str)]) -> World {
    let mut environment: Vec<(String, String)> = environment
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    environment.push(("DB_MAX_RECORDS_RETURNED".into(), "1000000".into()));
    environment.push(("DW_POOL_SIZE".into(), POOL.to_string()));
    let servers = [kit::postgres(), kit::mariadb()].into_iter().flatten().collect();
    let start = Start {
        environment,
        ..Start::default()
    };
    let world = World::start(servers, start).await;
    let file = world.program.databases().join("demo.sqlite");
    let table = "CREATE TABLE large (id INTEGER PRIMARY KEY, note TEXT)";
    let sqlite = rusqlite::Connection::open(file).expect("the file is there");
    let numbers = format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {ROWS})");
    let fill = format!("INSERT INTO large {numbers} SELECT i, printf('%0{SIGNS}d', i) FROM n");
    sqlite
        .execute_batch(&format!("PRAGMA synchronous=OFF; {table}; {fill};"))
        .expect("a large table");
    for base in &world.bases {
        let Some(database) = &base.database else { continue };
        let fill = match database.server().engine() {
            Engine::Postgres => {
                format!("SELECT i, lpad(i::text, {SIGNS}, '0') FROM generate_series(1, {ROWS}) AS n(i)")
            }
            Engine::MariaDb => format!("SELECT seq, lpad(seq, {SIGNS}, '0') FROM seq_1_to_{ROWS}"),
        };
        database.run(&format!("{table}; INSERT INTO large {fill};"));
    }
    for base in &world.bases {
        let path = format!("/api/v2/system/service/{}", base.id);
        let change = json!({"config": {"max_records": 1_000_000}}).to_string();
        let content = [("Content-Type", "application/json")];
        let changed = world
            .admin
            .send("PATCH", &path, &content, Some(change.as_bytes()))
            .await
            .expect("an answer");
        assert_eq!(changed.status, 200, "{}", changed.text());
    }
    world
}

/// An export under way, of which only the head was taken.
struct Export {
    stream: TcpStream,
    taken: u64,
}

impl Export {
    async fn begin(address: SocketAddr, key: &str, service: &str, media: &str) -> Export {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let mut export = Export { stream, taken: 0 };
        let request = format!(
            "GET /api/v2/{service}/_table/large HTTP/1.1\r\nHost: {address}\r\nAccept: {media}\r\n\
             X-DreamFactory-API-Key: {key}\r\nConnection: close\r\n\r\n"
        );
        export
            .stream
            .write_all(request.as_bytes())
            .await
            .expect("a request");
        let mut head = [0; 12];
        export.stream.read_exact(&mut head).await.expect("a status");
        assert_eq!(&head, b"HTTP/1.1 200", "{service} {media}");
        export
    }

    /// Takes the rest; gives the size of the answer.
    async fn end(mut self) -> u64 {
        let mut piece = vec![0; 256 * 1024];
        loop {
            match self.stream.read(&mut piece).await.expect("the answer goes on") {
                0 => return self.taken,
                size => self.taken += size as u64,
            }
        }
    }
}

/// An API key that may read everything.
async fn key(world: &World) -> String {
    let grants: Vec<_> = world
        .bases
        .iter()
        .map(|base| scenarios::world::grant(base.id, "*", 1, json!([])))
        .collect();
    let role = world.role("exporter", &grants).await;
    let app = json!({"name": "exporter", "type": 0, "is_active": true, "role_id": role});
    let made = world.create("app", app).await;
    made["api_key"].as_str().expect("a key").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_hold_nobody_up_and_take_no_memory() {
    let world = world(&[]).await;
    let (key, address) = (key(&world).await, world.program.address());
    for base in &world.bases {
        let service = base.service;
        // What a connection and a piece need is taken once.
        let few = format!("/api/v2/{service}/_table/large?limit=1000");
        assert_eq!(world.admin.get(&few).await.status, 200);
        for media in ["application/json", "text/csv", "application/x-ndjson"] {
            let before = world.program.memory();
            let size = Export::begin(address, &key, service, media).await.end().await;
            assert!(size > EXPORT, "{service} {media}: {size} bytes");
            let grown = world.program.memory().saturating_sub(before) / MEGABYTE;
            kit::announce(&format!("{service} {media}: {grown} MiB more after 100 MB"));
            assert!(grown <= 16, "{service} {media}: {grown} MiB more");
        }
        let mut held = Vec::new();
        for _ in 0..HELD {
            held.push(Export::begin(address, &key, service, "application/json").await);
        }
        small_reads(&world.admin, service).await;
        let last = held.pop().expect("some are held");
        assert!(last.end().await > EXPORT, "{service}: the rest of it comes");
    }
}

/// Small reads that all must be answered; nobody takes the exports meanwhile, so waiting for one would not end.
async fn small_reads(client: &Client, service: &str) {
    let readers: Vec<_> = (0..READERS)
        .map(|reader| {
            let (client, service) = (client.clone(), service.to_owned());
            tokio::spawn(async move {
                for n in 0..READS / READERS {
                    let id = 1 + (reader * 1000 + n * 7) % ROWS;
                    let answer = client.get(&format!("/api/v2/{service}/_table/large/{id}")).await;
                    assert_eq!(answer.status, 200, "{service}: {}", answer.text());
                    assert_eq!(answer.json()["id"], id);
                }
            })
        })
        .collect();
    for reader in readers {
        reader.await.expect("every read is answered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_an_answer_too_slowly_loses_it_and_its_connection() {
    let world = world(&[("DW_REQUEST_TIMEOUT", "2"), ("DW_POOL_WAIT", "1")]).await;
    let (key, address) = (key(&world).await, world.program.address());
    for base in &world.bases {
        let service = base.service;
        let mut held = Vec::new();
        for _ in 0..POOL {
            held.push(Export::begin(address, &key, service, "application/json").await);
        }
        let path = format!("/api/v2/{service}/_table/large/1");
        // One byte a moment is not enough to keep it.
        let slow = async {
            let mut byte = [0; 1];
            loop {
                for export in &mut held {
                    // Whoever was cut off gets what had been sent, and then an error or the end.
                    let _ = export.stream.read(&mut byte).await;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let served = async {
            while world.admin.get(&path).await.status != 200 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let either = async {
            tokio::select! {
                () = slow => {}
                () = served => {}
            }
        };
        tokio::time::timeout(LIMIT, either)
            .await
            .unwrap_or_else(|_| panic!("{service}: slow clients keep the pool for themselves"));
    }
}
