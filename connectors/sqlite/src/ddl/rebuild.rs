//! The documented procedure for changes that ALTER TABLE cannot make: a new table takes the rows and the old one's
//! place; indexes and triggers are made anew. The caller has switched foreign keys off, switched
//! `legacy_alter_table` on (so that renaming touches no other definition) and begun a transaction.
//!
//! What compiled before must compile afterwards: views and triggers that need a column that is gone refuse the change.

use super::definition::Definition;
use super::{refusal, text};
use crate::dialect::SqliteDialect;
use crate::fault::fault;
use driver::{Fault, FaultKind};
use rusqlite::{Connection, OptionalExtension};
use sql::ddl::AlterStep;

/// Rebuilds a table with the steps applied.
pub(super) fn rebuild(connection: &Connection, table: &str, steps: &[AlterStep]) -> Result<(), Fault> {
    let sql: Option<String> = connection
        .query_row(
            "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?1",
            [table],
            |row| row.get(0),
        )
        .optional()
        .map_err(fault)?;
    let sql = sql.ok_or_else(|| Fault::new(FaultKind::NoTable, "the table is gone"))?;
    let old = Definition::parse(&sql)
        .ok_or_else(|| refusal(format!("The definition of table '{table}' cannot be changed.")))?;
    let mut new = old.clone();
    let mut dropped = Vec::new();
    for step in steps {
        apply(&mut new, step, &mut dropped)?;
    }
    let kept: Vec<String> = new
        .columns
        .iter()
        .filter(|c| !c.is_generated())
        .filter(|c| {
            old.columns
                .iter()
                .any(|o| o.name.eq_ignore_ascii_case(&c.name) && !o.is_generated())
        })
        .map(|c| c.name.clone())
        .collect();
    let before = Standing::of(connection, table, &dropped)?;
    replace(connection, table, &new, &kept, &dropped)?;
    before.still_holds(connection, table)
}

fn apply(definition: &mut Definition, step: &AlterStep, dropped: &mut Vec<String>) -> Result<(), Fault> {
    let missing = || Fault::new(FaultKind::NoColumn, "the column is gone");
    match step {
        AlterStep::AddColumn(column) => {
            let written = sql::ddl::column(&SqliteDialect, column);
            let rest = written
                .strip_prefix(&text::quoted(&column.name))
                .unwrap_or_default();
            definition.add(&column.name, rest.trim_start().to_owned());
        }
        AlterStep::AlterColumn(change) => definition
            .column(&change.name)
            .ok_or_else(missing)?
            .change(change),
        AlterStep::DropColumn(name) => {
            definition.column(name).ok_or_else(missing)?;
            if !definition.drop_column(name) {
                return Err(refusal(format!(
                    "Field '{name}' cannot be dropped: it is part of the primary key."
                )));
            }
            dropped.push(name.clone());
        }
        AlterStep::AddForeignKey(key) => definition.add_constraint(text::foreign_key(key)),
        AlterStep::DropForeignKey { columns, .. } => definition.drop_foreign_key(columns),
        AlterStep::DropIndex { columns, .. } => definition.drop_unique(columns),
        AlterStep::AddIndex(_) | AlterStep::Written(_) => {}
    }
    Ok(())
}

