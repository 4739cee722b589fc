//! What a body stores.

use crate::{Entry, LARGEST_VALUE, LONGEST_KEY};
use bytes::Bytes;
use contract::{Kind, Payload, Problem, Value};

/// Most entries that one call stores.
const MOST_ENTRIES: usize = 1000;

/// The value that a body stores under one key. Text stays as it is, and so does JSON that is neither an object nor a
/// list: `5` is stored as the text `5`, as clients know it. 400 when there is nothing to store.
pub(crate) fn value(payload: &Payload) -> Result<Value, Problem> {
    let value = match payload {
        Payload::Text(text) => Value::String(text.clone()),
        Payload::Value(value @ (Value::Object(_) | Value::Array(_))) => value.clone(),
        Payload::Value(Value::Null) | Payload::None => Value::Null,
        Payload::Value(scalar) => Value::String(scalar.to_string()),
        Payload::Form(_) | Payload::Records(_) | Payload::Bytes(_) => {
            return Err(Problem::bad_request("A cache stores text and JSON, no files."));
        }
    };
    match is_empty(&value) {
        true => Err(nothing()),
        false => Ok(value),
    }
}

/// The keys and values that a body stores. 400 when it holds no keys.
pub(crate) fn entries(payload: &Payload) -> Result<Vec<Entry>, Problem> {
    let values = match payload {
        Payload::Value(Value::Object(values)) if !values.is_empty() => values,
        Payload::Value(value) if !is_empty(value) => return Err(no_pairs()),
        Payload::Text(text) if !matches!(text.as_str(), "" | "0") => return Err(no_pairs()),
        Payload::Form(_) | Payload::Records(_) | Payload::Bytes(_) => return Err(no_pairs()),
        _ => return Err(nothing()),
    };
    if values.len() > MOST_ENTRIES {
        return Err(Problem::bad_request(format!(
            "A call stores at most {MOST_ENTRIES} keys."
        )));
    }
    values.iter().map(|(key, value)| entry(key, value)).collect()
}

/// An entry within the bounds of keys and values.
pub(crate) fn entry(key: &str, value: &Value) -> Result<Entry, Problem> {
    checked(key)?;
    let value = Bytes::from(value.to_string());
    if value.len() > LARGEST_VALUE {
        return Err(Problem::new(
            Kind::TooLarge,
            format!("A value may be {LARGEST_VALUE} bytes long at most."),
        ));
    }
    Ok(Entry {
        key: key.to_owned(),
        value,
    })
}

/// Refuses what is no key.
pub(crate) fn checked(key: &str) -> Result<(), Problem> {
    match key.len() {
        1..=LONGEST_KEY => Ok(()),
        _ => Err(Problem::bad_request(format!(
            "A key must be 1 to {LONGEST_KEY} bytes long."
        ))),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) | Value::Number(_) => false,
        Value::String(text) => matches!(text.as_str(), "" | "0" | "false"),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn nothing() -> Problem {
    Problem::bad_request("No value/payload provided to store in cache.")
}

fn no_pairs() -> Problem {
    Problem::bad_request("Invalid payload provided. Please provide a key/value pair.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn stored(payload: Payload) -> Option<Value> {
        value(&payload).ok()
    }

    #[test]
    fn text_and_plain_json_are_stored_as_text_and_the_empty_not_at_all() {
        assert_eq!(
            stored(Payload::Text("{\"a\":1}".into())),
            Some(json!("{\"a\":1}"))
        );
        assert_eq!(stored(Payload::Value(json!({"a": [1]}))), Some(json!({"a": [1]})));
        assert_eq!(stored(Payload::Value(json!(5))), Some(json!("5")));
        assert_eq!(stored(Payload::Value(json!("abc"))), Some(json!("\"abc\"")));
        for empty in [json!(0), json!({}), json!([]), json!(false), json!(null)] {
            assert_eq!(stored(Payload::Value(empty)), None);
        }
        assert_eq!(stored(Payload::None), None);
        assert_eq!(stored(Payload::Text("0".into())), None);
    }

    #[test]
    fn bodies_without_a_key_must_hold_keys() {
        let found = entries(&Payload::Value(json!({"a": 1, "b": null}))).unwrap();
        assert_eq!(found[0], entry("a", &json!(1)).unwrap());
        assert_eq!(found[1].value, "null");
        for (payload, message) in [
            (Payload::None, nothing()),
            (Payload::Value(json!({})), nothing()),
            (Payload::Value(json!([1])), no_pairs()),
            (Payload::Text("a".into()), no_pairs()),
        ] {
            assert_eq!(entries(&payload).unwrap_err().message, message.message);
        }
        let many: contract::Map<String, Value> =
            (0..=MOST_ENTRIES).map(|n| (n.to_string(), json!(n))).collect();
        assert!(entries(&Payload::Value(Value::Object(many))).is_err());
    }

    #[test]
    fn keys_and_values_have_bounds() {
        assert!(checked("").is_err());
        assert!(checked(&"k".repeat(LONGEST_KEY)).is_ok());
        assert!(checked(&"k".repeat(LONGEST_KEY + 1)).is_err());
        let large = json!("x".repeat(LARGEST_VALUE));
        assert_eq!(entry("k", &large).unwrap_err().status(), 413);
    }
}
