//! Changing a schema: what a database must be able to do for it.

use crate::SqlSource;
use async_trait::async_trait;
use contract::Problem;
use driver::{Driver, Fault, FaultKind, Statement};
use sql::TableName;
use sql::ddl::{SchemaChange, SchemaDialect};

/// What a SQL connector implements so that its schema can be changed.
#[async_trait]
pub trait SchemaSource: Send + Sync {
    /// How changes are written.
    fn dialect(&self) -> &'static dyn SchemaDialect;

    /// Where a table of this name for clients will lie once it is made.
    fn place(&self, public: &str) -> TableName {
        TableName::plain(public)
    }

    /// Makes a change: all of it or, where it is refused, nothing.
    async fn change(&self, change: &SchemaChange) -> Result<(), Fault>;
}

/// The same for the engine, with problems instead of faults.
#[async_trait]
pub trait SchemaBackend: Send + Sync {
    /// See [`SchemaSource::dialect`].
    fn dialect(&self) -> &'static dyn SchemaDialect;

    /// See [`SchemaSource::place`].
    fn place(&self, public: &str) -> TableName;

    /// See [`SchemaSource::change`].
    async fn change(&self, change: &SchemaChange) -> Result<(), Problem>;
}

/// A SQL connector's schema as the engine sees it.
pub(crate) struct SqlSchema<'a>(pub(crate) &'a dyn SqlSource);

#[async_trait]
impl SchemaBackend for SqlSchema<'_> {
    fn dialect(&self) -> &'static dyn SchemaDialect {
        source(self.0).dialect()
    }

    fn place(&self, public: &str) -> TableName {
        source(self.0).place(public)
    }

    async fn change(&self, change: &SchemaChange) -> Result<(), Problem> {
        let done = source(self.0).change(change).await;
        done.map_err(|fault| problem(fault, self.0.product()))
    }
}

fn source(source: &dyn SqlSource) -> &dyn SchemaSource {
    source
        .schema()
        .expect("a schema backend is only made of a source that has a schema")
}

/// Runs the statements of a change in one transaction, for databases that can undo DDL.
pub async fn in_transaction(driver: &dyn Driver, statements: Vec<String>) -> Result<(), Fault> {
    let transaction = driver.begin().await?;
    for text in statements {
        if let Err(fault) = transaction.write(Statement::fixed(text)).await {
            if let Err(undo) = transaction.rollback().await {
                tracing::warn!(%undo, "a refused change of the schema could not be rolled back");
            }
            return Err(fault);
        }
    }
    transaction.commit().await
}

/// A database's refusal of a change. What is wrong with rows or connections is told as for any statement; the rest
/// is a definition that this database does not take.
fn problem(fault: Fault, product: &str) -> Problem {
    let refused = |message: String| Problem::bad_request(message);
    let problem = match fault.kind {
        FaultKind::NotNull => refused(match &fault.detail {
            Some(field) => format!(
                "Field '{field}' can not be made required: there are records without a value in it. Give it a default."
            ),
            None => "A field can not be made required: there are records without a value in it. Give it a default."
                .into(),
        }),
        FaultKind::Duplicate => refused(
            "A unique field cannot be made of this one: there are records with equal values.".into(),
        ),
        FaultKind::Reference => refused(
            "The tables refer to each other: records refer to ones that do not exist, or other tables need what would be dropped."
                .into(),
        ),
        FaultKind::Check => refused("The records break a rule of the changed table.".into()),
        FaultKind::Value => refused("The values of the records do not fit the new type of their field.".into()),
        FaultKind::NoTable => refused("A table that is referred to does not exist in the database.".into()),
        FaultKind::NoColumn => refused("A field that is referred to does not exist in the database.".into()),
        FaultKind::Other => refused(match &fault.detail {
            Some(detail) => detail.clone(),
            None => format!(
                "The {product} database does not take this definition. Check names, types, lengths, defaults and references."
            ),
        }),
        _ => return crate::sql_backend::problem(fault, product),
    };
    problem.with_source(fault)
}
