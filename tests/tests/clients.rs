//! Clients of the original, unmodified: what its consoles, its tools for provisioning and its libraries send, with
//! their parameters, headers and bodies, and the shapes that they read.
//!
//! None of them can be installed from a package registry here, so the calls are described from their published
//! sources. `Console` sends what a browser sends for them.
#![allow(clippy::unwrap_used)]

#[path = "clients/accounts.rs"]
mod accounts;
#[path = "clients/administration.rs"]
mod administration;
#[path = "clients/console.rs"]
mod console;
#[path = "clients/databases.rs"]
mod databases;
#[path = "clients/libraries.rs"]
mod libraries;
#[path = "clients/packages.rs"]
mod packages;
#[path = "clients/provisioning.rs"]
mod provisioning;
#[path = "clients/services.rs"]
mod services;
