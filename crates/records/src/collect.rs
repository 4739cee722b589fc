//! Rows as values, for answers that something must still look at: relations, computed fields, other formats.

use crate::columns;
use crate::value::{Shape, to_json};
use crate::{Cell, Flow, ReadPlan, Session, Sink};
use contract::{Map, Problem, Value};
use std::any::Any;

/// Collects rows as objects.
pub(crate) struct Objects {
    /// The rows so far.
    pub(crate) rows: Vec<Map<String, Value>>,
    columns: Vec<(String, Shape)>,
    row: Map<String, Value>,
}

impl Objects {
    /// With these columns.
    pub(crate) fn new<'c>(columns: impl Iterator<Item = (&'c str, Shape)>) -> Objects {
        let columns: Vec<_> = columns.map(|(name, shape)| (name.to_owned(), shape)).collect();
        Objects {
            rows: Vec::new(),
            row: Map::with_capacity(columns.len()),
            columns,
        }
    }
}

impl Sink for Objects {
    fn cell(&mut self, index: usize, cell: Cell<'_>) {
        if let Some((name, shape)) = self.columns.get(index) {
            self.row.insert(name.clone(), to_json(*shape, cell));
        }
    }

    fn end_row(&mut self) -> Flow {
        let next = Map::with_capacity(self.columns.len());
        self.rows.push(std::mem::replace(&mut self.row, next));
        Flow::More
    }

    fn restart(&mut self) -> bool {
        self.rows.clear();
        self.row.clear();
        true
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

/// Gives a sink back in its own type.
pub(crate) fn own<S: Sink>(sink: Box<dyn Sink>) -> S {
    *sink
        .into_any()
        .downcast::<S>()
        .expect("a backend gives back the sink it was given")
}

/// Reads rows as objects.
pub(crate) async fn rows(session: &dyn Session, plan: &ReadPlan) -> Result<Vec<Map<String, Value>>, Problem> {
    let sink = Objects::new(columns::shapes(&plan.table, &plan.columns));
    Ok(own::<Objects>(session.read(plan, Box::new(sink)).await?).rows)
}
