//! From bytes to a call: paths, queries, verbs and bodies.

pub(crate) mod arriving;
pub mod body;
mod form;
pub mod target;
pub mod verb;
