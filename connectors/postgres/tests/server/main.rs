//! The connector against a real server. Without one, each test ends after a line that says so.

#![allow(clippy::unwrap_used)]

mod encryption;
mod faults;
mod pool;
mod schema;
mod transactions;
mod types;

use contract::{BuildContext, Caller, Map, Origin, Problem, Service, ServiceRef, Settings, Value};
use driver::{Executor, Scalar, Statement};
use kit::Database;
use postgres::Source;
use serde_json::json;
use std::sync::Arc;

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

fn service(config: Map<String, Value>) -> Result<Arc<dyn Service>, Problem> {
    let config = postgres::CONFIG.merge(None, &config)?;
    let [service_type, _] = &postgres::service_types()[..] else {
        panic!("there are two service types");
    };
    (service_type.build)(BuildContext {
        service: Arc::new(ServiceRef {
            id: 1,
            name: "pgsql".into(),
        }),
        config,
        settings: Arc::new(Settings::default()),
        data: std::env::temp_dir(),
        extras: Arc::new(contract::NoExtras),
        services: Arc::new(contract::NoServices),
    })
}

#[tokio::test]
async fn a_service_checks_its_connection() {
    let Some(database) = database("CREATE TABLE t (a INT PRIMARY KEY)") else {
        return;
    };
    let service = service(config(&database)).unwrap();
    service.check().await.unwrap();
    let access = Caller::nobody();
    assert!(
        service
            .names(&service.endpoints()[0], &access, &Origin::Api)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_service_is_built_without_its_database_and_tells_nothing_secret() {
    let config = json!({"host": "127.0.0.1", "port": kit::free_port(), "database": "d", "username": "u", "password": "hunter2"});
    let service = service(config.as_object().unwrap().clone()).unwrap();
    let problem = service.check().await.unwrap_err();
    assert_eq!(problem.status(), 503);
    for secret in ["hunter2", "127.0.0.1", "refused"] {
        assert!(!problem.message.contains(secret), "{}", problem.message);
    }
}
