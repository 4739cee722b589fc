//! The HTTP door: bytes ⇄ calls and answers, nothing else.
//!
//! Invariants: does not know that roles, databases or services exist; what lies behind it is [`Inside`]. Every
//! answer under the API prefix is in the format the client asked for or in the documented envelope; nothing a
//! client sends makes it panic, grow without bound or wait without end. Secrets and causes go to the log, never
//! into an answer.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod console;
mod cors;
mod door;
mod forwarded;
mod import;
mod inside;
mod operators;
mod pages;
mod published;
pub mod read;
mod request_id;
mod server;
mod setup;
pub mod write;

pub use console::{Console, ConsoleFile};
pub use door::{ContinueTrace, Door};
pub use inside::{FirstAdministrator, Inside, NewAdministrator};
pub use operators::{Observed, Operators};
pub use server::{Server, bind};
