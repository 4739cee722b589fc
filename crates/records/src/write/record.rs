//! A record of the body as values by field.

use crate::ident::member;
use crate::value::from_json;
use crate::{Field, Kind, NewValue, Table};
use contract::{Map, Problem, Value};

/// What a record is converted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Creating: what must be there must be there.
    Create,
    /// Updating: only what is there counts.
    Update,
}

/// Fields that the database or the server fills, whatever the client sends.
fn is_automatic(field: &Field) -> bool {
    field.column.generated || matches!(field.kind, Kind::TimestampOnCreate | Kind::TimestampOnUpdate)
}

/// The values of a record by field. Members that are no fields are left out; names are matched without case.
pub(super) fn values(
    table: &Table,
    record: &Map<String, Value>,
    purpose: Purpose,
) -> Result<Vec<(usize, NewValue)>, Problem> {
    let mut values = Vec::with_capacity(record.len());
    for (index, field) in table.fields.iter().enumerate() {
        let sent = member(record, &field.name).filter(|_| !is_automatic(field));
        match sent {
            // The database's own key is never changed; a part of a composite key may be.
            Some(_)
                if purpose == Purpose::Update && field.kind == Kind::Id && table.primary_key.len() == 1 => {}
            Some(Value::Null) if field.kind == Kind::Id => {}
            Some(value) => {
                let value = from_json(field, value)?;
                if value.is_null() && !field.column.allow_null {
                    return Err(Problem::bad_request(format!(
                        "Field '{}' can not be NULL.",
                        field.name.to_lowercase()
                    )));
                }
                values.push((index, value.into()));
            }
            None if purpose == Purpose::Create && field.required && !is_automatic(field) => {
                return Err(Problem::bad_request(format!(
                    "Required field '{}' can not be NULL.",
                    field.name
                )));
            }
            None => {}
        }
    }
    if values.is_empty() {
        return Err(Problem::bad_request("No valid fields were found in record."));
    }
    Ok(values)
}

/// A record of a list: an object.
pub(super) fn object(value: &Value) -> Result<&Map<String, Value>, Problem> {
    value
        .as_object()
        .ok_or_else(|| Problem::bad_request("The request contains no valid record fields."))
}
