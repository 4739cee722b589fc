//! Which of two values is greater.

use crate::decimal::Decimal;
use records::Scalar;
use std::cmp::Ordering;

/// Compares two values; `None` when one is NULL. Numbers of all kinds compare as numbers, and so does text that is
/// compared with a number and reads as one; other mixtures compare as text.
pub(crate) fn compare(a: &Scalar, b: &Scalar) -> Option<Ordering> {
    use Scalar::{Bytes, Null, Text};
    match (a, b) {
        (Null, _) | (_, Null) => None,
        (Text(a), Text(b)) => Some(a.cmp(b)),
        (Bytes(a), Bytes(b)) => Some(a.cmp(b)),
        (Bytes(a), Text(b)) => Some(a.as_slice().cmp(b.as_bytes())),
        (Text(a), Bytes(b)) => Some(a.as_bytes().cmp(b)),
        _ => numbers(a, b).or_else(|| Some(a.to_text().cmp(&b.to_text()))),
    }
}

fn numbers(a: &Scalar, b: &Scalar) -> Option<Ordering> {
    match (exact(a), exact(b)) {
        (Some(a), Some(b)) => Some(a.compare(b)),
        _ => float(a)?.partial_cmp(&float(b)?),
    }
}

/// The value as an exact decimal, where it is one.
pub(crate) fn exact(value: &Scalar) -> Option<Decimal> {
    match value {
        Scalar::Bool(b) => Some(Decimal::whole(i128::from(*b))),
        Scalar::Int(n) => Some(Decimal::whole(i128::from(*n))),
        Scalar::Uint(n) => Some(Decimal::whole(i128::from(*n))),
        Scalar::Decimal(text) | Scalar::Text(text) => Decimal::parse(text),
        Scalar::Null | Scalar::Float(_) | Scalar::Bytes(_) => None,
    }
}

/// The value as a floating-point number, where it is a number.
pub(crate) fn float(value: &Scalar) -> Option<f64> {
    match value {
        Scalar::Float(n) => Some(*n),
        Scalar::Text(text) => text.trim().parse().ok(),
        other => exact(other).map(Decimal::to_f64),
    }
}

/// The order of rows: NULL comes before all values, NULLs are equal.
pub(crate) fn total(a: &Scalar, b: &Scalar) -> Ordering {
    compare(a, b).unwrap_or_else(|| b.is_null().cmp(&a.is_null()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_compare_by_what_they_are() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, expected) in [
            (Scalar::Int(2), Scalar::Int(10), Some(Less)),
            (Scalar::from("2"), Scalar::from("10"), Some(Greater)),
            (Scalar::Int(2), Scalar::Decimal("2.00".into()), Some(Equal)),
            (Scalar::Float(2.5), Scalar::Int(2), Some(Greater)),
            (Scalar::Uint(u64::MAX), Scalar::Int(i64::MAX), Some(Greater)),
            (Scalar::Int(7), Scalar::from("7"), Some(Equal)),
            (Scalar::Bool(true), Scalar::Int(1), Some(Equal)),
            (Scalar::from("a"), Scalar::from("B"), Some(Greater)),
            (Scalar::Null, Scalar::Int(1), None),
            (Scalar::Null, Scalar::Null, None),
        ] {
            assert_eq!(compare(&a, &b), expected, "{a:?} {b:?}");
        }
        assert_eq!(total(&Scalar::Null, &Scalar::Int(-5)), Less);
        assert_eq!(total(&Scalar::Null, &Scalar::Null), Equal);
    }
}
