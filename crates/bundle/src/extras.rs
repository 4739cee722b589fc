//! The extras of database services, between rows and the store's own form.

use crate::bundle::Object;
use crate::naming::tidy;
use crate::rows::{Row, Rows, flag, string};
use contract::Value;
use contract::extras::{ExtraChange, FieldExtra, RelationExtra, ServiceExtras, TableExtra, VirtualRelation};
use serde_json::json;

/// The lists of extras in a service's object.
pub(crate) const NAMES: [&str; 4] = ["tables", "fields", "relations", "virtual_relations"];

/// What names a row of extras; all else is its content.
const KEYS: [&str; 3] = ["table", "field", "relationship"];

/// Adds the extras of a service as rows.
pub(crate) fn add_rows(rows: &mut Rows, service: i64, extras: ServiceExtras) {
    let row = |value: Value| {
        let mut row = match value {
            Value::Object(row) => row,
            _ => Row::new(),
        };
        row.insert("service_id".into(), json!(service));
        row
    };
    let tables = extras.tables.into_iter().map(|e| {
        row(json!({
            "table": e.table, "alias": e.alias, "label": e.label, "plural": e.plural, "name_field": e.name_field,
            "description": e.description,
        }))
    });
    rows.add("db_table_extras", tables);
    let fields = extras.fields.into_iter().map(|e| {
        row(json!({
            "table": e.table, "field": e.field, "alias": e.alias, "label": e.label, "extra_type": e.extra_type,
            "description": e.description, "picklist": e.picklist, "validation": e.validation,
            "client_info": e.client_info, "db_function": e.db_function, "is_virtual": e.is_virtual,
            "is_aggregate": e.is_aggregate,
        }))
    });
    rows.add("db_field_extras", fields);
    let relations = extras.relations.into_iter().map(|e| {
        row(json!({
            "table": e.table, "relationship": e.relationship, "alias": e.alias, "label": e.label,
            "description": e.description, "always_fetch": e.always_fetch, "flatten": e.flatten,
            "flatten_drop_prefix": e.flatten_drop_prefix,
        }))
    });
    rows.add("db_relationship_extras", relations);
    let virtual_relations = extras.virtual_relations.into_iter().map(|e| {
        row(json!({
            "id": e.id, "type": e.kind, "table": e.table, "field": e.field, "ref_service_id": e.ref_service_id,
            "ref_table": e.ref_table, "ref_field": e.ref_field, "ref_on_update": e.ref_on_update,
            "ref_on_delete": e.ref_on_delete, "junction_service_id": e.junction_service_id,
            "junction_table": e.junction_table, "junction_field": e.junction_field,
            "junction_ref_field": e.junction_ref_field,
        }))
    });
    rows.add("db_virtual_relationship", virtual_relations);
}

/// Whether a row of extras has any content: the original keeps rows without, and `false` is what is not said.
pub(crate) fn says_something(row: &Value) -> bool {
    let content = |(key, value): (&String, &Value)| {
        !KEYS.contains(&key.as_str()) && *value != json!(false) && *value != json!("")
    };
    row.as_object().is_some_and(|row| row.iter().any(content))
}

/// The changes that lead from one service's extras to another's. `id` gives the id of a service by name; a relation
/// whose other service is not known is left out. `stored` are the virtual relations as they are, with their ids.
pub(crate) fn changes(
    present: Option<&Object>,
    wanted: &Object,
    stored: &[VirtualRelation],
    id: impl Fn(&str) -> Option<i64>,
) -> Vec<ExtraChange> {
    let list = |object: Option<&Object>, name: &str| match object.and_then(|o| o.get(name)) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_object).cloned().collect(),
        _ => Vec::<Object>::new(),
    };
    let same_key = |a: &Object, b: &Object| KEYS.iter().all(|key| a.get(*key) == b.get(*key));
    let mut changes = Vec::new();
    for name in &NAMES[..3] {
        let (old, new) = (list(present, name), list(Some(wanted), name));
        let gone = old
            .iter()
            .filter(|row| !new.iter().any(|other| same_key(row, other)));
        // An extra without content is removed.
        let emptied = gone.map(|row| {
            let named = row.iter().filter(|(key, _)| KEYS.contains(&key.as_str()));
            named.map(|(key, value)| (key.clone(), value.clone())).collect()
        });
        let fresh = new.iter().filter(|row| !old.contains(row)).cloned();
        let rows: Vec<Object> = emptied.chain(fresh).collect();
        changes.extend(rows.iter().map(|row| change(name, row)));
    }
    let (old, new) = (list(present, NAMES[3]), list(Some(wanted), NAMES[3]));
    for relation in stored.iter().filter(|r| !new.contains(&object_of(r))) {
        changes.push(ExtraChange::DropVirtualRelation(relation.id));
    }
    for row in new.iter().filter(|row| !old.contains(row)) {
        changes.extend(virtual_relation(row, &id).map(ExtraChange::VirtualRelation));
    }
    changes
}

