//! Records by filter with related ones, all in one statement.

use super::Read;
use crate::collect::own;
use crate::columns;
use crate::encode::RowWriter;
use crate::plan::{Column, NestedPlan, ReadPlan};
use crate::related::{self, List};
use crate::value::Shape;
use crate::{Cell, Flow, RelationKind, Sink};
use contract::{Format, Problem};
use std::any::Any;

/// Most parents that are read so. A subquery for each of more costs the database more than one list of their keys.
const FEW: u64 = 100;

impl Read<'_> {
    /// The rows and what is related to them as JSON; `None` where they must be read in another way.
    pub(super) async fn nested(&self, plan: &ReadPlan, prefix: &str) -> Result<Option<RowWriter>, Problem> {
        let engine = self.engine;
        let nesting = engine
            .backend
            .nesting()
            .filter(|_| engine.settings.related_in_one);
        let few = plan.limit.is_some_and(|limit| limit <= FEW);
        let plain = plan.columns.iter().all(|column| match column {
            Column::Field(field) => !plan.table.fields[*field].extra.is_aggregate,
            Column::Aggregate { .. } => false,
        });
        let json = self.request.format == Format::Json;
        let Some(nesting) = nesting.filter(|_| few && plain && json && plan.group.is_empty()) else {
            return Ok(None);
        };
        if engine.catalogue.completes(self.table()) {
            return Ok(None);
        }
        let Some(lists) = related::lists(engine, nesting, self.request, self.table(), &self.related).await?
        else {
            return Ok(None);
        };
        let sink = NestedRows::new(plan, &lists, prefix);
        let plan = NestedPlan {
            read: plan.clone(),
            lists: lists.into_iter().map(|list| list.plan).collect(),
        };
        let rows = own::<NestedRows>(nesting.read_nested(&plan, Box::new(sink)).await?);
        Ok((!rows.is_over()).then_some(rows.rows))
    }
}

/// Writes rows with lists that are JSON already.
struct NestedRows {
    rows: RowWriter,
    width: usize,
    lists: Vec<Left>,
}

/// How many records a relation may still put into the answer; `None` when there were more.
struct Left {
    kind: RelationKind,
    most: u64,
    left: Option<u64>,
}

impl NestedRows {
    fn new(plan: &ReadPlan, lists: &[List], prefix: &str) -> NestedRows {
        let names = lists.iter().map(|list| (list.name.as_str(), Shape::Plain));
        let shapes = columns::shapes(&plan.table, &plan.columns).chain(names);
        NestedRows {
            rows: RowWriter::new(Format::Json, shapes, None).after(prefix),
            width: plan.columns.len(),
            lists: lists
                .iter()
                .map(|list| Left {
                    kind: list.kind,
                    most: list.most,
                    left: Some(list.most),
                })
                .collect(),
        }
    }

    fn is_over(&self) -> bool {
        self.lists.iter().any(|list| list.left.is_none())
    }
}

impl Sink for NestedRows {
    fn cell(&mut self, index: usize, cell: Cell<'_>) {
        let Some(place) = index.checked_sub(self.width) else {
            return self.rows.cell(index, cell);
        };
        let Some(list) = self.lists.get_mut(place / 2) else {
            return;
        };
        if place % 2 == 0 {
            if let Cell::Int(count) = cell {
                list.left = list.left.and_then(|left| left.checked_sub(count.unsigned_abs()));
            }
            return;
        }
        let many = matches!(list.kind, RelationKind::HasMany | RelationKind::ManyMany);
        let parts = match (cell, list.kind) {
            (Cell::Text(text), _) if many => ["[", text, "]"],
            (Cell::Text(text), _) => ["", text, ""],
            (_, RelationKind::BelongsTo) => ["null", "", ""],
            _ => ["[]", "", ""],
        };
        self.rows.raw(self.width + place / 2, parts);
    }

    fn end_row(&mut self) -> Flow {
        match self.rows.end_row() {
            _ if self.is_over() => Flow::Stop,
            flow => flow,
        }
    }

    fn restart(&mut self) -> bool {
        for list in &mut self.lists {
            list.left = Some(list.most);
        }
        self.rows.restart()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}
