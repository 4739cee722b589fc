//! The drivers alone: the same rows as the same JSON, with nothing between.

mod export;
mod mysql;
mod postgres;
mod sqlite;

use crate::shape::Shape;

pub(crate) use export::export;

/// Connections to one database through its bare driver.
pub(crate) enum Baseline {
    /// rusqlite, a connection per worker.
    Sqlite(sqlite::Connections),
    /// tokio-postgres, a connection per worker, prepared statements.
    Postgres(postgres::Connections),
    /// mysql_async, a connection per worker, prepared statements.
    Mysql(mysql::Connections),
}

impl Baseline {
    /// Connects `count` times. The place is a URL, or a path for SQLite.
    pub(crate) async fn connect(place: &str, count: usize) -> Result<Baseline, String> {
        if place.starts_with("postgres:") {
            return Ok(Baseline::Postgres(
                postgres::Connections::open(place, count).await.map_err(told)?,
            ));
        }
        if place.starts_with("mysql:") {
            return Ok(Baseline::Mysql(
                mysql::Connections::open(place, count).await.map_err(told)?,
            ));
        }
        Ok(Baseline::Sqlite(
            sqlite::Connections::open(place, count).map_err(told)?,
        ))
    }

    /// Name of the driver.
    pub(crate) fn driver(&self) -> &'static str {
        match self {
            Baseline::Sqlite(_) => "rusqlite",
            Baseline::Postgres(_) => "tokio-postgres",
            Baseline::Mysql(_) => "mysql_async",
        }
    }

    /// Answers the `n`-th request of a shape.
    pub(crate) async fn answer(&self, shape: Shape, n: u64) -> Result<Vec<u8>, String> {
        match self {
            // A short read from SQLite is shorter than a change of threads.
            Baseline::Sqlite(connections) => connections.answer(shape, n).map_err(told),
            Baseline::Postgres(connections) => connections.answer(shape, n).await.map_err(told),
            Baseline::Mysql(connections) => connections.answer(shape, n).await.map_err(told),
        }
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Appends a parent, its closing brace replaced by its children.
fn join(json: &mut crate::json::Json, at: usize, parent: &[u8], children: &crate::json::Json) {
    json.raw(if at == 0 { "" } else { "," });
    json.0
        .extend_from_slice(parent.strip_suffix(b"}").unwrap_or(parent));
    json.key("salaries_by_emp_no", false);
    json.raw("[");
    json.0.extend_from_slice(&children.0);
    json.raw("]}");
}

/// The answer to an insert.
fn inserted(id: i64) -> Vec<u8> {
    format!("{{\"resource\":[{{\"id\":{id}}}]}}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    async fn check(place: &str) {
        let baseline = Baseline::connect(place, 2).await.expect("connects");
        let mut answers = Vec::new();
        for shape in Shape::ALL {
            let body = baseline
                .answer(shape, 3)
                .await
                .unwrap_or_else(|e| panic!("{place} {shape:?}: {e}"));
            answers.push(serde_json::from_slice::<Value>(&body).expect("JSON"));
        }
        let rows = |at: usize| answers[at]["resource"].as_array().map_or(0, Vec::len);
        let known = json!({"emp_no": 10004, "birth_date": answers[2]["resource"][3]["birth_date"]});
        assert_eq!(answers[0]["emp_no"], known["emp_no"], "{place}");
        assert_eq!(
            answers[0]["birth_date"].as_str().map(str::len),
            Some(10),
            "{place}"
        );
        assert_eq!((rows(1), rows(2), rows(3), rows(4)), (25, 1000, 25, 1), "{place}");
        assert!(
            !answers[3]["resource"][0]["salaries_by_emp_no"][0]["salary"].is_null(),
            "{place}"
        );
    }

    #[tokio::test]
    async fn every_driver_answers_every_shape() {
        let fixtures = kit::workspace().join("tests/golden/fixtures");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("bench.sqlite");
        let sql = std::fs::read_to_string(fixtures.join("sqlite.sql")).expect("the fixture");
        rusqlite::Connection::open(&file)
            .and_then(|c| c.execute_batch(&sql))
            .expect("the fixture loads");
        check(&file.display().to_string()).await;
        for (server, fixture) in [(kit::postgres(), "pgsql.sql"), (kit::mariadb(), "mysql.sql")] {
            let Some(server) = server else { continue };
            let database = server.database("bench");
            database.load(&fixtures.join(fixture));
            check(&database.url()).await;
        }
    }
}
