//! Unique and foreign keys. Of the rules, ON DELETE CASCADE and SET NULL act; everything else refuses.

use crate::database::{Database, Row, Stored};
use crate::order::total;
use driver::{Fault, FaultKind};
use records::{RawForeignKey, Scalar};
use sql::TableName;
use std::cmp::Ordering;

/// A row's values in some columns; `None` when one is NULL, for then it is no key.
fn key<'r>(row: &'r Row, places: &[usize]) -> Option<Vec<&'r Scalar>> {
    let values: Vec<&Scalar> = places.iter().map(|i| &row[*i]).collect();
    values.iter().all(|value| !value.is_null()).then_some(values)
}

fn compare(a: &[&Scalar], b: &[&Scalar]) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(a, b)| total(a, b))
        .fold(Ordering::Equal, Ordering::then)
}

/// Refuses two rows with the same primary or unique key.
pub(crate) fn check_unique(stored: &Stored) -> Result<(), Fault> {
    let primary = Some(&stored.raw.primary_key).filter(|columns| !columns.is_empty());
    for columns in primary
        .into_iter()
        .chain(stored.raw.unique.iter().map(|unique| &unique.columns))
    {
        let places = stored.columns(columns)?;
        let mut keys: Vec<_> = stored.rows.iter().filter_map(|row| key(row, &places)).collect();
        keys.sort_by(|a, b| compare(a, b));
        if keys.windows(2).any(|pair| compare(&pair[0], &pair[1]).is_eq()) {
            return Err(Fault::new(FaultKind::Duplicate, "two rows with one key")
                .with_detail(Some(columns.join(", "))));
        }
    }
    Ok(())
}

/// Refuses rows of a table that refer to what does not exist.
pub(crate) fn check_references_from(database: &Database, name: &TableName) -> Result<(), Fault> {
    for foreign in &database.table(name)?.raw.foreign_keys {
        check_reference(database, name, foreign)?;
    }
    Ok(())
}

/// Refuses rows anywhere that refer to what does not exist in a table any more.
pub(crate) fn check_references_to(database: &Database, name: &TableName) -> Result<(), Fault> {
    for (from, foreign) in database.references_to(name) {
        check_reference(database, &from, &foreign)?;
    }
    Ok(())
}

fn check_reference(database: &Database, from: &TableName, foreign: &RawForeignKey) -> Result<(), Fault> {
    let (child, parent) = (database.table(from)?, database.table(&foreign.table)?);
    let (own, theirs) = (
        child.columns(&foreign.columns)?,
        parent.columns(&foreign.references)?,
    );
    let mut keys: Vec<_> = parent.rows.iter().filter_map(|row| key(row, &theirs)).collect();
    keys.sort_by(|a, b| compare(a, b));
    let lost = child
        .rows
        .iter()
        .filter_map(|row| key(row, &own))
        .any(|wanted| keys.binary_search_by(|known| compare(known, &wanted)).is_err());
    if lost {
        return Err(Fault::new(FaultKind::Reference, "a row refers to none")
            .with_detail(Some(foreign.columns.join(", "))));
    }
    Ok(())
}

/// What the foreign keys' rules do to the rows that referred to the given ones, which are gone.
pub(crate) fn after_delete(database: &mut Database, name: &TableName, gone: &[Row]) -> Result<(), Fault> {
    for (from, foreign) in database.references_to(name) {
        let theirs = database.table(name)?.columns(&foreign.references)?;
        let own = database.table(&from)?.columns(&foreign.columns)?;
        let lost: Vec<_> = gone.iter().filter_map(|row| key(row, &theirs)).collect();
        let orphan = |row: &Row| {
            key(row, &own).is_some_and(|wanted| lost.iter().any(|known| compare(known, &wanted).is_eq()))
        };
        match foreign.on_delete.to_ascii_uppercase().as_str() {
            "CASCADE" => {
                let table = database.table_mut(&from)?;
                let (orphans, kept) = std::mem::take(&mut table.rows).into_iter().partition(orphan);
                table.rows = kept;
                let orphans: Vec<Row> = orphans;
                if !orphans.is_empty() {
                    after_delete(database, &from, &orphans)?;
                }
            }
            "SET NULL" => {
                for row in database
                    .table_mut(&from)?
                    .rows
                    .iter_mut()
                    .filter(|row| orphan(row))
                {
                    own.iter().for_each(|i| row[*i] = Scalar::Null);
                }
            }
            _ => {}
        }
    }
    check_references_to(database, name)
}
