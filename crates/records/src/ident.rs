//! Identifiers of records: as clients send them, and bound to a table's key.

use crate::plan::{Condition, Operand, Target};
use crate::value::{from_json, from_text};
use crate::{Scalar, Table};
use contract::{Map, Payload, Problem, Request, Settings, Value, word};
use sql::BinaryOp;

/// An identifier as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Ident {
    /// Text, from a path or a list.
    Text(String),
    /// A JSON value that is not an object.
    Json(Value),
    /// A record that holds the identifier's fields.
    Record(Map<String, Value>),
}

impl Ident {
    /// Reads a JSON value.
    pub fn from_json(value: Value) -> Ident {
        match value {
            Value::String(text) => Ident::Text(text),
            Value::Object(map) => Ident::Record(map),
            other => Ident::Json(other),
        }
    }

    /// The identifiers of a request, from `ids` in the query or the body. `None` when there are none.
    pub fn of(request: &Request) -> Result<Option<Vec<Ident>>, Problem> {
        let in_query = request.params.get(word::IDS.name);
        let parsed = match (in_query, request.body_value(&word::IDS)) {
            (Some(text), _) => query::ids::parse_text(text),
            (None, Some(value)) => query::ids::from_json(value),
            (None, None) => return Ok(None),
        };
        let ids = parsed.map_err(|e| Problem::bad_request(e.message))?;
        let idents = ids.into_iter().map(|id| match id {
            query::ids::Id::One(value) => Ident::from_json(value),
            query::ids::Id::Record(record) => Ident::Record(record),
        });
        Ok(Some(idents.collect()).filter(|list: &Vec<Ident>| !list.is_empty()))
    }

    /// The identifier as messages show it.
    pub fn label(&self) -> String {
        match self {
            Ident::Text(text) => text.clone(),
            Ident::Json(value) => scalar_text(value),
            Ident::Record(map) => {
                let parts: Vec<_> = map.values().map(scalar_text).collect();
                if parts.len() == 1 {
                    parts[0].clone()
                } else {
                    format!("({})", parts.join(","))
                }
            }
        }
    }

    /// The values of all identifying fields. Text names a composite key as `1,2` or `(1,2)`. An identifier that
    /// names only a part of the key is refused: a write must never reach more rows than were named.
    pub fn bind(&self, table: &Table, identifier: &[usize]) -> Result<Vec<Scalar>, Problem> {
        let values = self.bind_leading(table, identifier)?;
        if values.len() < identifier.len() {
            let names: Vec<&str> = identifier
                .iter()
                .map(|i| table.fields[*i].name.as_str())
                .collect();
            return Err(Problem::bad_request(format!(
                "The identifier '{}' names only a part of the key ({}).",
                self.label(),
                names.join(",")
            )));
        }
        Ok(values)
    }

    /// The values of the identifying fields, as [`Ident::bind`], or of the first one alone: reading gives the first
    /// row that has it.
    pub fn bind_leading(&self, table: &Table, identifier: &[usize]) -> Result<Vec<Scalar>, Problem> {
        let field = |i: usize| &table.fields[identifier[i]];
        match self {
            Ident::Record(map) => identifier
                .iter()
                .map(|index| {
                    let field = &table.fields[*index];
                    match member(map, &field.name).filter(|v| !v.is_null()) {
                        Some(value) => from_json(field, value),
                        None => Err(Problem::bad_request(format!(
                            "Required id field(s) not found in record: {}.",
                            field.name
                        ))),
                    }
                })
                .collect(),
            Ident::Json(value) => Ok(vec![from_json(field(0), value)?]),
            Ident::Text(text) => {
                let inner = text
                    .trim()
                    .strip_prefix('(')
                    .and_then(|t| t.strip_suffix(')'))
                    .unwrap_or(text);
                let parts: Vec<&str> = inner.split(',').collect();
                if identifier.len() > 1 && parts.len() == identifier.len() {
                    return parts
                        .iter()
                        .enumerate()
                        .map(|(i, part)| from_text(field(i), part.trim()))
                        .collect();
                }
                Ok(vec![from_text(field(0), text)?])
            }
        }
    }
}

fn scalar_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A member of a record, its name matched without case.
pub fn member<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    map.get(name).or_else(|| {
        map.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    })
}

/// The condition that the identifying fields have these values.
pub fn matches(identifier: &[usize], values: &[Scalar]) -> Condition {
    let one = |(field, value): (&usize, &Scalar)| {
        if value.is_null() {
            Condition::IsNull(Target::Field(*field))
        } else {
            Condition::Compare(Target::Field(*field), BinaryOp::Eq, Operand::Value(value.clone()))
        }
    };
    let mut parts: Vec<Condition> = identifier.iter().zip(values).map(one).collect();
    if parts.len() == 1 {
        parts.remove(0)
    } else {
        Condition::And(parts)
    }
}

/// The records of a body: under the wrapper, as a bare list, or one under the wrapper. `None` when the body holds
/// no records.
pub fn records_of(request: &Request, settings: &Settings) -> Option<Vec<Value>> {
    match &request.payload {
        Payload::Value(body) => records_in(body, settings),
        _ => None,
    }
}

/// The records of a body, as [`records_of`].
pub fn records_in(body: &Value, settings: &Settings) -> Option<Vec<Value>> {
    let wrapped = match body {
        Value::Array(records) => return Some(records.clone()),
        body => body.get(&settings.resource_wrapper)?,
    };
    match wrapped {
        Value::Array(records) => Some(records.clone()),
        Value::Object(_) => Some(vec![wrapped.clone()]),
        _ => None,
    }
}

/// The refusal of a write without records.
pub fn no_records(settings: &Settings) -> Problem {
    let wrapper = &settings.resource_wrapper;
    let hint = if settings.always_wrap_resources {
        format!(
            " Please make sure record(s) are wrapped in a '{wrapper}' tag. Example: \
             {{\"{wrapper}\":[{{\"record\":1}},{{\"record\":2}}]}}"
        )
    } else {
        String::new()
    };
    Problem::bad_request(format!("No record(s) detected in request.{hint}"))
}
