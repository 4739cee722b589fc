//! Rows, groups of rows, and aggregates over them.

use crate::condition::Values;
use crate::database::Row;
use crate::decimal::Decimal;
use crate::order::{exact, float, total};
use driver::{Fault, FaultKind};
use records::{Scalar, Target};
use sql::Aggregate;
use std::borrow::Cow;
use std::cmp::Ordering;

/// A row with the place of each field in it.
pub(crate) struct OneRow<'a> {
    pub(crate) row: &'a Row,
    pub(crate) places: &'a [usize],
}

impl Values for OneRow<'_> {
    fn value(&self, target: Target) -> Result<Cow<'_, Scalar>, Fault> {
        match target {
            Target::Field(field) => cell(self.row, self.places, field).map(Cow::Borrowed),
            Target::Aggregate(..) => Err(Fault::new(
                FaultKind::Other,
                "an aggregate stands in a condition on rows",
            )),
        }
    }
}

/// A group of rows. Only the one group of a read without GROUP BY can be empty.
pub(crate) struct Group<'a> {
    pub(crate) rows: Vec<&'a Row>,
    pub(crate) places: &'a [usize],
}

impl Values for Group<'_> {
    /// A field is that of the first row.
    fn value(&self, target: Target) -> Result<Cow<'_, Scalar>, Fault> {
        match target {
            Target::Field(field) => match self.rows.first() {
                Some(row) => cell(row, self.places, field).map(Cow::Borrowed),
                None => Ok(Cow::Owned(Scalar::Null)),
            },
            Target::Aggregate(Aggregate::Count, None) => Ok(Cow::Owned(count(self.rows.len()))),
            Target::Aggregate(function, field) => {
                let field =
                    field.ok_or_else(|| Fault::new(FaultKind::Other, "an aggregate needs a field"))?;
                let mut values = Vec::with_capacity(self.rows.len());
                for row in &self.rows {
                    values.push(cell(row, self.places, field)?);
                }
                values.retain(|value| !value.is_null());
                Ok(Cow::Owned(aggregate(function, &values)))
            }
        }
    }
}

/// Splits rows into groups by their values in some fields; NULLs are equal. Without fields all rows are one group.
/// The groups come in the order of their first rows.
pub(crate) fn split<'a>(
    rows: Vec<&'a Row>,
    by: &[usize],
    places: &'a [usize],
) -> Result<Vec<Group<'a>>, Fault> {
    if by.is_empty() {
        return Ok(vec![Group { rows, places }]);
    }
    let by: Vec<usize> = by
        .iter()
        .map(|field| place(places, *field))
        .collect::<Result<_, _>>()?;
    let compare = |a: &Row, b: &Row| {
        let parts = by.iter().map(|i| total(&a[*i], &b[*i]));
        parts.fold(Ordering::Equal, Ordering::then)
    };
    let mut numbered: Vec<(usize, &Row)> = rows.into_iter().enumerate().collect();
    numbered.sort_by(|(_, a), (_, b)| compare(a, b));
    let mut groups: Vec<(usize, Group<'a>)> = Vec::new();
    for (number, row) in numbered {
        match groups.last_mut() {
            Some((_, group)) if compare(group.rows[0], row).is_eq() => group.rows.push(row),
            _ => groups.push((
                number,
                Group {
                    rows: vec![row],
                    places,
                },
            )),
        }
    }
    groups.sort_by_key(|(number, _)| *number);
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

fn place(places: &[usize], field: usize) -> Result<usize, Fault> {
    places
        .get(field)
        .copied()
        .ok_or_else(|| Fault::new(FaultKind::NoColumn, format!("no field {field}")))
}

fn cell<'r>(row: &'r Row, places: &[usize], field: usize) -> Result<&'r Scalar, Fault> {
    let at = place(places, field)?;
    row.get(at)
        .ok_or_else(|| Fault::new(FaultKind::NoColumn, format!("no cell {at}")))
}

fn count(n: usize) -> Scalar {
    Scalar::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn aggregate(function: Aggregate, values: &[&Scalar]) -> Scalar {
    let one = |value: Option<&&Scalar>| value.map_or(Scalar::Null, |value| (*value).clone());
    match function {
        Aggregate::Count => count(values.len()),
        Aggregate::Min => one(values.iter().min_by(|a, b| total(a, b))),
        Aggregate::Max => one(values.iter().max_by(|a, b| total(a, b))),
        Aggregate::Sum => sum(values),
        Aggregate::Avg if values.is_empty() => Scalar::Null,
        Aggregate::Avg => {
            float(&sum(values)).map_or(Scalar::Null, |sum| Scalar::Float(sum / values.len() as f64))
        }
    }
}

/// Exact for whole numbers and decimals.
fn sum(values: &[&Scalar]) -> Scalar {
    if values.is_empty() {
        return Scalar::Null;
    }
    let start = Some(Decimal::whole(0));
    let total = values.iter().fold(start, |sum, value| sum?.plus(exact(value)?));
    match total {
        Some(total) => match total
            .to_i64()
            .filter(|_| !values.iter().any(|v| matches!(v, Scalar::Decimal(_))))
        {
            Some(whole) => Scalar::Int(whole),
            None => Scalar::Decimal(total.to_string()),
        },
        None => Scalar::Float(values.iter().filter_map(|value| float(value)).sum()),
    }
}
