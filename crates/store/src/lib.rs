//! The system database, typed: rows, invariants and migrations.
//!
//! Invariants: names no vendor (its connection is handed to it at start); never uses the record engine, so that login
//! and the service list survive any planner bug. Every committed write raises the generation number in the same
//! transaction; whoever holds a snapshot reloads it when the number has changed.

pub mod password;
pub mod rows;
mod store;

pub use rows::*;
pub use store::{Counts, Ddl, NewAdmin, ServiceTypes, Store};
