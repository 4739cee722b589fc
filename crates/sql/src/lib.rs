//! SQL as a tree, and the tree as text with bound values for a dialect.
//!
//! Invariants: pure, no I/O, no vendor's crate. No value of a client ever enters the text: values become
//! placeholders and a list. Identifiers enter it through one function of the dialect, quoted.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod ddl;
mod dialect;
pub mod formula;
mod render;
mod scalar;
mod tree;

pub use dialect::{Dialect, InSet, Nulls, Placeholders, quoted};
pub use formula::Formula;
pub use render::{Statement, delete, insert, insert_rows, items, nested, paired, select, update};
pub use scalar::Scalar;
pub use tree::{
    Aggregate, ArithmeticOp, BinaryOp, ConstExpr, Delete, Expr, Function, Insert, InsertRows, Items, Moment,
    Nested, NestedList, NullsOrder, OrderBy, Paired, Select, SelectItem, TableName, TimeUnit, Update,
};
