//! Which statements are not worth trying on the caller's own thread.

use parking_lot::RwLock;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a statement counts as slow: a cold cache or a lock may have been the reason.
const REMEMBERED: Duration = Duration::from_secs(1);
/// Statements remembered at most; then the memory begins anew.
const MOST: usize = 256;

/// Statements that lately did not end at once.
#[derive(Default)]
pub(crate) struct Slow(RwLock<HashMap<String, Instant>>);

impl Slow {
    /// Whether a statement lately did not end at once.
    pub(crate) fn is(&self, text: &str) -> bool {
        let known = self.0.read();
        // Mostly there is none, and then the text need not be hashed.
        !known.is_empty() && known.get(text).is_some_and(|at| at.elapsed() < REMEMBERED)
    }

    /// Notes that a statement did not end at once.
    pub(crate) fn note(&self, text: &str) {
        let mut known = self.0.write();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(text.to_owned(), Instant::now());
    }
}
