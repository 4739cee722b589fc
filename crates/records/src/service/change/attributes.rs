//! Attributes of definitions: JSON as clients write it, read leniently where nothing can go wrong and refused with a
//! sentence where it can.

use super::Definition;
use contract::{Problem, Value, truthy};

/// The name of a field's definition.
pub(super) fn name(definition: &Definition) -> Result<String, Problem> {
    text(definition, "name")?
        .ok_or_else(|| Problem::bad_request("Invalid schema detected - no name element."))
}

/// Text; `None` when it is absent, null or empty. Numbers count as text.
pub(super) fn text(definition: &Definition, key: &str) -> Result<Option<String>, Problem> {
    match definition.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) if text.chars().any(char::is_control) && key != "description" => Err(
            Problem::bad_request(format!("'{key}' must not hold control characters.")),
        ),
        Some(Value::String(text)) if text.contains('\0') => Err(Problem::bad_request(format!(
            "'{key}' must not hold the sign of number 0."
        ))),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(_) => Err(Problem::bad_request(format!("'{key}' must be text."))),
    }
}

/// Text that replaces what was there, when the key is present.
pub(super) fn replace(definition: &Definition, key: &str, place: &mut Option<String>) -> Result<(), Problem> {
    if definition.contains_key(key) {
        *place = text(definition, key)?;
    }
    Ok(())
}

/// A truth value; `None` when it is absent or null.
pub(super) fn flag(definition: &Definition, key: &str) -> Result<Option<bool>, Problem> {
    match definition.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(Value::Number(number)) => Ok(Some(number.as_f64() != Some(0.0))),
        Some(Value::String(text)) => Ok(Some(truthy(text))),
        Some(_) => Err(Problem::bad_request(format!("'{key}' must be true or false."))),
    }
}

/// A size under one of its names; `None` when it is absent or null.
pub(super) fn size(definition: &Definition, keys: &[&str]) -> Result<Option<u32>, Problem> {
    for key in keys {
        let number = match definition.get(*key) {
            None | Some(Value::Null) => continue,
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) if text.trim().is_empty() => continue,
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(_) => None,
        };
        return match number.and_then(|n| u32::try_from(n).ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(Problem::bad_request(format!("'{key}' must be a whole number."))),
        };
    }
    Ok(None)
}

/// A list of objects under a key; an object alone is a list of one.
pub(super) fn objects(definition: &Definition, key: &str) -> Result<Option<Vec<Definition>>, Problem> {
    let wrong = || Problem::bad_request(format!("'{key}' must be a list of definitions."));
    match definition.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(one)) => Ok(Some(vec![one.clone()])),
        Some(Value::Array(list)) => list
            .iter()
            .map(|item| item.as_object().cloned().ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}
