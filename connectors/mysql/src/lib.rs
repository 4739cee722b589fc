//! The MySQL and MariaDB connector: a driver, a dialect and introspection for the record engine.
//!
//! Invariants: the connection always speaks UTF-8 (`utf8mb4`) and takes `\` as an escape sign, whatever the server
//! or the configuration says. Values travel by the binary protocol and never enter SQL text. A connection whose
//! statement did not finish never returns to the pool. Nothing is repeated that may have written.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cells;
mod columns;
mod config;
mod dialect;
mod fault;
mod foreign;
mod pool;
mod schema;
mod source;
mod statement;
mod transaction;

pub use config::CONFIG;
pub use dialect::MySql;
pub use source::Source;
