//! The catalogue: tables in a list, and one table at a time with its keys and its neighbours.

mod column;
mod keys;

use keys::Keys;
use records::{RawNeighbour, RawTable, RawTableName, RawUnique};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use sql::TableName;

/// SQLite's own tables, all named `sqlite_…`, are not shown. Without LIKE, whose meaning a service's statements can
/// change.
const TABLES: &str = "SELECT name, type FROM main.sqlite_schema \
     WHERE type IN ('table', 'view') AND lower(substr(name, 1, 7)) <> 'sqlite_'";

/// Names of tables that have foreign keys, in the order in which they were made.
const REFERRING: &str =
    "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND instr(lower(sql), 'references') > 0";

/// All tables and views.
pub(crate) fn tables(connection: &Connection) -> Result<Vec<RawTableName>> {
    connection
        .prepare_cached(TABLES)?
        .query_map([], table_name)?
        .collect()
}

/// One table or view. SQLite's names differ by more than case, so one look without case finds the exact one too.
pub(crate) fn describe(connection: &Connection, public: &str) -> Result<Option<RawTable>> {
    let text = format!("{TABLES} AND name = ?1 COLLATE NOCASE");
    let Some(name) = connection
        .prepare_cached(&text)?
        .query_row([public], table_name)
        .optional()?
    else {
        return Ok(None);
    };
    let own = &name.public;
    let (columns, primary_key) = column::columns(connection, own)?;
    let indexes = keys::indexes(connection, own)?;
    let mut keys = Keys::new(connection);
    let foreign_keys = keys.foreign_keys(own)?;
    let neighbours = neighbours(connection, &mut keys, own)?;
    Ok(Some(RawTable {
        constraints: keys::constraints(own, &indexes, &foreign_keys),
        unique: keys::unique(&indexes),
        name,
        columns,
        primary_key,
        foreign_keys,
        neighbours,
        comment: None,
    }))
}

fn table_name(row: &Row<'_>) -> Result<RawTableName> {
    let name: String = row.get(0)?;
    let kind: String = row.get(1)?;
    Ok(RawTableName {
        table: TableName::plain(&name),
        public: name,
        is_view: kind == "view",
    })
}

/// The tables that refer to `own`. Only tables whose definition holds the name are looked at, so that a database
/// of thousands of tables stays fast.
fn neighbours(connection: &Connection, keys: &mut Keys<'_>, own: &str) -> Result<Vec<RawNeighbour>> {
    // A name with quote signs stands in a definition with these doubled, in one of several ways.
    let sought = if own.contains(['"', '`', '\'', ']']) {
        ""
    } else {
        own
    };
    let text = format!("{REFERRING} AND instr(lower(sql), lower(?1)) > 0 ORDER BY rowid");
    let mut statement = connection.prepare_cached(&text)?;
    let candidates: Vec<String> = statement
        .query_map([sought], |row| row.get(0))?
        .collect::<Result<_>>()?;
    let mut found = Vec::new();
    for name in candidates {
        let foreign_keys = keys.foreign_keys(&name)?;
        if !foreign_keys.iter().any(|key| key.public == own) {
            continue;
        }
        let (_, primary_key) = column::columns(connection, &name)?;
        let mut unique = keys::unique(&keys::indexes(connection, &name)?);
        if !primary_key.is_empty() {
            unique.insert(0, RawUnique { columns: primary_key });
        }
        found.push(RawNeighbour {
            table: TableName::plain(&name),
            public: name,
            foreign_keys,
            keys: unique,
        });
    }
    Ok(found)
}
