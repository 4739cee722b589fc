//! The conformance suite against the in-memory connector and against real databases.

use contract::{Map, Settings, Value};
use driver::Driver;
use records::SqlBackend;
use scenarios::conformance::{Traits, memory_tables, run};
use serde_json::json;
use std::sync::Arc;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(map) = value else {
        panic!("an object")
    };
    map
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory() {
    let backend = memory::Memory::new(memory_tables());
    let traits = Traits {
        strict: true,
        exact_decimals: true,
        elsewhere: Some("elsewhere.notes".to_owned()),
    };
    run(Arc::new(backend), traits).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let database = sqlite::Sqlite::lazy(sqlite::Open::new(folder.path().join("suite.sqlite")));
    database
        .batch(include_str!("../conformance/sqlite.sql"))
        .await
        .expect("the tables can be made");
    run(Arc::new(SqlBackend::new(Arc::new(database))), Traits::default()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql() {
    let Some(server) = kit::postgres() else { return };
    let database = server.database("suite");
    database.run(include_str!("../conformance/postgres.sql"));
    let config = json!({
        "host": database.host(), "port": database.port(), "database": database.name(),
        "username": database.user(), "password": database.password(),
    });
    let source = postgres::Source::new(&object(config), &Settings::default());
    let source = source.unwrap_or_else(|e| panic!("{e:?}"));
    let traits = Traits {
        strict: true,
        exact_decimals: true,
        elsewhere: Some("elsewhere.notes".to_owned()),
    };
    run(Arc::new(SqlBackend::new(Arc::new(source))), traits).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let Some(server) = kit::mariadb() else { return };
    let (database, other) = (server.database("suite"), server.database("suite_other"));
    database.run(include_str!("../conformance/mysql.sql"));
    other.run(&format!(
        "CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, book_id INT, body VARCHAR(40), \
         FOREIGN KEY (book_id) REFERENCES `{}`.books (id))",
        database.name()
    ));
    let config = json!({
        "host": database.host(), "port": database.port(), "database": database.name(),
        "username": database.user(), "password": database.password(), "schema": "all", "strict": true,
    });
    let source = mysql::Source::new(&object(config), &Settings::default(), "MariaDB");
    let source = source.unwrap_or_else(|e| panic!("{e:?}"));
    let traits = Traits {
        strict: true,
        exact_decimals: true,
        elsewhere: Some(format!("{}.notes", other.name())),
    };
    run(Arc::new(SqlBackend::new(Arc::new(source))), traits).await;
}
