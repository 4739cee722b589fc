//! The store's connection as a source for the record engine. It has no catalogue: the faces are the tables.

use async_trait::async_trait;
use driver::{Driver, Executor, Fault, Sink, Statement, Transaction, Written};
use records::{Capabilities, RawTable, RawTableName, SqlSource};
use sql::Dialect;
use std::sync::Arc;
use store::Store;

/// The system database.
pub(crate) struct SystemSource {
    driver: Arc<dyn Driver>,
    dialect: &'static dyn Dialect,
}

impl SystemSource {
    pub(crate) fn new(store: &Store) -> SystemSource {
        SystemSource {
            driver: store.driver(),
            dialect: store.dialect(),
        }
    }
}

#[async_trait]
impl Executor for SystemSource {
    async fn read(&self, statement: Statement, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        self.driver.read(statement, sink).await
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        self.driver.write(statement).await
    }
}

#[async_trait]
impl Driver for SystemSource {
    async fn begin(&self) -> Result<Box<dyn Transaction>, Fault> {
        self.driver.begin().await
    }

    async fn batch(&self, text: &str) -> Result<(), Fault> {
        self.driver.batch(text).await
    }

    async fn check(&self) -> Result<(), Fault> {
        self.driver.check().await
    }
}

#[async_trait]
impl SqlSource for SystemSource {
    fn dialect(&self) -> &'static dyn Dialect {
        self.dialect
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            groups: true,
            nested: false,
        }
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Fault> {
        Ok(Vec::new())
    }

    async fn describe(&self, _public: &str) -> Result<Option<RawTable>, Fault> {
        Ok(None)
    }

    fn product(&self) -> &'static str {
        "the system database"
    }
}
