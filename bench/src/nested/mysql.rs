//! mysql_async.

use super::{Cell, Take, Words, pairs};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Params, Row, Value};

pub(super) const WORDS: Words = Words {
    mark: ("?", false),
    array: false,
    date: ("CAST(", " AS CHAR)"),
    list: |fields| format!("JSON_COMPACT(JSON_ARRAYAGG(JSON_OBJECT({})))", pairs(fields)),
    object: |fields| format!("JSON_COMPACT(JSON_OBJECT({}))", pairs(fields)),
};

pub(super) struct Connection(Conn);

impl Connection {
    pub(super) async fn open(place: &str) -> Result<Connection, String> {
        Conn::from_url(place)
            .await
            .map(Connection)
            .map_err(|e| e.to_string())
    }

    /// The server tells the file that holds its process id.
    pub(super) async fn server(&mut self) -> Result<u32, String> {
        let sql =
            "SELECT CASE WHEN @@pid_file LIKE '/%' THEN @@pid_file ELSE CONCAT(@@datadir, @@pid_file) END";
        let file: Option<String> = self.0.query_first(sql).await.map_err(|e| e.to_string())?;
        let text = std::fs::read_to_string(file.unwrap_or_default()).map_err(|e| e.to_string())?;
        text.trim().parse().map_err(|_| "no process id".to_owned())
    }

    pub(super) async fn rows(&mut self, sql: &str, values: &[i32], take: Take<'_>) -> Result<(), String> {
        let values = Params::Positional(values.iter().map(|v| (*v).into()).collect());
        let rows: Vec<Row> = self
            .0
            .exec(sql, values)
            .await
            .map_err(|e| format!("{sql}: {e}"))?;
        for row in &rows {
            let cell = |index| match row.as_ref(index) {
                Some(Value::Int(number)) => Cell::Number(*number),
                Some(Value::Bytes(text)) => Cell::Text(text),
                _ => Cell::Null,
            };
            take(&(0..row.len()).map(cell).collect::<Vec<_>>());
        }
        Ok(())
    }
}
