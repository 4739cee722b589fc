//! Elements as JSON, by their types.

use crate::encode::VALUE;
use crate::schema::{Schema, Simple, Type, XSI, builtin};
use crate::xml::Element;
use contract::{Map, Value};
use serde_json::{Number, json};

/// The value of an element: attributes and elements are members; what can be there several times is a list.
pub(crate) fn value(schema: &Schema, kind: &Type, element: &Element) -> Value {
    if is_nil(element) {
        return Value::Null;
    }
    let own = said_type(schema, element);
    let kind = own.as_ref().unwrap_or(kind);
    if let Some(complex) = schema.complex(kind) {
        let mut object = Map::new();
        for (name, value) in &element.attributes {
            if &*name.space == XSI {
                continue;
            }
            let declared = complex
                .attributes
                .iter()
                .find(|attribute| attribute.name == *name);
            let kind = declared.map_or(Simple::Text, |attribute| attribute.kind);
            object.insert(name.local.to_string(), simple(kind, value));
        }
        if let Some(kind) = complex.value {
            let value = simple(kind, &element.text);
            if complex.attributes.is_empty() {
                return value;
            }
            object.insert(VALUE.to_owned(), value);
        }
        for child in &element.children {
            // Not every server heeds whether local names are in a namespace.
            let field = complex.fields.iter().find(|field| field.name == child.name);
            let field = field.or_else(|| complex.fields.iter().find(|f| f.name.local == child.name.local));
            let found = match field {
                Some(field) => value(schema, &field.kind, child),
                None => anything(child),
            };
            adopt(
                &mut object,
                &child.name.local,
                found,
                field.is_some_and(|field| field.many),
            );
        }
        return Value::Object(object);
    }
    if schema.is_any(kind) {
        return anything(element);
    }
    match element.children.is_empty() {
        true => simple(schema.simple(kind), &element.text),
        false => anything(element),
    }
}

/// What is known of nothing: text, or an object of the elements in it, of which several of a name are a list.
pub(crate) fn anything(element: &Element) -> Value {
    if is_nil(element) {
        return Value::Null;
    }
    if element.children.is_empty() {
        return Value::String(element.text.clone());
    }
    let mut object = Map::new();
    for child in &element.children {
        adopt(&mut object, &child.name.local, anything(child), false);
    }
    Value::Object(object)
}

fn adopt(object: &mut Map<String, Value>, name: &str, value: Value, is_list: bool) {
    match object.get_mut(name) {
        None => {
            let value = if is_list { Value::Array(vec![value]) } else { value };
            object.insert(name.to_owned(), value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

/// The type that an element says it is of, where that is known.
fn said_type(schema: &Schema, element: &Element) -> Option<Type> {
    let name = element.qualified(element.attribute_in(XSI, "type")?)?;
    let is_known = schema.types.contains_key(&name);
    builtin(&name).or_else(|| is_known.then_some(Type::Named(name)))
}

fn is_nil(element: &Element) -> bool {
    matches!(element.attribute_in(XSI, "nil"), Some("true" | "1"))
}

/// A simple value. What is not of its kind is text.
fn simple(kind: Simple, text: &str) -> Value {
    let trimmed = text.trim();
    match kind {
        Simple::Boolean => match trimmed {
            "true" | "1" => json!(true),
            "false" | "0" => json!(false),
            other => json!(other),
        },
        Simple::Int | Simple::Long => match trimmed.trim_start_matches('+').parse::<i64>() {
            Ok(number) => json!(number),
            Err(_) => number(trimmed),
        },
        Simple::Number => number(trimmed),
        Simple::List => trimmed.split_whitespace().collect(),
        Simple::Text => json!(text),
        Simple::Date | Simple::DateTime | Simple::Base64 | Simple::Hex | Simple::Uri => json!(trimmed),
    }
}

/// A number with all its digits.
fn number(text: &str) -> Value {
    let plain = text.strip_prefix('+').unwrap_or(text);
    match plain.parse::<Number>() {
        Ok(number) => Value::Number(number),
        Err(_) => json!(text),
    }
}