/// Makes the new table, copies the rows, and puts it into the old one's place.
fn replace(
    connection: &Connection,
    table: &str,
    definition: &Definition,
    kept: &[String],
    dropped: &[String],
) -> Result<(), Fault> {
    let run = |text: &str| connection.execute_batch(text).map_err(fault);
    let fresh = free_name(connection, table)?;
    let dependents = dependents(connection, table, dropped)?;
    let sequence = sequence(connection, table)?;
    run(&definition.create(&fresh))?;
    let columns = text::list(kept);
    let (from, to) = (text::quoted(table), text::quoted(&fresh));
    if !kept.is_empty() {
        run(&format!(
            "INSERT INTO main.{to} ({columns}) SELECT {columns} FROM main.{from}"
        ))?;
    }
    if let Some(last) = sequence {
        // A number that was given out once is not given out again.
        connection
            .execute("DELETE FROM main.sqlite_sequence WHERE name = ?1", [&fresh])
            .and_then(|_| {
                connection.execute(
                    "INSERT INTO main.sqlite_sequence (name, seq) VALUES (?1, ?2)",
                    (&fresh, last),
                )
            })
            .map_err(fault)?;
    }
    run(&format!("DROP TABLE main.{from}"))?;
    run(&format!("ALTER TABLE main.{to} RENAME TO {from}"))?;
    for (kind, name, sql) in dependents {
        connection.execute_batch(&sql).map_err(|error| {
            let why = fault(error);
            match why.kind {
                FaultKind::NoColumn => refusal(format!(
                    "The {kind} '{name}' needs a field that would be gone. Drop it first."
                )),
                _ => why,
            }
        })?;
    }
    Ok(())
}

/// A name that no table has.
fn free_name(connection: &Connection, table: &str) -> Result<String, Fault> {
    let mut name = format!("rebuilt_{table}");
    let taken = |name: &str| {
        connection
            .query_row(
                "SELECT count(*) FROM main.sqlite_schema WHERE name = ?1 COLLATE NOCASE",
                [name],
                |row| row.get::<_, i64>(0),
            )
            .map(|n| n > 0)
            .map_err(fault)
    };
    while taken(&name)? {
        name.insert(0, '_');
    }
    Ok(name)
}

/// The last number given out by AUTOINCREMENT.
fn sequence(connection: &Connection, table: &str) -> Result<Option<i64>, Fault> {
    let kept: i64 = connection
        .query_row(
            "SELECT count(*) FROM main.sqlite_schema WHERE name = 'sqlite_sequence'",
            [],
            |row| row.get(0),
        )
        .map_err(fault)?;
    if kept == 0 {
        return Ok(None);
    }
    connection
        .query_row(
            "SELECT seq FROM main.sqlite_sequence WHERE name = ?1",
            [table],
            |row| row.get(0),
        )
        .optional()
        .map_err(fault)
}

type Dependent = (String, String, String);

/// The indexes and triggers of a table as SQL, without indexes over a dropped column.
fn dependents(connection: &Connection, table: &str, dropped: &[String]) -> Result<Vec<Dependent>, Fault> {
    let mut statement = connection
        .prepare(
            "SELECT type, name, sql FROM main.sqlite_schema \
             WHERE tbl_name = ?1 COLLATE NOCASE AND type IN ('index', 'trigger') AND sql IS NOT NULL ORDER BY rowid",
        )
        .map_err(fault)?;
    let all = statement
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(|rows| rows.collect::<rusqlite::Result<Vec<Dependent>>>())
        .map_err(fault)?;
    let mut kept = Vec::with_capacity(all.len());
    for (kind, name, sql) in all {
        if kind == "index" && indexes_any(connection, &name, dropped)? {
            continue;
        }
        kept.push((kind, name, sql));
    }
    Ok(kept)
}

fn indexes_any(connection: &Connection, index: &str, dropped: &[String]) -> Result<bool, Fault> {
    let mut statement = connection
        .prepare("SELECT name FROM pragma_index_info(?1, 'main') WHERE name IS NOT NULL")
        .map_err(fault)?;
    let columns = statement
        .query_map([index], |row| row.get::<_, String>(0))
        .and_then(|rows| rows.collect::<rusqlite::Result<Vec<_>>>())
        .map_err(fault)?;
    Ok(columns
        .iter()
        .any(|column| dropped.iter().any(|gone| gone.eq_ignore_ascii_case(column))))
}

/// The tables whose foreign keys refer to a table, itself left out.
pub(super) fn referring(connection: &Connection, table: &str) -> Result<Vec<String>, Fault> {
    let mut statement = connection
        .prepare(
            "SELECT DISTINCT t.name FROM main.sqlite_schema t, pragma_foreign_key_list(t.name, 'main') k \
             WHERE t.type = 'table' AND k.\"table\" = ?1 COLLATE NOCASE AND t.name <> ?1 COLLATE NOCASE ORDER BY t.rowid",
        )
        .map_err(fault)?;
    statement
        .query_map([table], |row| row.get(0))
        .and_then(|rows| rows.collect())
        .map_err(fault)
}

