//! A backend whose dates and times are in the configured form.

use super::ClientFormats;
use crate::collect::own;
use crate::ddl::SchemaBackend;
use crate::plan::{Column, Condition, Operand, Target};
use crate::{
    Backend, Capabilities, DeletePlan, InsertPlan, Kind, NewValue, PairedPlan, RawTable, RawTableName,
    ReadPlan, Routines, Session, Table, UpdatePlan, Work,
};
use async_trait::async_trait;
use contract::Problem;
use driver::{Cell, Flow, Sink};
use futures_util::future::BoxFuture;
use sql::{Aggregate, Scalar};
use std::ops::Deref;
use std::sync::Arc;

/// A backend or a unit of work, seen through the configured forms.
pub(crate) struct Formatted<P> {
    inner: P,
    formats: Arc<ClientFormats>,
}

impl Formatted<Arc<dyn Backend>> {
    pub(crate) fn new(inner: Arc<dyn Backend>, formats: ClientFormats) -> Formatted<Arc<dyn Backend>> {
        let formats = Arc::new(formats);
        Formatted { inner, formats }
    }
}

impl<P> Formatted<P> {
    fn read_plan(&self, plan: &ReadPlan) -> ReadPlan {
        ReadPlan {
            condition: self.condition(&plan.table, plan.condition.clone()),
            having: self.condition(&plan.table, plan.having.clone()),
            ..plan.clone()
        }
    }

    /// The types of the columns that are shown in another form.
    fn kinds(&self, plan: &ReadPlan) -> Vec<Option<Kind>> {
        let target = |column: &Column| match column {
            Column::Field(field) => Target::Field(*field),
            Column::Aggregate { function, field, .. } => Target::Aggregate(*function, *field),
        };
        let columns = plan.columns.iter().map(target);
        columns.map(|target| self.covered(&plan.table, target)).collect()
    }

    fn covered(&self, table: &Table, target: Target) -> Option<Kind> {
        kind(table, target).filter(|kind| self.formats.covers(*kind))
    }

    fn showing(&self, kinds: Vec<Option<Kind>>, inner: Box<dyn Sink>) -> Box<Showing> {
        let formats = self.formats.clone();
        Box::new(Showing {
            kinds,
            formats,
            inner,
        })
    }

    fn insert_plan(&self, plan: &InsertPlan) -> InsertPlan {
        InsertPlan {
            values: self.values(&plan.table, &plan.values),
            check: self.condition(&plan.table, plan.check.clone()),
            ..plan.clone()
        }
    }

    fn values(&self, table: &Table, values: &[(usize, NewValue)]) -> Vec<(usize, NewValue)> {
        let native = |(field, value): &(usize, NewValue)| match value {
            NewValue::Value(value) => {
                let value = self.native(table.fields[*field].kind, value.clone());
                (*field, NewValue::Value(value))
            }
            computed => (*field, computed.clone()),
        };
        values.iter().map(native).collect()
    }

    fn native(&self, kind: Kind, value: Scalar) -> Scalar {
        let native = match &value {
            Scalar::Text(text) => self.formats.native(kind, text),
            _ => None,
        };
        native.map_or(value, Scalar::Text)
    }

    fn condition(&self, table: &Table, condition: Option<Condition>) -> Option<Condition> {
        condition.map(|condition| self.translated(table, condition))
    }

    fn translated(&self, table: &Table, condition: Condition) -> Condition {
        let all = |parts: Vec<Condition>| {
            parts
                .into_iter()
                .map(|part| self.translated(table, part))
                .collect()
        };
        let one = |part: Box<Condition>| Box::new(self.translated(table, *part));
        let kind = |target: Target| kind(table, target);
        let operand = |target: Target, operand: Operand| match (kind(target), operand) {
            (Some(kind), Operand::Value(value)) => Operand::Value(self.native(kind, value)),
            (_, operand) => operand,
        };
        match condition {
            Condition::And(parts) => Condition::And(all(parts)),
            Condition::Or(parts) => Condition::Or(all(parts)),
            Condition::Xor(left, right) => Condition::Xor(one(left), one(right)),
            Condition::Not(inner) => Condition::Not(one(inner)),
            Condition::Compare(target, op, value) => Condition::Compare(target, op, operand(target, value)),
            Condition::Between(target, low, high) => {
                Condition::Between(target, operand(target, low), operand(target, high))
            }
            Condition::In(target, values) => match kind(target) {
                Some(kind) => {
                    Condition::In(target, values.into_iter().map(|v| self.native(kind, v)).collect())
                }
                None => Condition::In(target, values),
            },
            Condition::Related(mut hop) => {
                let inner = hop.condition.take();
                hop.condition = self.condition(&hop.table, inner);
                Condition::Related(hop)
            }
            same @ (Condition::Like(..) | Condition::ILike(..) | Condition::IsNull(_)) => same,
        }
    }

    fn shown(&self, table: &Table, fields: &[usize], row: Vec<Scalar>) -> Vec<Scalar> {
        let show = |(field, value): (&usize, Scalar)| match &value {
            Scalar::Text(text) => {
                let shown = self.formats.shown(table.fields[*field].kind, text);
                shown.map_or(value, Scalar::Text)
            }
            _ => value,
        };
        fields.iter().zip(row).map(show).collect()
    }
}

