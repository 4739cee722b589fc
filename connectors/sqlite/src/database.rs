//! The database: many connections that read, one that writes, and transactions on the latter.

use crate::catalogue;
use crate::connection::{Open, Opener};
use crate::dialect::SqliteDialect;
use crate::execute::{self, Ended};
use crate::fault::fault;
use crate::slow::Slow;
use crate::trial;
use crate::worker::{Lease, Pool};
use async_trait::async_trait;
use contract::Tried;
use driver::{Driver, Executor, Fault, FaultKind, Sink, Statement, Transaction, Written};
use records::ddl::SchemaSource;
use records::{Capabilities, RawTable, RawTableName, SqlSource};
use rusqlite::Connection;
use sql::Dialect;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::Handle;

/// A SQLite database. Cheap to clone; the connections close when the last clone is gone. Must be used within a
/// tokio runtime.
#[derive(Clone)]
pub struct Sqlite {
    pub(crate) writer: Arc<Pool>,
    /// None for a database in memory, whose one connection does everything.
    readers: Option<Arc<Pool>>,
    slow: Arc<Slow>,
    opener: Arc<Opener>,
}

impl Sqlite {
    /// A database that is opened by its first use.
    pub fn lazy(open: Open) -> Sqlite {
        let (in_memory, size) = (open.in_memory(), open.pool_size);
        let opener = Arc::new(Opener::new(open));
        let readers = (!in_memory).then(|| Pool::new(Arc::clone(&opener), true, size));
        Sqlite {
            writer: Pool::new(Arc::clone(&opener), false, 1),
            readers,
            slow: Arc::default(),
            opener,
        }
    }

    /// Opens a database now, waiting on this thread: fails when the file cannot be opened or is no database, or
    /// when one of the statements fails.
    pub fn open(open: Open) -> Result<Sqlite, Fault> {
        let database = Sqlite::lazy(open);
        database.writer.lease_now()?.open_now()?;
        Ok(database)
    }

    /// Runs work that only reads on a connection.
    async fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        self.readers
            .as_ref()
            .unwrap_or(&self.writer)
            .lease()
            .await?
            .run(work)
            .await
    }
}

#[async_trait]
impl Executor for Sqlite {
    /// A short read runs on this thread: changing to the connection's and back costs several times as much. What
    /// takes longer than a moment, fills the sink, or fails, begins anew on the connection's thread.
    async fn read(&self, statement: Statement, mut sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        let runtime = Handle::current();
        let (statement, sink) = match &self.readers {
            Some(readers) if !execute::writes(&statement.text) => {
                // Reads that never wait would otherwise keep the thread to themselves, one after the other.
                tokio::task::coop::consume_budget().await;
                let lease = readers.lease().await?;
                if sink.restart() && !self.slow.is(&statement.text) {
                    match lease.at_once(|c| execute::read_only(c, &statement, &mut *sink, None)) {
                        Some(Ok(Ended::Done)) => return Ok(sink),
                        Some(_) => self.slow.note(&statement.text),
                        None => {}
                    }
                    sink.restart();
                }
                let runtime = runtime.clone();
                let work = move |c: &mut Connection| {
                    let ended = execute::read_only(c, &statement, &mut *sink, Some(&runtime))?;
                    Ok((ended, statement, sink))
                };
                match lease.run(work).await? {
                    (Ended::Writes, statement, sink) => (statement, sink),
                    (_, _, sink) => return Ok(sink),
                }
            }
            _ => (statement, sink),
        };
        self.writer
            .lease()
            .await?
            .run(move |c| execute::read(c, &statement, sink, &runtime))
            .await
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        self.writer
            .lease()
            .await?
            .run(move |c| execute::write(c, &statement))
            .await
    }
}

#[async_trait]
impl Driver for Sqlite {
    /// Takes the database's write lock at once, so that a transaction that reads first cannot fail at its first
    /// write.
    async fn begin(&self) -> Result<Box<dyn Transaction>, Fault> {
        let transaction = Begun {
            lease: Some(self.writer.lease().await?),
            used: AtomicBool::new(false),
            slow: Arc::clone(&self.slow),
        };
        let lease = transaction.lease()?;
        // Where the lock is not free, waiting for it is no work for this thread.
        if !matches!(lease.at_once(begin), Some(Ok(()))) {
            lease.run_kept(|c| begin(c)).await?;
        }
        Ok(Box::new(transaction))
    }

    /// Not one transaction by itself; what the text begins and does not end is rolled back. Foreign keys are
    /// enforced afterwards as before, whatever the text says.
    async fn batch(&self, text: &str) -> Result<(), Fault> {
        let text = text.to_owned();
        self.writer.lease().await?.run(move |c| batch(c, &text)).await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.reading(|c| {
            c.query_row("PRAGMA schema_version", [], |_| Ok(()))
                .map_err(fault)
        })
        .await
    }
}

fn batch(connection: &Connection, text: &str) -> Result<(), Fault> {
    let enforced: bool = connection
        .query_row("PRAGMA foreign_keys", [], |row| row.get(0))
        .map_err(fault)?;
    let result = connection.execute_batch(text).map_err(fault);
    let undone = if connection.is_autocommit() {
        Ok(())
    } else {
        connection.execute_batch("ROLLBACK").map_err(fault)
    };
    let restored = connection
        .pragma_update(None, "foreign_keys", enforced)
        .map_err(fault);
    result.and(undone).and(restored)
}

