//! The database as the record engine sees it.

use crate::catalogue;
use crate::config::{Options, Schemas};
use crate::dialect::DIALECT;
use crate::pool::{Connections, Lease};
use crate::run;
use async_trait::async_trait;
use contract::{Map, Problem, Settings, Value};
use driver::{Driver, Executor, Fault, FaultKind, Sink, Transaction, Written};
use records::ddl::SchemaSource;
use records::{Capabilities, RawTable, RawTableName, Routines, SqlSource};
use sql::{Dialect, Statement};
use std::sync::atomic::{AtomicBool, Ordering};

/// A PostgreSQL database behind a pool of connections. Connects when it is first used.
pub struct Source {
    connections: Connections,
    pub(crate) schemas: Schemas,
}

impl Source {
    /// Reads the configuration without connecting. Fails with 400 and a sentence when it is incomplete, or when the
    /// root certificate cannot be read.
    pub fn new(config: &Map<String, Value>, settings: &Settings) -> Result<Source, Problem> {
        let options = Options::read(config, settings)?;
        let connections = Connections::new(&options).map_err(Problem::bad_request)?;
        Ok(Source {
            connections,
            schemas: options.schemas,
        })
    }

    /// Opens a read. When it cannot change anything and the connection turns out to be dead, it is sent once more
    /// on a fresh one.
    async fn open(&self, statement: &Statement) -> Result<(Lease, run::Opened), Fault> {
        let lease = self.connections.lease().await?;
        match lease.work(run::open(&lease, statement, true)).await {
            Ok(opened) => return Ok((lease, opened)),
            Err(fault) if fault.kind == FaultKind::Down => {
                self.connections.forget_idle();
                if !only_reads(&statement.text) {
                    return Err(fault);
                }
            }
            Err(fault) => return Err(fault),
        }
        drop(lease);
        let lease = self.connections.lease().await?;
        let opened = lease.work(run::open(&lease, statement, true)).await?;
        Ok((lease, opened))
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    pub(crate) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Tells the pool when a connection was lost.
    pub(crate) fn noted<T>(&self, result: Result<T, Fault>) -> Result<T, Fault> {
        if result.as_ref().is_err_and(|fault| fault.kind == FaultKind::Down) {
            self.connections.forget_idle();
        }
        result
    }
}

/// Whether a statement is a SELECT, which may be sent twice; INSERT … RETURNING gives rows, too.
fn only_reads(text: &str) -> bool {
    text.trim_start()
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case("SELECT"))
}

#[async_trait]
impl Executor for Source {
    async fn read(&self, statement: Statement, mut sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        let (lease, opened) = self.open(&statement).await?;
        self.noted(lease.work(run::push(&lease, opened, &mut *sink, true)).await)?;
        Ok(sink)
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        let lease = self.connections.lease().await?;
        self.noted(lease.work(run::write(&lease, &statement, true)).await)
    }
}

#[async_trait]
impl Driver for Source {
    async fn begin(&self) -> Result<Box<dyn Transaction>, Fault> {
        let mut lease = self.connections.lease().await?;
        // Nothing has happened yet, so a connection that is found dead here is replaced.
        match lease.begin().await {
            Err(fault) if fault.kind == FaultKind::Down => {
                self.connections.forget_idle();
                lease = self.connections.lease().await?;
                lease.begin().await?;
            }
            other => other?,
        }
        Ok(Box::new(Work {
            lease,
            failed: AtomicBool::new(false),
        }))
    }

    async fn batch(&self, text: &str) -> Result<(), Fault> {
        let lease = self.connections.lease().await?;
        self.noted(lease.batch(text).await)
    }

    fn pool(&self) -> Option<contract::PoolState> {
        Some(self.connections.state())
    }

    async fn check(&self) -> Result<(), Fault> {
        driver::rows(self, Statement::fixed("SELECT 1")).await.map(|_| ())
    }
}

#[async_trait]
impl SqlSource for Source {
    fn dialect(&self) -> &'static dyn Dialect {
        &DIALECT
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            groups: true,
            nested: true,
        }
    }

    fn routines(&self) -> Option<&dyn Routines> {
        Some(self)
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Fault> {
        catalogue::tables(self, &self.schemas).await
    }

    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Fault> {
        catalogue::describe(self, &self.schemas, public).await
    }

    fn schema(&self) -> Option<&dyn SchemaSource> {
        Some(self)
    }

    fn product(&self) -> &'static str {
        "PostgreSQL"
    }
}

/// A transaction and its connection.
struct Work {
    lease: Lease,
    /// Whether a statement was refused: the server undoes the whole transaction then, and answers a COMMIT with a
    /// rollback that looks like a success.
    failed: AtomicBool,
}

impl Work {
    fn noted<T>(&self, result: Result<T, Fault>) -> Result<T, Fault> {
        if result.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        result
    }
}

#[async_trait]
impl Executor for Work {
    async fn read(&self, statement: Statement, mut sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        let read = async {
            let opened = run::open(&self.lease, &statement, false).await?;
            run::push(&self.lease, opened, &mut *sink, false).await
        };
        self.noted(self.lease.work(read).await)?;
        Ok(sink)
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        self.noted(self.lease.work(run::write(&self.lease, &statement, false)).await)
    }
}

#[async_trait]
impl Transaction for Work {
    async fn verify(&self) -> Result<(), Fault> {
        self.write(Statement::fixed("SET CONSTRAINTS ALL IMMEDIATE"))
            .await?;
        Ok(())
    }

    async fn commit(mut self: Box<Self>) -> Result<(), Fault> {
        if *self.failed.get_mut() {
            self.lease.end("ROLLBACK").await?;
            return Err(Fault::new(
                FaultKind::Conflict,
                "a statement of the transaction had failed",
            ));
        }
        self.lease.end("COMMIT").await
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), Fault> {
        self.lease.end("ROLLBACK").await
    }
}