/// The type of what a comparison looks at, or of a column of the result.
fn kind(table: &Table, target: Target) -> Option<Kind> {
    match target {
        Target::Field(field) | Target::Aggregate(Aggregate::Min | Aggregate::Max, Some(field)) => {
            Some(table.fields[field].kind)
        }
        Target::Aggregate(..) => None,
    }
}

#[async_trait]
impl<P> Session for Formatted<P>
where
    P: Deref + Send + Sync,
    P::Target: Session,
{
    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let showing = self.showing(self.kinds(plan), sink);
        let sink = self.inner.read(&self.read_plan(plan), showing).await?;
        Ok(own::<Showing>(sink).inner)
    }

    async fn read_paired(&self, plan: &PairedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let mut kinds = self.kinds(&plan.read);
        let near = plan.near.iter().map(|field| Target::Field(*field));
        kinds.extend(near.map(|target| self.covered(&plan.between, target)));
        let native = PairedPlan {
            read: self.read_plan(&plan.read),
            condition: self.condition(&plan.between, plan.condition.clone()),
            ..plan.clone()
        };
        let sink = self.inner.read_paired(&native, self.showing(kinds, sink)).await?;
        Ok(own::<Showing>(sink).inner)
    }

    async fn count(&self, plan: &ReadPlan) -> Result<u64, Problem> {
        self.inner.count(&self.read_plan(plan)).await
    }

    async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
        let row = self.inner.insert(&self.insert_plan(plan)).await?;
        Ok(self.shown(&plan.table, &plan.returning, row))
    }

    async fn insert_many(&self, plans: &[InsertPlan]) -> Result<Vec<Vec<Scalar>>, Problem> {
        let native: Vec<InsertPlan> = plans.iter().map(|plan| self.insert_plan(plan)).collect();
        let rows = self.inner.insert_many(&native).await?;
        let shown = |(plan, row): (&InsertPlan, _)| self.shown(&plan.table, &plan.returning, row);
        Ok(plans.iter().zip(rows).map(shown).collect())
    }

    async fn update(&self, plan: &UpdatePlan) -> Result<u64, Problem> {
        let native = UpdatePlan {
            table: plan.table.clone(),
            values: self.values(&plan.table, &plan.values),
            condition: self.condition(&plan.table, plan.condition.clone()),
            check: self.condition(&plan.table, plan.check.clone()),
        };
        self.inner.update(&native).await
    }

    async fn delete(&self, plan: &DeletePlan) -> Result<u64, Problem> {
        let condition = self.condition(&plan.table, plan.condition.clone());
        let table = plan.table.clone();
        self.inner.delete(&DeletePlan { table, condition }).await
    }
}

#[async_trait]
impl Work for Formatted<Box<dyn Work>> {
    async fn verify(&self) -> Result<(), Problem> {
        self.inner.verify().await
    }

    async fn commit(self: Box<Self>) -> Result<(), Problem> {
        self.inner.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), Problem> {
        self.inner.rollback().await
    }
}

#[async_trait]
impl Backend for Formatted<Arc<dyn Backend>> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Problem> {
        self.inner.tables().await
    }

    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Problem> {
        self.inner.describe(public).await
    }

    fn routines(&self) -> Option<&dyn Routines> {
        self.inner.routines()
    }

    async fn begin(&self) -> Result<Box<dyn Work>, Problem> {
        let formats = self.formats.clone();
        let inner = self.inner.begin().await?;
        Ok(Box::new(Formatted { inner, formats }))
    }

    fn pool(&self) -> Option<contract::PoolState> {
        self.inner.pool()
    }

    fn schema(&self) -> Option<Box<dyn SchemaBackend + '_>> {
        self.inner.schema()
    }

    async fn check(&self) -> Result<(), Problem> {
        self.inner.check().await
    }

    async fn try_connection(&self) -> Result<contract::Tried, Problem> {
        self.inner.try_connection().await
    }
}

/// Turns the text of some columns into the configured form before another sink takes it.
struct Showing {
    kinds: Vec<Option<Kind>>,
    formats: Arc<ClientFormats>,
    inner: Box<dyn Sink>,
}

impl Sink for Showing {
    fn cell(&mut self, index: usize, cell: Cell<'_>) {
        let kind = self.kinds.get(index).copied().flatten();
        let cell = cell.checked();
        let shown = match (kind, cell) {
            (Some(kind), Cell::Text(text)) => self.formats.shown(kind, text),
            _ => None,
        };
        self.inner.cell(index, shown.as_deref().map_or(cell, Cell::Text));
    }

    fn end_row(&mut self) -> Flow {
        self.inner.end_row()
    }

    fn drain(&mut self) -> BoxFuture<'_, ()> {
        self.inner.drain()
    }

    fn restart(&mut self) -> bool {
        self.inner.restart()
    }

    fn into_any(self: Box<Self>) -> Box<dyn std::any::Any + Send> {
        self
    }
}
