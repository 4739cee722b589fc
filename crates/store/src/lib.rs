//! The system database, typed: rows, invariants and migrations.
//!
//! Invariants: names no vendor (its connection is handed to it at start); never uses the record engine, so that login
//! and the service list survive any planner bug. Every committed write of policy raises the generation number in the
//! same transaction; whoever holds a snapshot reloads it when the number has changed. Secrets are encrypted before
//! they reach a statement; passwords are hashed. Deleting a record deletes what belongs to it by statements of our
//! own, never by the database alone, so that nothing happens unseen.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod attempt;
pub mod audit;
pub mod cipher;
mod clock;
mod config;
mod confirmation;
mod contents;
mod entity;
mod extras;
mod grants;
mod identity;
mod limit;
mod login;
mod named;
pub mod password;
mod policy;
mod remove;
mod restricted;
pub mod rows;
mod rules;
mod scheduler;
mod schema;
mod script_type;
mod seed;
mod statements;
mod store;
mod template;
mod values;
mod write;

pub use attempt::Failures;
pub use config::ServiceTypes;
pub use confirmation::{CodeCheck, new_code};
pub use contents::{LOGIN_SERVICES, is_hash};
pub use entity::Entity;
pub use grants::Grants;
pub use identity::NewAdmin;
pub use limit::{LimitRow, LimitType, Period};
pub use login::{LoginRoles, NotIn, Shadow};
pub use policy::{Counts, LaunchApp, ServiceDoc};
pub use rows::{AccessRow, AppRow, Assignment, CorsRow, LookupRow, PolicyRows, RoleRow, ServiceRow, UserRow};
pub use scheduler::Task;
pub use schema::Ddl;
pub use script_type::{SCRIPT_TYPES, ScriptType, find as script_type};
pub use store::Store;
pub use values::listed;
pub use write::StoreTx;
