//! Conditions on related rows, answered before the rows are looked at: the keys that some related row gives.

use crate::database::Database;
use crate::read;
use driver::Fault;
use records::plan::Hop;
use records::{Column, Condition, ReadPlan, Target};

/// A condition in which every [`Condition::Related`] has become a list of keys.
pub(crate) fn resolved(
    database: &Database,
    condition: Option<&Condition>,
) -> Result<Option<Condition>, Fault> {
    condition
        .map(|condition| resolve(database, condition))
        .transpose()
}

fn resolve(database: &Database, condition: &Condition) -> Result<Condition, Fault> {
    let all = |parts: &[Condition]| {
        parts
            .iter()
            .map(|part| resolve(database, part))
            .collect::<Result<_, _>>()
    };
    let boxed = |part: &Condition| resolve(database, part).map(Box::new);
    Ok(match condition {
        Condition::And(parts) => Condition::And(all(parts)?),
        Condition::Or(parts) => Condition::Or(all(parts)?),
        Condition::Xor(left, right) => Condition::Xor(boxed(left)?, boxed(right)?),
        Condition::Not(inner) => Condition::Not(boxed(inner)?),
        Condition::Related(hop) => keys(database, hop)?,
        plain => plain.clone(),
    })
}

fn keys(database: &Database, hop: &Hop) -> Result<Condition, Fault> {
    let plan = ReadPlan {
        table: hop.table.clone(),
        columns: vec![Column::Field(hop.ref_field)],
        condition: hop.condition.clone(),
        group: Vec::new(),
        having: None,
        order: Vec::new(),
        limit: None,
        offset: 0,
    };
    let rows = read::found(database, &plan)?;
    let values = rows.into_iter().flatten().filter(|value| !value.is_null());
    Ok(Condition::In(Target::Field(hop.field), values.collect()))
}
