//! Counters in the memory of this node.

use contract::{Count, Counter};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Locks over which counters are spread, so that callers rarely wait for each other.
const SHARDS: usize = 16;
/// Entries of a shard after which those whose window has ended are thrown out, at each doubling anew.
const SWEEP_AT: usize = 1024;

#[derive(Debug)]
struct Entry {
    limit: i64,
    attempts: u64,
    locked: bool,
    until: Instant,
}

#[derive(Debug)]
struct Shard {
    entries: HashMap<Arc<str>, Entry>,
    sweep_at: usize,
}

/// Counters in memory. Exact: a counter is looked at and raised under one lock. Bounded: what remains after a sweep
/// are the windows that still run, of users that exist.
#[derive(Debug)]
pub(super) struct Memory([Mutex<Shard>; SHARDS]);

impl Default for Memory {
    fn default() -> Memory {
        Memory(std::array::from_fn(|_| {
            Mutex::new(Shard {
                entries: HashMap::new(),
                sweep_at: SWEEP_AT,
            })
        }))
    }
}

impl Memory {
    pub(super) fn hit(&self, counters: &[Counter], now: Instant) -> Vec<Count> {
        counters
            .iter()
            .map(|counter| self.shard(&counter.key).lock().hit(counter, now))
            .collect()
    }

    pub(super) fn read(&self, counters: &[Counter], now: Instant) -> Vec<Count> {
        let read = |counter: &Counter| {
            let shard = self.shard(&counter.key).lock();
            let running = shard.entries.get(&counter.key).filter(|entry| entry.until > now);
            running.map_or(
                Count {
                    attempts: 0,
                    locked: false,
                    locks: false,
                    left: Duration::ZERO,
                },
                |entry| entry.count(now),
            )
        };
        counters.iter().map(read).collect()
    }

    pub(super) fn reset(&self, limit: Option<i64>) {
        for shard in &self.0 {
            shard
                .lock()
                .entries
                .retain(|_, entry| limit.is_some_and(|id| entry.limit != id));
        }
    }

    fn shard(&self, key: &str) -> &Mutex<Shard> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or_default();
        &self.0[index]
    }
}

impl Shard {
    fn hit(&mut self, counter: &Counter, now: Instant) -> Count {
        if let Some(entry) = self.entries.get_mut(&counter.key) {
            let locks = entry.hit(counter, now);
            return Count {
                locks,
                ..entry.count(now)
            };
        }
        if self.entries.len() >= self.sweep_at {
            self.entries.retain(|_, entry| entry.until > now);
            self.sweep_at = SWEEP_AT.max(self.entries.len() * 2);
        }
        let entry = Entry::first(counter, now);
        let count = entry.count(now);
        self.entries.insert(Arc::clone(&counter.key), entry);
        count
    }
}

impl Entry {
    fn first(counter: &Counter, now: Instant) -> Entry {
        Entry {
            limit: counter.limit,
            attempts: 1,
            locked: false,
            until: now + counter.period,
        }
    }

    /// Counts a call. Whether it was the one too many.
    fn hit(&mut self, counter: &Counter, now: Instant) -> bool {
        if self.until <= now {
            *self = Entry::first(counter, now);
        } else if self.locked {
            // Calls during a lock are not counted.
        } else if self.attempts >= counter.rate {
            self.attempts = counter.rate;
            self.locked = true;
            self.until = now + counter.period;
            return true;
        } else {
            self.attempts += 1;
        }
        false
    }

    fn count(&self, now: Instant) -> Count {
        Count {
            attempts: self.attempts,
            locked: self.locked,
            locks: false,
            left: self.until.saturating_duration_since(now),
        }
    }
}

#[cfg(test)]
impl Memory {
    pub(super) fn entries(&self) -> usize {
        self.0.iter().map(|shard| shard.lock().entries.len()).sum()
    }
}
