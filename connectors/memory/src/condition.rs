//! What a condition says of a row: true, false or, with NULL, neither.

use crate::{clock, like, order};
use driver::{Fault, FaultKind};
use records::plan::Operand;
use records::{Condition, Scalar, Target};
use sql::BinaryOp;
use std::borrow::Cow;
use std::cmp::Ordering;

/// Where a condition finds the values it looks at: a row, or a group of rows.
pub(crate) trait Values {
    /// The value of a target.
    fn value(&self, target: Target) -> Result<Cow<'_, Scalar>, Fault>;
}

/// Whether the row or group meets the condition. What is neither true nor false does not.
pub(crate) fn meets(values: &dyn Values, condition: Option<&Condition>) -> Result<bool, Fault> {
    Ok(match condition {
        Some(condition) => truth(values, condition)? == Some(true),
        None => true,
    })
}

fn truth(values: &dyn Values, condition: &Condition) -> Result<Option<bool>, Fault> {
    Ok(match condition {
        Condition::And(parts) => any(values, parts, false)?.map(|found| !found),
        Condition::Or(parts) => any(values, parts, true)?,
        Condition::Xor(left, right) => match (truth(values, left)?, truth(values, right)?) {
            (Some(left), Some(right)) => Some(left != right),
            _ => None,
        },
        Condition::Not(inner) => truth(values, inner)?.map(|found| !found),
        Condition::Compare(target, op, right) => {
            let found = order::compare(values.value(*target)?.as_ref(), operand(right)?.as_ref());
            found.map(|ordering| holds(*op, ordering))
        }
        Condition::In(target, list) => {
            let value = values.value(*target)?;
            let mut found = list.iter().map(|item| order::compare(&value, item));
            let unknown = list.iter().any(Scalar::is_null) || value.is_null();
            match found.any(|ordering| ordering == Some(Ordering::Equal)) {
                true => Some(true),
                false if unknown && !list.is_empty() => None,
                false => Some(false),
            }
        }
        Condition::Like(target, pattern) => {
            let value = values.value(*target)?;
            value.to_text().map(|text| like::matches(&text, pattern))
        }
        Condition::ILike(target, pattern) => {
            let value = values.value(*target)?;
            let text = value.to_text();
            text.map(|text| like::matches(&text.to_lowercase(), &pattern.to_lowercase()))
        }
        Condition::Related(_) => {
            return Err(Fault::new(
                FaultKind::Other,
                "related rows must be looked for before a row is",
            ));
        }
        Condition::IsNull(target) => Some(values.value(*target)?.is_null()),
        Condition::Between(target, low, high) => {
            let value = values.value(*target)?;
            let above = order::compare(&value, operand(low)?.as_ref()).map(Ordering::is_ge);
            let below = order::compare(&value, operand(high)?.as_ref()).map(Ordering::is_le);
            match (above, below) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }
        }
    })
}

/// Whether one part has the wanted truth; neither, when none has but one is unknown.
fn any(values: &dyn Values, parts: &[Condition], wanted: bool) -> Result<Option<bool>, Fault> {
    let mut unknown = false;
    for part in parts {
        match truth(values, part)? {
            Some(found) if found == wanted => return Ok(Some(true)),
            Some(_) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { None } else { Some(false) })
}

fn holds(op: BinaryOp, ordering: Ordering) -> bool {
    match op {
        BinaryOp::Eq => ordering.is_eq(),
        BinaryOp::Ne => ordering.is_ne(),
        BinaryOp::Lt => ordering.is_lt(),
        BinaryOp::Le => ordering.is_le(),
        BinaryOp::Gt => ordering.is_gt(),
        BinaryOp::Ge => ordering.is_ge(),
    }
}

fn operand(operand: &Operand) -> Result<Cow<'_, Scalar>, Fault> {
    Ok(match operand {
        Operand::Value(value) => Cow::Borrowed(value),
        Operand::Moment(moment) => Cow::Owned(clock::moment(*moment)?),
    })
}
