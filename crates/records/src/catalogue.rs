//! What is known of tables: as a connector reads it (`Raw…`), and as the engine and its clients see it.

mod build;
mod extras;
mod names;

pub use build::table;
pub use extras::{
    FieldExtras, RelationExtras, formula, function_for, kind_named, parts, table_with, virtual_name,
};
pub use names::{label, plural};

use crate::Kind;
use crate::encode::Keys;
use hashbrown::HashMap;
use serde_json::{Map, Value};
use sql::{Items, TableName};
use std::sync::{Arc, OnceLock};

/// A table or view in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawTableName {
    /// Where it lies.
    pub table: TableName,
    /// Name for clients: `schema.name` outside the default schema, else the name.
    pub public: String,
    /// Whether it is a view.
    pub is_view: bool,
}

/// A column as the database tells it.
#[derive(Debug, Clone)]
pub struct RawColumn {
    /// Name.
    pub name: String,
    /// Simple type by the connector's mapping, without looking at keys (the engine makes `id` and `reference`).
    pub kind: Kind,
    /// Native type as shown to clients, such as `varchar(40)`.
    pub native: String,
    /// Length.
    pub length: Option<i64>,
    /// Precision.
    pub precision: Option<i64>,
    /// Scale.
    pub scale: Option<i64>,
    /// Default as a value, or `{"expression": …}`; null for none.
    pub default: Value,
    /// Whether NULL is allowed.
    pub allow_null: bool,
    /// Whether text has a fixed length.
    pub fixed_length: bool,
    /// Whether text holds more than single bytes, where the original says so.
    pub supports_multibyte: bool,
    /// Whether the database makes the value.
    pub auto_increment: bool,
    /// Whether the database computes the value, so that it cannot be written.
    pub generated: bool,
    /// Whether an index that is neither primary nor unique starts with it, where the original says so.
    pub is_index: bool,
    /// Comment.
    pub comment: Option<String>,
}

/// A unique constraint or index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawUnique {
    /// Its columns in order.
    pub columns: Vec<String>,
}

/// A foreign key of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawForeignKey {
    /// Its columns in order.
    pub columns: Vec<String>,
    /// The table it refers to.
    pub table: TableName,
    /// That table's name for clients.
    pub public: String,
    /// The columns it refers to, in the same order.
    pub references: Vec<String>,
    /// Rule on update, such as `NO ACTION`.
    pub on_update: String,
    /// Rule on delete.
    pub on_delete: String,
}

/// A table that refers to the described table, with all its keys.
#[derive(Debug, Clone)]
pub struct RawNeighbour {
    /// Where it lies.
    pub table: TableName,
    /// Name for clients.
    pub public: String,
    /// All its foreign keys, those to other tables included.
    pub foreign_keys: Vec<RawForeignKey>,
    /// Its primary key and its unique constraints.
    pub keys: Vec<RawUnique>,
}

/// A table as the database tells it.
#[derive(Debug, Clone)]
pub struct RawTable {
    /// Name.
    pub name: RawTableName,
    /// Columns in order.
    pub columns: Vec<RawColumn>,
    /// Columns of the primary key in key order.
    pub primary_key: Vec<String>,
    /// Unique constraints.
    pub unique: Vec<RawUnique>,
    /// Foreign keys.
    pub foreign_keys: Vec<RawForeignKey>,
    /// Tables that refer to this one (itself included, when it does), in the order in which the database lists
    /// their foreign keys.
    pub neighbours: Vec<RawNeighbour>,
    /// The constraints as clients see them: lower-case name to a descriptor in the vendor's shape.
    pub constraints: Map<String, Value>,
    /// Comment.
    pub comment: Option<String>,
}

/// A field, as the engine and its clients see it. A field that a caller may not see is not in the table at all.
#[derive(Debug, Clone)]
pub struct Field {
    /// Name for clients in records: the alias, or the column's name.
    pub name: String,
    /// The column.
    pub column: RawColumn,
    /// Alias, when one is set.
    pub alias: Option<String>,
    /// Label for people.
    pub label: String,
    /// Description for people.
    pub description: Option<String>,
    /// Simple type.
    pub kind: Kind,
    /// Whether a record cannot be created without it.
    pub required: bool,
    /// Whether it is part of the primary key.
    pub is_primary_key: bool,
    /// Whether it alone is unique.
    pub is_unique: bool,
    /// The table and column it refers to, when it is a foreign key.
    pub reference: Option<(String, String)>,
    /// What people added.
    pub extra: FieldExtras,
}

/// The kinds of relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// This table refers to the other.
    BelongsTo,
    /// The other table refers to this one.
    HasMany,
    /// The other table refers to this one by a unique key.
    HasOne,
    /// A third table refers to both.
    ManyMany,
}

