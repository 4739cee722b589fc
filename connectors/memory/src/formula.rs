//! What an expression gives for a row. NULL in, NULL out; arithmetic is that of floating-point numbers unless both
//! sides are whole.

use crate::clock;
use crate::order::{compare, float};
use driver::{Fault, FaultKind};
use records::{NewValue, Scalar};
use sql::{ArithmeticOp, Function};
use std::cmp::Ordering;

/// The value for a row as it was before the change; `places` tells where each field lies in it.
pub(crate) fn evaluate(value: &NewValue, row: &[Scalar], places: &[usize]) -> Result<Scalar, Fault> {
    let inner = |value: &NewValue| evaluate(value, row, places);
    match value {
        NewValue::Value(value) => Ok(value.clone()),
        NewValue::Moment(moment) => clock::moment(*moment),
        NewValue::Field(field) => {
            let found = places.get(*field).and_then(|place| row.get(*place));
            found
                .cloned()
                .ok_or_else(|| Fault::new(FaultKind::NoColumn, "a new row has no fields to look at"))
        }
        NewValue::Arithmetic(left, op, right) => arithmetic(&inner(left)?, *op, &inner(right)?),
        NewValue::Call(function, arguments) => {
            let arguments: Vec<Scalar> = arguments.iter().map(inner).collect::<Result<_, _>>()?;
            call(*function, &arguments)
        }
    }
}

fn unfit() -> Fault {
    Fault::new(
        FaultKind::Value,
        "an expression of values that do not fit together",
    )
}

fn arithmetic(left: &Scalar, op: ArithmeticOp, right: &Scalar) -> Result<Scalar, Fault> {
    if left.is_null() || right.is_null() {
        return Ok(Scalar::Null);
    }
    if let (Scalar::Int(a), Scalar::Int(b)) = (left, right) {
        let whole = match op {
            ArithmeticOp::Add => a.checked_add(*b),
            ArithmeticOp::Subtract => a.checked_sub(*b),
            ArithmeticOp::Multiply => a.checked_mul(*b),
            ArithmeticOp::Divide => a.checked_div(*b),
        };
        return whole.map(Scalar::Int).ok_or_else(unfit);
    }
    let (a, b) = (float(left).ok_or_else(unfit)?, float(right).ok_or_else(unfit)?);
    let number = match op {
        ArithmeticOp::Add => a + b,
        ArithmeticOp::Subtract => a - b,
        ArithmeticOp::Multiply => a * b,
        ArithmeticOp::Divide => a / b,
    };
    Some(Scalar::Float(number))
        .filter(|_| number.is_finite())
        .ok_or_else(unfit)
}

fn call(function: Function, arguments: &[Scalar]) -> Result<Scalar, Fault> {
    let first = arguments.first().ok_or_else(unfit)?;
    let text = |change: fn(&str) -> String| match first.to_text() {
        Some(text) => Scalar::Text(change(&text)),
        None => Scalar::Null,
    };
    let number = |change: &dyn Fn(f64) -> f64| match first {
        Scalar::Null => Ok(Scalar::Null),
        first => float(first).map(|n| Scalar::Float(change(n))).ok_or_else(unfit),
    };
    Ok(match function {
        Function::Upper => text(str::to_uppercase),
        Function::Lower => text(str::to_lowercase),
        Function::Trim => text(|text| text.trim_matches(' ').to_owned()),
        Function::Coalesce => {
            let found = arguments.iter().find(|value| !value.is_null());
            found.cloned().unwrap_or_default()
        }
        Function::NullIf => match arguments.get(1) {
            Some(second) if compare(first, second) == Some(Ordering::Equal) => Scalar::Null,
            _ => first.clone(),
        },
        Function::Abs => match first {
            Scalar::Int(n) => n.checked_abs().map(Scalar::Int).ok_or_else(unfit)?,
            _ => number(&f64::abs)?,
        },
        Function::Round => {
            let places = arguments.get(1).and_then(Scalar::to_int).unwrap_or(0);
            let places = i32::try_from(places).map_err(|_| unfit())?.clamp(-15, 15);
            number(&|n| (n * 10_f64.powi(places)).round() / 10_f64.powi(places))?
        }
    })
}
