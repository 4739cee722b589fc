//! A record of the body as values by field.

use super::formula;
use crate::filter::replace_lookups;
use crate::ident::member;
use crate::validate::{Verdict, validate};
use crate::value::stored;
use crate::{Field, Kind, NewValue, Scalar, Table};
use contract::{Caller, Map, Problem, Request, Settings, Value};
use sql::Moment;

/// What a record is converted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Creating: what must be there must be there.
    Create,
    /// Updating: only what is there counts.
    Update,
}

/// What conversion looks at besides the record.
#[derive(Clone, Copy)]
pub(super) struct Intake<'a> {
    pub(super) caller: &'a Caller,
    pub(super) settings: &'a Settings,
}

/// A record and what is known of its fields already, such as the key of the row it belongs to. What is known counts,
/// whatever the record says.
pub(super) struct Incoming<'r> {
    pub(super) record: &'r Map<String, Value>,
    pub(super) preset: Vec<(usize, Scalar)>,
}

impl<'r> Incoming<'r> {
    /// A record alone.
    pub(super) fn plain(record: &'r Map<String, Value>) -> Incoming<'r> {
        Incoming {
            record,
            preset: Vec::new(),
        }
    }
}

impl<'a> Intake<'a> {
    /// For a request.
    pub(super) fn of(request: &'a Request, settings: &'a Settings) -> Intake<'a> {
        Intake {
            caller: &request.caller,
            settings,
        }
    }

    /// The values of a record by field, in the table's order. Members that are no fields are left out; names are
    /// matched without case. Empty when there are none.
    pub(super) fn values(
        &self,
        table: &Table,
        incoming: &Incoming<'_>,
        purpose: Purpose,
    ) -> Result<Vec<(usize, NewValue)>, Problem> {
        let mut values = Vec::with_capacity(incoming.record.len() + incoming.preset.len());
        for index in 0..table.fields.len() {
            let preset = incoming.preset.iter().find(|(i, _)| *i == index);
            let value = match preset {
                Some((_, value)) => Some(NewValue::Value(value.clone())),
                None => self.value(table, index, incoming.record, purpose)?,
            };
            values.extend(value.map(|value| (index, value)));
        }
        // What the server sets by itself goes with what the client sets; alone it is no change.
        if purpose == Purpose::Create || !values.is_empty() {
            self.set_automatic(table, purpose, &mut values);
        }
        Ok(values)
    }

    fn value(
        &self,
        table: &Table,
        index: usize,
        record: &Map<String, Value>,
        purpose: Purpose,
    ) -> Result<Option<NewValue>, Problem> {
        let field = &table.fields[index];
        if field.column.generated || is_automatic(field) {
            return Ok(None);
        }
        let sent = member(record, &field.name);
        if let Some(value) = sent
            && validate(field, value, purpose == Purpose::Create)? == Verdict::Drop
        {
            return Ok(None);
        }
        match sent {
            // The database's own key is never changed; a part of a composite key may be.
            Some(_)
                if purpose == Purpose::Update && field.kind == Kind::Id && table.primary_key.len() == 1 =>
            {
                Ok(None)
            }
            Some(Value::Null) if field.kind == Kind::Id => Ok(None),
            Some(Value::Object(object)) if formula::is_formula(object) => {
                formula::bind(table, index, object, purpose).map(Some)
            }
            Some(value) => {
                let value = match value {
                    Value::String(text) => stored(
                        field,
                        &Value::String(replace_lookups(text, self.caller, self.settings).into_owned()),
                    )?,
                    value => stored(field, value)?,
                };
                if value.is_null() && !field.column.allow_null {
                    return Err(Problem::bad_request(format!(
                        "Field '{}' can not be NULL.",
                        field.name.to_lowercase()
                    )));
                }
                Ok(Some(NewValue::Value(value)))
            }
            None if purpose == Purpose::Create && field.required => Err(Problem::bad_request(format!(
                "Required field '{}' can not be NULL.",
                field.name
            ))),
            None => Ok(None),
        }
    }

    /// The clock and the caller, by the type of the field.
    fn set_automatic(&self, table: &Table, purpose: Purpose, values: &mut Vec<(usize, NewValue)>) {
        let now = NewValue::Moment(Moment {
            date_only: false,
            offset: None,
        });
        let user = self.caller.user.as_deref();
        let user = user.map(|user| NewValue::Value(Scalar::Int(user.id)));
        for (index, field) in table.fields.iter().enumerate().filter(|(_, f)| is_automatic(f)) {
            let value = match field.kind {
                _ if field.column.generated => None,
                Kind::TimestampOnCreate if purpose == Purpose::Create => Some(now.clone()),
                Kind::TimestampOnUpdate => Some(now.clone()),
                Kind::UserIdOnCreate if purpose == Purpose::Create => user.clone(),
                Kind::UserIdOnUpdate => user.clone(),
                _ => None,
            };
            values.extend(value.map(|value| (index, value)));
        }
    }
}

/// Fields that the server fills, whatever the client sends.
fn is_automatic(field: &Field) -> bool {
    matches!(
        field.kind,
        Kind::TimestampOnCreate | Kind::TimestampOnUpdate | Kind::UserIdOnCreate | Kind::UserIdOnUpdate
    )
}

/// The refusal of a new record without a single field.
pub(super) fn no_fields() -> Problem {
    Problem::bad_request("No valid fields were found in record.")
}

/// A record of a list: an object.
pub(super) fn object(value: &Value) -> Result<&Map<String, Value>, Problem> {
    value
        .as_object()
        .ok_or_else(|| Problem::bad_request("The request contains no valid record fields."))
}
