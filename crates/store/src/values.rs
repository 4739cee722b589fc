//! A record from outside, read attribute by attribute, and what was wrong with it.

use crate::entity::{Attribute, Fallback, Kind, Shape};
use contract::{Map, Problem, Value, Verb, truthy};
use sql::Scalar;

/// Column values to be written.
#[derive(Debug, Default)]
pub(crate) struct Values(Vec<(&'static str, Scalar)>);

impl Values {
    pub(crate) fn get(&self, name: &str) -> Option<&Scalar> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// The text of a value that was sent and is not null.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Scalar::to_text)
    }

    pub(crate) fn set(&mut self, name: &'static str, value: impl Into<Scalar>) {
        self.remove(name);
        self.0.push((name, value.into()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| *n != name);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn into_pairs(self) -> Vec<(&'static str, Scalar)> {
        self.0
    }
}

/// Messages by field, as a client is told them.
#[derive(Debug, Default)]
pub(crate) struct FieldErrors(Map<String, Value>);

impl FieldErrors {
    pub(crate) fn add(&mut self, field: &str, message: impl Into<String>) {
        let entry = self.0.entry(field).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = entry {
            list.push(Value::String(message.into()));
        }
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.0.contains_key(field)
    }

    /// 400 with all messages, or nothing.
    pub(crate) fn check(self) -> Result<(), Problem> {
        if self.0.is_empty() {
            return Ok(());
        }
        let messages: Vec<&str> = self
            .0
            .values()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let message = format!("Invalid data supplied. {}", messages.join(" "));
        Err(Problem::bad_request(message).with_context(Value::Object(self.0)))
    }
}

/// Reads the attributes of a record. For a new record those that are missing get their fallback; attributes whose
/// fallback is a rule are then left out, as they are when null was sent.
pub(crate) fn read(
    shape: &Shape,
    record: &Map<String, Value>,
    new: bool,
    errors: &mut FieldErrors,
) -> Values {
    let mut values = Values::default();
    for attribute in shape.attributes {
        let read = match record.get(attribute.name) {
            None if !new => continue,
            None | Some(Value::Null) => None,
            Some(value) => match scalar(attribute, value) {
                Ok(scalar) => Some(scalar),
                Err(message) => {
                    errors.add(attribute.name, message);
                    continue;
                }
            },
        };
        match (read, attribute.fallback) {
            (Some(scalar), _) => values.set(attribute.name, scalar),
            (None, Fallback::Rule) => {}
            (None, Fallback::Null) => values.set(attribute.name, Scalar::Null),
            (None, Fallback::Flag(flag)) => values.set(attribute.name, flag),
            (None, Fallback::Int(number)) => values.set(attribute.name, number),
            (None, Fallback::Text(text)) => values.set(attribute.name, text),
        }
    }
    values
}

/// Name of a field in a message: `first_name` reads as `first name`.
fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

/// `The name field is required.`
pub(crate) fn required(name: &str) -> String {
    format!("The {} field is required.", spoken(name))
}

/// `The name has already been taken.`
pub(crate) fn taken(name: &str) -> String {
    format!("The {} has already been taken.", spoken(name))
}

fn scalar(attribute: &Attribute, value: &Value) -> Result<Scalar, String> {
    let wrong = |wanted: &str| Err(format!("The {} field must be {wanted}.", spoken(attribute.name)));
    match attribute.kind {
        Kind::Text(max) | Kind::Cut(max) => {
            let text = match value {
                Value::String(s) => s.clone(),
                Value::Number(n) => n.to_string(),
                Value::Bool(b) => b.to_string(),
                _ => return wrong("a string"),
            };
            if text.chars().count() <= max {
                return Ok(Scalar::Text(text));
            }
            match attribute.kind {
                Kind::Cut(_) => Ok(Scalar::Text(text.chars().take(max).collect())),
                _ => wrong(&format!("at most {max} characters")),
            }
        }
        Kind::Flag => match value {
            Value::Bool(b) => Ok(Scalar::Bool(*b)),
            Value::Number(n) => Ok(Scalar::Bool(n.as_f64() != Some(0.0))),
            Value::String(s) => Ok(Scalar::Bool(truthy(s))),
            _ => wrong("true or false"),
        },
        Kind::Int => match value {
            Value::Number(n) => n
                .as_i64()
                .map_or_else(|| wrong("an integer"), |n| Ok(Scalar::Int(n))),
            Value::String(s) if s.trim().is_empty() => Ok(Scalar::Null),
            Value::String(s) => s
                .trim()
                .parse()
                .map_or_else(|_| wrong("an integer"), |n| Ok(Scalar::Int(n))),
            _ => wrong("an integer"),
        },
        Kind::Json => Ok(Scalar::Text(value.to_string())),
        Kind::Open => Ok(Scalar::Text(match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })),
        Kind::List => Ok(Scalar::Text(match value {
            Value::String(text) => listed(text).map_or_else(|| text.clone(), |list| list.to_string()),
            other => other.to_string(),
        })),
        Kind::Verbs => match verbs(value) {
            Some(mask) => Ok(Scalar::Int(mask)),
            None => wrong("a list of verbs"),
        },
    }
}

/// The list that text with commas means. Documents, and text that quotes a part, such as `"Doe, Ann" <a@b>`, stay text.
pub fn listed(text: &str) -> Option<Value> {
    let plain = text.contains(',') && !text.contains('"') && !text.trim_start().starts_with(['[', '{']);
    let parts = || text.split(',').map(str::trim).filter(|part| !part.is_empty());
    plain.then(|| parts().collect())
}

/// What was kept by [`Kind::Open`]: a list or an object, or the text itself.
pub(crate) fn opened(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(document @ (Value::Array(_) | Value::Object(_))) => document,
        _ => Value::String(text.to_owned()),
    }
}

/// The sum of the bits of verbs.
fn verbs(value: &Value) -> Option<i64> {
    let sum = |names: &[&str]| {
        names.iter().try_fold(0, |mask, name| {
            Verb::parse(name.trim()).map(|verb| mask | i64::from(verb.bit()))
        })
    };
    match value {
        Value::Number(mask) => mask.as_i64(),
        Value::String(text) if text.trim().is_empty() => Some(0),
        Value::String(text) => match text.trim().parse() {
            Ok(mask) => Some(mask),
            Err(_) => sum(&text.split(',').collect::<Vec<_>>()),
        },
        Value::Array(list) => sum(&list.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?),
        _ => None,
    }
}
