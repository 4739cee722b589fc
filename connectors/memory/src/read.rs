//! Reads: condition, groups, HAVING, order, offset, limit, columns — in this order.

use crate::condition::{Values, meets};
use crate::database::{Database, Row};
use crate::group::{Group, OneRow, split};
use crate::hop::resolved;
use crate::{order, problem};
use contract::Problem;
use driver::{Cell, Fault};
use records::{Column, OrderItem, PairedPlan, ReadPlan, Scalar, Target};
use sql::NullsOrder;
use std::cmp::Ordering;

/// The rows of a read, a cell per column of the plan.
pub(crate) fn rows(database: &Database, plan: &ReadPlan) -> Result<Vec<Row>, Problem> {
    found(database, plan).map_err(problem)
}

/// The pairs of a read through a table between: the cells of the read, then the near fields.
pub(crate) fn paired(database: &Database, plan: &PairedPlan) -> Result<Vec<Row>, Problem> {
    let columns = plan.read.columns.len();
    let keys = plan.on.iter().map(|(field, _)| Column::Field(*field));
    let read = ReadPlan {
        columns: plan.read.columns.iter().cloned().chain(keys).collect(),
        limit: None,
        ..plan.read.clone()
    };
    let far = plan.on.iter().map(|(_, field)| field);
    let between = ReadPlan {
        table: plan.between.clone(),
        columns: plan.near.iter().chain(far).copied().map(Column::Field).collect(),
        condition: plan.condition.clone(),
        group: Vec::new(),
        having: None,
        order: Vec::new(),
        limit: None,
        offset: 0,
    };
    let between = rows(database, &between)?;
    let limit = plan.read.limit.and_then(|limit| usize::try_from(limit).ok());
    let mut pairs = Vec::new();
    for mut row in rows(database, &read)? {
        let key = row.split_off(columns);
        for link in &between {
            let (near, far) = link.split_at(plan.near.len());
            let equal = |(a, b): (&Scalar, &Scalar)| !a.is_null() && order::total(a, b).is_eq();
            if key.iter().zip(far).all(equal) {
                pairs.push(row.iter().chain(near).cloned().collect());
            }
        }
    }
    pairs.truncate(limit.unwrap_or(usize::MAX));
    Ok(pairs)
}

/// How many rows meet the plan's condition.
pub(crate) fn count(database: &Database, plan: &ReadPlan) -> Result<u64, Problem> {
    let counted = database.table(&plan.table.native).and_then(|stored| {
        let places = stored.fields(&plan.table)?;
        let condition = resolved(database, plan.condition.as_ref())?;
        let mut n = 0;
        for row in &stored.rows {
            n += u64::from(meets(&OneRow { row, places: &places }, condition.as_ref())?);
        }
        Ok(n)
    });
    counted.map_err(problem)
}

/// The rows of a read.
pub(crate) fn found(database: &Database, plan: &ReadPlan) -> Result<Vec<Row>, Fault> {
    let stored = database.table(&plan.table.native)?;
    let places = stored.fields(&plan.table)?;
    let condition = resolved(database, plan.condition.as_ref())?;
    let mut rows = Vec::new();
    for row in &stored.rows {
        if meets(&OneRow { row, places: &places }, condition.as_ref())? {
            rows.push(row);
        }
    }
    let aggregates = plan
        .columns
        .iter()
        .any(|column| matches!(column, Column::Aggregate { .. }));
    let mut groups = if plan.group.is_empty() && !aggregates {
        rows.into_iter()
            .map(|row| Group {
                rows: vec![row],
                places: &places,
            })
            .collect()
    } else {
        split(rows, &plan.group, &places)?
    };
    if plan.having.is_some() {
        let mut kept = Vec::new();
        for group in groups {
            if meets(&group, plan.having.as_ref())? {
                kept.push(group);
            }
        }
        groups = kept;
    }
    let offset = usize::try_from(plan.offset).unwrap_or(usize::MAX);
    let limit = plan
        .limit
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(usize::MAX);
    let ordered = sorted(groups, &plan.order)?;
    ordered
        .iter()
        .skip(offset)
        .take(limit)
        .map(|group| cells(group, plan))
        .collect()
}

fn cells(group: &Group<'_>, plan: &ReadPlan) -> Result<Row, Fault> {
    let targets = plan.columns.iter().map(|column| match column {
        Column::Field(field) => Target::Field(*field),
        Column::Aggregate { function, field, .. } => Target::Aggregate(*function, *field),
    });
    targets
        .map(|target| group.value(target).map(|value| value.into_owned()))
        .collect()
}

fn sorted<'a>(groups: Vec<Group<'a>>, by: &[OrderItem]) -> Result<Vec<Group<'a>>, Fault> {
    let mut keyed = Vec::with_capacity(groups.len());
    for group in groups {
        let parts = by
            .iter()
            .map(|item| group.value(Target::Field(item.field)).map(|v| v.into_owned()));
        keyed.push((parts.collect::<Result<Vec<Scalar>, _>>()?, group));
    }
    keyed.sort_by(|(a, _), (b, _)| {
        let parts = by
            .iter()
            .zip(a.iter().zip(b))
            .map(|(item, (a, b))| ordering(*item, a, b));
        parts.fold(Ordering::Equal, Ordering::then)
    });
    Ok(keyed.into_iter().map(|(_, group)| group).collect())
}

/// NULL is less than all values unless its place is asked for.
fn ordering(item: OrderItem, a: &Scalar, b: &Scalar) -> Ordering {
    let nulls = match item.nulls {
        None => Ordering::Equal,
        Some(NullsOrder::First) => b.is_null().cmp(&a.is_null()),
        Some(NullsOrder::Last) => a.is_null().cmp(&b.is_null()),
    };
    let values = order::total(a, b);
    nulls.then(if item.descending { values.reverse() } else { values })
}

/// A value as a cell.
pub(crate) fn cell(value: &Scalar) -> Cell<'_> {
    match value {
        Scalar::Null => Cell::Null,
        Scalar::Bool(b) => Cell::Bool(*b),
        Scalar::Int(n) => Cell::Int(*n),
        Scalar::Uint(n) => Cell::Uint(*n),
        Scalar::Float(n) => Cell::Float(*n),
        Scalar::Decimal(digits) => Cell::Decimal(digits),
        Scalar::Text(text) => Cell::Text(text),
        Scalar::Bytes(bytes) => Cell::Bytes(bytes),
    }
}
