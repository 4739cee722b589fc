//! The engine: one per service, the same for every database and for the faces of the system.

use crate::{Backend, Condition, Table};
use async_trait::async_trait;
use contract::{Map, Problem, Request, Services, Settings, Value, Verb};
use std::sync::Arc;

/// A table opened for one request: what the caller may see, and which rows.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The table, without what the caller may not see.
    pub table: Arc<Table>,
    /// What every row must meet: the role's row filter and the table's fixed condition.
    pub condition: Option<Condition>,
}

/// Where tables come from: the catalogue of a database, or the faces of the system.
#[async_trait]
pub trait Catalogue: Send + Sync {
    /// Opens a table for a verb: 404 when there is none of that name, 403 when the caller may not. Called for the
    /// table of the request and again for every table that a relation leads to.
    async fn open(&self, request: &Request, name: &str, verb: Verb) -> Result<Opened, Problem>;

    /// The name by which [`Catalogue::open`] knows a table that is called by its real name, as relations from other
    /// services do.
    async fn shown_name(&self, real: &str) -> Result<String, Problem> {
        Ok(real.to_owned())
    }

    /// Whether [`Catalogue::complete`] has something to do for a table; rows are then built as values.
    fn completes(&self, _table: &Table) -> bool {
        false
    }

    /// Changes rows after they were read: computed fields, masks. Also called for related rows.
    async fn complete(
        &self,
        _request: &Request,
        _table: &Table,
        _rows: &mut [Map<String, Value>],
    ) -> Result<(), Problem> {
        Ok(())
    }

    /// Whether a relation that does not exist is refused rather than left out.
    fn strict_relations(&self) -> bool {
        false
    }
}

/// What an engine is made with.
#[derive(Clone)]
pub struct Limits {
    /// Greatest and default number of records in one answer.
    pub max_records: u64,
    /// Whether an update of an identifier that does not exist creates it.
    pub allow_upsert: bool,
}

/// Reads and writes records.
#[derive(Clone)]
pub struct Engine {
    /// The database.
    pub backend: Arc<dyn Backend>,
    /// Its tables.
    pub catalogue: Arc<dyn Catalogue>,
    /// Where relations to other services lead.
    pub services: Arc<dyn Services>,
    /// Limits.
    pub limits: Limits,
    /// Instance settings.
    pub settings: Arc<Settings>,
}
