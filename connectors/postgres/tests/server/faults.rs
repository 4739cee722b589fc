//! Refusals of the server, and what the caller learns of them.

use super::{bound, config, database, source, source_with, text};
use contract::Settings;
use driver::{Driver, Executor, FaultKind, Scalar, Statement};
use kit::Server;
use postgres::Source;
use serde_json::json;

const TABLES: &str = "
CREATE TABLE parent (id INT PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE child (id INT PRIMARY KEY, parent INT NOT NULL REFERENCES parent (id), age INT CONSTRAINT adult CHECK (age > 17),
  made INT GENERATED ALWAYS AS (age + 1) STORED);
INSERT INTO parent VALUES (1, 'a'); INSERT INTO child VALUES (1, 1, 20);
CREATE VIEW totals AS SELECT SUM(age) FROM child; CREATE MATERIALIZED VIEW seen AS SELECT 1;
CREATE FUNCTION refuse() RETURNS int LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'password=hunter2'; END $$;";

#[tokio::test]
async fn refusals_have_kinds() {
    let Some(database) = database(TABLES) else { return };
    let source = source(&database);
    for (statement, kind, detail) in [
        (
            "INSERT INTO parent VALUES (1, 'b')",
            FaultKind::Duplicate,
            Some("parent_pkey"),
        ),
        (
            "INSERT INTO parent VALUES (2, 'a')",
            FaultKind::Duplicate,
            Some("parent_name_key"),
        ),
        (
            "INSERT INTO child VALUES (2, 9, 20)",
            FaultKind::Reference,
            Some("child_parent_fkey"),
        ),
        (
            "DELETE FROM parent",
            FaultKind::Reference,
            Some("child_parent_fkey"),
        ),
        (
            "INSERT INTO child VALUES (2, NULL, 20)",
            FaultKind::NotNull,
            Some("parent"),
        ),
        (
            "INSERT INTO child VALUES (2, 1, 3)",
            FaultKind::Check,
            Some("adult"),
        ),
        ("INSERT INTO child VALUES (2, 1, 30, 31)", FaultKind::Value, None),
        ("SELECT 1/0", FaultKind::Value, None),
        ("SELECT * FROM nowhere", FaultKind::NoTable, None),
        ("SELECT * FROM nowhere.nothing", FaultKind::NoTable, None),
        ("SELECT nothing FROM parent", FaultKind::NoColumn, None),
        ("SELECT * FROM pg_authid", FaultKind::Permission, None),
        ("SELECT pg_sleep(30)", FaultKind::Timeout, None),
        ("SELECT refuse()", FaultKind::Raised, Some("password=hunter2")),
        ("INSERT INTO totals VALUES (1)", FaultKind::ReadOnly, None),
        ("DELETE FROM seen", FaultKind::ReadOnly, None),
        ("SELEC", FaultKind::Other, None),
    ] {
        let settings = Settings {
            request_timeout: 1,
            ..Settings::default()
        };
        let quick = source_with(&database, json!({}), &settings);
        let executor = if kind == FaultKind::Timeout {
            &quick
        } else {
            &source
        };
        let fault = driver::rows(executor, Statement::fixed(statement))
            .await
            .unwrap_err();
        assert_eq!(
            (fault.kind, fault.detail.as_deref()),
            (kind, detail),
            "{statement}: {fault}"
        );
    }
    assert_eq!(text(&source, "SELECT COUNT(*) FROM child").await, "1");
}

#[tokio::test]
async fn a_read_only_session_and_a_wrong_number_of_values_are_faults() {
    let Some(database) = database(TABLES) else { return };
    let more = json!({"statements": ["SET default_transaction_read_only = on"]});
    let source = source_with(&database, more, &Settings::default());
    let fault = source
        .write(Statement::fixed("DELETE FROM child"))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Storage);
    let fault = driver::rows(&source, bound("SELECT $1::int", []))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Other);
    let fault = driver::rows(&source, bound("SELECT 1", [Scalar::Int(1)]))
        .await
        .unwrap_err();
    assert_eq!(fault.kind, FaultKind::Other);
}

#[tokio::test]
async fn a_login_that_fails_is_told_apart_from_a_server_that_is_down() {
    let Some(database) = database("") else { return };
    for (key, wrong, kind) in [
        ("password", json!("wrong"), FaultKind::Login),
        ("password", json!(null), FaultKind::Login),
        ("username", json!("nobody_here"), FaultKind::Login),
        ("database", json!("no_such_database"), FaultKind::Login),
        ("port", json!(kit::free_port()), FaultKind::Down),
        ("host", json!("no-such-host.invalid"), FaultKind::Down),
        ("timezone", json!("Nowhere/Nothing"), FaultKind::SetUp),
        ("statements", json!(["SELECT 1/0"]), FaultKind::SetUp),
    ] {
        let mut config = config(&database);
        config.insert(key.into(), wrong.clone());
        let source = Source::new(&config, &Settings::default()).unwrap();
        let fault = source.check().await.unwrap_err();
        assert_eq!(fault.kind, kind, "{key} {wrong}: {fault}");
    }
}

#[tokio::test]
async fn a_changed_table_is_noticed() {
    let Some(database) = database("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)") else {
        return;
    };
    let settings = Settings {
        pool_size: 1,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    let insert = || bound("INSERT INTO t (a) VALUES ($1) RETURNING *", [Scalar::from("2")]);
    assert_eq!(
        driver::rows(&source, Statement::fixed("SELECT * FROM t"))
            .await
            .unwrap()[0],
        [Scalar::Int(1)]
    );
    driver::rows(&source, insert()).await.unwrap();
    database.run("ALTER TABLE t ALTER a TYPE text, ADD b INT DEFAULT 7");
    let rows = driver::rows(&source, Statement::fixed("SELECT * FROM t"))
        .await
        .unwrap();
    assert_eq!(rows[0], [Scalar::from("1"), Scalar::Int(7)]);
    let rows = driver::rows(&source, insert()).await.unwrap();
    assert_eq!(rows[0], [Scalar::from("2"), Scalar::Int(7)]);
    assert_eq!(text(&source, "SELECT COUNT(*) FROM t").await, "3");
}

#[tokio::test]
async fn many_different_statements_do_not_pile_up() {
    let Some(database) = database("") else { return };
    let settings = Settings {
        pool_size: 1,
        ..Settings::default()
    };
    let source = source_with(&database, json!({}), &settings);
    for i in 0..600 {
        text(&source, &format!("SELECT {i}")).await;
    }
    let kept: usize = text(&source, "SELECT COUNT(*) FROM pg_prepared_statements")
        .await
        .parse()
        .unwrap();
    assert!(kept <= 260, "{kept} prepared statements");
    assert_eq!(database.user(), Server::USER);
}
