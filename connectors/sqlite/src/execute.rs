//! Running one statement on one connection, on that connection's thread.

use crate::fault::fault;
use driver::{Cell, Fault, FaultKind, Flow, Sink, Statement, Written};
use rusqlite::types::{ToSql, ToSqlOutput, Value, ValueRef};
use rusqlite::{CachedStatement, Connection};
use sql::Scalar;
use tokio::runtime::Handle;

/// What became of a read that was meant for a connection that only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It ran.
    Done,
    /// The statement writes, and nothing ran: the writer must run it.
    Writes,
    /// The sink must be drained, and nobody is there to wait for it.
    Full,
}

/// Whether the statement certainly writes, by its first word. Others (`WITH`, `PRAGMA`) may still write.
pub(crate) fn writes(text: &str) -> bool {
    let word = text
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    ["INSERT", "UPDATE", "DELETE", "REPLACE"]
        .iter()
        .any(|w| w.eq_ignore_ascii_case(word))
}

/// Reads on a connection that only reads. `runtime` drives the sink while the thread waits for it.
pub(crate) fn read_only(
    connection: &Connection,
    statement: &Statement,
    sink: &mut dyn Sink,
    runtime: Option<&Handle>,
) -> Result<Ended, Fault> {
    let prepared = prepare(connection, statement)?;
    match prepared.readonly() {
        true => rows(prepared, sink, runtime),
        false => Ok(Ended::Writes),
    }
}

/// Runs a statement that gives rows; it may write.
pub(crate) fn read(
    connection: &Connection,
    statement: &Statement,
    mut sink: Box<dyn Sink>,
    runtime: &Handle,
) -> Result<Box<dyn Sink>, Fault> {
    rows_of(connection, statement, &mut *sink, Some(runtime))?;
    Ok(sink)
}

/// The same without a thread that may wait for the sink.
pub(crate) fn rows_of(
    connection: &Connection,
    statement: &Statement,
    sink: &mut dyn Sink,
    runtime: Option<&Handle>,
) -> Result<Ended, Fault> {
    rows(prepare(connection, statement)?, sink, runtime)
}

/// Runs a statement that gives no rows; rows of RETURNING are passed over.
pub(crate) fn write(connection: &Connection, statement: &Statement) -> Result<Written, Fault> {
    let mut prepared = prepare(connection, statement)?;
    let mut rows = prepared.raw_query();
    while rows.next().map_err(fault)?.is_some() {}
    drop(rows);
    // Statements other than these leave the counters of the last one that changed rows.
    if !writes(&statement.text) && !starts_with_with(&statement.text) {
        return Ok(Written::default());
    }
    Ok(Written {
        rows: connection.changes(),
        last_id: Some(connection.last_insert_rowid()),
    })
}

fn starts_with_with(text: &str) -> bool {
    text.trim_start()
        .get(..4)
        .is_some_and(|word| word.eq_ignore_ascii_case("WITH"))
}

fn prepare<'c>(connection: &'c Connection, statement: &Statement) -> Result<CachedStatement<'c>, Fault> {
    let mut prepared = connection.prepare_cached(&statement.text).map_err(fault)?;
    let wanted = prepared.parameter_count();
    if wanted != statement.values.len() {
        let given = statement.values.len();
        return Err(Fault::new(
            FaultKind::Other,
            format!("{given} values for {wanted} placeholders"),
        ));
    }
    for (i, value) in statement.values.iter().enumerate() {
        prepared.raw_bind_parameter(i + 1, Bound(value)).map_err(fault)?;
    }
    Ok(prepared)
}

fn rows(
    mut prepared: CachedStatement<'_>,
    sink: &mut dyn Sink,
    runtime: Option<&Handle>,
) -> Result<Ended, Fault> {
    let width = prepared.column_count();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next().map_err(fault)? {
        for index in 0..width {
            sink.cell(index, cell(row.get_ref(index).map_err(fault)?));
        }
        match (sink.end_row(), runtime) {
            (Flow::More, _) => {}
            (Flow::Drain, Some(runtime)) => runtime.block_on(sink.drain()),
            (Flow::Drain, None) => return Ok(Ended::Full),
            (Flow::Stop, _) => break,
        }
    }
    Ok(Ended::Done)
}

/// The stored value as it is: SQLite's columns hold what was put in, whatever their declared type says, and takes any
/// bytes for text.
fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(n) => Cell::Int(n),
        ValueRef::Real(n) => Cell::Float(n),
        ValueRef::Text(bytes) => Cell::Unchecked(bytes),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
    }
}

/// A value on its way in.
struct Bound<'a>(&'a Scalar);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Scalar::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Scalar::Bool(b) => ToSqlOutput::Borrowed(ValueRef::Integer(i64::from(*b))),
            Scalar::Int(n) => ToSqlOutput::Borrowed(ValueRef::Integer(*n)),
            Scalar::Uint(n) => number(&n.to_string()),
            Scalar::Float(n) => ToSqlOutput::Borrowed(ValueRef::Real(*n)),
            Scalar::Decimal(digits) => number(digits),
            Scalar::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Scalar::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// SQLite has no exact decimals: digits become the number that a NUMERIC column would make of them. Bound as text
/// they would be greater than every number wherever no column lends its affinity, as in HAVING.
fn number(digits: &str) -> ToSqlOutput<'static> {
    ToSqlOutput::Owned(match (digits.parse::<i64>(), digits.parse::<f64>()) {
        (Ok(n), _) => Value::Integer(n),
        (_, Ok(n)) if n.is_finite() => Value::Real(n),
        _ => Value::Text(digits.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_statements_are_told_by_their_first_word() {
        assert!(writes("  insert into t values (1)"));
        assert!(writes("REPLACE INTO t VALUES (1)"));
        assert!(!writes("SELECT 'INSERT'"));
        assert!(!writes("WITH x AS (SELECT 1) SELECT * FROM x"));
        assert!(!writes("inserted"));
        assert!(!writes(""));
    }

    #[test]
    fn digits_become_numbers() {
        assert_eq!(number("12"), ToSqlOutput::Owned(Value::Integer(12)));
        assert_eq!(number("-12.50"), ToSqlOutput::Owned(Value::Real(-12.5)));
        assert_eq!(number("1e999"), ToSqlOutput::Owned(Value::Text("1e999".into())));
    }
}
