//! SQLite: driver, dialect, catalogue and service type.
//!
//! Invariants: each connection has a thread of its own and one user at a time, which may run a short read on its own
//! thread instead. One connection writes; the others refuse to. A transaction owns the writing connection until it ends, and dropping it rolls it
//! back. Cells go from SQLite's own buffers into the sink. Paths, SQL and the driver's texts stay in [`driver::Fault`]
//! and the log.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod catalogue;
mod config;
mod connection;
mod database;
mod ddl;
mod dialect;
mod execute;
mod fault;
mod slow;
mod trial;
mod worker;

pub use connection::Open;
pub use database::Sqlite;

use contract::ServiceType;
use std::sync::Arc;

/// The service type `sqlite`. Building a service does not open its database; it fails with 400 when the
/// configuration names no file, or one outside of the folder of SQLite databases.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "sqlite",
        label: "SQLite",
        group: "Database",
        description: "Database service supporting SQLite connections.",
        singleton: false,
        subscription: None,
        config: config::CONFIG,
        build: Arc::new(|context| {
            let database = Sqlite::lazy(config::open(&context)?);
            records::database(context, Arc::new(database))
        }),
    }
}
