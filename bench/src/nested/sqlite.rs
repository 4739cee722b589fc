//! rusqlite.

use super::{Cell, Take, Words, pairs};
use rusqlite::Connection;
use rusqlite::types::ValueRef;

pub(super) const WORDS: Words = Words {
    mark: ("?", true),
    array: false,
    date: ("", ""),
    list: |fields| format!("json_group_array(json_object({}))", pairs(fields)),
    object: |fields| format!("json_object({})", pairs(fields)),
};

pub(super) fn open(place: &str) -> Result<Connection, String> {
    Connection::open(place).map_err(|e| e.to_string())
}

pub(super) fn rows(connection: &Connection, sql: &str, values: &[i32], take: Take<'_>) -> Result<(), String> {
    each(connection, sql, values, take).map_err(|e| e.to_string())
}

fn each(connection: &Connection, sql: &str, values: &[i32], take: Take<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let width = statement.column_count();
    let mut rows = statement.query(rusqlite::params_from_iter(values))?;
    while let Some(row) = rows.next()? {
        let cell = |index| {
            Ok(match row.get_ref(index)? {
                ValueRef::Integer(number) => Cell::Number(number),
                ValueRef::Text(text) => Cell::Text(text),
                _ => Cell::Null,
            })
        };
        take(&(0..width).map(cell).collect::<rusqlite::Result<Vec<_>>>()?);
    }
    Ok(())
}
