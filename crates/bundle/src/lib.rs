//! An instance's content as plain data: read from the store, compared, and brought into a store.
//!
//! Invariants: a [`Bundle`] has no ids and no dates; everything in it is known by name. Only [`apply`] writes, through
//! the store's rules and in one transaction, so nothing of a bundle is ever half there. Formats (packages,
//! configuration files, the original's database) are readers and writers of bundles and know nothing of each other.
//! Secrets are in clear inside a bundle and stand in no sentence, plan or configuration file.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod apply;
mod bundle;
mod config;
mod extras;
pub mod files;
mod layout;
pub mod manifest;
mod naming;
mod normal;
pub mod original;
pub mod package;
mod plan;
mod rows;

pub use apply::{apply, plan, unknown_types};
pub use bundle::{Bundle, Object, Report};
pub use layout::Kind;
pub use plan::{Action, Difference, Existing, How, Plan, Step};
