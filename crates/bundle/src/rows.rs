//! Rows of tables with ids: what the store keeps, what a package holds and what the original's database holds look
//! the same here.

use crate::layout::Kind;
use contract::{Map, Problem, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use store::{Entity, StoreTx};

pub(crate) type Row = Map<String, Value>;

/// Rows by table.
#[derive(Debug, Clone, Default)]
pub struct Rows(BTreeMap<String, Vec<Row>>);

impl Rows {
    pub(crate) fn of(&self, table: &str) -> &[Row] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn add(&mut self, table: &str, rows: impl IntoIterator<Item = Row>) {
        self.0.entry(table.to_owned()).or_default().extend(rows);
    }

    /// Takes the rows of a table out.
    pub(crate) fn take(&mut self, table: &str) -> Vec<Row> {
        self.0.remove(table).unwrap_or_default()
    }

    /// All that a store holds.
    pub(crate) async fn read(tx: &StoreTx) -> Result<Rows, Problem> {
        const ENTITIES: [Entity; 16] = [
            Entity::EmailTemplate,
            Entity::Service,
            Entity::ServiceDoc,
            Entity::Role,
            Entity::Access,
            Entity::Group,
            Entity::App,
            Entity::User,
            Entity::Assignment,
            Entity::Lookup,
            Entity::Custom,
            Entity::UserCustom,
            Entity::Cors,
            Entity::EventScript,
            Entity::Limit,
            Entity::Task,
        ];
        let mut rows = Rows::default();
        for entity in ENTITIES {
            rows.add(entity.table(), tx.rows(entity).await?);
        }
        let services: Vec<i64> = rows.of("service").iter().filter_map(id).collect();
        for service in services {
            crate::extras::add_rows(&mut rows, service, tx.extras(service).await?);
        }
        Ok(rows)
    }
}

/// Which rows belong to which, by table, column of the owner, and the owner's id.
pub(crate) struct Owners<'r>(HashMap<(&'static str, &'static str, i64), Vec<&'r Row>>);

impl<'r> Owners<'r> {
    pub(crate) fn of(rows: &'r Rows) -> Owners<'r> {
        let children = Kind::ALL.into_iter().flat_map(|kind| kind.layout().children);
        let mut columns: BTreeSet<(&str, &str)> = children.map(|c| (c.table, c.owner)).collect();
        columns.insert(("service_doc", "service_id"));
        let mut owners: HashMap<_, Vec<&Row>> = HashMap::new();
        for (table, column) in columns {
            for row in rows.of(table) {
                if let Some(owner) = int(row, column) {
                    owners.entry((table, column, owner)).or_default().push(row);
                }
            }
        }
        Owners(owners)
    }

    /// The rows of a table that belong to an owner.
    pub(crate) fn rows(&self, table: &'static str, column: &'static str, owner: i64) -> &[&'r Row] {
        self.0.get(&(table, column, owner)).map_or(&[], Vec::as_slice)
    }
}

/// The key of a row.
pub(crate) fn id(row: &Row) -> Option<i64> {
    int(row, "id")
}

/// A whole number, also one that is written as text.
pub(crate) fn int(row: &Row, column: &str) -> Option<i64> {
    match row.get(column)? {
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_i64(),
    }
}

/// A truth value, also one that is written as number or text.
pub(crate) fn flag(row: &Row, column: &str) -> bool {
    match row.get(column) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => contract::truthy(text),
        _ => false,
    }
}

/// Text; empty when there is none.
pub(crate) fn string(row: &Row, column: &str) -> String {
    match row.get(column) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    }
}

/// The tables that are referred to by id, with the column that names a row.
const NAMED: [(&str, &str); 5] = [
    ("service", "name"),
    ("role", "name"),
    ("app", "name"),
    ("user", "email"),
    ("email_template", "name"),
];

/// Names and ids of everything that can be referred to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    names: HashMap<(String, i64), String>,
    ids: HashMap<(String, String), i64>,
}

impl Names {
    pub(crate) fn of(rows: &Rows) -> Names {
        let mut names = Names::default();
        for (table, column) in NAMED {
            for row in rows.of(table) {
                if let Some(id) = id(row) {
                    names.put(table, id, &string(row, column));
                }
            }
        }
        names
    }

    pub(crate) fn put(&mut self, table: &str, id: i64, name: &str) {
        self.names.insert((table.to_owned(), id), name.to_owned());
        self.ids.insert((table.to_owned(), name.to_lowercase()), id);
    }

    /// Takes over other names; where both know an id, the others' name counts.
    pub(crate) fn extend(&mut self, others: Names) {
        self.names.extend(others.names);
        self.ids.extend(others.ids);
    }

    pub(crate) fn name(&self, table: &str, id: i64) -> Option<&str> {
        self.names.get(&(table.to_owned(), id)).map(String::as_str)
    }

    pub(crate) fn id(&self, table: &str, name: &str) -> Option<i64> {
        self.ids.get(&(table.to_owned(), name.to_lowercase())).copied()
    }
}

/// Whether a row of a kind's table is one of this kind: administrators and users share a table, and so do lookups of
/// all owners.
pub(crate) fn is_of(kind: Kind, row: &Row) -> bool {
    let absent = |column: &str| row.get(column).is_none_or(Value::is_null);
    match kind {
        Kind::Admin => flag(row, "is_sys_admin"),
        Kind::User => !flag(row, "is_sys_admin"),
        Kind::Lookup => ["app_id", "role_id", "user_id"].into_iter().all(absent),
        _ => true,
    }
}
