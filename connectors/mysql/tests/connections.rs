//! The pool, transactions, and a server that goes and comes back.
#![allow(clippy::unwrap_used)]

mod server;

use driver::{Driver, FaultKind, Scalar, Statement};
use futures_util::future::join_all;
use mysql::Source;
use server::{fresh, own, run, scalar, source, statement};
use std::sync::Arc;
use std::time::{Duration, Instant};

const TABLE: &str = "CREATE TABLE t (id INT PRIMARY KEY, v INT); INSERT INTO t VALUES (1, 1), (2, 2)";

/// Waits until a query gives a number; panics after a while.
async fn until(db: &Source, text: &str, wanted: i64) {
    let limit = Instant::now() + Duration::from_secs(20);
    while scalar(db, text).await != Scalar::Int(wanted) {
        assert!(Instant::now() < limit, "{text} never became {wanted}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn connections_are_used_again_with_their_statements() {
    let Some((db, _database)) = fresh("reuse", TABLE).await else {
        return;
    };
    let first = scalar(&db, "SELECT CONNECTION_ID()").await;
    for _ in 0..5 {
        assert_eq!(scalar(&db, "SELECT CONNECTION_ID()").await, first);
    }
    let read = statement(
        "SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = ?",
        vec!["COM_STMT_PREPARE".into()],
    );
    let before = driver::scalar(&db, read.clone()).await.unwrap();
    assert_eq!(driver::scalar(&db, read).await.unwrap(), before);
}

#[tokio::test]
async fn a_full_pool_is_busy_after_its_wait_and_serves_all_who_can_wait() {
    let Some((db, _database)) = fresh("busy", TABLE).await else {
        return;
    };
    let (one, two) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    let fault = db.check().await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Busy);
    one.rollback().await.unwrap();
    db.check().await.unwrap();
    drop(two);
    let all = join_all((0..50).map(|_| scalar(&db, "SELECT COUNT(*) FROM t"))).await;
    assert!(all.iter().all(|count| *count == Scalar::Int(2)));
}

#[tokio::test]
async fn transactions_count_only_after_commit() {
    let Some((db, _database)) = fresh("tx", TABLE).await else {
        return;
    };
    let transaction = db.begin().await.unwrap();
    assert_eq!(run(&*transaction, "UPDATE t SET v = 10").await, 2);
    assert_eq!(
        scalar(&*transaction, "SELECT SUM(v) FROM t").await,
        Scalar::Decimal("20".into())
    );
    assert_eq!(
        scalar(&db, "SELECT SUM(v) FROM t").await,
        Scalar::Decimal("3".into())
    );
    transaction.commit().await.unwrap();
    assert_eq!(
        scalar(&db, "SELECT SUM(v) FROM t").await,
        Scalar::Decimal("20".into())
    );
    let transaction = db.begin().await.unwrap();
    run(&*transaction, "DELETE FROM t").await;
    transaction.rollback().await.unwrap();
    let transaction = db.begin().await.unwrap();
    run(&*transaction, "DELETE FROM t").await;
    drop(transaction);
    // The lock goes with the rollback, so that this write shows that it happened.
    assert_eq!(run(&db, "UPDATE t SET v = 11").await, 2);
}

#[tokio::test]
async fn after_a_deadlock_nothing_of_the_transaction_can_count() {
    let Some((db, _database)) = fresh("deadlock", TABLE).await else {
        return;
    };
    let (one, two) = (db.begin().await.unwrap(), db.begin().await.unwrap());
    run(&*one, "UPDATE t SET v = 5 WHERE id = 1").await;
    run(&*two, "UPDATE t SET v = 5 WHERE id = 2").await;
    let (first, second) = tokio::join!(
        one.write(Statement::fixed("UPDATE t SET v = 6 WHERE id = 2")),
        two.write(Statement::fixed("UPDATE t SET v = 6 WHERE id = 1")),
    );
    let (victim, fault, other) = match (first, second) {
        (Err(fault), Ok(_)) => (one, fault, two),
        (Ok(_), Err(fault)) => (two, fault, one),
        both => panic!("one of the two is chosen: {both:?}"),
    };
    assert_eq!(fault.kind, FaultKind::Conflict);
    let fault = victim
        .write(Statement::fixed("INSERT INTO t VALUES (3, 3)"))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Conflict);
    assert_eq!(victim.commit().await.unwrap_err().kind, FaultKind::Conflict);
    other.commit().await.unwrap();
    assert_eq!(scalar(&db, "SELECT COUNT(*) FROM t").await, Scalar::Int(2));
}

