//! From the driver's errors to kinds of faults.

use crate::bind::Unfit;
use driver::{Fault, FaultKind, Trouble};
use std::error::Error as _;
use std::io;
use tokio_postgres::Error;
use tokio_postgres::error::DbError;

/// Sorts an error of the driver by what the caller can do about it.
pub(crate) fn fault(error: &Error) -> Fault {
    if let Some(refusal) = error.as_db_error() {
        return refused(refusal);
    }
    let message = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    let fault = Fault::new(local(error, &message), message);
    match unfit(error) {
        Some(unfit) => fault.with_state(unfit.state()),
        None => fault,
    }
}

/// What was refused before it was sent, because it does not fit the type of its placeholder.
fn unfit(error: &Error) -> Option<&Unfit> {
    error.source()?.downcast_ref()
}

/// Like [`fault`], for what happens while a connection is made: whatever the server says there is never about the
/// caller's values or names.
pub(crate) fn connect_fault(error: &Error) -> Fault {
    let mut fault = fault(error);
    if fault.kind == FaultKind::Permission {
        fault.kind = FaultKind::Login;
    }
    let fault = match error.as_db_error() {
        Some(_) => fault.of_set_up(),
        None => fault,
    };
    fault.with_trouble(trouble(error))
}

/// Why the connection could not be made, where the error tells.
fn trouble(error: &Error) -> Option<&'static Trouble> {
    static TLS: Trouble = Trouble::tls(&["sslmode", "sslrootcert"]);
    if let Some(refusal) = error.as_db_error() {
        return Some(match refusal.code().code() {
            "28P01" => &Trouble::CREDENTIALS,
            "28000" => &Trouble::NOT_ADMITTED,
            "3D000" => &Trouble::DATABASE,
            "42501" => &Trouble::NO_ACCESS,
            "53300" => &Trouble::FULL,
            _ => return None,
        });
    }
    let text = error.to_string();
    let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    let handshake = cause
        .and_then(io::Error::get_ref)
        .is_some_and(|e| e.is::<rustls::Error>());
    match cause {
        _ if handshake || text.starts_with("error performing TLS") => Some(&TLS),
        Some(cause) => Trouble::of_io(cause),
        None if error.is_closed() => Some(&Trouble::FOREIGN),
        None if text.starts_with("authentication error") || text.contains("password missing") => {
            Some(&Trouble::CREDENTIALS)
        }
        None => None,
    }
}

/// Whether the server's plan for a cached statement no longer fits the tables: preparing it anew helps, and nothing
/// has been done yet.
pub(crate) fn is_stale(error: &Error) -> bool {
    error.as_db_error().is_some_and(is_stale_refusal)
}

fn is_stale_refusal(refusal: &DbError) -> bool {
    match refusal.code().code() {
        "0A000" => refusal.routine() == Some("RevalidateCachedQuery"),
        code => code == "26000",
    }
}

fn refused(refusal: &DbError) -> Fault {
    let code = refusal.code().code();
    let mut message = format!("SQLSTATE {code}: {}", refusal.message());
    if let Some(detail) = refusal.detail() {
        message.push_str("; ");
        message.push_str(detail);
    }
    let detail = refusal.column().or(refusal.constraint()).map(str::to_owned);
    let kind = if is_stale_refusal(refusal) {
        FaultKind::Conflict
    } else {
        kind(code)
    };
    // What a routine's author says on purpose is for callers.
    let detail = match kind {
        FaultKind::Raised => Some(refusal.message().to_owned()),
        _ => detail,
    };
    Fault::new(kind, message).with_detail(detail).with_state(code)
}

fn kind(code: &str) -> FaultKind {
    match code {
        "23505" | "23P01" => FaultKind::Duplicate,
        "23503" | "23001" | "2BP01" => FaultKind::Reference,
        "23502" => FaultKind::NotNull,
        // A view's own condition is a rule like a table's.
        "23514" | "44000" => FaultKind::Check,
        // Views of groups, computed columns of views, materialized views.
        "55000" | "0A000" | "42809" => FaultKind::ReadOnly,
        // An operator or a cast that does not exist for the types at hand or cannot be told, and a column that cannot
        // be written.
        "42804" | "42883" | "42846" | "428C9" | "42725" | "42P18" => FaultKind::Value,
        "42P01" | "3F000" => FaultKind::NoTable,
        "42703" => FaultKind::NoColumn,
        "42501" => FaultKind::Permission,
        "3D000" => FaultKind::Login,
        "53300" | "55P03" => FaultKind::Busy,
        "57014" => FaultKind::Timeout,
        "40001" | "40P01" => FaultKind::Conflict,
        "P0001" => FaultKind::Raised,
        "53100" | "25006" => FaultKind::Storage,
        "57P01" | "57P02" | "57P03" | "57P04" | "57P05" => FaultKind::Down,
        _ => match code.get(..2) {
            Some("22") => FaultKind::Value,
            Some("28") => FaultKind::Login,
            Some("08") => FaultKind::Down,
            _ => FaultKind::Other,
        },
    }
}

/// Errors that do not come from the server. The driver does not tell its kinds apart but by their text.
fn local(error: &Error, message: &str) -> FaultKind {
    let cause = error.source();
    if unfit(error).is_some() {
        return FaultKind::Value;
    }
    if error.is_closed() {
        return FaultKind::Down;
    }
    if let Some(cause) = cause.and_then(|cause| cause.downcast_ref::<io::Error>()) {
        return if cause.kind() == io::ErrorKind::InvalidInput {
            FaultKind::Other
        } else {
            FaultKind::Down
        };
    }
    match message {
        m if m.starts_with("authentication error") || m.starts_with("invalid configuration") => {
            FaultKind::Login
        }
        m if m.starts_with("error performing TLS") || m.starts_with("timeout") => FaultKind::Down,
        _ => FaultKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_kinds() {
        for (code, expected) in [
            ("22001", FaultKind::Value),
            ("28P01", FaultKind::Login),
            ("08006", FaultKind::Down),
            ("57P01", FaultKind::Down),
            ("40P01", FaultKind::Conflict),
            ("XX000", FaultKind::Other),
            ("", FaultKind::Other),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }
}
