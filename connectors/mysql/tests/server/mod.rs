//! Sources on real databases for the tests beside this folder.
#![allow(dead_code, reason = "each test file uses its own part")]

use contract::{Map, Settings, Value};
use driver::{Driver, Executor, Scalar, Statement};
use kit::{Database, Engine, Server};
use mysql::Source;
use serde_json::json;

/// The tables of the reference database that tell most, with rows of their own.
pub const REFERENCE: &str = include_str!("reference.sql");

/// Settings that do not make a test wait.
pub fn impatient() -> Settings {
    Settings {
        pool_size: 2,
        pool_wait: 1,
        connect_timeout: 5,
        ..Settings::default()
    }
}

/// The configuration of a service on a database.
pub fn config(database: &Database) -> Map<String, Value> {
    let config = json!({
        "host": database.host(), "port": database.port(), "database": database.name(),
        "username": database.user(), "password": database.password(),
    });
    config.as_object().unwrap().clone()
}

/// A source on a database, with changes to its configuration.
pub fn changed(database: &Database, changes: Value) -> Source {
    let mut config = config(database);
    config.append(&mut changes.as_object().unwrap().clone());
    Source::new(&config, &impatient(), "MariaDB").unwrap()
}

/// A source on a database.
pub fn source(database: &Database) -> Source {
    changed(database, json!({}))
}

/// A source on a fresh database with these statements run; none when there is no server here.
pub async fn fresh(hint: &str, sql: &str) -> Option<(Source, Database)> {
    let database = kit::mariadb()?.database(hint);
    let source = source(&database);
    if !sql.is_empty() {
        source.batch(sql).await.unwrap();
    }
    Some((source, database))
}

/// A server that the test may stop; none when it is not installed.
pub fn own() -> Option<Server> {
    Server::own(Engine::MariaDb)
}

/// A statement with values.
pub fn statement(text: &str, values: Vec<Scalar>) -> Statement {
    Statement {
        text: text.into(),
        values,
    }
}

/// The first cell of the first row.
pub async fn scalar(source: &dyn Executor, text: &str) -> Scalar {
    driver::scalar(source, Statement::fixed(text)).await.unwrap()
}

/// Runs a write without values.
pub async fn run(source: &dyn Executor, text: &str) -> u64 {
    source.write(Statement::fixed(text)).await.unwrap().rows
}
