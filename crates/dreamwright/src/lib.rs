//! Dreamwright as one program: configuration, start, command line.
//!
//! Invariants: [`connectors`] is the only place of the house that lists vendors. There is no default password: the
//! first administrator comes from a command, the environment or a one-time link. What cannot work is refused at
//! start with one sentence; a data folder and its keys are readable by their owner alone.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cli;
mod clock;
mod config;
mod connectors;
mod console;
mod content;
mod data;
mod environment;
mod files;
mod first_admin;
mod logging;
mod packages;
mod refusal;
mod sample;
mod start;
mod token_keys;

pub use environment::Environment;
pub use refusal::Refusal;
pub use start::{Options, Running, start};

/// The version that the program tells of itself.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
