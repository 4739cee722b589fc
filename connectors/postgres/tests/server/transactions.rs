//! Transactions, and futures that are dropped.

use super::{bound, database, source, source_with, text, texts};
use contract::Settings;
use driver::{Driver, Executor, FaultKind, Scalar, Statement};
use serde_json::json;

const TABLE: &str = "CREATE TABLE t (a INT PRIMARY KEY)";

fn insert(a: i64) -> Statement {
    bound("INSERT INTO t VALUES ($1)", [Scalar::Int(a)])
}

#[tokio::test]
async fn only_a_commit_counts() {
    let Some(database) = database(TABLE) else { return };
    let settings = Settings {
        pool_size: 2,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    let begun = source.begin().await.unwrap();
    assert_eq!(begun.write(insert(1)).await.unwrap().rows, 1);
    assert_eq!(text(&*begun, "SELECT COUNT(*) FROM t").await, "1");
    assert_eq!(text(&source, "SELECT COUNT(*) FROM t").await, "0");
    begun.commit().await.unwrap();
    let begun = source.begin().await.unwrap();
    begun.write(insert(2)).await.unwrap();
    begun.rollback().await.unwrap();
    for a in 3..6 {
        let begun = source.begin().await.unwrap();
        begun.write(insert(a)).await.unwrap();
        drop(begun);
    }
    assert_eq!(texts(&source, "SELECT a FROM t").await.concat(), ["1"]);
}

#[tokio::test]
async fn a_failed_transaction_cannot_be_committed() {
    let Some(database) = database(TABLE) else { return };
    let source = source(&database);
    let begun = source.begin().await.unwrap();
    begun.write(insert(1)).await.unwrap();
    assert_eq!(
        begun.write(insert(1)).await.unwrap_err().kind,
        FaultKind::Duplicate
    );
    assert!(begun.commit().await.is_err());
    assert_eq!(text(&source, "SELECT COUNT(*) FROM t").await, "0");
}

/// Polls a future a few times, so that its statement is on its way, and drops it.
async fn abandon<T>(future: impl Future<Output = T>, database: &kit::Database, marker: &str) {
    let mut future = std::pin::pin!(future);
    let seen = format!(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{marker}%' AND pid <> pg_backend_pid()"
    );
    loop {
        tokio::select! {
            biased;
            _ = &mut future => panic!("the statement ended before it was abandoned"),
            () = tokio::task::yield_now() => {}
        }
        if database.run(&seen).trim() == "1" {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_statement_is_cancelled_and_its_place_comes_back() {
    let Some(database) = database(TABLE) else { return };
    let settings = Settings {
        pool_size: 1,
        pool_wait: 10,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    for round in 0..3 {
        let sleep = Statement::fixed(format!("SELECT pg_sleep(30), 'marker{round}'"));
        abandon(driver::rows(&source, sleep), &database, &format!("marker{round}")).await;
        assert_eq!(text(&source, "SELECT 41 + 1").await, "42");
    }
    let write = Statement::fixed("INSERT INTO t SELECT 7 FROM pg_sleep(30)");
    abandon(source.write(write), &database, "INSERT INTO t SELECT 7").await;
    assert_eq!(text(&source, "SELECT COUNT(*) FROM t").await, "0");
    // Other tests sleep beside this one, each in a database of its own.
    let left = database.run(
        "SELECT COUNT(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(30)%'
         AND datname = current_database() AND pid <> pg_backend_pid()",
    );
    assert_eq!(left.trim(), "0", "nothing of it runs on");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_transaction_is_undone() {
    let Some(database) = database(TABLE) else { return };
    let settings = Settings {
        pool_size: 1,
        pool_wait: 10,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    let begun = source.begin().await.unwrap();
    begun.write(insert(1)).await.unwrap();
    let sleep = Statement::fixed("SELECT pg_sleep(30), 'inside'");
    abandon(driver::rows(&*begun, sleep), &database, "inside").await;
    drop(begun);
    assert_eq!(text(&source, "SELECT COUNT(*) FROM t").await, "0");
    source.write(insert(1)).await.unwrap();
}
