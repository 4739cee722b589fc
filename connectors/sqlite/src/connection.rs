//! Opening connections.

use crate::fault::fault;
use driver::{Fault, FaultKind};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::time::Duration;

/// Different statements kept prepared on each connection.
const STATEMENTS_KEPT: usize = 128;

/// What to open and how.
#[derive(Debug, Clone)]
pub struct Open {
    /// The file, created with its folder when missing; `:memory:` for a database that lives as long as the
    /// [`crate::Sqlite`].
    pub path: PathBuf,
    /// Statements run on each new connection, after foreign keys are switched on.
    pub statements: Vec<String>,
    /// Greatest number of connections that read at the same time; at least one. One more writes.
    pub pool_size: usize,
    /// How long to wait for a free connection, and for a lock that another program holds.
    pub pool_wait: Duration,
}

impl Open {
    /// A database without further statements.
    pub fn new(path: impl Into<PathBuf>) -> Open {
        Open {
            path: path.into(),
            statements: Vec::new(),
            pool_size: 8,
            pool_wait: Duration::from_secs(5),
        }
    }

    /// Whether the database lives in memory, where every connection would have its own.
    pub(crate) fn in_memory(&self) -> bool {
        self.path.as_os_str() == ":memory:"
    }
}

/// Opens connections of one database, one at a time: two that turn a new file to WAL at once would collide.
pub(crate) struct Opener {
    open: Open,
    turn: Mutex<()>,
}

impl Opener {
    pub(crate) fn new(open: Open) -> Opener {
        Opener {
            open,
            turn: Mutex::new(()),
        }
    }

    pub(crate) fn config(&self) -> &Open {
        &self.open
    }

    /// A new connection. `reads_only` makes it refuse to change the database, after its own statements ran: they
    /// may need to create something temporary.
    pub(crate) fn open(&self, reads_only: bool) -> Result<Connection, Fault> {
        let _turn = self.turn.lock();
        self.create_folder()?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.open.path, flags).map_err(fault)?;
        self.prepare(&connection, reads_only).map_err(fault)?;
        Ok(connection)
    }

    fn create_folder(&self) -> Result<(), Fault> {
        match self.open.path.parent() {
            Some(folder) if !self.open.in_memory() && !folder.as_os_str().is_empty() => {
                std::fs::create_dir_all(folder).map_err(|error| Fault::new(FaultKind::Down, error))
            }
            _ => Ok(()),
        }
    }

    fn prepare(&self, connection: &Connection, reads_only: bool) -> rusqlite::Result<()> {
        connection.busy_timeout(self.open.pool_wait)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // Otherwise a quoted name that is no column (any more) would silently be read as text.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        // Reads the file, so that one that is no database is refused here. A file that cannot be written, or that
        // another program holds, stays in the mode it is in and can still be read.
        if let Err(error) = connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            match error.sqlite_error_code() {
                Some(rusqlite::ErrorCode::ReadOnly | rusqlite::ErrorCode::DatabaseBusy) => {
                    tracing::debug!(%error, "the database keeps its journal mode");
                }
                _ => return Err(error),
            }
        }
        connection.execute_batch("PRAGMA foreign_keys = ON")?;
        for statement in &self.open.statements {
            connection.execute_batch(statement)?;
        }
        if reads_only {
            connection.execute_batch("PRAGMA query_only = ON")?;
        }
        Ok(())
    }
}
