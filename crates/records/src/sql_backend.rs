//! The record engine's backend for every SQL database: plans become trees, trees become statements, and a driver
//! runs them.

mod fault;
mod translate;
mod write;

use crate::ddl::{SchemaBackend, SqlSchema};
use crate::{
    Backend, Capabilities, DeletePlan, InsertPlan, NestedPlan, Nesting, PairedPlan, RawTable, RawTableName,
    ReadPlan, Routines, Session, SqlSource, UpdatePlan, Work,
};
use async_trait::async_trait;
use contract::{Problem, Tried};
use driver::{Executor, Sink, Traced, Transaction};
use sql::{Dialect, Scalar, Statement};
use std::sync::Arc;
use translate::filter;

pub use fault::problem;

/// A SQL database as a backend.
pub struct SqlBackend {
    source: Arc<dyn SqlSource>,
}

impl SqlBackend {
    /// Wraps a connector's source. Does not connect.
    pub fn new(source: Arc<dyn SqlSource>) -> SqlBackend {
        SqlBackend { source }
    }

    fn problem(&self, fault: driver::Fault) -> Problem {
        problem(fault, self.source.product())
    }
}

/// Ends a unit of work by how its step ended, so that a refused write leaves nothing behind.
pub(crate) async fn settle<T>(work: Box<dyn Work>, done: Result<T, Problem>) -> Result<T, Problem> {
    match done {
        Ok(value) => work.commit().await.map(|()| value),
        Err(problem) => {
            if let Err(failed) = work.rollback().await {
                tracing::warn!(error = ?failed, "rolling back a refused write failed");
            }
            Err(problem)
        }
    }
}

/// The statements of one session, over whatever runs them.
struct Statements<'a> {
    executor: Traced<'a>,
    dialect: &'static dyn Dialect,
    product: &'static str,
}

impl Statements<'_> {
    fn problem(&self, fault: driver::Fault) -> Problem {
        problem(fault, self.product)
    }

    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let statement = self.bounded(sql::select(self.dialect, &translate::read(self.dialect, plan)))?;
        self.executor
            .read(statement, sink)
            .await
            .map_err(|f| self.problem(f))
    }

    async fn read_paired(&self, plan: &PairedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let statement = self.bounded(sql::paired(self.dialect, &translate::paired(plan)))?;
        self.executor
            .read(statement, sink)
            .await
            .map_err(|f| self.problem(f))
    }

    async fn read_nested(&self, plan: &NestedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let statement = sql::nested(self.dialect, &translate::nested(plan));
        let statement = statement.ok_or_else(|| Problem::internal("the dialect makes no JSON of rows"))?;
        self.executor
            .read(self.bounded(statement)?, sink)
            .await
            .map_err(|f| self.problem(f))
    }

    async fn count(&self, plan: &ReadPlan) -> Result<u64, Problem> {
        let statement = sql::select(
            self.dialect,
            &translate::count(&plan.table, plan.condition.as_ref()),
        );
        self.count_of(statement).await
    }

    /// Refuses a statement with more values than the database takes.
    fn bounded(&self, statement: Statement) -> Result<Statement, Problem> {
        let most = self.dialect.max_values();
        if statement.values.len() > most {
            return Err(Problem::bad_request(format!(
                "The request compares with {} values, and the database takes at most {most}. Send it in parts.",
                statement.values.len()
            )));
        }
        Ok(statement)
    }

    async fn count_of(&self, statement: Statement) -> Result<u64, Problem> {
        let statement = self.bounded(statement)?;
        let counted = driver::scalar(&self.executor, statement)
            .await
            .map_err(|f| self.problem(f))?;
        Ok(counted.to_int().and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    async fn delete(&self, plan: &DeletePlan) -> Result<u64, Problem> {
        let tree = sql::Delete {
            table: plan.table.native.clone(),
            filter: plan.condition.as_ref().map(|c| filter(&plan.table, c)),
        };
        let statement = self.bounded(sql::delete(self.dialect, &tree))?;
        Ok(self
            .executor
            .write(statement)
            .await
            .map_err(|f| self.problem(f))?
            .rows)
    }
}

#[async_trait]
impl Session for SqlBackend {
    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        self.statements().read(plan, sink).await
    }

    async fn read_paired(&self, plan: &PairedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        self.statements().read_paired(plan, sink).await
    }

    async fn count(&self, plan: &ReadPlan) -> Result<u64, Problem> {
        self.statements().count(plan).await
    }

    async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
        if plan.check.is_none() {
            return self.statements().insert(plan).await;
        }
        let work = self.begin().await?;
        let done = work.insert(plan).await;
        settle(work, done).await
    }

    async fn insert_many(&self, plans: &[InsertPlan]) -> Result<Vec<Vec<Scalar>>, Problem> {
        let work = self.begin().await?;
        let done = work.insert_many(plans).await;
        settle(work, done).await
    }

    async fn update(&self, plan: &UpdatePlan) -> Result<u64, Problem> {
        if plan.check.is_none() {
            return self.statements().update(plan).await;
        }
        let work = self.begin().await?;
        let done = work.update(plan).await;
        settle(work, done).await
    }

    async fn delete(&self, plan: &DeletePlan) -> Result<u64, Problem> {
        self.statements().delete(plan).await
    }
}

