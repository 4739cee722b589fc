//! The journal mode of a file is that of those who made it.
#![allow(clippy::unwrap_used)]

mod fixture;

use driver::{Driver, Scalar, Statement};
use fixture::{run, scalar};
use futures_util::future::join_all;
use sqlite::{Open, Sqlite};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const TABLE: &str = "DROP TABLE IF EXISTS t; CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0);";

/// A file that another program made, in rollback mode.
fn foreign(folder: &TempDir) -> PathBuf {
    let file = folder.path().join("foreign.sqlite");
    reload(&file);
    file
}

/// What other programs do to bring a file into a known state, while we have it open.
fn reload(file: &Path) {
    let other = rusqlite::Connection::open(file).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    other
        .execute_batch(&format!(
            "PRAGMA synchronous=OFF; PRAGMA journal_mode=DELETE; {TABLE}"
        ))
        .unwrap();
}

fn mode(file: &Path) -> String {
    let other = rusqlite::Connection::open(file).unwrap();
    other
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap()
}

fn wide(file: &Path) -> Sqlite {
    Sqlite::lazy(Open {
        pool_size: 64,
        ..Open::new(file)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_exists_is_shared_in_its_own_mode() {
    let folder = TempDir::new().unwrap();
    let file = foreign(&folder);
    let db = wide(&file);
    let reads = join_all((0..64).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut last = 0;
            for _ in 0..5 {
                let seen = scalar(&db, "SELECT n FROM t").await.to_int().unwrap();
                assert!(seen >= last, "a reader went back in time");
                last = seen;
            }
        })
    }));
    let writes = async {
        for _ in 0..10 {
            assert_eq!(run(&db, "UPDATE t SET n = n + 1").await, 1);
        }
        let tx = db.begin().await.unwrap();
        assert_eq!(scalar(&*tx, "SELECT n FROM t").await, Scalar::Int(10));
        run(&*tx, "UPDATE t SET n = n + 1").await;
        tx.commit().await.unwrap();
    };
    let (reads, ()) = futures_util::join!(reads, writes);
    assert!(reads.into_iter().all(|read| read.is_ok()));
    assert_eq!(scalar(&db, "SELECT n FROM t").await, Scalar::Int(11));
    assert_eq!(mode(&file), "delete");

    // All connections are idle and hold nothing: no waiting is needed.
    reload(&file);
    let again = join_all((0..64).map(|_| scalar(&db, "SELECT n FROM t"))).await;
    assert!(again.iter().all(|n| *n == Scalar::Int(0)));
    assert_eq!(run(&db, "UPDATE t SET n = 5").await, 1);
    assert_eq!(scalar(&db, "SELECT n FROM t").await, Scalar::Int(5));
}

#[tokio::test]
async fn failed_and_dropped_work_holds_no_lock() {
    let folder = TempDir::new().unwrap();
    let file = foreign(&folder);
    let db = wide(&file);
    let tx = db.begin().await.unwrap();
    run(&*tx, "INSERT INTO t VALUES (1)").await;
    tx.rollback().await.unwrap();
    db.batch("BEGIN; INSERT INTO t VALUES (1); NONSENSE")
        .await
        .unwrap_err();
    let late =
        "SELECT abs(n) FROM (SELECT 1 AS n UNION ALL SELECT n FROM t UNION ALL SELECT -9223372036854775808)";
    driver::rows(&db, Statement::fixed(late)).await.unwrap_err();
    driver::scalar(&db, Statement::fixed("INSERT INTO t VALUES (1), (2) RETURNING n"))
        .await
        .unwrap();
    reload(&file);
    assert_eq!(scalar(&db, "SELECT count(*) FROM t").await, Scalar::Int(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_ours_is_in_wal_mode() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("new/ours.sqlite");
    let db = wide(&file);
    let checks = join_all((0..64).map(|_| db.check())).await;
    assert!(checks.iter().all(Result::is_ok));
    db.batch(TABLE).await.unwrap();
    assert_eq!(mode(&file), "wal");
    drop(db);
    let later = wide(&file);
    assert_eq!(
        scalar(&later, "PRAGMA journal_mode").await,
        Scalar::Text("wal".into())
    );
}
