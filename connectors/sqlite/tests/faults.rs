//! Every kind of fault, made by a real database.
#![allow(clippy::unwrap_used)]

mod fixture;

use driver::{Driver, Executor, Fault, FaultKind, Statement};
use fixture::{Database, database, reference};
use sqlite::{Open, Sqlite};
use tempfile::TempDir;

async fn refused(db: &Database, text: &str) -> Fault {
    db.write(Statement::fixed(text)).await.unwrap_err()
}

#[tokio::test]
async fn constraints_are_told_with_their_columns() {
    let more = "CREATE TABLE checked (n INTEGER CONSTRAINT positive CHECK (n > 0), m INTEGER CHECK (m > 0));
        CREATE TABLE pair (a, b, UNIQUE (a, b)); INSERT INTO pair VALUES (1, 2);
        CREATE TABLE exact (n INTEGER, t TEXT) STRICT;
        CREATE TABLE made (a INTEGER, b INTEGER AS (a * 2));
        CREATE TABLE lower_key (t TEXT); CREATE UNIQUE INDEX by_lower ON lower_key (lower(t));
        INSERT INTO lower_key VALUES ('A');
        CREATE TRIGGER no_zero BEFORE INSERT ON pair WHEN new.a = 0 BEGIN SELECT RAISE(ABORT, 'no zero'); END;";
    let db = database(|_| {}, &format!("{}{more}", fixture::SCHEMA)).await;
    for (text, kind, detail) in [
        (
            "INSERT INTO departments VALUES ('d001', 'x')",
            FaultKind::Duplicate,
            Some("dept_no"),
        ),
        (
            "INSERT INTO departments VALUES ('d003', 'Finance')",
            FaultKind::Duplicate,
            Some("dept_name"),
        ),
        (
            "INSERT INTO supplies (id) VALUES (1)",
            FaultKind::Duplicate,
            Some("id"),
        ),
        (
            "INSERT INTO pair VALUES (1, 2)",
            FaultKind::Duplicate,
            Some("a, b"),
        ),
        (
            "INSERT INTO lower_key VALUES ('a')",
            FaultKind::Duplicate,
            Some("by_lower"),
        ),
        (
            "INSERT INTO locations (supply_id, city) VALUES (99, 'x')",
            FaultKind::Reference,
            None,
        ),
        (
            "INSERT INTO locations (city) VALUES (NULL)",
            FaultKind::NotNull,
            Some("city"),
        ),
        (
            "INSERT INTO checked (n) VALUES (0)",
            FaultKind::Check,
            Some("positive"),
        ),
        ("INSERT INTO checked (m) VALUES (0)", FaultKind::Check, None),
        ("INSERT INTO pair VALUES (0, 0)", FaultKind::Check, None),
        ("INSERT INTO exact (n) VALUES ('x')", FaultKind::Value, Some("n")),
        ("INSERT INTO supplies (id) VALUES ('x')", FaultKind::Value, None),
        ("INSERT INTO made (b) VALUES (1)", FaultKind::Value, None),
        ("DELETE FROM nosuch", FaultKind::NoTable, None),
        (
            "UPDATE supplies SET nosuch = 1",
            FaultKind::NoColumn,
            Some("nosuch"),
        ),
        (
            "INSERT INTO supplies (nosuch) VALUES (1)",
            FaultKind::NoColumn,
            Some("nosuch"),
        ),
        (
            "UPDATE supplies SET quantity = \"nosuch\"",
            FaultKind::NoColumn,
            Some("nosuch"),
        ),
        ("DELETE FROM employee_summary", FaultKind::ReadOnly, None),
        ("SELEC 1", FaultKind::Other, None),
    ] {
        let fault = refused(&db, text).await;
        assert_eq!(
            (fault.kind, fault.detail.as_deref()),
            (kind, detail),
            "{text}: {fault}"
        );
    }
}

#[tokio::test]
async fn a_full_or_unwritable_database_is_storage() {
    let full = |open: &mut Open| open.statements = vec!["PRAGMA max_page_count = 4".into()];
    let db = database(full, "CREATE TABLE t (b)").await;
    assert_eq!(
        refused(&db, "INSERT INTO t VALUES (randomblob(100000))")
            .await
            .kind,
        FaultKind::Storage
    );
    let fixed = Sqlite::lazy(Open {
        statements: vec!["PRAGMA query_only = ON".into()],
        ..Open::new(db.folder.path().join("sub/test.sqlite"))
    });
    let fault = fixed.write(Statement::fixed("DELETE FROM t")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Storage);
}

#[tokio::test]
async fn what_cannot_be_opened_is_down() {
    let folder = TempDir::new().unwrap();
    assert_eq!(
        Sqlite::open(Open::new(folder.path())).err().unwrap().kind,
        FaultKind::Down
    );
    let text = folder.path().join("text");
    std::fs::write(&text, "no database at all. ".repeat(100)).unwrap();
    assert_eq!(
        Sqlite::open(Open::new(&text)).err().unwrap().kind,
        FaultKind::Down
    );

    // And comes back when the file does.
    let database = Sqlite::lazy(Open::new(&text));
    assert_eq!(database.check().await.unwrap_err().kind, FaultKind::Down);
    std::fs::remove_file(&text).unwrap();
    database.check().await.unwrap();
}

#[tokio::test]
async fn statements_that_fail_keep_the_database_closed() {
    let folder = TempDir::new().unwrap();
    let open = Open {
        statements: vec!["PRAGMA x; NONSENSE".into()],
        ..Open::new(folder.path().join("a"))
    };
    assert_eq!(Sqlite::open(open).err().unwrap().kind, FaultKind::SetUp);
}

#[tokio::test]
async fn a_lazy_database_makes_no_file_until_it_is_used() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("later.sqlite");
    let database = Sqlite::lazy(Open::new(&path));
    assert!(!path.exists());
    database.check().await.unwrap();
    assert!(path.exists());
}

#[tokio::test]
async fn a_stale_name_of_a_column_is_refused_and_not_read_as_text() {
    let db = reference().await;
    let fault = driver::scalar(&*db, Statement::fixed("SELECT \"gone\" FROM supplies"))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::NoColumn);
}