#[tokio::test]
async fn abandoned_statements_end_and_leave_no_trace() {
    let Some((db, database)) = fresh("abandoned", TABLE).await else {
        return;
    };
    let watch = source(&database);
    let running =
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%SLEEP(99%'
                   AND ID <> CONNECTION_ID()";
    let db = Arc::new(db);
    let reader = tokio::spawn({
        let db = Arc::clone(&db);
        async move { scalar(&*db, "SELECT SLEEP(99)").await }
    });
    let writer = tokio::spawn({
        let db = Arc::clone(&db);
        async move {
            let transaction = db.begin().await.unwrap();
            run(&*transaction, "INSERT INTO t VALUES (3, 3)").await;
            run(&*transaction, "UPDATE t SET v = SLEEP(99)").await
        }
    });
    until(&watch, running, 2).await;
    reader.abort();
    writer.abort();
    until(&watch, running, 0).await;
    assert_eq!(scalar(&*db, "SELECT COUNT(*) FROM t").await, Scalar::Int(2));
    assert_eq!(run(&*db, "UPDATE t SET v = 0").await, 2);
}

#[tokio::test]
async fn a_read_given_up_among_its_rows_does_not_come_back() {
    let Some((db, _database)) = fresh("given_up", "").await else {
        return;
    };
    let many = "SELECT REPEAT('x', 1000) FROM seq_1_to_1000000";
    for _ in 0..4 {
        let reading = driver::rows(&db, Statement::fixed(many));
        assert!(
            tokio::time::timeout(Duration::from_millis(20), reading)
                .await
                .is_err()
        );
        assert_eq!(scalar(&db, "SELECT 42").await, Scalar::Int(42));
    }
}

#[tokio::test]
async fn a_server_that_went_is_down_and_serves_again_when_it_is_back() {
    let Some(server) = own() else { return };
    let database = server.database("restart");
    let db = source(&database);
    db.batch(TABLE).await.unwrap();
    assert_eq!(scalar(&db, "SELECT COUNT(*) FROM t").await, Scalar::Int(2));
    let transaction = db.begin().await.unwrap();
    run(&*transaction, "INSERT INTO t VALUES (4, 4)").await;
    server.stop();
    let started = Instant::now();
    assert_eq!(transaction.commit().await.unwrap_err().kind, FaultKind::Down);
    assert_eq!(db.check().await.unwrap_err().kind, FaultKind::Down);
    assert_eq!(db.begin().await.err().unwrap().kind, FaultKind::Down);
    let read = driver::rows(&db, Statement::fixed("SELECT 1")).await.unwrap_err();
    assert_eq!(read.kind, FaultKind::Down);
    assert!(started.elapsed() < Duration::from_secs(2));
    server.start();
    assert_eq!(run(&db, "UPDATE t SET v = 3").await, 2);
    // A read finds its connection dead and does not tell.
    assert_eq!(scalar(&db, "SELECT COUNT(*) FROM t").await, Scalar::Int(2));
    server.crash();
    server.start();
    assert_eq!(scalar(&db, "SELECT COUNT(*) FROM t").await, Scalar::Int(2));
    server.crash();
    server.start();
    db.begin().await.unwrap().rollback().await.unwrap();
}
