//! What a database must be able to do for the record engine. SQL databases get this from
//! [`crate::sql_backend::SqlBackend`]; others implement it themselves.

use crate::ddl::SchemaBackend;
use crate::{
    DeletePlan, InsertPlan, NestedPlan, PairedPlan, RawTable, RawTableName, ReadPlan, Routines, UpdatePlan,
};
use async_trait::async_trait;
use contract::Problem;
use driver::Sink;
use sql::Scalar;

/// What a backend can do beyond the least. Absent means refused with a clear sentence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Transactions that hold several writes.
    pub transactions: bool,
    /// Grouping and aggregates.
    pub groups: bool,
    /// Related rows in the statement of the rows they belong to, as JSON; catalogue types are then the database's own.
    pub nested: bool,
}

/// Reads and writes, each on its own or inside one unit of work.
#[async_trait]
pub trait Session: Send + Sync {
    /// Reads rows into the sink: for each row a cell per column of the plan, in order. Gives the sink back.
    async fn read(&self, plan: &ReadPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem>;

    /// Reads rows through a table between into the sink: for each pair a cell per column of the read, and then one
    /// per near field. Gives the sink back.
    async fn read_paired(&self, plan: &PairedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem>;

    /// The number of rows that meet the plan's condition; group, order, limit and offset do not count.
    async fn count(&self, plan: &ReadPlan) -> Result<u64, Problem>;

    /// Stores one row and gives the values of `returning`, in order.
    async fn insert(&self, plan: &InsertPlan) -> Result<Vec<Scalar>, Problem>;

    /// Stores several rows of one table and gives the values of `returning` for each, in order. All plans have the
    /// same table, `returning` and check. What was stored when a later row is refused is not undone here: this is
    /// for units of work. A backend with a way to store many rows at once uses it.
    async fn insert_many(&self, plans: &[InsertPlan]) -> Result<Vec<Vec<Scalar>>, Problem> {
        let mut stored = Vec::with_capacity(plans.len());
        for plan in plans {
            stored.push(self.insert(plan).await?);
        }
        Ok(stored)
    }

    /// Changes rows; gives how many were found, changed or not.
    async fn update(&self, plan: &UpdatePlan) -> Result<u64, Problem>;

    /// Removes rows; gives how many.
    async fn delete(&self, plan: &DeletePlan) -> Result<u64, Problem>;
}

/// Reads of rows with related rows, whose JSON the database makes.
#[async_trait]
pub trait Nesting: Send + Sync {
    /// Whether the database writes values of a native type as JSON in the very form of an answer.
    fn writes(&self, native: &str) -> bool;

    /// Reads rows into the sink: for each row a cell per column of the plan's read, then two for each of its lists: how
    /// many rows it has, and their JSON, separated by commas (NULL for none). Gives the sink back.
    async fn read_nested(&self, plan: &NestedPlan, sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Problem>;
}

/// A unit of work. Dropping it undoes it.
#[async_trait]
pub trait Work: Session {
    /// Looks at what would be looked at only when it is made permanent, as far as the database can.
    async fn verify(&self) -> Result<(), Problem> {
        Ok(())
    }

    /// Makes it permanent.
    async fn commit(self: Box<Self>) -> Result<(), Problem>;

    /// Undoes it.
    async fn rollback(self: Box<Self>) -> Result<(), Problem>;
}

/// A database.
#[async_trait]
pub trait Backend: Session {
    /// What it can do.
    fn capabilities(&self) -> Capabilities;

    /// All tables and views that the connection shows, in any order. Names only: this must stay fast with 20,000.
    async fn tables(&self) -> Result<Vec<RawTableName>, Problem>;

    /// One table by its name for clients, matched exactly first and then without case. `None` when there is none.
    /// Reads the catalogue for this table alone.
    async fn describe(&self, public: &str) -> Result<Option<RawTable>, Problem>;

    /// Its stored procedures and functions (`_proc`, `_func`), where it has such things.
    fn routines(&self) -> Option<&dyn Routines> {
        None
    }

    /// How it reads related rows in the statement of the rows they belong to; `None` where it cannot.
    fn nesting(&self) -> Option<&dyn Nesting> {
        None
    }

    /// Begins a unit of work.
    async fn begin(&self) -> Result<Box<dyn Work>, Problem>;

    /// The connections that are open right now; `None` when there is no server to connect to.
    fn pool(&self) -> Option<contract::PoolState> {
        None
    }

    /// How its schema is changed; `None` where it cannot be.
    fn schema(&self) -> Option<Box<dyn SchemaBackend + '_>> {
        None
    }

    /// Whether the database answers; the problem says what is wrong.
    async fn check(&self) -> Result<(), Problem>;

    /// See [`contract::Service::try_connection`].
    async fn try_connection(&self) -> Result<contract::Tried, Problem> {
        self.check().await.map(|()| contract::Tried::default())
    }
}

/// The refusal of a write whose row the caller's own row filter would hide.
pub fn outside_filter() -> Problem {
    Problem::forbidden("Denied access to some of the requested fields.")
}
