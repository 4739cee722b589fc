//! What people add to tables, fields and relations of a database beyond what the database itself keeps: aliases,
//! labels, validations, virtual fields and relations. Kept in the system database, by the real names.

use crate::{Problem, Value};
use async_trait::async_trait;

/// Extras of a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TableExtra {
    /// Table.
    pub table: String,
    /// Name in records.
    pub alias: Option<String>,
    /// Label for people.
    pub label: Option<String>,
    /// Plural label for people.
    pub plural: Option<String>,
    /// Field that names a record.
    pub name_field: Option<String>,
    /// Description for people.
    pub description: Option<String>,
}

/// Extras of a field. JSON attributes are null when not set.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldExtra {
    /// Table.
    pub table: String,
    /// Field.
    pub field: String,
    /// Name in records.
    pub alias: Option<String>,
    /// Label for people.
    pub label: Option<String>,
    /// Simple type that the database cannot express; overrides the one that was found.
    pub extra_type: Option<String>,
    /// Description for people.
    pub description: Option<String>,
    /// Values to choose from.
    pub picklist: Value,
    /// Rules for values.
    pub validation: Value,
    /// Whatever a client keeps here.
    pub client_info: Value,
    /// Functions that replace the column when it is selected, filtered or written.
    pub db_function: Value,
    /// Whether it exists here alone, not in the database.
    pub is_virtual: bool,
    /// Whether it is an aggregate over rows.
    pub is_aggregate: bool,
}

/// Extras of a relation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RelationExtra {
    /// Table.
    pub table: String,
    /// Relation.
    pub relationship: String,
    /// Name in records.
    pub alias: Option<String>,
    /// Label for people.
    pub label: Option<String>,
    /// Description for people.
    pub description: Option<String>,
    /// Whether it is delivered without being asked for.
    pub always_fetch: bool,
    /// Stored; without effect.
    pub flatten: bool,
    /// Stored; without effect.
    pub flatten_drop_prefix: bool,
}

/// A relation that no foreign key makes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VirtualRelation {
    /// Primary key; 0 for one that is not stored yet.
    pub id: i64,
    /// `belongs_to`, `has_one`, `has_many` or `many_many`.
    pub kind: String,
    /// Table.
    pub table: String,
    /// Its field.
    pub field: String,
    /// Service of the other table.
    pub ref_service_id: i64,
    /// Name of that service, as it is now; not stored.
    pub ref_service: String,
    /// The other table.
    pub ref_table: String,
    /// Its field.
    pub ref_field: String,
    /// Rule on update.
    pub ref_on_update: Option<String>,
    /// Rule on delete.
    pub ref_on_delete: Option<String>,
    /// Service of the table between.
    pub junction_service_id: Option<i64>,
    /// Name of that service, as it is now; not stored.
    pub junction_service: Option<String>,
    /// The table between.
    pub junction_table: Option<String>,
    /// Its field that refers to this table.
    pub junction_field: Option<String>,
    /// Its field that refers to the other table.
    pub junction_ref_field: Option<String>,
}

/// All extras of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceExtras {
    /// Of tables.
    pub tables: Vec<TableExtra>,
    /// Of fields, in the order in which they were made.
    pub fields: Vec<FieldExtra>,
    /// Of relations.
    pub relations: Vec<RelationExtra>,
    /// Virtual relations, in the order in which they were made.
    pub virtual_relations: Vec<VirtualRelation>,
}

impl ServiceExtras {
    /// The extras of a table, by its real name.
    pub fn table(&self, name: &str) -> Option<&TableExtra> {
        self.tables.iter().find(|extra| extra.table == name)
    }
}

/// One change. What is written replaces what was there under the same names; extras without any content are removed.
#[derive(Debug, Clone, PartialEq)]
pub enum ExtraChange {
    /// Writes a table's.
    Table(TableExtra),
    /// Writes a field's.
    Field(FieldExtra),
    /// Writes a relation's.
    Relation(RelationExtra),
    /// Writes a virtual relation: one with the same ends is replaced.
    VirtualRelation(VirtualRelation),
    /// Removes everything of a table.
    DropTable(String),
    /// Removes everything of a field.
    DropField {
        /// Table.
        table: String,
        /// Field.
        field: String,
    },
    /// Removes everything of a relation.
    DropRelation {
        /// Table.
        table: String,
        /// Relation.
        relationship: String,
    },
    /// Removes a virtual relation.
    DropVirtualRelation(i64),
}

/// Where extras are kept.
#[async_trait]
pub trait Extras: Send + Sync {
    /// A number that is greater after every change of extras, by this node or, once it is known here, by another. It
    /// may be greater for other reasons.
    fn revision(&self) -> i64;

    /// All extras of a service.
    async fn of_service(&self, service: i64) -> Result<ServiceExtras, Problem>;

    /// The name of a service; `None` when there is none of this id.
    async fn service_name(&self, service: i64) -> Result<Option<String>, Problem>;

    /// Makes changes, all or none, on behalf of a user. Fails with 400 when a text is too long or a service that a
    /// virtual relation leads to does not exist.
    async fn change(&self, service: i64, by: Option<i64>, changes: Vec<ExtraChange>) -> Result<(), Problem>;
}

/// Keeps nothing: for services outside of an instance.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoExtras;

#[async_trait]
impl Extras for NoExtras {
    fn revision(&self) -> i64 {
        0
    }

    async fn of_service(&self, _: i64) -> Result<ServiceExtras, Problem> {
        Ok(ServiceExtras::default())
    }

    async fn service_name(&self, _: i64) -> Result<Option<String>, Problem> {
        Ok(None)
    }

    async fn change(&self, _: i64, _: Option<i64>, changes: Vec<ExtraChange>) -> Result<(), Problem> {
        let keeps = |change: &ExtraChange| {
            !matches!(
                change,
                ExtraChange::DropTable(_) | ExtraChange::DropField { .. } | ExtraChange::DropRelation { .. }
            )
        };
        if changes.iter().any(keeps) {
            return Err(Problem::bad_request(
                "Labels, aliases and other extras cannot be kept for this service.",
            ));
        }
        Ok(())
    }
}
