//! Statements on a connection: prepared once, values bound, rows pushed into the sink from the server's bytes.

use crate::bind::Bound;
use crate::cell::{Form, Raw, cell, form};
use crate::fault::{fault, is_stale};
use crate::pool::Lease;
use deadpool_postgres::ClientWrapper;
use driver::{Cell, Fault, FaultKind, Flow, Sink, Written};
use futures_util::TryStreamExt;
use sql::{Dialect, Statement};
use std::pin::{Pin, pin};
use std::time::Duration;
use tokio_postgres::{Column, Error, RowStream, Statement as Prepared};

/// Prepared statements kept per connection. Clients' filters make ever new texts; the server must not keep all.
const KEPT: usize = 256;
/// How long the rest of a read that was stopped is awaited before it is cancelled: mostly nothing is left of it.
const REST: Duration = Duration::from_millis(20);

/// A read whose first answer has arrived.
pub(crate) struct Opened {
    rows: RowStream,
    forms: Vec<Form>,
}

/// Prepares and sends a statement that gives rows. `alone` says that it is not part of a transaction, so that it
/// can be sent again when the server finds the prepared one out of date.
pub(crate) async fn open(lease: &Lease, statement: &Statement, alone: bool) -> Result<Opened, Fault> {
    let client = lease.client();
    let mut again = alone;
    loop {
        let (prepared, forms) = prepare(client, &statement.text, lease.utc()).await?;
        match client
            .query_raw(&prepared, statement.values.iter().map(Bound))
            .await
        {
            Ok(rows) => return Ok(Opened { rows, forms }),
            Err(error) => retry(client, &error, &mut again)?,
        }
    }
}

/// Runs a statement that gives no rows.
pub(crate) async fn write(lease: &Lease, statement: &Statement, alone: bool) -> Result<Written, Fault> {
    let client = lease.client();
    let mut again = alone;
    loop {
        let prepared = cached(client, &statement.text)
            .await
            .map_err(|error| fault(&error))?;
        match client
            .execute_raw(&prepared, statement.values.iter().map(Bound))
            .await
        {
            Ok(rows) => return Ok(Written { rows, last_id: None }),
            Err(error) => retry(client, &error, &mut again)?,
        }
    }
}

/// Whether to prepare and send once more: only when the server refused before doing anything.
fn retry(client: &ClientWrapper, error: &Error, again: &mut bool) -> Result<(), Fault> {
    let fault = fault(error);
    let stale = is_stale(error);
    if stale || fault.kind == FaultKind::Value {
        // A column may have got another type since; the next call shall see it.
        client.statement_cache.clear();
    }
    if stale && std::mem::take(again) {
        Ok(())
    } else {
        Err(fault)
    }
}

/// A statement, not run: it tells its columns.
pub(crate) async fn prepared(lease: &Lease, text: &str) -> Result<Prepared, Fault> {
    cached(lease.client(), text).await.map_err(|error| fault(&error))
}

async fn cached(client: &ClientWrapper, text: &str) -> Result<Prepared, Error> {
    if client.statement_cache.size() >= KEPT {
        client.statement_cache.clear();
    }
    client.prepare_cached(text).await
}

/// Prepares a statement and says how its columns are read. Columns of a type that only the server can write out
/// (ranges, moments in another time zone, the sum of a `money` column) are cast to text around the statement.
async fn prepare(client: &ClientWrapper, text: &str, utc: bool) -> Result<(Prepared, Vec<Form>), Fault> {
    let prepared = cached(client, text).await.map_err(|error| fault(&error))?;
    if let Some(forms) = forms(prepared.columns(), utc) {
        return Ok((prepared, forms));
    }
    let around = around(text, prepared.columns(), utc);
    let prepared = cached(client, &around).await.map_err(|error| fault(&error))?;
    match forms(prepared.columns(), utc) {
        Some(forms) => Ok((prepared, forms)),
        None => Err(Fault::new(
            FaultKind::Other,
            "a column of the result cannot be written as text",
        )),
    }
}

fn forms(columns: &[Column], utc: bool) -> Option<Vec<Form>> {
    columns.iter().map(|column| form(column.type_(), utc)).collect()
}

fn around(text: &str, columns: &[Column], utc: bool) -> String {
    let names = (0..columns.len())
        .map(|i| format!("c{i}"))
        .collect::<Vec<_>>()
        .join(", ");
    let (before, after) = crate::dialect::DIALECT.as_text();
    let list: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(i, column)| match form(column.type_(), utc) {
            Some(_) => format!("c{i}"),
            None => format!("{before}c{i}{after}"),
        })
        .collect();
    format!("WITH q ({names}) AS ({text}) SELECT {} FROM q", list.join(", "))
}

/// Pushes the rows into the sink. After [`Flow::Stop`] the rest is thrown away: awaited inside a transaction,
/// which a cancel would spoil, else left to the lease when it is more than a little.
pub(crate) async fn push(
    lease: &Lease,
    opened: Opened,
    sink: &mut dyn Sink,
    alone: bool,
) -> Result<(), Fault> {
    let Opened { rows, forms } = opened;
    let mut rows = pin!(rows);
    let mut scratch = String::new();
    while let Some(row) = rows.try_next().await.map_err(|error| fault(&error))? {
        for (i, form) in forms.iter().enumerate() {
            let raw: Option<Raw<'_>> = row.try_get(i).map_err(|error| fault(&error))?;
            let value = match raw {
                None => Some(Cell::Null),
                Some(Raw(bytes)) => cell(*form, bytes, &mut scratch),
            };
            let value = value
                .ok_or_else(|| Fault::new(FaultKind::Other, "a value does not have the form of its type"))?;
            sink.cell(i, value);
        }
        match sink.end_row() {
            Flow::More => {}
            Flow::Drain => sink.drain().await,
            Flow::Stop => {
                let rest = discard(rows);
                if !alone {
                    return rest.await.map_err(|error| fault(&error));
                }
                if tokio::time::timeout(REST, rest).await.is_err() {
                    lease.leave_running();
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

async fn discard(mut rows: Pin<&mut RowStream>) -> Result<(), Error> {
    while rows.try_next().await?.is_some() {}
    Ok(())
}
