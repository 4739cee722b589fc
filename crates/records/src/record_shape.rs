//! What the records of a table look like, for documents.

use crate::catalogue::FieldExtras;
use crate::value::is_bytes;
use crate::{Field, Kind, Relation, RelationKind, Table};
use contract::{FieldKind, RecordField, RecordRelation, RecordShape, Value};

/// The records of a table. `component` gives the component that a table of this name is read from.
pub fn record_shape(table: &Table, component: impl Fn(&str) -> String) -> RecordShape {
    RecordShape {
        description: table.description.clone(),
        fields: table.fields.iter().map(|f| field(f, &component)).collect(),
        relations: table.relations.iter().map(|r| relation(r, &component)).collect(),
    }
}

fn field(field: &Field, component: impl Fn(&str) -> String) -> RecordField {
    let computed = field.extra.is_virtual || field.extra.is_aggregate;
    let reference = field.reference.as_ref();
    RecordField {
        name: field.name.clone(),
        type_name: field.kind.name(),
        kind: match computed {
            true => FieldKind::Any,
            false => kind(field),
        },
        description: field
            .description
            .clone()
            .or_else(|| Some(field.label.clone()).filter(|label| !label.is_empty())),
        nullable: computed || field.column.allow_null,
        required: field.required,
        read_only: field.column.generated || field.extra.is_aggregate,
        is_key: field.is_primary_key,
        max_length: match field.kind.is_text() {
            true => field.column.length.and_then(|n| u64::try_from(n).ok()),
            false => None,
        }
        .filter(|length| *length > 0),
        choices: choices(&field.column.native, &field.extra),
        reference: reference.map(|(table, name)| (component(table), name.clone())),
    }
}

fn kind(field: &Field) -> FieldKind {
    match field.kind {
        _ if is_bytes(field) => FieldKind::Bytes,
        Kind::Boolean => FieldKind::Boolean,
        Kind::BigInt => FieldKind::Long,
        kind if kind.is_integer() => match field.column.native.to_ascii_lowercase() {
            native if native.contains("big") || native.contains("unsigned") => FieldKind::Long,
            // Where integers have one type alone, it is a long one.
            native if native == "integer" => FieldKind::Long,
            _ => FieldKind::Integer,
        },
        Kind::Decimal | Kind::Float | Kind::Double => FieldKind::Number,
        Kind::Date => FieldKind::Date,
        Kind::Uuid => FieldKind::Uuid,
        Kind::Json | Kind::Array | Kind::Money => FieldKind::Any,
        _ => FieldKind::Text,
    }
}

/// The only values of a field: those of an enumerated type, or of a picklist that writes are checked against.
fn choices(native: &str, extra: &FieldExtras) -> Vec<Value> {
    let checked = extra.validation.get("picklist").is_some();
    if let Some(list) = extra.picklist.as_array().filter(|_| checked) {
        return list.clone();
    }
    let lower = native.to_ascii_lowercase();
    match lower
        .starts_with("enum(")
        .then(|| native.get(5..native.len() - 1))
        .flatten()
    {
        Some(list) => quoted(list),
        None => Vec::new(),
    }
}

/// The texts of a list in single quotes; a quote inside is doubled.
fn quoted(list: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut rest = list;
    while let Some(start) = rest.find('\'') {
        let mut text = String::new();
        let mut signs = rest[start + 1..].char_indices().peekable();
        let mut end = rest.len();
        while let Some((at, sign)) = signs.next() {
            if sign != '\'' {
                text.push(sign);
            } else if signs.next_if(|(_, next)| *next == '\'').is_some() {
                text.push('\'');
            } else {
                end = start + 1 + at + 1;
                break;
            }
        }
        all.push(Value::String(text));
        rest = &rest[end..];
    }
    all
}

fn relation(relation: &Relation, component: impl Fn(&str) -> String) -> RecordRelation {
    RecordRelation {
        name: relation.name.clone(),
        kind: relation.kind.name(),
        many: matches!(relation.kind, RelationKind::HasMany | RelationKind::ManyMany),
        field: relation.fields.join(","),
        component: component(&relation.ref_table),
        ref_field: relation.ref_fields.join(","),
        junction: relation.junction.as_ref().map(|j| component(&j.table)),
        read_only: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn enumerated_types_tell_their_values() {
        let none = FieldExtras::default();
        assert_eq!(
            choices("enum('a','b''c','')", &none),
            [json!("a"), json!("b'c"), json!("")]
        );
        assert_eq!(choices("enum(", &none), Vec::<Value>::new());
        assert_eq!(choices("varchar(3)", &none), Vec::<Value>::new());
        let picked = FieldExtras {
            picklist: json!(["x"]),
            validation: json!({"picklist": {}}),
            ..none
        };
        assert_eq!(choices("varchar(3)", &picked), [json!("x")]);
    }
}
