//! The pool: limits, streams, a server that goes and comes back.

use super::{database, source, source_with, text};
use contract::Settings;
use driver::{Cell, Driver, Executor, FaultKind, Flow, Sink, Statement};
use futures_util::future::BoxFuture;
use kit::{Engine, Server};
use serde_json::json;
use std::any::Any;
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_full_pool_is_busy() {
    let Some(database) = database("") else { return };
    let settings = Settings {
        pool_size: 2,
        pool_wait: 1,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    let held = [source.begin().await.unwrap(), source.begin().await.unwrap()];
    assert_eq!(source.check().await.unwrap_err().kind, FaultKind::Busy);
    drop(held);
    source.check().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_is_used_again() {
    let Some(server) = Server::own(Engine::Postgres) else {
        return;
    };
    let database = server.database("restart");
    database.run("CREATE TABLE t (a INT)");
    let source = source(&database);
    let write = || Statement::fixed("INSERT INTO t VALUES (1)");
    // Several idle connections, all of which die.
    let held = [
        source.begin().await.unwrap(),
        source.begin().await.unwrap(),
        source.begin().await.unwrap(),
    ];
    for one in held {
        one.commit().await.unwrap();
    }
    let open = source.begin().await.unwrap();
    server.crash();
    assert_eq!(open.write(write()).await.unwrap_err().kind, FaultKind::Down);
    drop(open);
    let start = Instant::now();
    assert_eq!(source.write(write()).await.unwrap_err().kind, FaultKind::Down);
    assert_eq!(source.check().await.unwrap_err().kind, FaultKind::Down);
    assert_eq!(source.begin().await.err().unwrap().kind, FaultKind::Down);
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "a refused connection is told at once"
    );
    server.start();
    source.check().await.unwrap();
    assert_eq!(source.write(write()).await.unwrap().rows, 1);
    // Stopped and started while nobody looks: a read does not notice.
    server.stop();
    server.start();
    assert_eq!(text(&source, "SELECT COUNT(*) FROM t").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_ended_by_the_server_does_not_disturb_reads() {
    let Some(database) = database("") else { return };
    let settings = Settings {
        pool_size: 1,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    for _ in 0..20 {
        let pid = text(&source, "SELECT pg_backend_pid()").await;
        database.run(&format!("SELECT pg_terminate_backend({pid})"));
        assert_ne!(text(&source, "SELECT pg_backend_pid()").await, pid);
    }
}

/// Counts rows, asks to be drained now and then, and stops.
struct Counter {
    rows: u64,
    drained: u64,
    stop: u64,
}

impl Sink for Counter {
    fn cell(&mut self, _: usize, cell: Cell<'_>) {
        assert!(matches!(cell, Cell::Int(_) | Cell::Text(_)));
    }

    fn end_row(&mut self) -> Flow {
        self.rows += 1;
        match self.rows {
            rows if rows == self.stop => Flow::Stop,
            rows if rows % 100 == 0 => Flow::Drain,
            _ => Flow::More,
        }
    }

    fn drain(&mut self) -> BoxFuture<'_, ()> {
        self.drained += 1;
        Box::pin(tokio::task::yield_now())
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

async fn count(executor: &dyn Executor, rows: u64, stop: u64) -> (u64, u64) {
    // In the select list, so that the server makes the rows one by one.
    let series = Statement::fixed(format!("SELECT generate_series(1, {rows}), repeat('x', 100)"));
    let sink = executor
        .read(
            series,
            Box::new(Counter {
                rows: 0,
                drained: 0,
                stop,
            }),
        )
        .await
        .unwrap();
    let counter = sink.into_any().downcast::<Counter>().unwrap();
    (counter.rows, counter.drained)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_drained_and_stopped_at_will() {
    let Some(database) = database("") else { return };
    let settings = Settings {
        pool_size: 1,
        pool_wait: 10,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    assert_eq!(count(&source, 10_000, 0).await, (10_000, 100));
    assert_eq!(count(&source, 1000, 950).await, (950, 9));
    // Far more than anyone waits for: cancelled, and its place in the pool is free again.
    assert_eq!(count(&source, 2_000_000_000, 5).await, (5, 0));
    assert_eq!(text(&source, "SELECT 1").await, "1");
    let begun = source.begin().await.unwrap();
    assert_eq!(count(&*begun, 10_000, 5).await, (5, 0));
    assert_eq!(text(&*begun, "SELECT 1").await, "1");
    begun.commit().await.unwrap();
}
