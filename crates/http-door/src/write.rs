//! From an answer to bytes: what the client asked for, and the encoding of it.

pub mod answer;
mod csv;
mod ndjson;
pub mod wanted;
mod xml;

pub use wanted::{Shape, Wanted};

use contract::{Settings, Value};
use std::borrow::Cow;

/// A value as text of a shape.
pub fn encode(value: &Value, shape: Shape, settings: &Settings) -> Vec<u8> {
    match shape {
        Shape::Json | Shape::Text => serde_json::to_vec(value).unwrap_or_default(),
        Shape::ApplicationXml | Shape::TextXml => xml::encode(value, &settings.xml_root).into_bytes(),
        Shape::Csv => csv::encode(value, &settings.resource_wrapper),
        Shape::Ndjson => ndjson::encode(value, &settings.resource_wrapper),
    }
}

/// A number outside of JSON: a whole floating-point number has no `.0`.
fn number_text(number: &serde_json::Number) -> String {
    let mut text = number.to_string();
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

/// The text of a scalar. Null is empty; lists and objects are JSON.
fn scalar_text<'v>(value: &'v Value, yes: &'static str, no: &'static str) -> Cow<'v, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Bool(flag) => Cow::Borrowed(if *flag { yes } else { no }),
        Value::Number(number) => Cow::Owned(number_text(number)),
        Value::String(text) => Cow::Borrowed(text),
        nested => Cow::Owned(nested.to_string()),
    }
}
