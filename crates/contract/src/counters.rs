//! Counters for rate limits, where they are kept for several nodes: the seam to a connector.

use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// One counter of a call: a limit's own, or that of one user under a limit for each user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// The limit it belongs to; resetting a limit forgets all its counters.
    pub limit: i64,
    /// The key, unique among all limits: `instance.user:5.minute`.
    pub key: Arc<str>,
    /// Calls that pass in a window.
    pub rate: u64,
    /// Length of a window.
    pub period: Duration,
}

/// What a counter stands at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Calls that have passed in the window.
    pub attempts: u64,
    /// Whether further calls are refused.
    pub locked: bool,
    /// Whether this very call was the one too many that locked it.
    pub locks: bool,
    /// Time until the window, or the lock, ends.
    pub left: Duration,
}

/// Why counters could not be reached; goes to the log.
#[derive(Debug)]
pub struct Outage(pub String);

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Outage {}

/// Counters that several nodes share. Every function answers within a second or two, with an [`Outage`] if need be: a
/// call must never hang on them.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Counts one call on each counter, each atomically, and gives what they stand at, in the same order.
    ///
    /// The first call of a window begins it. A call that finds `rate` calls counted is not counted: it locks the
    /// counter for one whole period from that moment.
    async fn hit(&self, counters: &[Counter]) -> Result<Vec<Count>, Outage>;

    /// What counters stand at, without counting. A counter without a window stands at 0.
    async fn read(&self, counters: &[Counter]) -> Result<Vec<Count>, Outage>;

    /// Forgets the counters of a limit, or of all limits.
    async fn reset(&self, limit: Option<i64>) -> Result<(), Outage>;
}