impl SqlBackend {
    fn statements(&self) -> Statements<'_> {
        Statements {
            executor: Traced::new(&*self.source, self.source.dialect().name()),
            dialect: self.source.dialect(),
            product: self.source.product(),
        }
    }
}

#[async_trait]
impl Backend for SqlBackend {
    fn capabilities(&self) -> Capabilities {
        self.source.capabilities()
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Problem> {
        self.source.tables().await.map_err(|f| self.problem(f))
    }

    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Problem> {
        self.source.describe(public).await.map_err(|f| self.problem(f))
    }

    fn routines(&self) -> Option<&dyn Routines> {
        self.source.routines()
    }

    fn nesting(&self) -> Option<&dyn Nesting> {
        self.source.capabilities().nested.then_some(self as &dyn Nesting)
    }

    async fn begin(&self) -> Result<Box<dyn Work>, Problem> {
        let transaction = self.source.begin().await.map_err(|f| self.problem(f))?;
        Ok(Box::new(SqlWork {
            transaction,
            dialect: self.source.dialect(),
            product: self.source.product(),
        }))
    }

    fn pool(&self) -> Option<contract::PoolState> {
        self.source.pool()
    }

    fn schema(&self) -> Option<Box<dyn SchemaBackend + '_>> {
        self.source.schema()?;
        Some(Box::new(SqlSchema(&*self.source)))
    }

    async fn check(&self) -> Result<(), Problem> {
        self.source.check().await.map_err(|f| self.problem(f))
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        let tried = self.source.try_connection().await;
        tried.map_err(|f| fault::untried(f, self.source.product()))
    }
}

#[async_trait]
impl Nesting for SqlBackend {
    fn writes(&self, native: &str) -> bool {
        self.source.dialect().json_writes(native)
    }

    async fn read_nested(&self, plan: &NestedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        self.statements().read_nested(plan, sink).await
    }
}

/// A unit of work: one transaction.
struct SqlWork {
    transaction: Box<dyn Transaction>,
    dialect: &'static dyn Dialect,
    product: &'static str,
}

impl SqlWork {
    fn statements(&self) -> Statements<'_> {
        Statements {
            executor: Traced::new(&*self.transaction, self.dialect.name()),
            dialect: self.dialect,
            product: self.product,
        }
    }
}

#[async_trait]
impl Session for SqlWork {
    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        self.statements().read(plan, sink).await
    }

    async fn read_paired(&self, plan: &PairedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        self.statements().read_paired(plan, sink).await
    }

    async fn count(&self, plan: &ReadPlan) -> Result<u64, Problem> {
        self.statements().count(plan).await
    }

    async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
        self.statements().insert(plan).await
    }

    async fn insert_many(&self, plans: &[InsertPlan]) -> Result<Vec<Vec<Scalar>>, Problem> {
        self.statements().insert_many(plans).await
    }

    async fn update(&self, plan: &UpdatePlan) -> Result<u64, Problem> {
        self.statements().update(plan).await
    }

    async fn delete(&self, plan: &DeletePlan) -> Result<u64, Problem> {
        self.statements().delete(plan).await
    }
}

#[async_trait]
impl Work for SqlWork {
    async fn verify(&self) -> Result<(), Problem> {
        let done = self.transaction.verify().await;
        done.map_err(|f| problem(f, self.product))
    }

    async fn commit(self: Box<Self>) -> Result<(), Problem> {
        let product = self.product;
        self.transaction.commit().await.map_err(|f| problem(f, product))
    }

    async fn rollback(self: Box<Self>) -> Result<(), Problem> {
        let product = self.product;
        self.transaction.rollback().await.map_err(|f| problem(f, product))
    }
}
