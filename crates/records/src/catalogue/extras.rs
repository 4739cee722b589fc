//! Extras laid over what the database tells: aliases, labels, other types, functions, virtual fields and relations.

use super::{Field, Junction, RawColumn, RawTable, Relation, RelationKind, Table, label};
use crate::Kind;
use contract::extras::{FieldExtra, RelationExtra, ServiceExtras, VirtualRelation};
use contract::{Problem, ServiceRef, Value};
use regex::Regex;
use sql::Formula;
use std::sync::Arc;

/// What people added to a field.
#[derive(Debug, Clone, Default)]
pub struct FieldExtras {
    /// Values to choose from; null when not set.
    pub picklist: Value,
    /// Rules for values; null when not set.
    pub validation: Value,
    /// The pattern of the rule `match`, compiled.
    pub(crate) pattern: Option<Regex>,
    /// Functions as they were written; null when not set.
    pub db_function: Value,
    /// Whether the field has no column: it is computed, and cannot be written.
    pub is_virtual: bool,
    /// Whether it is computed over rows, so that `*` leaves it out.
    pub is_aggregate: bool,
    /// What is read instead of the column.
    pub select: Option<Formula>,
    /// What is compared instead of the column.
    pub filter: Option<Formula>,
    /// What is stored in a new row instead of the value.
    pub insert: Option<Formula>,
    /// What is stored in a changed row instead of the value.
    pub update: Option<Formula>,
}

/// What people added to a relation.
#[derive(Debug, Clone, Default)]
pub struct RelationExtras {
    /// Alias, when one is set; the relation's name is the alias then.
    pub alias: Option<String>,
    /// The name by the rule.
    pub real_name: Option<String>,
    /// Description for people.
    pub description: Option<String>,
    /// Id of a virtual relation.
    pub virtual_id: Option<i64>,
    /// Service of the other table, when it is not this one.
    pub ref_service: Option<Arc<ServiceRef>>,
    /// Service of the table between, when it is not this one.
    pub junction_service: Option<Arc<ServiceRef>>,
    /// Real name of the other table, where that has an alias.
    pub ref_real_name: Option<String>,
    /// Real name of the table between, where that has an alias.
    pub junction_real_name: Option<String>,
    /// Stored; without effect.
    pub flatten: bool,
    /// Stored; without effect.
    pub flatten_drop_prefix: bool,
}

impl Relation {
    /// The name by the rule, whatever alias is set.
    pub fn real_name(&self) -> &str {
        self.extra.real_name.as_deref().unwrap_or(&self.name)
    }

    /// Whether it leads to another service.
    pub fn is_remote(&self) -> bool {
        self.extra.ref_service.is_some() || self.extra.junction_service.is_some()
    }
}

/// The simple type of a name.
pub fn kind_named(name: &str) -> Option<Kind> {
    const ALL: &[Kind] = &[
        Kind::Id,
        Kind::Reference,
        Kind::Boolean,
        Kind::Integer,
        Kind::BigInt,
        Kind::Decimal,
        Kind::Money,
        Kind::Float,
        Kind::Double,
        Kind::String,
        Kind::Text,
        Kind::Binary,
        Kind::Date,
        Kind::Time,
        Kind::TimeTz,
        Kind::DateTime,
        Kind::Timestamp,
        Kind::TimestampTz,
        Kind::TimestampOnCreate,
        Kind::TimestampOnUpdate,
        Kind::UserId,
        Kind::UserIdOnCreate,
        Kind::UserIdOnUpdate,
        Kind::Uuid,
        Kind::Json,
        Kind::Array,
    ];
    ALL.iter().find(|kind| kind.name() == name).copied()
}

