//! The database behind one service.

use crate::config::Config;
use crate::dialect::MySql;
use crate::foreign::Referrers;
use crate::pool::{Lease, Pool, Purpose};
use crate::schema::{self, Server};
use crate::transaction::Open;
use async_trait::async_trait;
use contract::{Map, Problem, Settings, Value};
use driver::{Driver, Executor, Fault, FaultKind, Sink, Statement, Transaction, Written};
use records::ddl::SchemaSource;
use records::{Capabilities, RawTable, RawTableName, Routines, SqlSource};
use sql::Dialect;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A MySQL or MariaDB database.
#[derive(Debug)]
pub struct Source {
    pool: Arc<Pool>,
    product: &'static str,
    pub(crate) server: OnceCell<Server>,
    pub(crate) referrers: Referrers,
}

impl Source {
    /// A source for a configuration of [`crate::CONFIG`]; `product` is its name in messages. Does not connect.
    ///
    /// Fails with 400 when the configuration cannot be right: no host or database, signs that a name cannot have.
    pub fn new(
        config: &Map<String, Value>,
        settings: &Settings,
        product: &'static str,
    ) -> Result<Source, Problem> {
        let config = Config::read(config, settings)?;
        Ok(Source {
            pool: Pool::new(config),
            product,
            server: OnceCell::new(),
            referrers: Referrers::default(),
        })
    }

    pub(crate) fn config(&self) -> &Config {
        self.pool.config()
    }

    pub(crate) fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    async fn begun(&self) -> Result<Open, Fault> {
        let lease = self.pool.acquire(Purpose::Write).await?;
        let reused = lease.reused;
        match Open::begin(lease).await {
            Ok(open) => Ok(open),
            // Nothing was done yet, so beginning again is safe.
            Err((lease, fault)) if reused && fault.kind == FaultKind::Down => {
                let lease = self.pool.replace(lease).await?;
                Open::begin(lease).await.map_err(|(_, fault)| fault)
            }
            Err((_, fault)) => Err(fault),
        }
    }
}

/// Whether a statement may run again on a fresh connection when the first was found dead: only what cannot write.
fn is_repeatable(statement: &Statement) -> bool {
    statement
        .text
        .get(..7)
        .is_some_and(|word| word.eq_ignore_ascii_case("SELECT "))
}

/// Whether a statement changes the schema, so that references between tables may be others afterwards.
fn is_definition(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or("");
    ["CREATE", "ALTER", "DROP", "RENAME"]
        .iter()
        .any(|definition| word.eq_ignore_ascii_case(definition))
}

#[async_trait]
impl Executor for Source {
    async fn read(&self, statement: Statement, mut sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        let repeatable = is_repeatable(&statement);
        let purpose = if repeatable { Purpose::Read } else { Purpose::Write };
        let mut lease: Lease = self.pool.acquire(purpose).await?;
        let mut pushed = false;
        match lease.read(&statement, &mut *sink, &mut pushed).await {
            Err(fault) if repeatable && lease.reused && !pushed && fault.kind == FaultKind::Down => {
                lease = self.pool.replace(lease).await?;
                lease.read(&statement, &mut *sink, &mut pushed).await?;
            }
            result => result?,
        }
        Ok(sink)
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        let defines = is_definition(&statement.text);
        let result = self.pool.acquire(Purpose::Write).await?.write(statement).await;
        if defines {
            self.referrers.forget();
        }
        result
    }
}

#[async_trait]
impl Driver for Source {
    async fn begin(&self) -> Result<Box<dyn Transaction>, Fault> {
        Ok(Box::new(self.begun().await?))
    }

    async fn batch(&self, text: &str) -> Result<(), Fault> {
        let result = self.pool.acquire(Purpose::Write).await?.command(text).await;
        self.referrers.forget();
        result
    }

    fn pool(&self) -> Option<contract::PoolState> {
        Some(self.pool.state())
    }

    async fn check(&self) -> Result<(), Fault> {
        self.pool.acquire(Purpose::Check).await?.ping().await
    }
}

#[async_trait]
impl SqlSource for Source {
    fn dialect(&self) -> &'static dyn Dialect {
        &MySql
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            groups: true,
            nested: false,
        }
    }

    fn routines(&self) -> Option<&dyn Routines> {
        Some(self)
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Fault> {
        schema::tables(self).await
    }

    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Fault> {
        schema::describe(self, public).await
    }

    fn schema(&self) -> Option<&dyn SchemaSource> {
        Some(self)
    }

    fn product(&self) -> &'static str {
        self.product
    }
}