impl RelationKind {
    /// The name in descriptions.
    pub const fn name(self) -> &'static str {
        match self {
            RelationKind::BelongsTo => "belongs_to",
            RelationKind::HasMany => "has_many",
            RelationKind::HasOne => "has_one",
            RelationKind::ManyMany => "many_many",
        }
    }
}

/// The table between the two ends of a many-to-many relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Junction {
    /// Name for clients.
    pub table: String,
    /// Its columns that refer to this table, in the order of the relation's.
    pub fields: Vec<String>,
    /// Its columns that refer to the other table, in the order of the relation's.
    pub ref_fields: Vec<String>,
}

/// A relation of a table.
#[derive(Debug, Clone)]
pub struct Relation {
    /// Name, by the rule of database.md §4.3.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// Kind.
    pub kind: RelationKind,
    /// Columns of this table.
    pub fields: Vec<String>,
    /// The other table's name for clients.
    pub ref_table: String,
    /// Columns of the other table, in the same order.
    pub ref_fields: Vec<String>,
    /// Rule on update.
    pub on_update: Option<String>,
    /// Rule on delete.
    pub on_delete: Option<String>,
    /// The table between, for many-to-many.
    pub junction: Option<Junction>,
    /// Whether it is delivered without being asked for.
    pub always_fetch: bool,
    /// What people added.
    pub extra: RelationExtras,
}

/// A table, as the engine and its clients see it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Name for clients in records: the alias, or the real one.
    pub name: String,
    /// Real name for clients, in descriptions.
    pub public: String,
    /// Alias, when one is set.
    pub alias: Option<String>,
    /// The field that names a record, when one is set.
    pub name_field: Option<String>,
    /// Where it lies.
    pub native: TableName,
    /// Whether it is a view.
    pub is_view: bool,
    /// Label for people.
    pub label: String,
    /// Plural label for people.
    pub plural: String,
    /// Description for people.
    pub description: Option<String>,
    /// Fields in order.
    pub fields: Vec<Field>,
    /// Indexes of the primary key's fields in key order.
    pub primary_key: Vec<usize>,
    /// Relations.
    pub relations: Vec<Relation>,
    /// Virtual relations to tables of other services.
    pub remote: Vec<Relation>,
    /// Constraints as clients see them.
    pub constraints: Map<String, Value>,
    /// Field index by lower-case name.
    pub(crate) by_name: HashMap<String, usize>,
    /// What reads of all fields have in common.
    pub(crate) whole: Whole,
}

/// What reads of all fields of a table have in common, made at the first of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Whole {
    /// The list of a SELECT in the dialect of the table's database; `None` where it binds values.
    pub(crate) items: OnceLock<Option<Items>>,
    /// The keys of an object of JSON.
    pub(crate) keys: OnceLock<Arc<Keys>>,
}

impl Table {
    /// Makes a table from its parts. Field names are matched without case; of two equal ones the first counts.
    pub fn new(
        raw: &RawTableName,
        fields: Vec<Field>,
        primary_key: Vec<usize>,
        relations: Vec<Relation>,
        constraints: Map<String, Value>,
    ) -> Table {
        let label = label(&raw.public);
        let mut table = Table {
            name: raw.public.clone(),
            public: raw.public.clone(),
            alias: None,
            name_field: None,
            native: raw.table.clone(),
            is_view: raw.is_view,
            plural: plural(&label),
            label,
            description: None,
            fields,
            primary_key,
            relations,
            remote: Vec::new(),
            constraints,
            by_name: HashMap::new(),
            whole: Whole::default(),
        };
        table.index();
        table
    }

    /// All relations, those to other services last.
    pub fn all_relations(&self) -> impl Iterator<Item = &Relation> {
        self.relations.iter().chain(&self.remote)
    }

    /// Notes the fields by name anew.
    pub(crate) fn index(&mut self) {
        self.whole = Whole::default();
        self.by_name.clear();
        for (i, field) in self.fields.iter().enumerate() {
            self.by_name.entry(field.name.to_lowercase()).or_insert(i);
        }
    }

    /// The index of a field by name, without case.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.by_name
            .get(name)
            .or_else(|| self.by_name.get(&name.to_lowercase()))
            .copied()
    }

    /// The index of a field by the name of its column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.column.name == name)
    }

    /// A relation by name, without case.
    pub fn relation(&self, name: &str) -> Option<&Relation> {
        self.all_relations().find(|r| r.name.eq_ignore_ascii_case(name))
    }

    /// Indexes of fields by the names of their columns. `None` when one is not shown, or where there are none.
    pub fn columns(&self, names: &[String]) -> Option<Vec<usize>> {
        let found: Option<Vec<usize>> = names.iter().map(|name| self.column(name)).collect();
        found.filter(|fields| !fields.is_empty())
    }

    /// The names of fields.
    pub fn names(&self, fields: &[usize]) -> Vec<&str> {
        fields.iter().map(|i| self.fields[*i].name.as_str()).collect()
    }
}
