//! Measures one-row reads: this connector, with a thread per connection, against the same read on tokio's blocking
//! pool. Run it in release mode on a quiet machine: `cargo run --release -p sqlite --example read_latency`.
#![allow(clippy::unwrap_used)]

use driver::{Driver, Scalar, Statement};
use futures_util::future::join_all;
use parking_lot::Mutex;
use rusqlite::Connection;
use sqlite::{Open, Sqlite};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const READ: &str = "SELECT id, name, price FROM t WHERE id = ?";
const READS: i64 = 20_000;

#[tokio::main]
async fn main() {
    let folder = std::env::temp_dir().join(format!("read-latency-{}", std::process::id()));
    let path = folder.join("t.sqlite");
    let database = Sqlite::open(Open::new(&path)).unwrap();
    let rows = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 1000) INSERT INTO t SELECT x, 'name', 1.5 FROM c";
    let schema = format!("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price REAL); {rows}");
    database.batch(&schema).await.unwrap();
    let pool = Arc::new(connections(&path));

    for round in 1..=3 {
        for tasks in [1, 8] {
            let shared = database.clone();
            let pinned = measure(tasks, move |id| {
                let database = shared.clone();
                async move {
                    let values = vec![Scalar::Int(id)];
                    driver::rows(
                        &database,
                        Statement {
                            text: READ.into(),
                            values,
                        },
                    )
                    .await
                    .unwrap();
                }
            });
            let pinned = pinned.await;
            let shared = Arc::clone(&pool);
            let blocking = measure(tasks, move |id| {
                let pool = Arc::clone(&shared);
                async move {
                    tokio::task::spawn_blocking(move || read(&pool, id))
                        .await
                        .unwrap();
                }
            });
            let blocking = blocking.await;
            println!(
                "round {round}, {tasks} at a time: thread per connection {pinned:?}, blocking pool {blocking:?} a read"
            );
        }
    }
    drop(database);
    std::fs::remove_dir_all(folder).unwrap();
}

async fn measure<F: Future<Output = ()> + Send + 'static>(
    tasks: i64,
    read: impl Fn(i64) -> F + Clone + Send + Sync + 'static,
) -> Duration {
    let start = Instant::now();
    let all = join_all((0..tasks).map(|_| {
        let read = read.clone();
        tokio::spawn(async move {
            for i in 0..READS / tasks {
                read(i % 1000 + 1).await;
            }
        })
    }));
    assert!(all.await.iter().all(Result::is_ok));
    start.elapsed() / u32::try_from(READS).unwrap()
}

fn connections(path: &Path) -> Mutex<Vec<Connection>> {
    Mutex::new((0..8).map(|_| Connection::open(path).unwrap()).collect())
}

fn read(pool: &Mutex<Vec<Connection>>, id: i64) -> Vec<Vec<Scalar>> {
    let connection = pool.lock().pop().unwrap();
    let row = connection
        .prepare_cached(READ)
        .unwrap()
        .query_row([id], |row| {
            Ok(vec![
                Scalar::Int(row.get(0)?),
                Scalar::Text(row.get(1)?),
                Scalar::Float(row.get(2)?),
            ])
        })
        .unwrap();
    pool.lock().push(connection);
    vec![row]
}
