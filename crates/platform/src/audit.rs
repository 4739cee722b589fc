//! A listener that writes refused calls to the audit.
//!
//! Refusals are counted per call of the same kind and written by a task of their own, so that no call waits for the
//! audit and a flood of refused calls cannot fill it: what is over [`MOST`] in a second becomes one record.

use crate::{Listener, Observation};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use store::Store;
use store::audit::{AuditCall, Refusal};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Refusals that wait to be written; more are only counted.
const QUEUE: usize = 4096;
/// Records of refusals written at once.
const MOST: usize = 200;
/// How often they are written.
const EVERY: Duration = Duration::from_millis(500);
/// How often old records are looked for.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Writes refused calls to the audit.
pub(crate) struct Refusals {
    queue: Sender<Refusal>,
    lost: Arc<AtomicU64>,
}

impl Refusals {
    /// Starts the task that writes. It ends when the listener is dropped.
    pub(crate) fn start(store: Arc<Store>, days: u64) -> Refusals {
        let (queue, waiting) = channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        tokio::spawn(write(store, waiting, Arc::clone(&lost), days));
        Refusals { queue, lost }
    }
}

impl Listener for Refusals {
    fn observe(&self, seen: &Observation) {
        let Some(refused) = &seen.refused else { return };
        let path = match seen.endpoint {
            Some(endpoint) if refused.path.is_empty() => endpoint,
            _ => refused.path.as_str(),
        };
        let call = seen.audited(Some(path.to_owned()), refused.user.as_deref());
        let refusal = Refusal {
            call,
            status: seen.status,
            message: refused.message.clone(),
        };
        if self.queue.try_send(refusal).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn write(store: Arc<Store>, mut waiting: Receiver<Refusal>, lost: Arc<AtomicU64>, days: u64) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut pruned: Option<tokio::time::Instant> = None;
    let mut batch = Vec::new();
    loop {
        ticks.tick().await;
        if pruned.is_none_or(|at| at.elapsed() >= PRUNE_EVERY) {
            pruned = Some(tokio::time::Instant::now());
            prune(&store, days).await;
        }
        batch.clear();
        while batch.len() < QUEUE {
            match waiting.try_recv() {
                Ok(refusal) => batch.push(refusal),
                Err(_) => break,
            }
        }
        let over = lost.swap(0, Ordering::Relaxed);
        if batch.is_empty() && over == 0 {
            if waiting.is_closed() {
                return;
            }
            continue;
        }
        let counted = counted(batch.drain(..), over);
        if let Err(problem) = store.write_refusals(&counted).await {
            tracing::error!(cause = ?problem.source, lost = counted.len(), "refused calls were not written to the audit: {problem}");
        }
    }
}

/// Equal refusals together, each with its number; what is too much to write is one record.
fn counted(refusals: impl Iterator<Item = Refusal>, lost: u64) -> Vec<(Refusal, u64)> {
    let mut counts: HashMap<Refusal, u64> = HashMap::new();
    let mut over = lost;
    for refusal in refusals {
        if let Some(count) = counts.get_mut(&refusal) {
            *count += 1;
        } else if counts.len() < MOST {
            counts.insert(refusal, 1);
        } else {
            over += 1;
        }
    }
    let mut all: Vec<(Refusal, u64)> = counts.into_iter().collect();
    if over > 0 {
        let rest = Refusal {
            call: AuditCall {
                origin: "system",
                ..AuditCall::default()
            },
            status: 0,
            message: "More calls were refused than are written one by one.".into(),
        };
        all.push((rest, over));
    }
    all
}

async fn prune(store: &Store, days: u64) {
    let days = chrono::Duration::days(i64::try_from(days).unwrap_or(i64::MAX / 2).min(365_000));
    let before = (chrono::Utc::now() - days).format("%Y-%m-%d").to_string();
    match store.prune_audit(&before).await {
        Ok(0) => {}
        Ok(records) => tracing::info!(records, "old records of the audit were removed"),
        Err(problem) => tracing::warn!(cause = ?problem.source, "{problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_becomes_few_records() {
        let refusal = |n: usize| Refusal {
            call: AuditCall {
                path: Some(format!("{}", n % 300)),
                ..AuditCall::default()
            },
            status: 403,
            message: "no".into(),
        };
        let written = counted((0..3000).map(refusal), 7);
        assert_eq!(written.len(), MOST + 1);
        assert_eq!(written.iter().map(|(_, times)| times).sum::<u64>(), 3007);
        let few = counted((0..2).map(|_| refusal(1)), 0);
        assert_eq!(few.iter().map(|(_, times)| *times).collect::<Vec<_>>(), [2]);
    }
}