fn text(row: &Row, name: &str) -> Option<String> {
    Some(string(row, name)).filter(|text| !text.is_empty())
}

fn change(list: &str, row: &Row) -> ExtraChange {
    let document = |name: &str| row.get(name).cloned().unwrap_or_default();
    match list {
        "tables" => ExtraChange::Table(TableExtra {
            table: string(row, "table"),
            alias: text(row, "alias"),
            label: text(row, "label"),
            plural: text(row, "plural"),
            name_field: text(row, "name_field"),
            description: text(row, "description"),
        }),
        "fields" => ExtraChange::Field(FieldExtra {
            table: string(row, "table"),
            field: string(row, "field"),
            alias: text(row, "alias"),
            label: text(row, "label"),
            extra_type: text(row, "extra_type"),
            description: text(row, "description"),
            picklist: document("picklist"),
            validation: document("validation"),
            client_info: document("client_info"),
            db_function: document("db_function"),
            is_virtual: flag(row, "is_virtual"),
            is_aggregate: flag(row, "is_aggregate"),
        }),
        _ => ExtraChange::Relation(RelationExtra {
            table: string(row, "table"),
            relationship: string(row, "relationship"),
            alias: text(row, "alias"),
            label: text(row, "label"),
            description: text(row, "description"),
            always_fetch: flag(row, "always_fetch"),
            flatten: flag(row, "flatten"),
            flatten_drop_prefix: flag(row, "flatten_drop_prefix"),
        }),
    }
}

fn virtual_relation(row: &Row, id: &impl Fn(&str) -> Option<i64>) -> Option<VirtualRelation> {
    let junction = text(row, "junction_service");
    let junction_service_id = match &junction {
        Some(name) => Some(id(name)?),
        None => None,
    };
    Some(VirtualRelation {
        id: 0,
        kind: string(row, "type"),
        table: string(row, "table"),
        field: string(row, "field"),
        ref_service_id: id(&string(row, "ref_service"))?,
        ref_service: string(row, "ref_service"),
        ref_table: string(row, "ref_table"),
        ref_field: string(row, "ref_field"),
        ref_on_update: text(row, "ref_on_update"),
        ref_on_delete: text(row, "ref_on_delete"),
        junction_service_id,
        junction_service: junction,
        junction_table: text(row, "junction_table"),
        junction_field: text(row, "junction_field"),
        junction_ref_field: text(row, "junction_ref_field"),
    })
}

/// A stored virtual relation as it stands in an object.
fn object_of(relation: &VirtualRelation) -> Object {
    let value = json!({
        "type": relation.kind, "table": relation.table, "field": relation.field,
        "ref_table": relation.ref_table, "ref_field": relation.ref_field,
        "ref_on_update": relation.ref_on_update, "ref_on_delete": relation.ref_on_delete,
        "junction_table": relation.junction_table, "junction_field": relation.junction_field,
        "junction_ref_field": relation.junction_ref_field, "ref_service": relation.ref_service,
        "junction_service": relation.junction_service,
    });
    let mut object = match value {
        Value::Object(object) => object,
        _ => Object::new(),
    };
    tidy(&mut object);
    object
}
