//! The engine of file services: folders and files of a store, as an API.
//!
//! Invariants: knows no vendor and no disk; a store is whatever implements [`Store`]. A path is a [`FilePath`] before
//! anything is done with it, so none leads out of the root, whatever encoding it came in. Contents pass in pieces: no
//! file is ever in memory as a whole, but for what a client asks for or sends as a value. Every path that a call
//! touches beside its own (entries of lists, sources of copies, contents of folders and archives) is permitted by
//! itself. What is fetched for a client comes from public addresses only, unless the settings say otherwise.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod batch;
mod beside;
mod condition;
mod download;
mod endpoints;
mod list;
mod media;
mod multipart;
mod pack;
mod path;
mod published;
mod remove;
mod service;
mod store;
mod transfer;
mod tree;
mod unpack;
mod upload;
mod words;

pub use address::{Address, ROOT_FOLDER, TIMEOUT, setting};
pub use beside::{is_temporary, temporary_name};
pub use path::FilePath;
pub use published::PUBLIC_PATH;
pub use service::FileService;
pub use store::{Existing, Failure, Found, FoundKind, Store};