/// What holds before a change and must hold after it.
struct Standing {
    /// Views, and statements that run triggers: what they are called and what compiles.
    compiles: Vec<(String, String)>,
    /// Rows whose foreign keys lead nowhere, by table; `None` where the keys do not fit their table at all.
    violations: Vec<(String, Option<i64>)>,
}

impl Standing {
    fn of(connection: &Connection, table: &str, dropped: &[String]) -> Result<Standing, Fault> {
        let mut compiles = probes(connection, (table, dropped))?;
        compiles.retain(|(_, probe)| connection.prepare(probe).is_ok());
        let mut tables = referring(connection, table)?;
        tables.push(table.to_owned());
        let violations = tables
            .into_iter()
            .map(|name| {
                let count = violations(connection, &name);
                (name, count)
            })
            .collect();
        Ok(Standing { compiles, violations })
    }

    fn still_holds(&self, connection: &Connection, table: &str) -> Result<(), Fault> {
        for (what, probe) in &self.compiles {
            if connection.prepare(probe).is_err() {
                return Err(refusal(format!(
                    "Table '{table}' cannot be changed so: the {what} needs a field that would be gone."
                )));
            }
        }
        for (name, before) in &self.violations {
            let after = violations(connection, name);
            let worse = match (before, after) {
                (Some(before), Some(after)) => after > *before,
                (Some(_), None) => true,
                (None, _) => false,
            };
            if worse {
                return Err(Fault::new(
                    FaultKind::Reference,
                    format!("foreign_key_check finds new violations in {name}"),
                ));
            }
        }
        Ok(())
    }
}

fn violations(connection: &Connection, table: &str) -> Option<i64> {
    connection
        .query_row(
            "SELECT count(*) FROM pragma_foreign_key_check(?1)",
            [table],
            |row| row.get(0),
        )
        .ok()
}

/// Statements that compile only while every view and trigger is sound.
fn probes(
    connection: &Connection,
    (changed, dropped): (&str, &[String]),
) -> Result<Vec<(String, String)>, Fault> {
    let mut statement = connection
        .prepare("SELECT type, name, tbl_name FROM main.sqlite_schema WHERE type IN ('view', 'trigger')")
        .map_err(fault)?;
    let all = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(|rows| rows.collect::<rusqlite::Result<Vec<(String, String, String)>>>())
        .map_err(fault)?;
    let mut probes = Vec::new();
    for (kind, name, table) in all {
        let what = format!("{kind} '{name}'");
        let on = text::quoted(&table);
        if kind == "view" {
            probes.push((what, format!("SELECT * FROM main.{on} LIMIT 0")));
            continue;
        }
        let mut columns = connection
            .prepare("SELECT name FROM pragma_table_xinfo(?1, 'main') WHERE hidden = 0")
            .map_err(fault)?;
        let columns = columns
            .query_map([&table], |row| row.get::<_, String>(0))
            .and_then(|rows| rows.collect::<rusqlite::Result<Vec<_>>>())
            .map_err(fault)?;
        probes.push((what.clone(), format!("DELETE FROM main.{on}")));
        probes.push((what.clone(), format!("INSERT INTO main.{on} DEFAULT VALUES")));
        let gone = |column: &String| {
            table.eq_ignore_ascii_case(changed) && dropped.iter().any(|d| d.eq_ignore_ascii_case(column))
        };
        for column in columns.into_iter().filter(|c| !gone(c)) {
            // Each on its own: a trigger may be bound to one column, and the column may be the one that goes.
            let column = text::quoted(&column);
            probes.push((what.clone(), format!("UPDATE main.{on} SET {column} = {column}")));
        }
    }
    Ok(probes)
}
