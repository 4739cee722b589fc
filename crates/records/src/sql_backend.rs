//! The record engine's backend for every SQL database: plans become trees, trees become statements, and a driver
//! runs them.

mod fault;
mod translate;

use crate::backend::outside_filter;
use crate::ddl::{SchemaBackend, SqlSchema};
use crate::{
    Backend, Capabilities, DeletePlan, InsertPlan, RawTable, RawTableName, ReadPlan, Session, SqlSource,
    Table, UpdatePlan, Work,
};
use async_trait::async_trait;
use contract::Problem;
use driver::{Executor, Sink, Transaction, rows};
use sql::{Dialect, Expr, Scalar, Statement};
use std::sync::Arc;
use translate::{filter, read_field};

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
    executor: &'a dyn Executor,
    dialect: &'static dyn Dialect,
    product: &'static str,
}

impl Statements<'_> {
    fn problem(&self, fault: driver::Fault) -> Problem {
        problem(fault, self.product)
    }

    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let statement = sql::select(self.dialect, &translate::select(plan));
        self.executor
            .read(statement, sink)
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
        let counted = driver::scalar(self.executor, statement)
            .await
            .map_err(|f| self.problem(f))?;
        Ok(counted.to_int().and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
    }

    async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
        let table = &plan.table;
        // The check looks the row up by its key, so the key must come back even when nobody asked for it.
        let mut wanted = plan.returning.clone();
        if plan.check.is_some() {
            wanted.extend(
                table
                    .primary_key
                    .iter()
                    .filter(|key| !plan.returning.contains(key)),
            );
        }
        let tree = sql::Insert {
            table: table.native.clone(),
            values: plan
                .values
                .iter()
                .map(|(i, v)| (column(table, *i), Expr::Bind(v.clone())))
                .collect(),
            returning: wanted.iter().map(|i| read_field(table, *i)).collect(),
        };
        let statement = sql::insert(self.dialect, &tree);
        let stored = if self.dialect.returning() && !wanted.is_empty() {
            let found = rows(self.executor, statement)
                .await
                .map_err(|f| self.problem(f))?;
            found.into_iter().next().unwrap_or_default()
        } else {
            let written = self
                .executor
                .write(statement)
                .await
                .map_err(|f| self.problem(f))?;
            wanted.iter().map(|i| known(plan, *i, written.last_id)).collect()
        };
        if let Some(check) = &plan.check {
            let keys = wanted
                .iter()
                .zip(&stored)
                .filter(|(i, _)| table.primary_key.contains(i));
            let mut all: Vec<Expr> = keys
                .map(|(i, v)| Expr::eq(column(table, *i), v.clone()))
                .collect();
            if all.is_empty() {
                // Without a key the row is found by what was stored in it.
                all = plan
                    .values
                    .iter()
                    .map(|(i, v)| same(column(table, *i), v))
                    .collect();
            }
            all.push(filter(table, check));
            let found = translate::count_where(table, Expr::And(all));
            if self.count_of(sql::select(self.dialect, &found)).await? == 0 {
                return Err(outside_filter());
            }
        }
        Ok(stored.into_iter().take(plan.returning.len()).collect())
    }

    async fn update(&self, plan: &UpdatePlan) -> Result<u64, Problem> {
        let table = &plan.table;
        let condition = plan.condition.as_ref().map(|c| filter(table, c));
        let guarded = plan.check.is_some();
        // Which rows are about to change, so that exactly these can be checked afterwards.
        let changed = if guarded {
            self.keys(table, condition.clone()).await?
        } else {
            Vec::new()
        };
        let tree = sql::Update {
            table: table.native.clone(),
            set: plan
                .values
                .iter()
                .map(|(i, v)| (column(table, *i), Expr::Bind(v.clone())))
                .collect(),
            filter: condition,
        };
        let statement = self.bounded(sql::update(self.dialect, &tree))?;
        let written = self
            .executor
            .write(statement)
            .await
            .map_err(|f| self.problem(f))?;
        if let Some(check) = &plan.check {
            let visible = self.visible(table, plan, &changed, check).await?;
            if visible < changed.len() as u64 {
                return Err(outside_filter());
            }
        }
        Ok(written.rows)
    }

    async fn keys(&self, table: &Table, condition: Option<Expr>) -> Result<Vec<Vec<Scalar>>, Problem> {
        let statement = sql::select(self.dialect, &translate::keys(table, condition));
        rows(self.executor, statement).await.map_err(|f| self.problem(f))
    }

    /// How many of the changed rows meet the check now. The new values of key fields count.
    async fn visible(
        &self,
        table: &Table,
        plan: &UpdatePlan,
        changed: &[Vec<Scalar>],
        check: &crate::Condition,
    ) -> Result<u64, Problem> {
        let mut visible = 0;
        for piece in changed.chunks(500) {
            let one_of = piece.iter().map(|key| {
                let parts = table.primary_key.iter().zip(key).map(|(i, old)| {
                    let new = plan.values.iter().find(|(field, _)| field == i).map(|(_, v)| v);
                    same(column(table, *i), new.unwrap_or(old))
                });
                Expr::And(parts.collect())
            });
            let all = Expr::And(vec![Expr::Or(one_of.collect()), filter(table, check)]);
            visible += self
                .count_of(sql::select(self.dialect, &translate::count_where(table, all)))
                .await?;
        }
        Ok(visible)
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

fn column(table: &Table, field: usize) -> String {
    table.fields[field].column.name.clone()
}

fn same(column: String, value: &Scalar) -> Expr {
    if value.is_null() {
        Expr::IsNull {
            expr: Box::new(Expr::Column(column)),
            negated: false,
        }
    } else {
        Expr::eq(column, value.clone())
    }
}

/// The value of a field after an insert without RETURNING: what was sent, or the key that the database made.
fn known(plan: &InsertPlan, field: usize, last_id: Option<i64>) -> Scalar {
    let sent = plan
        .values
        .iter()
        .find(|(i, v)| *i == field && !v.is_null())
        .map(|(_, v)| v.clone());
    let made = plan.table.fields[field]
        .column
        .auto_increment
        .then_some(last_id)
        .flatten()
        .map(Scalar::Int);
    sent.or(made).unwrap_or_default()
}

#[async_trait]
impl Session for SqlBackend {
    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        self.statements().read(plan, sink).await
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
            executor: &*self.source,
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

    async fn begin(&self) -> Result<Box<dyn Work>, Problem> {
        let transaction = self.source.begin().await.map_err(|f| self.problem(f))?;
        Ok(Box::new(SqlWork {
            transaction,
            dialect: self.source.dialect(),
            product: self.source.product(),
        }))
    }

    fn schema(&self) -> Option<Box<dyn SchemaBackend + '_>> {
        self.source.schema()?;
        Some(Box::new(SqlSchema(&*self.source)))
    }

    async fn check(&self) -> Result<(), Problem> {
        self.source.check().await.map_err(|f| self.problem(f))
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
            executor: &*self.transaction,
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

    async fn count(&self, plan: &ReadPlan) -> Result<u64, Problem> {
        self.statements().count(plan).await
    }

    async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
        self.statements().insert(plan).await
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
    async fn commit(self: Box<Self>) -> Result<(), Problem> {
        let product = self.product;
        self.transaction.commit().await.map_err(|f| problem(f, product))
    }

    async fn rollback(self: Box<Self>) -> Result<(), Problem> {
        let product = self.product;
        self.transaction.rollback().await.map_err(|f| problem(f, product))
    }
}