/// Makes the table that clients see: what the database tells, with the service's extras.
pub fn table_with(raw: &RawTable, extras: &ServiceExtras, service: i64) -> Table {
    let mut table = super::table(raw);
    let own = raw.name.public.as_str();
    let real: Vec<String> = table.fields.iter().map(|f| f.column.name.clone()).collect();
    for extra in extras.fields.iter().filter(|e| e.table == own) {
        match table.column(&extra.field) {
            Some(i) if !extra.is_virtual => lay_over(&mut table.fields[i], extra, &real),
            None if extra.is_virtual => table.fields.push(virtual_field(extra, &real)),
            // The column is gone, or came after the virtual field: what the database has counts.
            _ => {}
        }
    }
    for relation in extras.virtual_relations.iter().filter(|r| r.table == own) {
        if let Some(relation) = virtual_relation(relation, service) {
            let place = match relation.is_remote() {
                true => &mut table.remote,
                false => &mut table.relations,
            };
            match place.iter().position(|r| r.name == relation.name) {
                Some(i) => place[i] = relation,
                None => place.push(relation),
            }
        }
    }
    let alias_of = |table: &str| {
        let found = extras.tables.iter().find(|t| t.table == table);
        found.and_then(|t| t.alias.clone())
    };
    for relation in table.relations.iter_mut().chain(&mut table.remote) {
        if relation.extra.ref_service.is_none()
            && let Some(alias) = alias_of(&relation.ref_table)
        {
            relation.extra.ref_real_name = Some(std::mem::replace(&mut relation.ref_table, alias));
        }
        if let Some(junction) = &mut relation.junction
            && relation.extra.junction_service.is_none()
            && let Some(alias) = alias_of(&junction.table)
        {
            relation.extra.junction_real_name = Some(std::mem::replace(&mut junction.table, alias));
        }
        let extra = extras
            .relations
            .iter()
            .find(|e| e.table == own && e.relationship == relation.name);
        if let Some(extra) = extra {
            lay_over_relation(relation, extra);
        }
    }
    if let Some(extra) = extras.tables.iter().find(|e| e.table == own) {
        if let Some(label) = &extra.label {
            table.label.clone_from(label);
            table.plural = super::plural(label);
        }
        if let Some(plural) = &extra.plural {
            table.plural.clone_from(plural);
        }
        if extra.description.is_some() {
            table.description.clone_from(&extra.description);
        }
        table.name_field.clone_from(&extra.name_field);
        if let Some(alias) = &extra.alias {
            table.alias = Some(alias.clone());
            table.name.clone_from(alias);
        }
    }
    table.index();
    table
}

fn lay_over(field: &mut Field, extra: &FieldExtra, columns: &[String]) {
    if let Some(alias) = &extra.alias {
        field.alias = Some(alias.clone());
        field.name.clone_from(alias);
    }
    if let Some(label) = &extra.label {
        field.label.clone_from(label);
    }
    if extra.description.is_some() {
        field.description.clone_from(&extra.description);
    }
    if let Some(kind) = extra.extra_type.as_deref().and_then(kind_named) {
        field.kind = kind;
    }
    field.extra = field_extras(extra, columns);
}

fn virtual_field(extra: &FieldExtra, columns: &[String]) -> Field {
    let kind = extra
        .extra_type
        .as_deref()
        .and_then(kind_named)
        .unwrap_or(Kind::String);
    Field {
        name: extra.alias.clone().unwrap_or_else(|| extra.field.clone()),
        column: RawColumn {
            name: extra.field.clone(),
            kind,
            native: String::new(),
            length: None,
            precision: None,
            scale: None,
            default: Value::Null,
            allow_null: true,
            fixed_length: false,
            supports_multibyte: false,
            auto_increment: false,
            generated: true,
            is_index: false,
            comment: None,
        },
        alias: extra.alias.clone(),
        label: extra.label.clone().unwrap_or_else(|| label(&extra.field)),
        description: extra.description.clone(),
        kind,
        required: false,
        is_primary_key: false,
        is_unique: false,
        reference: None,
        extra: field_extras(extra, columns),
    }
}

fn field_extras(extra: &FieldExtra, columns: &[String]) -> FieldExtras {
    let function = |usage: &str| {
        function_for(&extra.db_function, usage).and_then(|text| match formula(text, columns) {
            Ok(formula) => Some(formula),
            Err(problem) => {
                tracing::warn!(table = extra.table, field = extra.field, %problem, "a field's function is not used");
                None
            }
        })
    };
    FieldExtras {
        picklist: extra.picklist.clone(),
        validation: extra.validation.clone(),
        pattern: crate::validate::pattern(&extra.field, &extra.validation).unwrap_or_default(),
        db_function: extra.db_function.clone(),
        is_virtual: extra.is_virtual,
        is_aggregate: extra.is_aggregate,
        select: function("SELECT"),
        filter: function("FILTER"),
        insert: function("INSERT"),
        update: function("UPDATE"),
    }
}

/// The text of the first function for a use.
pub fn function_for<'f>(functions: &'f Value, usage: &str) -> Option<&'f str> {
    let entries = functions.as_array()?.iter();
    let uses = |entry: &&Value| match &entry["use"] {
        Value::Array(list) => list
            .iter()
            .any(|u| u.as_str().is_some_and(|u| u.eq_ignore_ascii_case(usage))),
        Value::String(one) => one.eq_ignore_ascii_case(usage),
        _ => usage == "SELECT",
    };
    entries
        .filter(|entry| entry["function_type"].as_str().is_none_or(|t| t == "database"))
        .find(uses)
        .and_then(|entry| entry["function"].as_str())
}

