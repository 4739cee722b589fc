//! Tables and their rows.

use driver::{Fault, FaultKind};
use records::{RawForeignKey, RawNeighbour, RawTable, RawTableName, RawUnique, Scalar, Table};
use sql::TableName;
use std::sync::Arc;

/// A row: cells in the order of the columns.
pub(crate) type Row = Vec<Scalar>;

/// A table with its rows.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) raw: RawTable,
    pub(crate) rows: Vec<Row>,
    /// The last number that was given out for an auto-increment column.
    pub(crate) last: i64,
}

/// All tables. A copy is cheap: tables are copied when they are written.
#[derive(Clone)]
pub(crate) struct Database {
    tables: Vec<Arc<Stored>>,
}

impl Database {
    pub(crate) fn new(tables: Vec<(RawTable, Vec<Row>)>) -> Database {
        let all: Vec<RawTable> = tables.iter().map(|(raw, _)| raw.clone()).collect();
        let stored = tables.into_iter().map(|(mut raw, rows)| {
            raw.neighbours = neighbours(&raw.name.table, &all);
            let counter = raw.columns.iter().position(|column| column.auto_increment);
            let numbers = rows.iter().filter_map(|row| row.get(counter?)?.to_int());
            let last = numbers.max().unwrap_or(0);
            Arc::new(Stored { raw, rows, last })
        });
        Database {
            tables: stored.collect(),
        }
    }

    /// Runs a change on a copy, which takes the place of the original when it succeeds.
    pub(crate) fn atomically<T, E>(
        &mut self,
        change: impl FnOnce(&mut Database) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut copy = self.clone();
        let done = change(&mut copy)?;
        *self = copy;
        Ok(done)
    }

    pub(crate) fn names(&self) -> Vec<RawTableName> {
        self.tables.iter().map(|stored| stored.raw.name.clone()).collect()
    }

    pub(crate) fn by_public_name(&self, public: &str) -> Option<RawTable> {
        let exact = self.tables.iter().find(|stored| stored.raw.name.public == public);
        let same = |stored: &&Arc<Stored>| stored.raw.name.public.to_lowercase() == public.to_lowercase();
        exact
            .or_else(|| self.tables.iter().find(same))
            .map(|stored| stored.raw.clone())
    }

    pub(crate) fn table(&self, name: &TableName) -> Result<&Stored, Fault> {
        let found = self.tables.iter().find(|stored| stored.raw.name.table == *name);
        found.map(|stored| &**stored).ok_or_else(|| no_table(name))
    }

    pub(crate) fn table_mut(&mut self, name: &TableName) -> Result<&mut Stored, Fault> {
        let found = self
            .tables
            .iter_mut()
            .find(|stored| stored.raw.name.table == *name);
        found.map(Arc::make_mut).ok_or_else(|| no_table(name))
    }

    /// The foreign keys that refer to a table, with the tables they belong to.
    pub(crate) fn references_to(&self, name: &TableName) -> Vec<(TableName, RawForeignKey)> {
        let keys = self.tables.iter().flat_map(|stored| {
            let own = &stored.raw.name.table;
            stored
                .raw
                .foreign_keys
                .iter()
                .map(move |key| (own.clone(), key.clone()))
        });
        keys.filter(|(_, key)| key.table == *name).collect()
    }
}

impl Stored {
    /// The place of a column in the rows.
    pub(crate) fn column(&self, name: &str) -> Result<usize, Fault> {
        let found = self.raw.columns.iter().position(|column| column.name == name);
        found.ok_or_else(|| Fault::new(FaultKind::NoColumn, format!("no column {name}")))
    }

    /// The places of columns in the rows.
    pub(crate) fn columns(&self, names: &[String]) -> Result<Vec<usize>, Fault> {
        names.iter().map(|name| self.column(name)).collect()
    }

    /// The place of each of the table's fields in the rows.
    pub(crate) fn fields(&self, table: &Table) -> Result<Vec<usize>, Fault> {
        table
            .fields
            .iter()
            .map(|field| self.column(&field.column.name))
            .collect()
    }
}

fn no_table(name: &TableName) -> Fault {
    Fault::new(FaultKind::NoTable, format!("no table {}", name.name))
}

fn neighbours(name: &TableName, all: &[RawTable]) -> Vec<RawNeighbour> {
    let refer = all
        .iter()
        .filter(|raw| raw.foreign_keys.iter().any(|key| key.table == *name));
    refer
        .map(|raw| {
            let primary = Some(raw.primary_key.clone()).filter(|columns| !columns.is_empty());
            RawNeighbour {
                table: raw.name.table.clone(),
                public: raw.name.public.clone(),
                foreign_keys: raw.foreign_keys.clone(),
                keys: primary
                    .map(|columns| RawUnique { columns })
                    .into_iter()
                    .chain(raw.unique.iter().cloned())
                    .collect(),
            }
        })
        .collect()
}
