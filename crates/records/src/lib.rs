//! The record engine: parse → plan → run → encode, for every kind of database.
//!
//! Invariants: names no vendor, knows no HTTP and does not decide who may what; it asks the caller it was given.
//! A row filter is part of the plan before any statement exists. A column that a caller may not see is absent from
//! the table that the parser sees.

pub mod backend;
pub mod batch;
mod cache;
pub mod catalogue;
mod collect;
pub mod columns;
pub mod config;
pub mod ddl;
pub mod describe;
mod encode;
pub mod engine;
pub mod filter;
mod formats;
pub mod ident;
pub mod kind;
pub mod plan;
mod read;
mod record_shape;
mod related;
pub mod routines;
mod service;
pub mod source;
pub mod sql_backend;
mod validate;
pub mod value;
mod write;

pub use backend::{Backend, Capabilities, Nesting, Session, Work};
pub use catalogue::{
    Field, RawColumn, RawForeignKey, RawNeighbour, RawTable, RawTableName, RawUnique, Relation, RelationKind,
    Table,
};
pub use driver::{Cell, Flow, Sink};
pub use engine::{Catalogue, Engine, Limits, Opened};
pub use kind::Kind;
pub use plan::{
    Column, Condition, DeletePlan, InsertPlan, NestedList, NestedPlan, NewValue, OrderItem, PairedPlan,
    ReadPlan, Target, UpdatePlan,
};
pub use record_shape::record_shape;
pub use routines::Routines;
pub use service::{DatabaseService, database};
pub use source::SqlSource;
pub use sql::Scalar;
pub use sql_backend::SqlBackend;
