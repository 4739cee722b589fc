//! SQLite's refusals as faults, by extended result code and, where the code says too little, by message.

use driver::{Fault, FaultKind};
use rusqlite::{Error, ffi};

/// The fault for an error of the driver.
pub(crate) fn fault(error: Error) -> Fault {
    match &error {
        Error::SqliteFailure(code, message) => sqlite(*code, message.as_deref().unwrap_or_default(), &error),
        Error::SqlInputError { error: code, msg, .. } => sqlite(*code, msg, &error),
        Error::ToSqlConversionFailure(_) | Error::IntegralValueOutOfRange(..) => {
            Fault::new(FaultKind::Value, &error)
        }
        _ => Fault::new(FaultKind::Other, &error),
    }
}

fn sqlite(code: ffi::Error, message: &str, error: &Error) -> Fault {
    let (kind, detail) = match code.extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            (FaultKind::Duplicate, columns(message))
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => (FaultKind::Reference, None),
        ffi::SQLITE_CONSTRAINT_NOTNULL => (FaultKind::NotNull, columns(message)),
        ffi::SQLITE_CONSTRAINT_CHECK => (FaultKind::Check, constraint(message)),
        ffi::SQLITE_CONSTRAINT_DATATYPE => (FaultKind::Value, last_column(message)),
        extended => (by_primary_code(extended & 0xff, message), None),
    };
    let detail = detail.or_else(|| unknown_column(kind, message));
    let state = match code.extended_code & 0xff {
        ffi::SQLITE_CONSTRAINT => "23000",
        _ => "HY000",
    };
    Fault::new(kind, error).with_detail(detail).with_state(state)
}

fn by_primary_code(code: i32, message: &str) -> FaultKind {
    match code {
        ffi::SQLITE_CONSTRAINT => FaultKind::Check,
        ffi::SQLITE_MISMATCH | ffi::SQLITE_TOOBIG | ffi::SQLITE_RANGE => FaultKind::Value,
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => FaultKind::Busy,
        ffi::SQLITE_FULL | ffi::SQLITE_READONLY | ffi::SQLITE_IOERR | ffi::SQLITE_CORRUPT => {
            FaultKind::Storage
        }
        ffi::SQLITE_CANTOPEN | ffi::SQLITE_NOTADB => FaultKind::Down,
        ffi::SQLITE_AUTH | ffi::SQLITE_PERM => FaultKind::Permission,
        ffi::SQLITE_INTERRUPT => FaultKind::Timeout,
        _ => by_message(message),
    }
}

/// The general code covers all that is found while a statement is compiled; only the message tells which.
fn by_message(message: &str) -> FaultKind {
    if message.starts_with("no such table") {
        FaultKind::NoTable
    } else if message.starts_with("no such column") || message.contains(" has no column named ") {
        FaultKind::NoColumn
    } else if message.starts_with("cannot modify ") {
        FaultKind::ReadOnly
    } else if message.starts_with("cannot INSERT into generated column")
        || message.starts_with("cannot UPDATE generated column")
        || message == "integer overflow"
    {
        FaultKind::Value
    } else {
        FaultKind::Other
    }
}

/// `UNIQUE constraint failed: t.a, t.b` names columns after their table, `index 'x'` an index over expressions.
fn columns(message: &str) -> Option<String> {
    let (_, list) = message.split_once("constraint failed: ")?;
    if let Some(index) = list.strip_prefix("index '") {
        return index.strip_suffix('\'').map(str::to_owned);
    }
    let names: Vec<&str> = list
        .split(", ")
        .filter_map(|part| part.split_once('.').map(|(_, name)| name))
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// A check without a name is told as its expression, which is SQL and stays inside.
fn constraint(message: &str) -> Option<String> {
    let (_, name) = message.split_once("constraint failed: ")?;
    let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    plain.then(|| name.to_owned())
}

/// `cannot store TEXT value in INTEGER column t.c`.
fn last_column(message: &str) -> Option<String> {
    let (_, column) = message.rsplit_once(" column ")?;
    Some(column.split_once('.').map_or(column, |(_, name)| name).to_owned())
}

fn unknown_column(kind: FaultKind, message: &str) -> Option<String> {
    if kind != FaultKind::NoColumn {
        return None;
    }
    let name = match message.strip_prefix("no such column: ") {
        // A quoted name is followed by advice to people who meant text.
        Some(rest) => rest.split(" - should this be").next()?.trim_matches('"'),
        None => message.split_once(" has no column named ")?.1,
    };
    Some(name.to_owned())
}
