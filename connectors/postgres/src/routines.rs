//! Stored procedures and functions.
//!
//! As in the original, a function with OUT parameters (or a table of columns, which is the same to the server) is
//! listed among the procedures. A cursor that a routine opens is read inside its transaction.

mod catalogue;
mod statement;

use crate::cell::{form, text_cell};
use crate::fault::fault;
use crate::pool::Lease;
use crate::run;
use crate::source::Source;
use async_trait::async_trait;
use driver::{Fault, Flow, Scalar, Sink};
use records::SqlSource;
use records::routines::{Call, Gather, Given, Invocation, Outcome, Routine, RoutineKind, Routines};
use sql::Statement;
use tokio_postgres::{Column, SimpleQueryMessage};

/// The type of a cursor's name.
const CURSOR: &str = "refcursor";

#[async_trait]
impl Routines for Source {
    async fn list(&self, kind: RoutineKind) -> Result<Vec<String>, Fault> {
        catalogue::list(self, self.schemas(), kind).await
    }

    async fn describe(&self, kind: RoutineKind, public: &str) -> Result<Vec<Routine>, Fault> {
        catalogue::describe(self, self.schemas(), kind, public).await
    }

    async fn call(&self, call: &Call<'_>) -> Result<Outcome, Fault> {
        let routine = call.routine;
        let mut lease = self.connections().lease().await?;
        lease.spent = routine.volatile;
        let mut gather = Gather::new(call.max_rows);
        if !gives_cursors(routine) {
            self.noted(lease.work(run_alone(&lease, call, &mut gather)).await)?;
            return Ok(gather.outcome());
        }
        lease.begin().await?;
        let read = lease.work(with_cursors(&lease, call, &mut gather)).await;
        let outcome = self.noted(read)?;
        if !outcome.truncated {
            lease.end("COMMIT").await?;
        }
        Ok(outcome)
    }

    fn product(&self) -> &'static str {
        SqlSource::product(self)
    }
}

fn gives_cursors(routine: &Routine) -> bool {
    routine.returns_native == CURSOR || routine.outputs().any(|p| p.native == CURSOR)
}

async fn run_alone(lease: &Lease, call: &Call<'_>, gather: &mut Gather) -> Result<(), Fault> {
    run_statement(lease, call, gather, true).await
}

/// Runs the routine and reads the cursors that it opened: those of OUT parameters become their values, those that
/// it returns become the data sets.
async fn with_cursors(lease: &Lease, call: &Call<'_>, gather: &mut Gather) -> Result<Outcome, Fault> {
    run_statement(lease, call, gather, false).await?;
    let opened = gather.take();
    let mut outcome = Outcome::default();
    if call.routine.outputs().next().is_none() {
        let names = opened
            .iter()
            .flat_map(|set| &set.rows)
            .filter_map(|row| row.first());
        let names: Vec<String> = names.filter_map(Scalar::to_text).collect();
        for name in names {
            fetch(lease, &name, gather).await?;
        }
        outcome.sets = gather.take();
    } else if let [set] = &opened[..]
        && let [row] = &set.rows[..]
    {
        // One column per OUT parameter, in order.
        for (parameter, cell) in call.routine.outputs().zip(row) {
            let given = match cell.to_text().filter(|_| parameter.native == CURSOR) {
                Some(name) => {
                    fetch(lease, &name, gather).await?;
                    Given::Rows(gather.take().pop().unwrap_or_default())
                }
                None => Given::Value(cell.clone()),
            };
            outcome.out.push(given);
        }
    } else {
        outcome.sets = opened;
    }
    outcome.truncated = gather.is_truncated();
    Ok(outcome)
}

/// Runs the routine itself. `alone` says that it is not part of a transaction.
async fn run_statement(
    lease: &Lease,
    call: &Call<'_>,
    gather: &mut Gather,
    alone: bool,
) -> Result<(), Fault> {
    let statement = statement::of(call);
    let prepared = run::prepared(lease, &statement.text).await?;
    let columns = prepared.columns();
    if call.routine.invocation == Invocation::Call && !readable(columns, lease.utc()) {
        // CALL cannot be wrapped in casts to text as a SELECT can.
        for (name, value) in statement::settings(call) {
            let set = Statement {
                text: "SELECT pg_catalog.set_config($1, $2, false)".to_owned(),
                values: vec![name.into(), value.into()],
            };
            run::write(lease, &set, alone).await?;
        }
        return as_text(lease, &statement::of_settings(call), columns, gather).await;
    }
    gather.begin(names(columns));
    let opened = run::open(lease, &statement, alone).await?;
    run::push(lease, opened, gather, alone).await
}

/// Reads what is left of a cursor, up to one row more than is wanted.
async fn fetch(lease: &Lease, cursor: &str, gather: &mut Gather) -> Result<(), Fault> {
    let statement = statement::fetch(cursor, gather.left().saturating_add(1));
    let prepared = run::prepared(lease, &statement).await?;
    let columns = prepared.columns();
    if !readable(columns, lease.utc()) {
        return as_text(lease, &statement, columns, gather).await;
    }
    gather.begin(names(columns));
    let opened = run::open(lease, &Statement::fixed(statement), false).await?;
    run::push(lease, opened, gather, false).await
}

/// Runs a statement whose values the server writes out itself: a protocol without parameters, so the text holds
/// none. The columns tell which of the texts are numbers.
async fn as_text(lease: &Lease, text: &str, columns: &[Column], gather: &mut Gather) -> Result<(), Fault> {
    gather.begin(names(columns));
    let answer = lease
        .client()
        .simple_query(text)
        .await
        .map_err(|error| fault(&error))?;
    for message in &answer {
        let SimpleQueryMessage::Row(row) = message else {
            continue;
        };
        for (i, column) in columns.iter().enumerate() {
            gather.cell(
                i,
                text_cell(column.type_(), row.try_get(i).map_err(|error| fault(&error))?),
            );
        }
        if gather.end_row() == Flow::Stop {
            break;
        }
    }
    Ok(())
}

fn readable(columns: &[Column], utc: bool) -> bool {
    columns.iter().all(|column| form(column.type_(), utc).is_some())
}

fn names(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}
