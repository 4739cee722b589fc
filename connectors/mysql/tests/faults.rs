//! What the server refuses, by kind.
#![allow(clippy::unwrap_used)]

mod server;

use driver::{Driver, Executor, FaultKind, Scalar, Statement};
use serde_json::json;
use server::{changed, fresh, statement};

const TABLES: &str = "
    CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(5) NOT NULL UNIQUE, n TINYINT, d DATE, \
      e ENUM('a') NULL, CONSTRAINT ck_n CHECK (n < 100));
    CREATE TABLE child (id INT PRIMARY KEY, parent INT, FOREIGN KEY (parent) REFERENCES parent (id));
    INSERT INTO parent (id, name) VALUES (1, 'one');
    INSERT INTO child VALUES (1, 1)";

#[tokio::test]
async fn refusals_have_their_kind_and_name_the_column() {
    let Some((db, _database)) = fresh("faults", TABLES).await else {
        return;
    };
    use FaultKind::{
        Check, Duplicate, NoColumn, NoTable, NotNull, Other, Permission, Reference, Timeout, Value,
    };
    for (text, kind, detail) in [
        ("INSERT INTO parent (id, name) VALUES (1, 'x')", Duplicate, None),
        ("INSERT INTO parent (id, name) VALUES (2, 'one')", Duplicate, None),
        (
            "INSERT INTO parent (id, name) VALUES (2, NULL)",
            NotNull,
            Some("name"),
        ),
        ("INSERT INTO parent (id) VALUES (2)", NotNull, Some("name")),
        (
            "INSERT INTO parent (id, name) VALUES (2, 'longer than five')",
            Value,
            Some("name"),
        ),
        (
            "INSERT INTO parent (id, name, n) VALUES (2, 'x', 300)",
            Value,
            Some("n"),
        ),
        (
            "INSERT INTO parent (id, name, n) VALUES (2, 'x', 'abc')",
            Value,
            Some("n"),
        ),
        (
            "INSERT INTO parent (id, name, d) VALUES (2, 'x', '2024-02-30')",
            Value,
            Some("d"),
        ),
        (
            "INSERT INTO parent (id, name, e) VALUES (2, 'x', 'b')",
            Value,
            Some("e"),
        ),
        (
            "INSERT INTO parent (id, name, n) VALUES (2, 'x', 100)",
            Check,
            Some("ck_n"),
        ),
        ("INSERT INTO child VALUES (2, 99)", Reference, None),
        ("DELETE FROM parent", Reference, None),
        ("INSERT INTO nosuch VALUES (1)", NoTable, None),
        ("UPDATE parent SET nosuch = 1", NoColumn, Some("nosuch")),
        ("CREATE DATABASE forbidden_by_rights", Other, None),
        ("CREATE USER nobody", Permission, None),
        (
            "SET STATEMENT max_statement_time = 0.01 FOR DELETE FROM child WHERE SLEEP(30) = 1",
            Timeout,
            None,
        ),
        ("this is no SQL", Other, None),
    ] {
        let fault = db.write(Statement::fixed(text)).await.unwrap_err();
        if text.starts_with("CREATE DATABASE") {
            assert!(
                matches!(fault.kind, FaultKind::Login | FaultKind::Permission),
                "{text}: {fault}"
            );
        } else {
            assert_eq!(
                (fault.kind, fault.detail.as_deref()),
                (kind, detail),
                "{text}: {fault}"
            );
        }
    }
    let missing = driver::rows(&db, Statement::fixed("SELECT * FROM nosuch"))
        .await
        .unwrap_err();
    assert_eq!(missing.kind, FaultKind::NoTable);
    let mismatch = db
        .write(statement("DELETE FROM child WHERE id = ?", vec![]))
        .await
        .unwrap_err();
    assert_eq!(mismatch.kind, FaultKind::Other);
    assert_eq!(
        server::scalar(&db, "SELECT COUNT(*) FROM child").await,
        Scalar::Int(1)
    );
}

#[tokio::test]
async fn an_error_among_the_rows_ends_the_read_and_spares_the_connection() {
    let Some((db, _database)) = fresh("late", "").await else {
        return;
    };
    let late = "SELECT IF(seq < 3000, seq, (SELECT seq FROM seq_1_to_2)) FROM seq_1_to_3000";
    let fault = driver::rows(&db, Statement::fixed(late)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Other, "{fault}");
    assert_eq!(server::scalar(&db, "SELECT 1").await, Scalar::Int(1));
}

#[tokio::test]
async fn logins_fail_as_logins() {
    let Some((_, database)) = fresh("logins", "").await else {
        return;
    };
    for changes in [
        json!({"password": "wrong"}),
        json!({"username": "nobody"}),
        json!({"database": "no_such_database"}),
    ] {
        let fault = changed(&database, changes.clone()).check().await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Login, "{changes}: {fault}");
    }
    let fault = changed(&database, json!({"statements": ["nonsense"]}))
        .check()
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::SetUp);
    let fault = changed(&database, json!({"port": kit::free_port()}))
        .check()
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Down);
}

#[tokio::test]
async fn a_statement_larger_than_the_server_takes_is_a_bad_value() {
    let Some((db, _database)) = fresh("large", "CREATE TABLE t (b LONGBLOB)").await else {
        return;
    };
    let insert = |size| statement("INSERT INTO t VALUES (?)", vec![Scalar::Bytes(vec![7; size])]);
    let fault = db.write(insert(20 << 20)).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Value, "{fault}");
    // As much as the server takes goes in.
    db.write(insert((16 << 20) - 2048)).await.unwrap();
    assert_eq!(
        server::scalar(&db, "SELECT SUM(LENGTH(b)) FROM t").await,
        Scalar::Decimal("16775168".into())
    );
}
