//! What the counters of limits stand at, for administrators.

use super::Limit;
use crate::Platform;
use contract::{Counter, Problem};
use std::sync::Arc;

/// What a counter of a limit stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitState {
    /// The limit.
    pub id: i64,
    /// Its key; for a limit for each user, with the user.
    pub key: String,
    /// Calls that pass in a window.
    pub max: u64,
    /// Calls that were counted in the present window; `max` while the counter is locked.
    pub attempts: u64,
    /// Calls that are left.
    pub remaining: u64,
    /// Whether calls are refused right now.
    pub locked: bool,
}

impl Platform {
    /// The counters of the active limits, in id order; of a limit for each user one for every active user that is no
    /// administrator. 503 when the counters cannot be reached.
    pub async fn limit_states(&self) -> Result<Vec<LimitState>, Problem> {
        let generation = self.current.get().await?;
        let limits = generation.snapshot().limits().all();
        let users = if limits.iter().any(|limit| limit.row.kind.each_user) {
            self.store().active_users().await?
        } else {
            Vec::new()
        };
        let counters: Vec<Counter> = limits.iter().flat_map(|limit| counters(limit, &users)).collect();
        let counts = self.meter.read(&counters).await?;
        Ok(counters
            .into_iter()
            .zip(counts)
            .map(|(counter, count)| {
                let attempts = if count.locked {
                    counter.rate
                } else {
                    count.attempts
                };
                LimitState {
                    id: counter.limit,
                    key: counter.key.to_string(),
                    max: counter.rate,
                    attempts,
                    remaining: counter.rate.saturating_sub(attempts),
                    locked: count.locked,
                }
            })
            .collect())
    }

    /// Forgets the counters of a limit, or of all: whoever was refused may call again. 503 when they cannot be
    /// reached.
    pub async fn reset_limit(&self, limit: Option<i64>) -> Result<(), Problem> {
        self.meter.reset(limit).await
    }

    /// Counts in counters that other nodes count in as well. To be called before the first call is answered.
    pub fn share_counters(&self, counters: Arc<dyn contract::Counters>) {
        self.meter.share(counters);
    }
}

fn counters(limit: &Arc<Limit>, users: &[i64]) -> Vec<Counter> {
    if limit.row.kind.each_user {
        users.iter().map(|user| limit.counter(Some(*user))).collect()
    } else {
        vec![limit.counter(None)]
    }
}
