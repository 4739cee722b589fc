//! Opening connections.

use crate::fault::fault;
use driver::{Fault, FaultKind};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::PathBuf;
use std::time::Duration;

/// Different statements kept prepared on each connection.
const STATEMENTS_KEPT: usize = 128;

/// What to open and how.
#[derive(Debug, Clone)]
pub struct Open {
    /// The file, created with its folder and in WAL mode when missing; one that exists keeps its journal mode.
    /// `:memory:` for a database that lives as long as the [`crate::Sqlite`].
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

/// Opens connections of one database. A file is created by one of them alone: two that turn it to WAL at once would
/// collide. A file that exists may belong to other programs, too, and its journal mode is theirs to choose; in
/// rollback mode, readers and the writer wait for each other for the time of [`Open::pool_wait`].
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
        let connection = match self.create()? {
            Some(created) => created,
            None => self.connect(OpenFlags::empty())?,
        };
        self.prepare(&connection).map_err(fault)?;
        for statement in &self.open.statements {
            connection
                .execute_batch(statement)
                .map_err(|error| fault(error).of_set_up())?;
        }
        if reads_only {
            connection
                .execute_batch("PRAGMA query_only = ON")
                .map_err(fault)?;
        }
        Ok(connection)
    }

    fn connect(&self, more: OpenFlags) -> Result<Connection, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX | more;
        let connection = Connection::open_with_flags(&self.open.path, flags).map_err(fault)?;
        connection.busy_timeout(self.open.pool_wait).map_err(fault)?;
        Ok(connection)
    }

    /// A connection to a database that was not there; none when its file exists.
    fn create(&self) -> Result<Option<Connection>, Fault> {
        let _turn = self.turn.lock();
        if self.open.in_memory() {
            return self.connect(OpenFlags::SQLITE_OPEN_CREATE).map(Some);
        }
        // Where it cannot be told, opening the file tells why.
        if self.open.path.try_exists().unwrap_or(true) {
            return Ok(None);
        }
        self.create_folder()?;
        let connection = self.connect(OpenFlags::SQLITE_OPEN_CREATE)?;
        match connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())) {
            // Another program was as quick as we are.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {
                tracing::debug!(%error, "the database keeps its journal mode");
            }
            result => result.map_err(fault)?,
        }
        Ok(Some(connection))
    }

    fn create_folder(&self) -> Result<(), Fault> {
        match self.open.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => {
                std::fs::create_dir_all(folder).map_err(|error| Fault::new(FaultKind::Down, error))
            }
            _ => Ok(()),
        }
    }

    fn prepare(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        // Otherwise a quoted name that is no column (any more) would silently be read as text.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        // Plans that depend on the values bound to LIMIT or `=` are made anew with every value: half of the time of a
        // short read. They would gain nothing: patterns are compared with casts, which have no index.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        // Reads the file, so that one that is no database is refused here. No lock outlasts a statement.
        connection.query_row("PRAGMA schema_version", [], |_| Ok(()))?;
        connection.execute_batch("PRAGMA foreign_keys = ON")?;
        Ok(())
    }
}