#[async_trait]
impl SqlSource for Sqlite {
    fn dialect(&self) -> &'static dyn Dialect {
        &SqliteDialect
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            groups: true,
            nested: false,
        }
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Fault> {
        self.reading(|c| catalogue::tables(c).map_err(fault)).await
    }

    async fn try_connection(&self) -> Result<Tried, Fault> {
        let is_new = trial::is_new(self.opener.config())?;
        let mut tried = Tried {
            product: self.product(),
            note: is_new.then_some("The file does not exist yet; the first use makes it."),
            ..Tried::default()
        };
        if !is_new {
            self.check().await.map_err(trial::explained)?;
            tried.tables = self
                .tables()
                .await?
                .into_iter()
                .map(|table| table.public)
                .collect();
        }
        Ok(tried)
    }

    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Fault> {
        let public = public.to_owned();
        self.reading(move |c| catalogue::describe(c, &public).map_err(fault))
            .await
    }

    fn schema(&self) -> Option<&dyn SchemaSource> {
        Some(self)
    }

    fn product(&self) -> &'static str {
        "SQLite"
    }
}

/// A transaction: it keeps the connection that writes until it ends.
struct Begun {
    /// None once it ended.
    lease: Option<Lease>,
    /// Whether it has had a statement.
    used: AtomicBool,
    slow: Arc<Slow>,
}

impl Begun {
    fn lease(&self) -> Result<&Lease, Fault> {
        self.lease.as_ref().ok_or_else(over)
    }

    /// Whether a statement is the first, before which there is nothing to lose.
    fn is_first(&self) -> bool {
        !self.used.swap(true, Ordering::Relaxed)
    }

    /// Runs a statement on this thread if it is short: the first of the transaction, or a later one that only reads.
    /// Whether it ran. When it did not, or failed, nothing has happened, and it is to begin anew elsewhere.
    ///
    /// What is interrupted while it writes takes the whole transaction along. The first may do so, and is undone
    /// whenever it did not end well; a later one that writes is not tried.
    fn ran_at_once(
        &self,
        text: &str,
        is_first: bool,
        work: impl FnOnce(&Connection) -> Result<Ended, Fault>,
    ) -> bool {
        if self.slow.is(text) {
            return false;
        }
        let attempt = |c: &Connection| {
            let ended = work(still_open(c)?);
            if is_first && !matches!(ended, Ok(Ended::Done)) {
                undo(c);
            }
            ended
        };
        match self.lease.as_ref().and_then(|lease| lease.at_once(attempt)) {
            Some(Ok(Ended::Done)) => return true,
            Some(Ok(Ended::Writes)) | None => {}
            Some(_) => self.slow.note(text),
        }
        false
    }
}

fn begin(connection: &Connection) -> Result<(), Fault> {
    command(connection, "BEGIN IMMEDIATE")
}

/// Begins a transaction again whose first statement was undone.
fn begun(connection: &Connection, is_first: bool) -> Result<&Connection, Fault> {
    if is_first && connection.is_autocommit() {
        begin(connection)?;
    }
    still_open(connection)
}

/// A command of our own, prepared once.
fn command(connection: &Connection, word: &str) -> Result<(), Fault> {
    let mut prepared = connection.prepare_cached(word).map_err(fault)?;
    prepared.execute([]).map(|_| ()).map_err(fault)
}

/// SQLite rolls a transaction back by itself after some faults; what follows must not be stored outside of it.
fn over() -> Fault {
    Fault::new(FaultKind::Conflict, "the transaction was rolled back")
}

fn still_open(connection: &Connection) -> Result<&Connection, Fault> {
    if connection.is_autocommit() {
        Err(over())
    } else {
        Ok(connection)
    }
}

#[async_trait]
impl Executor for Begun {
    async fn read(&self, statement: Statement, mut sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        let is_first = self.is_first();
        let tried = sink.restart();
        let read = |c: &Connection| match is_first {
            true => execute::rows_of(c, &statement, &mut *sink, None),
            false => execute::read_only(c, &statement, &mut *sink, None),
        };
        if tried && self.ran_at_once(&statement.text, is_first, read) {
            return Ok(sink);
        }
        sink.restart();
        let runtime = Handle::current();
        self.lease()?
            .run_kept(move |c| execute::read(begun(c, is_first)?, &statement, sink, &runtime))
            .await
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        let is_first = self.is_first();
        let mut written = Written::default();
        let write = |c: &Connection| {
            written = execute::write(c, &statement)?;
            Ok(Ended::Done)
        };
        if is_first && self.ran_at_once(&statement.text, true, write) {
            return Ok(written);
        }
        self.lease()?
            .run_kept(move |c| execute::write(begun(c, is_first)?, &statement))
            .await
    }
}

#[async_trait]
impl Transaction for Begun {
    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        let lease = self.lease.take().ok_or_else(over)?;
        lease.finish(|c| end(still_open(c)?, "COMMIT")).await
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), Fault> {
        let lease = self.lease.take().ok_or_else(over)?;
        lease.finish(|c| end(c, "ROLLBACK")).await
    }
}

/// Ends the transaction; a COMMIT that fails is rolled back, so that the connection is free again.
fn end(connection: &Connection, word: &str) -> Result<(), Fault> {
    if connection.is_autocommit() {
        return Ok(());
    }
    let result = command(connection, word);
    if !connection.is_autocommit() {
        command(connection, "ROLLBACK")?;
    }
    result
}

/// Rolls back what nobody waits for any more.
fn undo(connection: &Connection) {
    if let Err(fault) = end(connection, "ROLLBACK") {
        tracing::warn!(%fault, "a dropped transaction could not be rolled back");
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.leave(|connection| undo(connection));
        }
    }
}
