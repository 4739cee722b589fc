//! What clients write — bodies, filters, orders, field lists, identifiers, lookups — as trees.
//!
//! Invariants: pure, no I/O, no async. Nothing here knows a table: names stay as written and are bound elsewhere.
//! No text makes a parser panic or recurse without a limit, and no text is read in a way that matches more rows
//! than it says: what is ambiguous is refused.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod body;
mod error;
pub mod expression;
pub mod fields;
pub mod filter;
pub mod formula;
pub mod ids;
pub mod lookup;
pub mod order;
pub mod parameters;
mod php;
mod scan;

pub use error::ParseError;
