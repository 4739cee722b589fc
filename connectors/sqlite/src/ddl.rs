//! Changes of the schema in SQLite. What ALTER TABLE cannot do is done by the documented procedure: a new table,
//! the rows copied, the old one replaced, all in one transaction.

mod definition;
mod rebuild;
mod text;

use crate::database::Sqlite;
use crate::dialect::SqliteDialect;
use crate::fault::fault;
use async_trait::async_trait;
use driver::{Fault, FaultKind};
use records::ddl::SchemaSource;
use rusqlite::Connection;
use sql::Scalar;
use sql::ddl::{
    AlterStep, AlterTable, ColumnDef, DefaultFunction, DefaultValue, SchemaChange, SchemaDialect, TypeWish,
};

impl SchemaDialect for SqliteDialect {
    fn native_type(&self, wish: &TypeWish) -> Option<String> {
        let national = if wish.multibyte { "n" } else { "" };
        Some(match wish.name.as_str() {
            // The key that makes itself must have exactly this type.
            "id" | "pk" | "bigid" | "mediumid" | "smallid" | "reference" | "fk" | "user_id"
            | "user_id_on_create" | "user_id_on_update" | "integer" | "int" => "integer".into(),
            "tinyint" | "smallint" | "mediumint" | "bigint" | "text" | "mediumtext" | "longtext"
            | "float" | "double" | "date" | "time" | "timetz" | "datetime" | "datetimetz" | "timestamp"
            | "timestamptz" | "uuid" | "timeuuid" | "json" | "jsonb" => wish.name.clone(),
            "timestamp_on_create" | "timestamp_on_update" => "timestamp".into(),
            "string" if wish.fixed => wish.sized(&format!("{national}char"), 255),
            "string" => wish.sized(&format!("{national}varchar"), 255),
            "binary" => "blob".into(),
            "boolean" => "tinyint(1)".into(),
            "decimal" => wish.numeric("decimal"),
            "money" => "decimal(19,4)".into(),
            "object" | "array" => "json".into(),
            _ => return None,
        })
    }

    /// A declared type is text that comes back as it was written.
    fn canonical(&self, native: &str) -> String {
        let lower = native.trim().to_ascii_lowercase();
        let words: Vec<&str> = lower.split_ascii_whitespace().collect();
        words
            .join(" ")
            .replace(", ", ",")
            .replace(" (", "(")
            .replace("( ", "(")
            .replace(" )", ")")
    }

    fn default_function(&self, function: DefaultFunction) -> Option<String> {
        Some(match function {
            DefaultFunction::Now(_) => "CURRENT_TIMESTAMP".into(),
            DefaultFunction::Today => "CURRENT_DATE".into(),
            DefaultFunction::TimeOfDay => "CURRENT_TIME".into(),
            DefaultFunction::Uuid => UUID.into(),
        })
    }

    /// As in the original: the server alone sets the time.
    fn clock_default(&self) -> Option<DefaultValue> {
        None
    }

    fn auto_increment(&self) -> &'static str {
        "AUTOINCREMENT"
    }

    fn max_name(&self) -> usize {
        255
    }

    fn table_options(&self, text: &str) -> Option<String> {
        let options: Option<Vec<&str>> = text
            .split(',')
            .map(|option| {
                let words: Vec<&str> = option.split_ascii_whitespace().collect();
                match words.join(" ").to_ascii_lowercase().as_str() {
                    "strict" => Some("STRICT"),
                    "without rowid" => Some("WITHOUT ROWID"),
                    _ => None,
                }
            })
            .collect();
        options.map(|options| options.join(", "))
    }
}

/// A random UUID of version 4; SQLite has no function for it.
const UUID: &str = "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) \
     || '-' || substr('89ab', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) \
     || '-' || hex(randomblob(6))))";

#[async_trait]
impl SchemaSource for Sqlite {
    fn dialect(&self) -> &'static dyn SchemaDialect {
        &SqliteDialect
    }

    async fn change(&self, change: &SchemaChange) -> Result<(), Fault> {
        let change = change.clone();
        self.writer
            .lease()
            .await?
            .run(move |connection| guarded(connection, &change))
            .await
    }
}

