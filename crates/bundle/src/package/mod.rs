//! Packages: zip archives in the original's form, `package.json` and one file of rows for every kind of objects.
//!
//! Rows refer to each other by id, as in the original's packages. What is referred to and not part of the package is
//! named by `references` in the manifest, so that it is found again by name.

mod app;
mod archive;
mod read;
mod write;

pub use app::AppPackage;
pub use archive::MOST_BYTES;
pub use read::{Package, ServiceData, below};
pub use write::{Selection, Selector, list, pack};