/// Parses a function text and binds its names to columns, exactly first and then without case. 400 for what the
/// grammar refuses and for names that are no columns.
pub fn formula(text: &str, columns: &[String]) -> Result<Formula, Problem> {
    let mut formula = query::formula::parse(text).map_err(|e| Problem::bad_request(e.message))?;
    let column = |name: &str| {
        let exact = columns.iter().find(|c| *c == name);
        exact
            .or_else(|| columns.iter().find(|c| c.eq_ignore_ascii_case(name)))
            .cloned()
    };
    formula.rename(&column).map_err(|name| {
        Problem::bad_request(format!(
            "The function names '{name}', which is no field of the table."
        ))
    })?;
    Ok(formula)
}

fn lay_over_relation(relation: &mut Relation, extra: &RelationExtra) {
    if let Some(label) = &extra.label {
        relation.label.clone_from(label);
    }
    relation.always_fetch = extra.always_fetch;
    relation.extra.description.clone_from(&extra.description);
    relation.extra.flatten = extra.flatten;
    relation.extra.flatten_drop_prefix = extra.flatten_drop_prefix;
    if let Some(alias) = &extra.alias {
        relation.extra.real_name = Some(std::mem::replace(&mut relation.name, alias.clone()));
        relation.extra.alias = Some(alias.clone());
    }
}

/// The name of a virtual relation, by the rule for real ones; tables of other services carry their service's name.
pub fn virtual_name(relation: &VirtualRelation, service: i64) -> String {
    let of = |id: i64, name: &str, table: &str| match id == service {
        true => table.to_owned(),
        false => format!("{name}.{table}"),
    };
    let other = of(
        relation.ref_service_id,
        &relation.ref_service,
        &relation.ref_table,
    );
    match relation.kind.as_str() {
        "belongs_to" => format!("{other}_by_{}", parts(&relation.field).join("_")),
        "many_many" => {
            let junction = relation.junction_table.as_deref().unwrap_or_default();
            let id = relation.junction_service_id.unwrap_or(service);
            let name = relation.junction_service.as_deref().unwrap_or_default();
            format!("{other}_by_{}", of(id, name, junction))
        }
        _ => format!("{other}_by_{}", parts(&relation.ref_field).join("_")),
    }
}

/// The fields of a key, which are written joined by commas.
pub fn parts(joined: &str) -> Vec<String> {
    joined.split(',').map(|part| part.trim().to_owned()).collect()
}

fn virtual_relation(relation: &VirtualRelation, service: i64) -> Option<Relation> {
    let kind = match relation.kind.as_str() {
        "belongs_to" => RelationKind::BelongsTo,
        "has_one" => RelationKind::HasOne,
        "has_many" => RelationKind::HasMany,
        "many_many" => RelationKind::ManyMany,
        _ => return None,
    };
    let junction = match (
        &relation.junction_table,
        &relation.junction_field,
        &relation.junction_ref_field,
    ) {
        (Some(table), Some(field), Some(ref_field)) => Some(Junction {
            table: table.clone(),
            fields: parts(field),
            ref_fields: parts(ref_field),
        }),
        _ if kind == RelationKind::ManyMany => return None,
        _ => None,
    };
    let name = virtual_name(relation, service);
    let elsewhere = |id: i64, name: &str| {
        let name = name.to_owned();
        (id != service).then(|| Arc::new(ServiceRef { id, name }))
    };
    let between = relation.junction_service.as_deref().unwrap_or_default();
    let junction_service = relation.junction_service_id.filter(|_| junction.is_some());
    Some(Relation {
        label: relation_label(&name),
        name,
        kind,
        fields: parts(&relation.field),
        ref_table: relation.ref_table.clone(),
        ref_fields: parts(&relation.ref_field),
        on_update: relation.ref_on_update.clone(),
        on_delete: relation.ref_on_delete.clone(),
        extra: RelationExtras {
            virtual_id: Some(relation.id),
            ref_service: elsewhere(relation.ref_service_id, &relation.ref_service),
            junction_service: junction_service.and_then(|id| elsewhere(id, between)),
            ..RelationExtras::default()
        },
        junction,
        always_fetch: false,
    })
}

/// A relation's label: the dot after a service's name stays.
fn relation_label(name: &str) -> String {
    name.split('.')
        .map(label)
        .enumerate()
        .fold(String::new(), |mut out, (i, part)| {
            if i > 0 {
                out.push('.');
                let mut rest = part.chars();
                out.extend(rest.next().into_iter().flat_map(char::to_lowercase));
                out.push_str(rest.as_str());
            } else {
                out.push_str(&part);
            }
            out
        })
}
