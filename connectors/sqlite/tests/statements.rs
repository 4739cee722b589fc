//! Reads, writes, transactions and the pool, over real files.
#![allow(clippy::unwrap_used)]

mod fixture;

use driver::{Cell, Collect, Driver, Executor, FaultKind, Flow, Scalar, Sink, Statement};
use fixture::{database, impatient, reference, run, scalar, statement};
use futures_util::future::{BoxFuture, join_all};
use sqlite::{Open, Sqlite};
use std::any::Any;
use std::time::Duration;
use tokio::sync::mpsc;

#[tokio::test]
async fn cells_come_as_they_are_stored() {
    let db = reference().await;
    let text = "SELECT c_bool, c_bigint, c_double, c_text, c_blob, NULL FROM all_types";
    let rows = driver::rows(&*db, Statement::fixed(text)).await.unwrap();
    assert_eq!(
        rows,
        [vec![
            Scalar::Int(1),
            Scalar::Int(i64::MAX),
            Scalar::Float(std::f64::consts::PI),
            Scalar::Text("text ünïcode".into()),
            Scalar::Bytes(vec![0xde, 0xad, 0xbe, 0xef]),
            Scalar::Null,
        ]]
    );
    // Text that is no UTF-8 is not lost.
    assert_eq!(
        scalar(&*db, "SELECT CAST(X'ff41' AS TEXT)").await,
        Scalar::Bytes(vec![0xff, 0x41])
    );
}

#[tokio::test]
async fn values_go_in_and_come_back() {
    let db = database(|_| {}, "CREATE TABLE t (v)").await;
    for (sent, stored) in [
        (Scalar::Null, Scalar::Null),
        (Scalar::Bool(true), Scalar::Int(1)),
        (Scalar::Int(i64::MIN), Scalar::Int(i64::MIN)),
        (Scalar::Uint(u64::MAX), Scalar::Float(u64::MAX as f64)),
        (Scalar::Decimal("-12.50".into()), Scalar::Float(-12.5)),
        (Scalar::Text("a\0b'\"".into()), Scalar::Text("a\0b'\"".into())),
        (Scalar::Bytes(vec![0, 255]), Scalar::Bytes(vec![0, 255])),
    ] {
        let insert = statement("INSERT INTO t VALUES (?) RETURNING v", vec![sent]);
        assert_eq!(driver::scalar(&*db, insert).await.unwrap(), stored);
    }
    assert_eq!(scalar(&*db, "SELECT count(*) FROM t").await, Scalar::Int(7));
}

