//! Lists of identifiers: `1,2,3`, a JSON array of scalars, or a JSON array of objects for composite keys.

use crate::ParseError;
use crate::scan::{skip_blanks, trim};
use serde_json::{Map, Value};

/// An identifier.
#[derive(Debug, Clone, PartialEq)]
pub enum Id {
    /// One value, as written or as sent: text, a number or a truth value. `(1,2)` stays one text.
    One(Value),
    /// Values by field.
    Record(Map<String, Value>),
}

const INVALID: &str = "The request contains no valid identifiers.";

/// Reads identifiers from text: separated by commas, or a JSON array. Blanks around them and empty ones are left
/// out; a comma between balanced parentheses does not separate. Values stay text; the field's type decides later.
pub fn parse_text(text: &str) -> Result<Vec<Id>, ParseError> {
    let start = skip_blanks(text, 0);
    if matches!(text.as_bytes().get(start), Some(b'[' | b'{'))
        && let Ok(value) = serde_json::from_str(text)
    {
        return from_json(&value);
    }
    let parts = split(text).into_iter().map(trim).filter(|part| !part.is_empty());
    Ok(parts
        .map(|part| Id::One(Value::String(part.to_owned())))
        .collect())
}

/// Reads identifiers from a value of a payload: an array, or a single scalar, object or list as text.
pub fn from_json(value: &Value) -> Result<Vec<Id>, ParseError> {
    match value {
        Value::Null => Ok(Vec::new()),
        Value::String(text) => {
            let parts = split(text).into_iter().map(trim).filter(|part| !part.is_empty());
            Ok(parts
                .map(|part| Id::One(Value::String(part.to_owned())))
                .collect())
        }
        Value::Array(items) => items.iter().map(one).collect(),
        value => Ok(vec![one(value)?]),
    }
}

fn one(value: &Value) -> Result<Id, ParseError> {
    match value {
        Value::Null | Value::Array(_) => Err(ParseError::new(INVALID, 0)),
        Value::Object(record) => Ok(Id::Record(record.clone())),
        scalar => Ok(Id::One(scalar.clone())),
    }
}

/// Splits at commas outside parentheses; at every comma when parentheses do not balance.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0usize);
    for (i, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => return text.split(',').collect(),
            },
            b',' if depth == 0 => {
                parts.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    if depth > 0 {
        return text.split(',').collect();
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn shown(ids: Vec<Id>) -> Value {
        ids.into_iter()
            .map(|id| match id {
                Id::One(value) => value,
                Id::Record(record) => Value::Object(record),
            })
            .collect()
    }

    #[test]
    fn text_is_read() {
        for (text, expected) in [
            ("", json!([])),
            (" , ", json!([])),
            ("1,2,3", json!(["1", "2", "3"])),
            (",Sales, Finance,", json!(["Sales", "Finance"])),
            ("(1,2),(3,4)", json!(["(1,2)", "(3,4)"])),
            ("(1,2", json!(["(1", "2"])),
            ("a),(b", json!(["a)", "(b"])),
            ("[1,\"x\"]", json!([1, "x"])),
            (" [{\"a\":1,\"b\":2}]", json!([{"a": 1, "b": 2}])),
            ("[x]", json!(["[x]"])),
            ("{x},{y}", json!(["{x}", "{y}"])),
        ] {
            assert_eq!(shown(parse_text(text).unwrap()), expected, "{text:?}");
        }
    }

    #[test]
    fn json_is_read() {
        for (value, expected) in [
            (json!(null), json!([])),
            (json!([1, 2]), json!([1, 2])),
            (json!("1,2"), json!(["1", "2"])),
            (json!(7), json!([7])),
            (json!(["a,b"]), json!(["a,b"])),
            (
                json!([{"order_id": 1, "line_no": 2}]),
                json!([{"order_id": 1, "line_no": 2}]),
            ),
        ] {
            assert_eq!(shown(from_json(&value).unwrap()), expected, "{value}");
        }
        for value in [json!([[1]]), json!([null])] {
            assert_eq!(from_json(&value).unwrap_err().message, INVALID, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = parse_text(&text);
        }
    }
}
