//! Values by the type of a parameter, and result values by the types that a client asks for.

use super::Parameter;
use crate::value::{self, Shape, as_bool, to_json};
use crate::{Kind, Scalar};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use contract::{Problem, Value, truthy};

/// A client's value as one of the parameter's type. An empty text is NULL where the type has no empty value.
pub(super) fn argument(parameter: &Parameter, value: &Value) -> Result<Scalar, Problem> {
    let kind = parameter.kind;
    let wrong =
        |wanted: &str| Problem::bad_request(format!("Parameter '{}' must be {wanted}.", parameter.name));
    match value {
        Value::Null => Ok(Scalar::Null),
        Value::Bool(flag) if kind == Kind::Boolean => Ok(Scalar::Bool(*flag)),
        Value::Bool(flag) if is_text(kind) => Ok(Scalar::Text(i32::from(*flag).to_string())),
        Value::Bool(flag) => Ok(Scalar::Int(i64::from(*flag))),
        Value::Number(number) => match kind {
            Kind::Boolean => Ok(Scalar::Bool(number.as_f64() != Some(0.0))),
            kind if kind.is_integer() => value::whole(number).ok_or_else(|| wrong("a valid integer")),
            Kind::Decimal | Kind::Money => Ok(Scalar::Decimal(value::plain_digits(&number.to_string()))),
            Kind::Float | Kind::Double => Ok(number.as_f64().map_or(Scalar::Null, Scalar::Float)),
            Kind::Binary => Err(wrong("base64 text")),
            _ => Ok(Scalar::Text(number.to_string())),
        },
        Value::String(text) => from_text(kind, text, &wrong),
        Value::Array(_) | Value::Object(_) if is_text(kind) => Ok(Scalar::Text(value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(wrong("a single value")),
    }
}

fn from_text(kind: Kind, text: &str, wrong: &dyn Fn(&str) -> Problem) -> Result<Scalar, Problem> {
    let blank = text.trim().is_empty();
    match kind {
        _ if is_text(kind) => Ok(Scalar::Text(text.to_owned())),
        Kind::Binary => STANDARD
            .decode(text)
            .map(Scalar::Bytes)
            .map_err(|_| wrong("base64 text")),
        _ if blank => Ok(Scalar::Null),
        Kind::Boolean => Ok(Scalar::Bool(truthy(text))),
        kind if kind.is_integer() => value::integer(text).ok_or_else(|| wrong("a valid integer")),
        Kind::Decimal => value::decimal(text)
            .map(Scalar::Decimal)
            .ok_or_else(|| wrong("a valid decimal number")),
        Kind::Float | Kind::Double => text
            .trim()
            .parse()
            .map(Scalar::Float)
            .map_err(|_| wrong("a valid number")),
        // Money, dates, times, identifiers: the database knows more forms than we do.
        _ => Ok(Scalar::Text(text.to_owned())),
    }
}

fn is_text(kind: Kind) -> bool {
    kind.is_text() || matches!(kind, Kind::Json | Kind::Array)
}

/// A type that a client can ask a result for (`schema`, `returns`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Integer,
    Number,
    Boolean,
    Text,
    Date,
    Time,
    Json,
    /// Anything else: as the database gives it.
    Plain,
}

impl Wanted {
    pub(super) fn parse(name: &str) -> Wanted {
        match name.trim().to_ascii_lowercase().as_str() {
            "int" | "integer" => Wanted::Integer,
            "decimal" | "double" | "float" => Wanted::Number,
            "boolean" | "bool" => Wanted::Boolean,
            "string" => Wanted::Text,
            "date" => Wanted::Date,
            "time" => Wanted::Time,
            "json" => Wanted::Json,
            _ => Wanted::Plain,
        }
    }

    /// Converts a value; one that cannot be converted stays as it is.
    pub(super) fn of(self, scalar: &Scalar) -> Value {
        let plain = || to_json(Shape::Plain, value::cell(scalar));
        let text = || scalar.to_text();
        if scalar.is_null() {
            return Value::Null;
        }
        match self {
            Wanted::Plain => plain(),
            Wanted::Boolean => Value::Bool(as_bool(value::cell(scalar))),
            Wanted::Text => text().map_or_else(plain, Value::String),
            Wanted::Number => match text().as_deref().and_then(value::decimal) {
                Some(digits) => to_json(Shape::Number, driver::Cell::Decimal(&digits)),
                None => plain(),
            },
            Wanted::Integer => match (scalar, text().as_deref().and_then(value::integer)) {
                (Scalar::Bool(flag), _) => Value::from(i32::from(*flag)),
                (_, Some(whole)) => to_json(Shape::Number, value::cell(&whole)),
                (_, None) => plain(),
            },
            // Moments come as `date time`; what has only one part stays whole.
            Wanted::Date => text().map_or_else(plain, |t| part(&t, 0)),
            Wanted::Time => text().map_or_else(plain, |t| part(&t, 1)),
            Wanted::Json => {
                let parsed = text().and_then(|t| serde_json::from_str(&t).ok());
                parsed.unwrap_or_else(plain)
            }
        }
    }
}

fn part(text: &str, index: usize) -> Value {
    let halves = text.split_once([' ', 'T']).map(|(date, time)| [date, time]);
    Value::from(halves.map_or(text, |halves| halves[index]))
}

/// A value by its declared type.
pub(super) fn declared(kind: Kind, scalar: &Scalar) -> Value {
    to_json(Shape::of(kind), value::cell(scalar))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routines::{Mode, samples::parameter};
    use serde_json::json;

    #[test]
    fn arguments_get_the_type_of_their_parameter() {
        for (kind, sent, bound) in [
            (Kind::Integer, json!("7"), Scalar::Int(7)),
            (Kind::Integer, json!(7.9), Scalar::Int(7)),
            (Kind::Integer, json!(true), Scalar::Int(1)),
            (Kind::Integer, json!(""), Scalar::Null),
            (Kind::Decimal, json!("12.50"), Scalar::Decimal("12.50".into())),
            (Kind::Decimal, json!(1e3), Scalar::Decimal("1000.0".into())),
            (Kind::Double, json!("0.5"), Scalar::Float(0.5)),
            (Kind::Boolean, json!("yes"), Scalar::Bool(true)),
            (Kind::Boolean, json!(0), Scalar::Bool(false)),
            (Kind::String, json!(5), Scalar::Text("5".into())),
            (Kind::String, json!(""), Scalar::Text(String::new())),
            (
                Kind::String,
                json!({"a": [1]}),
                Scalar::Text(r#"{"a":[1]}"#.into()),
            ),
            (Kind::Date, json!(""), Scalar::Null),
            (Kind::Date, json!("2024-01-02"), Scalar::Text("2024-01-02".into())),
            (Kind::Binary, json!("aGk="), Scalar::Bytes(b"hi".to_vec())),
            (Kind::Uuid, Value::Null, Scalar::Null),
        ] {
            let parameter = parameter("p", Mode::In, kind);
            assert_eq!(argument(&parameter, &sent).unwrap(), bound, "{kind:?} {sent}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_name() {
        for (kind, sent, message) in [
            (
                Kind::Integer,
                json!("1 or 1=1"),
                "Parameter 'p' must be a valid integer.",
            ),
            (Kind::Integer, json!([1]), "Parameter 'p' must be a single value."),
            (
                Kind::Decimal,
                json!("abc"),
                "Parameter 'p' must be a valid decimal number.",
            ),
            (
                Kind::Double,
                json!("abc"),
                "Parameter 'p' must be a valid number.",
            ),
            (Kind::Binary, json!("?"), "Parameter 'p' must be base64 text."),
        ] {
            let problem = argument(&parameter("p", Mode::In, kind), &sent).unwrap_err();
            assert_eq!((problem.status(), problem.message.as_str()), (400, message));
        }
    }

    #[test]
    fn results_get_the_type_that_was_asked_for() {
        for (name, from, to) in [
            ("int", Scalar::Text("42.9".into()), json!(42)),
            ("integer", Scalar::Bool(true), json!(1)),
            ("integer", Scalar::Text("none".into()), json!("none")),
            ("float", Scalar::Text("1.50".into()), json!(1.5)),
            ("double", Scalar::Int(3), json!(3)),
            ("decimal", Scalar::Decimal("2.50".into()), json!(2.5)),
            ("bool", Scalar::Int(1), json!(true)),
            ("BOOLEAN", Scalar::Text("f".into()), json!(false)),
            ("string", Scalar::Decimal("2.50".into()), json!("2.50")),
            (
                "date",
                Scalar::Text("2024-01-02 03:04:05".into()),
                json!("2024-01-02"),
            ),
            (
                "time",
                Scalar::Text("2024-01-02 03:04:05".into()),
                json!("03:04:05"),
            ),
            ("time", Scalar::Text("03:04:05".into()), json!("03:04:05")),
            (
                "datetime",
                Scalar::Text("2024-01-02 03:04:05".into()),
                json!("2024-01-02 03:04:05"),
            ),
            ("json", Scalar::Text(r#"{"a":1}"#.into()), json!({"a": 1})),
            ("json", Scalar::Text("{".into()), json!("{")),
            ("int", Scalar::Null, Value::Null),
            ("unheard of", Scalar::Int(1), json!(1)),
        ] {
            assert_eq!(Wanted::parse(name).of(&from), to, "{name} {from:?}");
        }
    }
}
