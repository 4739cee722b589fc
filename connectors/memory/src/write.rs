//! Writes. Each runs on a copy of the database that is thrown away when the write is refused.

use crate::condition::meets;
use crate::database::{Database, Row, Stored};
use crate::fit::fit;
use crate::group::OneRow;
use crate::hop::resolved;
use crate::{clock, formula, problem, reference};
use contract::Problem;
use driver::{Fault, FaultKind};
use records::backend::outside_filter;
use records::{Condition, DeletePlan, InsertPlan, NewValue, RawColumn, Scalar, Table, UpdatePlan};
use serde_json::Value;
use sql::Moment;

/// Stores a row; gives the values asked for.
pub(crate) fn insert(database: &mut Database, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
    let (row, places) = stored_row(database, plan).map_err(problem)?;
    check(&row, &places, plan.check.as_ref())?;
    Ok(plan
        .returning
        .iter()
        .map(|field| row[places[*field]].clone())
        .collect())
}

fn stored_row(database: &mut Database, plan: &InsertPlan) -> Result<(Row, Vec<usize>), Fault> {
    let name = &plan.table.native;
    let stored = database.table_mut(name)?;
    let places = stored.fields(&plan.table)?;
    let given = values(stored, &plan.table, &plan.values, &[], &places)?;
    let mut row = Vec::with_capacity(stored.raw.columns.len());
    for (i, column) in stored.raw.columns.iter().enumerate() {
        let sent = given
            .iter()
            .find(|(place, _)| *place == i)
            .map(|(_, value)| value.clone());
        let value = match sent {
            Some(Scalar::Null) | None if column.auto_increment => Scalar::Int(stored.last + 1),
            Some(value) => value,
            None => default(column)?,
        };
        if let Some(number) = value.to_int().filter(|_| column.auto_increment) {
            stored.last = stored.last.max(number);
        }
        row.push(value);
    }
    check_row(stored, &row)?;
    stored.rows.push(row.clone());
    reference::check_unique(stored)?;
    reference::check_references_from(database, name)?;
    Ok((row, places))
}

/// Changes rows; gives how many were found.
pub(crate) fn update(database: &mut Database, plan: &UpdatePlan) -> Result<u64, Problem> {
    let name = &plan.table.native;
    let places = database
        .table(name)
        .and_then(|stored| stored.fields(&plan.table))
        .map_err(problem)?;
    let changed = changed_rows(database, plan, &places).map_err(problem)?;
    for row in &changed {
        check(row, &places, plan.check.as_ref())?;
    }
    Ok(changed.len() as u64)
}

fn changed_rows(database: &mut Database, plan: &UpdatePlan, places: &[usize]) -> Result<Vec<Row>, Fault> {
    let name = &plan.table.native;
    let condition = resolved(database, plan.condition.as_ref())?;
    let stored = database.table_mut(name)?;
    let mut changed = Vec::new();
    for i in 0..stored.rows.len() {
        if !meets(
            &OneRow {
                row: &stored.rows[i],
                places,
            },
            condition.as_ref(),
        )? {
            continue;
        }
        for (place, value) in values(stored, &plan.table, &plan.values, &stored.rows[i], places)? {
            stored.rows[i][place] = value;
        }
        check_row(stored, &stored.rows[i])?;
        changed.push(stored.rows[i].clone());
    }
    reference::check_unique(stored)?;
    reference::check_references_from(database, name)?;
    reference::check_references_to(database, name)?;
    Ok(changed)
}

/// Removes rows; gives how many.
pub(crate) fn delete(database: &mut Database, plan: &DeletePlan) -> Result<u64, Problem> {
    removed(database, plan).map_err(problem)
}

fn removed(database: &mut Database, plan: &DeletePlan) -> Result<u64, Fault> {
    let name = &plan.table.native;
    let condition = resolved(database, plan.condition.as_ref())?;
    let stored = database.table_mut(name)?;
    let places = stored.fields(&plan.table)?;
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for row in std::mem::take(&mut stored.rows) {
        let found = meets(
            &OneRow {
                row: &row,
                places: &places,
            },
            condition.as_ref(),
        )?;
        if found { gone.push(row) } else { kept.push(row) }
    }
    stored.rows = kept;
    reference::after_delete(database, name, &gone)?;
    Ok(gone.len() as u64)
}

/// The new values in the form in which their columns keep them, with their places. Expressions look at the row as
/// it was.
fn values(
    stored: &Stored,
    table: &Table,
    given: &[(usize, NewValue)],
    row: &[Scalar],
    places: &[usize],
) -> Result<Vec<(usize, Scalar)>, Fault> {
    let one = |(field, value): &(usize, NewValue)| {
        let known = table.fields.get(*field);
        let known = known.ok_or_else(|| Fault::new(FaultKind::NoColumn, format!("no field {field}")))?;
        let place = stored.column(&known.column.name)?;
        let column = &stored.raw.columns[place];
        if column.generated {
            return Err(
                Fault::new(FaultKind::Value, "a computed column cannot be written")
                    .with_detail(Some(column.name.clone())),
            );
        }
        Ok((place, fit(column, formula::evaluate(value, row, places)?)?))
    };
    given.iter().map(one).collect()
}

/// What a column holds when nothing is sent. Of expressions, only the clock is known.
fn default(column: &RawColumn) -> Result<Scalar, Fault> {
    let value = match &column.default {
        Value::Null => Scalar::Null,
        Value::Bool(flag) => Scalar::Bool(*flag),
        Value::Number(number) => Scalar::Text(number.to_string()),
        Value::String(text) => Scalar::Text(text.clone()),
        Value::Object(_) | Value::Array(_) => clock::moment(Moment {
            date_only: false,
            offset: None,
        })?,
    };
    fit(column, value)
}

fn check_row(stored: &Stored, row: &Row) -> Result<(), Fault> {
    let key = |column: &RawColumn| stored.raw.primary_key.contains(&column.name);
    let mut columns = stored.raw.columns.iter().zip(row);
    match columns.find(|(column, value)| value.is_null() && (!column.allow_null || key(column))) {
        Some((column, _)) => Err(Fault::new(FaultKind::NotNull, "NULL where there must be a value")
            .with_detail(Some(column.name.clone()))),
        None => Ok(()),
    }
}

fn check(row: &Row, places: &[usize], condition: Option<&Condition>) -> Result<(), Problem> {
    if meets(&OneRow { row, places }, condition).map_err(problem)? {
        Ok(())
    } else {
        Err(outside_filter())
    }
}
