//! Descriptions of tables, fields and relations, in the documented shape and order (database.md §4).

use crate::{Field, Relation, Table};
use contract::extras::TableExtra;
use contract::{Map, Request, Value};
use serde_json::json;

/// A table's description. Inside `meta` the aliases are the names, so `alias` is left out, and so is `access`.
pub fn table(table: &Table, request: &Request, in_meta: bool) -> Value {
    let mut out = Map::new();
    if !in_meta {
        out.insert("alias".into(), json!(table.alias));
    }
    let name = if in_meta { &table.name } else { &table.public };
    out.insert("name".into(), json!(name));
    out.insert("label".into(), json!(table.label));
    out.insert("description".into(), json!(table.description));
    out.insert("native".into(), json!([]));
    out.insert("plural".into(), json!(table.plural));
    out.insert("is_view".into(), json!(table.is_view));
    let key: Vec<&str> = table
        .primary_key
        .iter()
        .map(|i| {
            let field = &table.fields[*i];
            if in_meta {
                field.name.as_str()
            } else {
                field.column.name.as_str()
            }
        })
        .collect();
    out.insert("primary_key".into(), json!(key));
    out.insert("name_field".into(), json!(table.name_field));
    out.insert(
        "field".into(),
        table.fields.iter().map(|f| field(f, in_meta)).collect(),
    );
    out.insert(
        "related".into(),
        table
            .all_relations()
            .map(|r| relation(r, request.service.id, in_meta))
            .collect(),
    );
    // Without any it is an empty list, as in the original.
    let constraints = match table.constraints.is_empty() {
        true => json!([]),
        false => Value::Object(table.constraints.clone()),
    };
    out.insert("constraints".into(), constraints);
    Value::Object(out)
}

/// A table's entry in a list with `fields=*`.
pub fn entry(name: &str, is_view: bool, in_schema: bool, extra: Option<&TableExtra>) -> Map<String, Value> {
    let label = extra
        .and_then(|e| e.label.clone())
        .unwrap_or_else(|| crate::catalogue::label(name));
    let plural = extra.and_then(|e| e.plural.clone());
    let mut out = Map::new();
    if in_schema {
        out.insert("alias".into(), json!(extra.and_then(|e| e.alias.as_ref())));
    }
    out.insert("name".into(), json!(name));
    let plural = plural.unwrap_or_else(|| crate::catalogue::plural(&label));
    out.insert("plural".into(), json!(plural));
    out.insert("label".into(), json!(label));
    out.insert(
        "description".into(),
        json!(extra.and_then(|e| e.description.as_ref())),
    );
    out.insert("native".into(), json!([]));
    out.insert("is_view".into(), json!(is_view));
    out
}

/// A field's description.
pub fn field(field: &Field, in_meta: bool) -> Value {
    let column = &field.column;
    let mut out = Map::new();
    if !in_meta {
        out.insert("alias".into(), json!(field.alias));
    }
    let (ref_table, ref_field) = match &field.reference {
        Some((table, field)) => (json!(table), json!(field)),
        None => (Value::Null, Value::Null),
    };
    let members = [
        ("name", json!(if in_meta { &field.name } else { &column.name })),
        ("label", json!(field.label)),
        ("description", json!(field.description)),
        ("native", json!([])),
        ("type", json!(field.kind.name())),
        (
            "db_type",
            json!((!field.extra.is_virtual).then_some(&column.native)),
        ),
        ("length", json!(column.length)),
        ("precision", json!(column.precision)),
        ("scale", json!(column.scale)),
        ("default", column.default.clone()),
        ("required", json!(field.required)),
        ("allow_null", json!(column.allow_null)),
        ("fixed_length", json!(column.fixed_length)),
        ("supports_multibyte", json!(column.supports_multibyte)),
        ("auto_increment", json!(column.auto_increment)),
        ("is_primary_key", json!(field.is_primary_key)),
        ("is_unique", json!(field.is_unique)),
        ("is_index", json!(column.is_index)),
        ("is_foreign_key", json!(field.reference.is_some())),
        ("ref_table", ref_table),
        ("ref_field", ref_field),
        ("ref_on_update", Value::Null),
        ("ref_on_delete", Value::Null),
        ("picklist", field.extra.picklist.clone()),
        ("validation", field.extra.validation.clone()),
        ("db_function", field.extra.db_function.clone()),
        ("is_virtual", json!(field.extra.is_virtual)),
        ("is_aggregate", json!(field.extra.is_aggregate)),
    ];
    out.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(out)
}

/// A relation's description.
pub fn relation(relation: &Relation, service: i64, in_meta: bool) -> Value {
    let mut out = Map::new();
    if !in_meta {
        out.insert("alias".into(), json!(relation.extra.alias));
    }
    let junction = relation.junction.as_ref();
    let extra = &relation.extra;
    let name = if in_meta {
        relation.name.as_str()
    } else {
        relation.real_name()
    };
    let junction_service = extra.junction_service.as_ref().map_or(service, |s| s.id);
    let members = [
        ("name", json!(name)),
        ("label", json!(relation.label)),
        ("description", json!(extra.description)),
        ("native", json!([])),
        ("type", json!(relation.kind.name())),
        ("field", json!(relation.fields.join(","))),
        ("is_virtual", json!(extra.virtual_id.is_some())),
        (
            "ref_service_id",
            json!(extra.ref_service.as_ref().map_or(service, |s| s.id)),
        ),
        (
            "ref_table",
            json!(
                extra
                    .ref_real_name
                    .as_ref()
                    .filter(|_| !in_meta)
                    .unwrap_or(&relation.ref_table)
            ),
        ),
        ("ref_field", json!(relation.ref_fields.join(","))),
        ("ref_on_update", json!(relation.on_update)),
        ("ref_on_delete", json!(relation.on_delete)),
        ("junction_service_id", json!(junction.map(|_| junction_service))),
        (
            "junction_table",
            json!(junction.map(|j| {
                extra
                    .junction_real_name
                    .as_ref()
                    .filter(|_| !in_meta)
                    .unwrap_or(&j.table)
            })),
        ),
        ("junction_field", json!(junction.map(|j| j.fields.join(",")))),
        (
            "junction_ref_field",
            json!(junction.map(|j| j.ref_fields.join(","))),
        ),
        ("always_fetch", json!(relation.always_fetch)),
        ("flatten", json!(extra.flatten)),
        ("flatten_drop_prefix", json!(extra.flatten_drop_prefix)),
    ];
    out.extend(members.map(|(name, value)| (name.to_owned(), value)));
    Value::Object(out)
}
