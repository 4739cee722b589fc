//! What a SQL connector exports: a driver, a dialect and introspection.

use crate::ddl::SchemaSource;
use crate::{Capabilities, RawTable, RawTableName, Routines};
use async_trait::async_trait;
use contract::Tried;
use driver::{Driver, Fault};
use sql::Dialect;

/// A SQL database: statements in, cells out, and its catalogue.
#[async_trait]
pub trait SqlSource: Driver {
    /// Its dialect.
    fn dialect(&self) -> &'static dyn Dialect;

    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// See [`crate::Backend::tables`].
    async fn tables(&self) -> Result<Vec<RawTableName>, Fault>;

    /// See [`crate::Backend::try_connection`]; a fault may carry a [`driver::Trouble`].
    async fn try_connection(&self) -> Result<Tried, Fault> {
        self.check().await?;
        Ok(Tried {
            product: self.product(),
            tables: self
                .tables()
                .await?
                .into_iter()
                .map(|table| table.public)
                .collect(),
            note: None,
        })
    }

    /// See [`crate::Backend::describe`].
    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Fault>;

    /// How its schema is changed; `None` where it cannot be.
    fn schema(&self) -> Option<&dyn SchemaSource> {
        None
    }

    /// See [`crate::Backend::routines`].
    fn routines(&self) -> Option<&dyn Routines> {
        None
    }

    /// What the service connects to, for messages: the product's own name. Never a host or a user.
    fn product(&self) -> &'static str;
}