/// A refusal with a sentence that callers may see.
fn refusal(sentence: String) -> Fault {
    Fault::new(FaultKind::Other, "the change was refused").with_detail(Some(sentence))
}

/// Runs a change in one transaction, foreign keys and the rewriting of other definitions off meanwhile, and puts
/// the connection back as it was whatever happens.
fn guarded(connection: &Connection, change: &SchemaChange) -> Result<(), Fault> {
    let enforced: bool = connection
        .query_row("PRAGMA foreign_keys", [], |row| row.get(0))
        .map_err(fault)?;
    let set = |name: &str, on: bool| connection.pragma_update(None, name, on).map_err(fault);
    let begun = set("foreign_keys", false)
        .and_then(|()| set("legacy_alter_table", true))
        .and_then(|()| connection.execute_batch("BEGIN IMMEDIATE").map_err(fault));
    let done = begun
        .and_then(|()| apply(connection, change))
        .and_then(|()| connection.execute_batch("COMMIT").map_err(fault));
    let undone = if connection.is_autocommit() {
        Ok(())
    } else {
        connection.execute_batch("ROLLBACK").map_err(fault)
    };
    let restored = set("legacy_alter_table", false).and_then(|()| set("foreign_keys", enforced));
    done.and(undone).and(restored)
}

fn apply(connection: &Connection, change: &SchemaChange) -> Result<(), Fault> {
    match change {
        SchemaChange::Create(_) => run(connection, change),
        SchemaChange::Drop(table) => {
            // With foreign keys enforced, SQLite would delete the rows first, and with them what refers to them.
            if let Some(other) = rebuild::referring(connection, &table.name)?.first() {
                return Err(refusal(format!(
                    "Table '{}' cannot be dropped: table '{other}' refers to it.",
                    table.name
                )));
            }
            run(connection, change)
        }
        SchemaChange::Alter(alter) => {
            let simple = |step: &AlterStep| match step {
                AlterStep::AddColumn(column) => can_be_added(column),
                step => is_index(step),
            };
            for step in &alter.steps {
                if let Some(name) = dropped_index(step) {
                    let text = format!("DROP INDEX main.{}", text::quoted(name));
                    connection.execute_batch(&text).map_err(fault)?;
                }
            }
            let rebuilt: Vec<AlterStep> = alter.steps.iter().filter(|s| !is_index(s)).cloned().collect();
            if alter.steps.iter().all(simple) {
                for step in &rebuilt {
                    // SQLite takes one action a statement.
                    run(connection, &single(alter, step))?;
                }
            } else {
                rebuild::rebuild(connection, &alter.table.name, &rebuilt)?;
            }
            for step in &alter.steps {
                if let AlterStep::AddIndex(index) = step {
                    let text = text::index(&alter.table.name, index);
                    connection.execute_batch(&text).map_err(fault)?;
                }
            }
            Ok(())
        }
    }
}

/// Whether a step is about an index that stands beside the table's definition.
fn is_index(step: &AlterStep) -> bool {
    matches!(step, AlterStep::AddIndex(_)) || dropped_index(step).is_some()
}

/// The index that a step takes away, unless it belongs to a constraint of the definition.
fn dropped_index(step: &AlterStep) -> Option<&str> {
    match step {
        AlterStep::DropIndex { name, .. } if !name.starts_with("sqlite_autoindex_") => Some(name),
        _ => None,
    }
}

fn single(alter: &AlterTable, step: &AlterStep) -> SchemaChange {
    SchemaChange::Alter(AlterTable {
        table: alter.table.clone(),
        steps: vec![step.clone()],
    })
}

fn run(connection: &Connection, change: &SchemaChange) -> Result<(), Fault> {
    for text in sql::ddl::change(&SqliteDialect, change) {
        connection.execute_batch(&text).map_err(fault)?;
    }
    Ok(())
}

/// Whether ALTER TABLE can add a column to a table with rows: not a key, and a constant for the rows that are there.
fn can_be_added(column: &ColumnDef) -> bool {
    let constant = match &column.default {
        Some(DefaultValue::Literal(Scalar::Null)) | None => column.allow_null,
        Some(DefaultValue::Literal(_)) => true,
        Some(DefaultValue::Function(_)) => false,
    };
    constant && !column.primary_key && !column.auto_increment
}
