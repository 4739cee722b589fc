//! Replays recorded requests of the original platform and compares the answers.
//!
//! A pair passes when status, media type, wanted headers and body are the same; texts of error messages may
//! differ, and where the original failed by its own fault (5xx) any clean answer passes. `README.md` in the
//! folder `golden` has the format of the recordings.

mod compare;
mod files;
mod place;
mod replay;
mod report;
mod setup;
mod stage;

pub use compare::Difference;
pub use files::{Area, Names, Pair, folder, load_areas, load_names, load_pairs, load_reasons, save_names};
pub use place::Variables;
pub use replay::{Outcome, Reply, Verdict, replay};
pub use report::{Report, show};
pub use setup::Session;
pub use stage::{Stage, run};
