//! A database in memory: the record engine's contract, written out.
//!
//! What a condition means with NULL, where NULLs sort, when a write is refused: where the real connectors are in
//! doubt, this one says what is right, and the conformance suite holds all of them to it.
//!
//! Invariants: a statement happens as a whole or not at all; a unit of work sees its own copy, and is refused at its
//! end when somebody else wrote meanwhile. Text is compared by its signs, case counts, NULL sorts before all values.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod clock;
mod condition;
mod database;
mod decimal;
mod fit;
mod formula;
mod group;
mod hop;
mod like;
mod order;
mod read;
mod reference;
mod write;

use async_trait::async_trait;
use contract::{Kind, Problem};
use database::Database;
use driver::{Fault, Flow};
use parking_lot::Mutex;
use records::{
    Backend, Capabilities, DeletePlan, InsertPlan, PairedPlan, RawTable, RawTableName, ReadPlan, Scalar,
    Session, Sink, UpdatePlan, Work,
};
use std::sync::Arc;

/// A database in memory. Clones share the data.
#[derive(Clone)]
pub struct Memory {
    shared: Arc<Mutex<Versioned>>,
    /// Of a unit of work, which is a copy of everything: what it takes the place of at its end.
    original: Option<Original>,
}

/// What a unit of work was copied from, and when.
#[derive(Clone)]
struct Original {
    shared: Arc<Mutex<Versioned>>,
    version: u64,
}

/// The data, and how often it changed.
struct Versioned {
    database: Database,
    version: u64,
}

impl Memory {
    /// A database of the given tables and rows. Rows are taken as they are, cells in the order of the columns. The
    /// tables' `neighbours` are made from the foreign keys; what was given there is not looked at.
    pub fn new(tables: Vec<(RawTable, Vec<Vec<Scalar>>)>) -> Memory {
        let database = Database::new(tables);
        Memory {
            shared: Arc::new(Mutex::new(Versioned { database, version: 0 })),
            original: None,
        }
    }

    /// Runs a write; what it did counts only when it succeeds.
    fn write<T>(&self, change: impl FnOnce(&mut Database) -> Result<T, Problem>) -> Result<T, Problem> {
        let mut shared = self.shared.lock();
        let done = shared.database.atomically(change)?;
        shared.version += 1;
        Ok(done)
    }
}

/// A fault as the SQL connectors tell it.
fn problem(fault: Fault) -> Problem {
    records::sql_backend::problem(fault, "in-memory")
}

async fn push(rows: Vec<Vec<Scalar>>, mut sink: Box<dyn Sink>) -> Box<dyn Sink> {
    for row in &rows {
        for (i, value) in row.iter().enumerate() {
            sink.cell(i, read::cell(value));
        }
        match sink.end_row() {
            Flow::More => {}
            Flow::Drain => sink.drain().await,
            Flow::Stop => break,
        }
    }
    sink
}

#[async_trait]
impl Session for Memory {
    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let rows = read::rows(&self.shared.lock().database, plan)?;
        Ok(push(rows, sink).await)
    }

    async fn read_paired(&self, plan: &PairedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem> {
        let rows = read::paired(&self.shared.lock().database, plan)?;
        Ok(push(rows, sink).await)
    }

    async fn count(&self, plan: &ReadPlan) -> Result<u64, Problem> {
        read::count(&self.shared.lock().database, plan)
    }

    async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem> {
        self.write(|database| write::insert(database, plan))
    }

    async fn update(&self, plan: &UpdatePlan) -> Result<u64, Problem> {
        self.write(|database| write::update(database, plan))
    }

    async fn delete(&self, plan: &DeletePlan) -> Result<u64, Problem> {
        self.write(|database| write::delete(database, plan))
    }
}

#[async_trait]
impl Backend for Memory {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            transactions: true,
            groups: true,
            nested: false,
        }
    }

    async fn tables(&self) -> Result<Vec<RawTableName>, Problem> {
        Ok(self.shared.lock().database.names())
    }

    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Problem> {
        Ok(self.shared.lock().database.by_public_name(public))
    }

    async fn begin(&self) -> Result<Box<dyn Work>, Problem> {
        let shared = self.shared.lock();
        let copy = Versioned {
            database: shared.database.clone(),
            version: 0,
        };
        Ok(Box::new(Memory {
            shared: Arc::new(Mutex::new(copy)),
            original: Some(Original {
                shared: Arc::clone(&self.shared),
                version: shared.version,
            }),
        }))
    }

    async fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

#[async_trait]
impl Work for Memory {
    async fn commit(self: Box<Self>) -> Result<(), Problem> {
        let own = self.shared.lock();
        let Some(original) = self.original.as_ref().filter(|_| own.version > 0) else {
            return Ok(());
        };
        let mut shared = original.shared.lock();
        if shared.version != original.version {
            return Err(Problem::new(
                Kind::Conflict,
                "The database refused the change because of another one at the same time. Try again.",
            ));
        }
        *shared = Versioned {
            database: own.database.clone(),
            version: original.version + 1,
        };
        Ok(())
    }

    async fn rollback(self: Box<Self>) -> Result<(), Problem> {
        Ok(())
    }
}
