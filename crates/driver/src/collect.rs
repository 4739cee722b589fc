//! A sink that keeps rows as values, for our own small statements.

use crate::{Cell, Executor, Fault, Flow, Scalar, Sink, Statement};
use std::any::Any;

/// Collects rows as owned values.
#[derive(Debug, Default)]
pub struct Collect {
    /// The rows so far.
    pub rows: Vec<Vec<Scalar>>,
    row: Vec<Scalar>,
}

impl Sink for Collect {
    fn cell(&mut self, _index: usize, cell: Cell<'_>) {
        self.row.push(cell.to_scalar());
    }

    fn end_row(&mut self) -> Flow {
        let width = self.row.len();
        self.rows
            .push(std::mem::replace(&mut self.row, Vec::with_capacity(width)));
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

/// Runs a statement and gives all its rows.
pub async fn rows(executor: &dyn Executor, statement: Statement) -> Result<Vec<Vec<Scalar>>, Fault> {
    let sink = executor.read(statement, Box::<Collect>::default()).await?;
    let collected = sink
        .into_any()
        .downcast::<Collect>()
        .expect("a driver gives back the sink it was given");
    Ok(collected.rows)
}

/// Runs a statement and gives the first cell of its first row; NULL when there is no row.
pub async fn scalar(executor: &dyn Executor, statement: Statement) -> Result<Scalar, Fault> {
    let first = rows(executor, statement).await?.into_iter().next();
    Ok(first.and_then(|row| row.into_iter().next()).unwrap_or_default())
}
