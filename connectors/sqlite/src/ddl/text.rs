//! Pieces of SQLite's DDL.

use crate::dialect::SqliteDialect;
use sql::Dialect;
use sql::ddl::{DefaultValue, ForeignKeyDef, IndexDef, SchemaDialect, literal};

pub(super) fn quoted(name: &str) -> String {
    let mut out = String::new();
    SqliteDialect.quote(name, &mut out);
    out
}

pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    names
        .into_iter()
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(", ")
}

pub(super) fn index(table: &str, index: &IndexDef) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    format!(
        "CREATE {unique}INDEX {} ON {} ({})",
        quoted(&index.name),
        quoted(table),
        list(&index.columns)
    )
}

pub(super) fn default(default: &DefaultValue) -> String {
    match default {
        DefaultValue::Literal(value) => {
            let mut out = String::new();
            literal(&SqliteDialect, value, &mut out);
            out
        }
        DefaultValue::Function(function) => SqliteDialect
            .default_function(*function)
            .unwrap_or_else(|| "NULL".into()),
    }
}

pub(super) fn foreign_key(key: &ForeignKeyDef) -> String {
    let mut out = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({})",
        quoted(&key.name),
        list(&key.columns),
        quoted(&key.table.name),
        list(&key.references)
    );
    for (word, rule) in [(" ON UPDATE ", key.on_update), (" ON DELETE ", key.on_delete)] {
        if let Some(rule) = rule {
            out.push_str(word);
            out.push_str(rule.words());
        }
    }
    out
}