#[tokio::test]
async fn writes_tell_rows_and_key() {
    let db = reference().await;
    let insert = Statement::fixed("INSERT INTO supplies (name) VALUES ('x'), ('y')");
    let written = db.write(insert).await.unwrap();
    assert_eq!((written.rows, written.last_id), (2, Some(5)));
    // Rows that already have the value are found all the same.
    assert_eq!(run(&*db, "UPDATE supplies SET quantity = quantity").await, 4);
    assert_eq!(run(&*db, "CREATE TABLE other (a)").await, 0);
    assert_eq!(
        run(
            &*db,
            "WITH old(i) AS (VALUES (4)) DELETE FROM supplies WHERE id IN (SELECT i FROM old)"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn reads_that_write_go_to_the_writer() {
    let db = reference().await;
    for text in [
        "UPDATE supplies SET quantity = 9 WHERE id = 1 RETURNING quantity",
        "WITH wanted(id) AS (VALUES (1)) UPDATE supplies SET quantity = 9 WHERE id IN wanted RETURNING quantity",
        "  replace into supplies (id, quantity) values (1, 9) returning quantity",
    ] {
        assert_eq!(scalar(&*db, text).await, Scalar::Int(9), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_read_while_one_writes() {
    let db = database(|_| {}, "CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (0)").await;
    let reads = join_all((0..64).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let mut last = 0;
            for _ in 0..20 {
                let seen = scalar(&db, "SELECT n FROM t").await.to_int().unwrap();
                assert!(seen >= last, "a reader went back in time");
                last = seen;
            }
        })
    }));
    let writes = async {
        for _ in 0..50 {
            assert_eq!(run(&*db, "UPDATE t SET n = n + 1").await, 1);
        }
    };
    let (reads, ()) = futures_util::join!(reads, writes);
    assert!(reads.into_iter().all(|read| read.is_ok()));
    assert_eq!(scalar(&*db, "SELECT n FROM t").await, Scalar::Int(50));
}

#[tokio::test]
async fn transactions_are_kept_or_undone_as_a_whole() {
    let db = reference().await;
    let count = "SELECT count(*) FROM countries";

    let tx = db.begin().await.unwrap();
    run(&*tx, "INSERT INTO countries VALUES ('AT', 'Austria', 9)").await;
    assert_eq!(scalar(&*tx, count).await, Scalar::Int(1));
    assert_eq!(scalar(&*db, count).await, Scalar::Int(0), "not visible outside");
    tx.commit().await.unwrap();
    assert_eq!(scalar(&*db, count).await, Scalar::Int(1));

    let tx = db.begin().await.unwrap();
    run(&*tx, "DELETE FROM countries").await;
    tx.rollback().await.unwrap();
    assert_eq!(scalar(&*db, count).await, Scalar::Int(1));

    let tx = db.begin().await.unwrap();
    run(&*tx, "DELETE FROM countries").await;
    drop(tx);
    assert_eq!(scalar(&*db, count).await, Scalar::Int(1));
    run(&*db, "INSERT INTO countries VALUES ('DE', 'Germany', 84)").await;
    assert_eq!(
        scalar(&*db, count).await,
        Scalar::Int(2),
        "the writer is free again"
    );
}

#[tokio::test]
async fn a_fault_inside_a_transaction_leaves_it_usable() {
    let db = reference().await;
    let tx = db.begin().await.unwrap();
    run(&*tx, "INSERT INTO countries VALUES ('AT', 'Austria', 9)").await;
    let again = tx
        .write(Statement::fixed(
            "INSERT INTO countries VALUES ('AT', 'Again', 9)",
        ))
        .await;
    assert_eq!(again.unwrap_err().kind, FaultKind::Duplicate);
    run(&*tx, "INSERT INTO countries VALUES ('DE', 'Germany', 84)").await;
    tx.commit().await.unwrap();
    assert_eq!(
        scalar(&*db, "SELECT count(*) FROM countries").await,
        Scalar::Int(2)
    );
}

#[tokio::test]
async fn nothing_is_stored_after_the_database_rolled_a_transaction_back() {
    let db = reference().await;
    let tx = db.begin().await.unwrap();
    let insert = "INSERT OR ROLLBACK INTO departments VALUES ('d001', 'Twice')";
    assert_eq!(
        tx.write(Statement::fixed(insert)).await.unwrap_err().kind,
        FaultKind::Duplicate
    );
    let stray = tx
        .write(Statement::fixed(
            "INSERT INTO departments VALUES ('d009', 'Stray')",
        ))
        .await;
    assert_eq!(stray.unwrap_err().kind, FaultKind::Conflict);
    assert_eq!(tx.commit().await.unwrap_err().kind, FaultKind::Conflict);
    assert_eq!(
        scalar(&*db, "SELECT count(*) FROM departments").await,
        Scalar::Int(2)
    );
}

#[tokio::test]
async fn a_failed_commit_is_undone() {
    let schema = "CREATE TABLE p (id INTEGER PRIMARY KEY);
        CREATE TABLE c (p INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)";
    let db = database(|_| {}, schema).await;
    let tx = db.begin().await.unwrap();
    run(&*tx, "INSERT INTO c VALUES (1)").await;
    assert_eq!(tx.commit().await.unwrap_err().kind, FaultKind::Reference);
    assert_eq!(scalar(&*db, "SELECT count(*) FROM c").await, Scalar::Int(0));
    db.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn waiting_for_the_writer_is_bounded() {
    let db = database(impatient, "CREATE TABLE t (a)").await;
    let tx = db.begin().await.unwrap();
    let refused = db.write(Statement::fixed("INSERT INTO t VALUES (1)")).await;
    assert_eq!(refused.unwrap_err().kind, FaultKind::Busy);
    assert_eq!(
        scalar(&*db, "SELECT count(*) FROM t").await,
        Scalar::Int(0),
        "readers go on"
    );
    tx.rollback().await.unwrap();
    run(&*db, "INSERT INTO t VALUES (1)").await;
}

#[tokio::test]
async fn a_lock_of_another_program_is_busy() {
    let db = database(impatient, "CREATE TABLE t (a)").await;
    let other = rusqlite::Connection::open(db.folder.path().join("sub/test.sqlite")).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; INSERT INTO t VALUES (1)")
        .unwrap();
    assert_eq!(
        db.write(Statement::fixed("DELETE FROM t"))
            .await
            .unwrap_err()
            .kind,
        FaultKind::Busy
    );
    assert_eq!(db.begin().await.err().unwrap().kind, FaultKind::Busy);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(run(&*db, "DELETE FROM t").await, 1);
}

#[tokio::test]
async fn a_read_that_nobody_waits_for_is_interrupted() {
    let one = |open: &mut Open| open.pool_size = 1;
    let db = database(one, "CREATE TABLE t (a); INSERT INTO t VALUES (1)").await;
    let endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c";
    let read = driver::scalar(&*db, Statement::fixed(endless));
    assert!(
        tokio::time::timeout(Duration::from_millis(50), read)
            .await
            .is_err()
    );
    assert_eq!(
        scalar(&*db, "SELECT a FROM t").await,
        Scalar::Int(1),
        "the only reader is free again"
    );
}

/// Takes `rows` rows, then says `then`; waits in `drain` for the test.
struct Counting {
    seen: usize,
    rows: usize,
    then: Flow,
    drains: mpsc::Receiver<()>,
}

impl Sink for Counting {
    fn cell(&mut self, _: usize, _: Cell<'_>) {}

    fn end_row(&mut self) -> Flow {
        self.seen += 1;
        if self.seen.is_multiple_of(self.rows) {
            self.then
        } else {
            Flow::More
        }
    }

    fn drain(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.drains.recv().await;
        })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

const HUNDRED: &str =
    "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 100) SELECT x FROM c";

#[tokio::test]
async fn a_sink_stops_a_read() {
    let db = database(|_| {}, "").await;
    let sink = Counting {
        seen: 0,
        rows: 7,
        then: Flow::Stop,
        drains: mpsc::channel(1).1,
    };
    let sink = db.read(Statement::fixed(HUNDRED), Box::new(sink)).await.unwrap();
    assert_eq!(sink.into_any().downcast::<Counting>().unwrap().seen, 7);
}

#[tokio::test]
async fn a_sink_holds_a_read_until_its_output_is_taken() {
    let db = database(|_| {}, "").await;
    let (take, drains) = mpsc::channel(1);
    let sink = Counting {
        seen: 0,
        rows: 10,
        then: Flow::Drain,
        drains,
    };
    let read = db.read(Statement::fixed(HUNDRED), Box::new(sink));
    let taker = async {
        for _ in 0..10 {
            take.send(()).await.unwrap();
        }
        // The writer and other readers work on while one read waits.
        scalar(&*db, "SELECT 1").await
    };
    let (sink, one) = futures_util::join!(read, taker);
    assert_eq!(one, Scalar::Int(1));
    assert_eq!(sink.unwrap().into_any().downcast::<Counting>().unwrap().seen, 100);
}

#[tokio::test]
async fn a_database_in_memory_has_one_connection() {
    let db = Sqlite::open(Open::new(":memory:")).unwrap();
    db.batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        .await
        .unwrap();
    let reads = join_all((0..16).map(|_| scalar(&db, "SELECT a FROM t"))).await;
    assert!(reads.iter().all(|value| *value == Scalar::Int(1)));
    let other = Sqlite::open(Open::new(":memory:")).unwrap();
    assert_eq!(
        scalar(&other, "SELECT count(*) FROM sqlite_schema").await,
        Scalar::Int(0)
    );
}

#[tokio::test]
async fn every_connection_runs_the_statements() {
    let configure = |open: &mut Open| {
        open.statements = vec![
            "CREATE TEMP TABLE mine AS SELECT 42 AS answer".into(),
            "PRAGMA cache_size = -100".into(),
        ];
    };
    let db = database(configure, "CREATE TABLE t (a)").await;
    assert_eq!(scalar(&*db, "SELECT answer FROM mine").await, Scalar::Int(42));
    assert_eq!(scalar(&*db, "PRAGMA cache_size").await, Scalar::Int(-100));
    let tx = db.begin().await.unwrap();
    assert_eq!(scalar(&*tx, "SELECT answer FROM mine").await, Scalar::Int(42));
}

#[tokio::test]
async fn a_batch_leaves_nothing_open_and_foreign_keys_enforced() {
    let db = reference().await;
    assert_eq!(scalar(&*db, "PRAGMA foreign_keys").await, Scalar::Int(1));
    db.batch("PRAGMA foreign_keys = OFF; BEGIN; DELETE FROM countries; SELECT nothing")
        .await
        .unwrap_err();
    let orphan = db
        .write(Statement::fixed(
            "INSERT INTO locations (supply_id, city) VALUES (99, 'x')",
        ))
        .await;
    assert_eq!(orphan.unwrap_err().kind, FaultKind::Reference);
    db.begin().await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_wrong_number_of_values_is_refused() {
    let db = reference().await;
    let few = statement("SELECT ?, ?", vec![Scalar::Int(1)]);
    assert_eq!(
        db.read(few, Box::<Collect>::default()).await.err().unwrap().kind,
        FaultKind::Other
    );
}
