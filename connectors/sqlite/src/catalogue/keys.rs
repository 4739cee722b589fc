//! Indexes, unique constraints and foreign keys.

use super::column;
use records::{RawForeignKey, RawUnique};
use rusqlite::{Connection, OptionalExtension, Result};
use serde_json::{Map, Value, json};
use sql::TableName;
use std::collections::HashMap;
use std::rc::Rc;

/// An index, made by a constraint or by CREATE INDEX.
pub(super) struct Index {
    name: String,
    /// `pk`, `u` or, made by CREATE INDEX, `c`.
    origin: String,
    unique: bool,
    partial: bool,
    /// `None` stands for an expression.
    columns: Vec<Option<String>>,
}

/// The indexes of a table, the newest first as SQLite lists them.
pub(super) fn indexes(connection: &Connection, table: &str) -> Result<Vec<Index>> {
    let mut list = connection.prepare_cached(
        "SELECT name, origin, \"unique\", partial FROM pragma_index_list(?1, 'main') ORDER BY seq",
    )?;
    let mut info =
        connection.prepare_cached("SELECT name FROM pragma_index_info(?1, 'main') ORDER BY seqno")?;
    let mut indexes: Vec<Index> = list
        .query_map([table], |row| {
            Ok(Index {
                name: row.get(0)?,
                origin: row.get(1)?,
                unique: row.get(2)?,
                partial: row.get(3)?,
                columns: Vec::new(),
            })
        })?
        .collect::<Result<_>>()?;
    for index in &mut indexes {
        index.columns = info
            .query_map([&index.name], |row| row.get(0))?
            .collect::<Result<_>>()?;
    }
    Ok(indexes)
}

/// The unique keys besides the primary key. An index over a part of the rows or over expressions is none.
pub(super) fn unique(indexes: &[Index]) -> Vec<RawUnique> {
    let whole = indexes
        .iter()
        .filter(|index| index.unique && !index.partial && index.origin != "pk");
    whole
        .filter_map(|index| {
            Some(RawUnique {
                columns: index.columns.iter().cloned().collect::<Option<_>>()?,
            })
        })
        .collect()
}

/// The constraints as clients see them: indexes, then foreign keys.
pub(super) fn constraints(
    table: &str,
    indexes: &[Index],
    foreign_keys: &[RawForeignKey],
) -> Map<String, Value> {
    let mut constraints = Map::new();
    for index in indexes {
        let columns: Vec<&String> = index.columns.iter().flatten().collect();
        let descriptor = json!({
            "table_schema": "",
            "table_name": table,
            "column_name": columns,
            "constraint_name": index.name,
            "constraint_type": index.origin,
        });
        constraints.insert(index.name.to_lowercase(), descriptor);
    }
    for key in foreign_keys {
        let name = format!("fk_{table}_{}", key.columns.join("_"));
        let descriptor = json!({
            "table_schema": "",
            "table_name": table,
            "column_name": one_or_all(&key.columns),
            "constraint_name": name,
            "constraint_type": "f",
            "referenced_table_schema": "",
            "referenced_table_name": key.public,
            "referenced_column_name": one_or_all(&key.references),
            "update_rule": key.on_update,
            "delete_rule": key.on_delete,
        });
        constraints.insert(name.to_lowercase(), descriptor);
    }
    constraints
}

fn one_or_all(columns: &[String]) -> Value {
    match columns {
        [one] => json!(one),
        all => json!(all),
    }
}

/// A table that foreign keys refer to.
struct Parent {
    name: String,
    columns: Vec<String>,
    primary_key: Vec<String>,
}

/// Reads foreign keys, and what they refer to only once.
pub(super) struct Keys<'c> {
    connection: &'c Connection,
    parents: HashMap<String, Option<Rc<Parent>>>,
}

impl<'c> Keys<'c> {
    pub(super) fn new(connection: &'c Connection) -> Keys<'c> {
        Keys {
            connection,
            parents: HashMap::new(),
        }
    }

    /// The foreign keys of a table in SQLite's order, the last declared first. Names are brought to the case in
    /// which the other table has them; a key that refers to what does not exist is left out, since nothing can be
    /// related by it.
    pub(super) fn foreign_keys(&mut self, table: &str) -> Result<Vec<RawForeignKey>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, \"table\", \"from\", \"to\", on_update, on_delete \
             FROM pragma_foreign_key_list(?1, 'main') ORDER BY id, seq",
        )?;
        let mut rows = statement.query([table])?;
        let mut written: Vec<(i64, RawForeignKey)> = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            if written.last().is_none_or(|(last, _)| *last != id) {
                written.push((
                    id,
                    RawForeignKey {
                        columns: Vec::new(),
                        table: TableName::plain(""),
                        public: row.get(1)?,
                        references: Vec::new(),
                        on_update: row.get(4)?,
                        on_delete: row.get(5)?,
                    },
                ));
            }
            if let Some((_, key)) = written.last_mut() {
                key.columns.push(row.get(2)?);
                key.references.extend(row.get::<_, Option<String>>(3)?);
            }
        }
        let mut keys = Vec::with_capacity(written.len());
        for (_, key) in written {
            keys.extend(self.resolve(key)?);
        }
        Ok(keys)
    }

    fn resolve(&mut self, mut key: RawForeignKey) -> Result<Option<RawForeignKey>> {
        let Some(parent) = self.parent(&key.public)? else {
            return Ok(None);
        };
        let references = if key.references.is_empty() {
            Some(parent.primary_key.clone())
        } else {
            let known = |name: &String| {
                parent
                    .columns
                    .iter()
                    .find(|c| c.eq_ignore_ascii_case(name))
                    .cloned()
            };
            key.references.iter().map(known).collect()
        };
        let Some(references) = references.filter(|names| names.len() == key.columns.len()) else {
            return Ok(None);
        };
        key.references = references;
        key.public.clone_from(&parent.name);
        key.table = TableName::plain(&parent.name);
        Ok(Some(key))
    }

    fn parent(&mut self, written: &str) -> Result<Option<Rc<Parent>>> {
        let folded = written.to_ascii_lowercase();
        if let Some(known) = self.parents.get(&folded) {
            return Ok(known.clone());
        }
        let name: Option<String> = self
            .connection
            .prepare_cached(
                "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
            )?
            .query_row([written], |row| row.get(0))
            .optional()?;
        let parent = match name {
            Some(name) => {
                let (columns, primary_key) = column::columns(self.connection, &name)?;
                let columns = columns.into_iter().map(|column| column.name).collect();
                Some(Rc::new(Parent {
                    name,
                    columns,
                    primary_key,
                }))
            }
            None => None,
        };
        self.parents.insert(folded, parent.clone());
        Ok(parent)
    }
}
