//! Black-box scenarios: what clients see of the whole program, over HTTP, on real databases.
//!
//! Invariants: scenarios speak to the program only as clients do; databases are real servers of the test kit;
//! recorded answers of the original platform are data in `golden/`, and a pair that has passed once must keep
//! passing (`golden/expected.json`). Only [`conformance`] looks inside: it asks databases through `records::Backend`.

pub mod conformance;
pub mod furnished;
pub mod generator;
pub mod golden;
pub mod leaks;
pub mod nodes;
pub mod tables;
pub mod wire;
pub mod world;
pub mod zipped;
