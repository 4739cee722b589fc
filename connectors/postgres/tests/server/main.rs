//! The connector against a real server. Without one, each test ends after a line that says so.

#![allow(clippy::unwrap_used)]

mod encryption;
mod faults;
mod pool;
mod schema;
mod transactions;
mod types;

use contract::{Map, Settings, Value};
use driver::{Driver, Executor, Scalar, Statement};
use kit::Database;
use postgres::Source;
use serde_json::json;

/// A fresh database with these statements run in it; none when no server is installed.
fn database(statements: &str) -> Option<Database> {
    let database = kit::postgres()?.database("connector");
    database.run(statements);
    Some(database)
}

fn config(database: &Database) -> Map<String, Value> {
    let config = json!({
        "host": database.host(), "port": database.port(), "database": database.name(),
        "username": database.user(), "password": database.password(),
    });
    config.as_object().unwrap().clone()
}

/// A source with some configuration of its own.
fn source_with(database: &Database, more: Value, settings: &Settings) -> Source {
    let mut config = config(database);
    config.extend(more.as_object().unwrap().clone());
    Source::new(&config, settings).unwrap()
}

fn source(database: &Database) -> Source {
    source_with(database, json!({}), &Settings::default())
}

/// A statement with values.
fn bound(text: &str, values: impl IntoIterator<Item = Scalar>) -> Statement {
    Statement {
        text: text.into(),
        values: values.into_iter().collect(),
    }
}

/// All rows, their cells as text, NULL as `∅`.
async fn texts(executor: &dyn Executor, text: &str) -> Vec<Vec<String>> {
    let rows = driver::rows(executor, Statement::fixed(text)).await.unwrap();
    let shown = |cell: Scalar| cell.to_text().unwrap_or_else(|| "∅".into());
    rows.into_iter()
        .map(|row| row.into_iter().map(shown).collect())
        .collect()
}

/// The first cell of the first row as text.
async fn text(executor: &dyn Executor, text: &str) -> String {
    texts(executor, text).await.swap_remove(0).swap_remove(0)
}

#[tokio::test]
async fn a_service_checks_its_connection() {
    let Some(database) = database("") else { return };
    source(&database).check().await.unwrap();
}
