//! OpenAPI documents, made of endpoint tables.
//!
//! Invariants: pure. A document holds what [`Sight`] lets through and nothing else, so two callers never share one.
//! Every `$ref` leads somewhere and every `operationId` is there once. Documents are made as OpenAPI 3.0 and turned
//! into 3.1 as a whole ([`upgrade`]), so that the two cannot say different things.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod compact;
mod components;
mod document;
mod merge;
mod names;
mod prune;
mod record;
mod schema;
mod stored;
mod upgrade;

pub use compact::compact;
pub use document::{Builder, Sight, Subject};
pub use merge::Whole;
pub use names::camel;
pub use prune::only;
pub use stored::{Notation, Stored, told};
pub use upgrade::upgrade;

use contract::{Problem, Value};

/// The version of the API that documents tell.
const API_VERSION: &str = "2.0";

/// A document as YAML text.
pub fn yaml(document: &Value) -> Result<String, Problem> {
    serde_saphyr::to_string(document).map_err(Problem::internal)
}
