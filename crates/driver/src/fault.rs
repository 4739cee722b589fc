//! What can go wrong in a database, sorted by what the caller can do about it.

use crate::Trouble;
use std::error::Error;
use std::fmt;

/// The kinds of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The server cannot be reached or the connection was lost.
    Down,
    /// No connection became free in time, or the database is locked.
    Busy,
    /// The server refused the user name or the password, or the database does not exist.
    Login,
    /// What the service's configuration sets in each new connection was refused.
    SetUp,
    /// The database user may not do this.
    Permission,
    /// A unique or primary key exists already.
    Duplicate,
    /// A foreign key is missing, or still refers to the row.
    Reference,
    /// NULL where there must be a value. `detail` names the column where known.
    NotNull,
    /// A check constraint says no.
    Check,
    /// A value does not fit its column: wrong form, too long, out of range. `detail` names the column where known.
    Value,
    /// The view, or what stands in the table's place, cannot be written in this way.
    ReadOnly,
    /// The table or view does not exist.
    NoTable,
    /// The column does not exist.
    NoColumn,
    /// The statement took too long and was cancelled.
    Timeout,
    /// A deadlock or serialisation failure: the same again may work.
    Conflict,
    /// A routine or trigger refused on purpose (SIGNAL, RAISE). `detail` is its author's text for callers.
    Raised,
    /// The disk is full or the database is read-only.
    Storage,
    /// Anything else.
    Other,
}

/// A database's refusal. `message` is the driver's own text: for the log, never for the caller.
#[derive(Debug)]
pub struct Fault {
    /// Kind.
    pub kind: FaultKind,
    /// The driver's text.
    pub message: String,
    /// A column or constraint name, or what a routine says on purpose: safe to show.
    pub detail: Option<String>,
    /// The SQLSTATE, where the database tells one or the original platform made one up for it; safe to show.
    pub state: Option<String>,
    /// Why no connection could be made, where that is known; safe to show to those who set one up.
    pub trouble: Option<&'static Trouble>,
}

impl Fault {
    /// A fault with the driver's text.
    pub fn new(kind: FaultKind, message: impl fmt::Display) -> Fault {
        Fault {
            kind,
            message: message.to_string(),
            detail: None,
            state: None,
            trouble: None,
        }
    }

    /// The same, of what a service sets in each new connection: whatever the server says of that is never about the
    /// caller's values or names.
    #[must_use]
    pub fn of_set_up(self) -> Fault {
        match self.kind {
            FaultKind::Down | FaultKind::Busy | FaultKind::Login | FaultKind::Timeout => self,
            _ => Fault::new(FaultKind::SetUp, self.message),
        }
    }

    /// Adds the SQLSTATE.
    #[must_use]
    pub fn with_state(mut self, state: impl Into<String>) -> Fault {
        self.state = Some(state.into());
        self
    }

    /// Adds why no connection could be made.
    #[must_use]
    pub fn with_trouble(mut self, trouble: Option<&'static Trouble>) -> Fault {
        self.trouble = trouble;
        self
    }

    /// Adds the column or constraint concerned.
    #[must_use]
    pub fn with_detail(mut self, detail: Option<String>) -> Fault {
        self.detail = detail;
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.kind, self.message)
    }
}

impl Error for Fault {}
