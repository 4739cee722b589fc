//! SQLite: driver, dialect, catalogue and service type.
//!
//! Invariants: each connection lives on a thread of its own and is used by nobody else meanwhile. One connection
//! writes; the others refuse to. A transaction owns the writing connection until it ends, and dropping it rolls it
//! back. Cells go from SQLite's own buffers into the sink. Paths, SQL and the driver's texts stay in [`driver::Fault`]
//! and the log.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod catalogue;
mod config;
mod connection;
mod database;
mod dialect;
mod execute;
mod fault;
mod worker;

pub use connection::Open;
pub use database::Sqlite;
