//! Related records: in the statement of their parents where the database can make their JSON and these are few, else one
//! statement per relation for all parents, in bounded pieces; also of related records, and also
//! where a relation leads to another service.

mod attach;
mod end;
mod nested;
mod wanted;

pub(crate) use attach::attach;
pub(crate) use nested::{List, lists};
pub(crate) use wanted::{Trail, Wanted};

use crate::Scalar;
use crate::plan::{Condition, Operand, Target};
use sql::BinaryOp;

/// Deepest nesting of related records.
pub(crate) const DEEPEST: usize = 8;

/// Longest run of conditions joined by OR: databases limit how deep an expression may be.
const RUN: usize = 64;

/// The condition that the fields have one of the keys.
pub(crate) fn has_one_of(fields: &[usize], keys: &[Vec<Scalar>]) -> Condition {
    if let [field] = fields {
        let values = keys.iter().filter_map(|key| key.first().cloned()).collect();
        return Condition::In(Target::Field(*field), values);
    }
    let run = |keys: &[Vec<Scalar>]| Condition::Or(keys.iter().map(|key| has(fields, key)).collect());
    Condition::Or(keys.chunks(RUN).map(run).collect())
}

/// The condition that the fields have a key, none of which is NULL.
pub(crate) fn has(fields: &[usize], key: &[Scalar]) -> Condition {
    let one = |(field, value): (&usize, &Scalar)| {
        Condition::Compare(Target::Field(*field), BinaryOp::Eq, Operand::Value(value.clone()))
    };
    let mut parts: Vec<Condition> = fields.iter().zip(key).map(one).collect();
    match parts.len() {
        1 => parts.remove(0),
        _ => Condition::And(parts),
    }
}
