//! The seam between SQL text and a vendor's driver: statements in, cells out.
//!
//! Invariants: names no vendor; knows no HTTP, no roles, no records. A connector implements [`Driver`]; the record
//! engine and the system store are its users. Rows are never objects here: a driver pushes cells, in the order of
//! the select list, into a [`Sink`], which encodes or collects them.

mod collect;
mod digits;
mod fault;
mod traced;
mod trouble;

pub use collect::{Collect, rows, scalar};
pub use digits::padded;
pub use fault::{Fault, FaultKind};
pub use sql::{Scalar, Statement};
pub use traced::Traced;
pub use trouble::Trouble;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

/// One value of a row, borrowed from the driver's buffer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond `i64`.
    Uint(u64),
    /// A floating-point number.
    Float(f64),
    /// A floating-point number of single precision: its shortest text differs from that of the widened number.
    Float32(f32),
    /// An exact decimal as its digits, such as `-12.50`.
    Decimal(&'a str),
    /// Text; dates and times come as text in ISO order with a blank between date and time.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// Text of a database that does not promise that it is UTF-8: text if it is, bytes if not. See [`Cell::checked`].
    Unchecked(&'a [u8]),
}

impl<'a> Cell<'a> {
    /// The cell with [`Cell::Unchecked`] decided: text or bytes. Others stay as they are.
    pub fn checked(self) -> Cell<'a> {
        match self {
            Cell::Unchecked(bytes) => std::str::from_utf8(bytes).map_or(Cell::Bytes(bytes), Cell::Text),
            other => other,
        }
    }

    /// An owned copy.
    pub fn to_scalar(self) -> Scalar {
        match self {
            Cell::Null => Scalar::Null,
            Cell::Bool(b) => Scalar::Bool(b),
            Cell::Int(n) => Scalar::Int(n),
            Cell::Uint(n) => Scalar::Uint(n),
            Cell::Float(n) => Scalar::Float(n),
            Cell::Float32(n) => Scalar::Float(f64::from(n)),
            Cell::Decimal(s) => Scalar::Decimal(s.to_owned()),
            Cell::Text(s) => Scalar::Text(s.to_owned()),
            Cell::Bytes(b) => Scalar::Bytes(b.to_vec()),
            Cell::Unchecked(_) => self.checked().to_scalar(),
        }
    }
}

/// What the driver does after a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Give the next row.
    More,
    /// Await [`Sink::drain`] first: a piece of output is waiting to be taken.
    Drain,
    /// Enough; end the read without an error.
    Stop,
}

/// Where rows go. For each row the driver calls `cell` once per column in order, then `end_row`.
pub trait Sink: Send + 'static {
    /// Takes one cell. `index` counts from 0 in the select list.
    fn cell(&mut self, index: usize, cell: Cell<'_>);

    /// Ends a row.
    fn end_row(&mut self) -> Flow;

    /// Waits until the output that is ready has been taken. Drivers on a thread of their own block on it.
    fn drain(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }

    /// Forgets the rows taken so far, so that the same read can begin anew. False when that is not possible (any
    /// more), and then nothing is forgotten.
    fn restart(&mut self) -> bool {
        false
    }

    /// The sink itself, so that its owner gets it back in its own type.
    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any + Send>;
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Rows that were found (not only those that changed).
    pub rows: u64,
    /// The key that the database made, where it tells one without RETURNING.
    pub last_id: Option<i64>,
}

/// Runs statements: on a connection of the pool, each on its own, or inside one transaction.
#[async_trait]
pub trait Executor: Send + Sync {
    /// Runs a statement that gives rows, pushes them into the sink and hands the sink back.
    async fn read(&self, statement: Statement, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault>;

    /// Runs a statement that gives no rows.
    async fn write(&self, statement: Statement) -> Result<Written, Fault>;
}

/// A database behind a pool with limits and timeouts. Connects lazily; when the server comes back, so does it.
#[async_trait]
pub trait Driver: Executor {
    /// Begins a transaction. Dropping it without commit rolls back.
    async fn begin(&self) -> Result<Box<dyn Transaction>, Fault>;

    /// Runs several statements of our own (migrations, fixtures), separated by `;`, without values.
    async fn batch(&self, text: &str) -> Result<(), Fault>;

    /// The connections that are open right now; `None` when there is no server to connect to.
    fn pool(&self) -> Option<contract::PoolState> {
        None
    }

    /// Opens or reuses a connection and asks for something trivial.
    async fn check(&self) -> Result<(), Fault>;
}

/// A transaction: an executor whose writes count only after `commit`.
#[async_trait]
pub trait Transaction: Executor {
    /// Looks at the constraints that wait for the commit, so that the commit does not fail for them. Where a database
    /// has no way to look at them before, it does nothing.
    async fn verify(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Makes the writes permanent.
    async fn commit(self: Box<Self>) -> Result<(), Fault>;

    /// Undoes them.
    async fn rollback(self: Box<Self>) -> Result<(), Fault>;
}
