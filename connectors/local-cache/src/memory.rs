//! Entries in memory, within bounds.

use async_trait::async_trait;
use bytes::Bytes;
use caching::{Entry, Life, Store};
use contract::Problem;
use lru::LruCache;
use parking_lot::Mutex;
use tokio::time::Instant;

/// Most entries of a service.
pub(crate) const MOST_ENTRIES: usize = 100_000;
/// Most bytes of a service's keys and values.
pub(crate) const MOST_BYTES: usize = 64 << 20;
/// What an entry costs beside its key and its value, about.
const OVERHEAD: usize = 128;

/// The entries of a service.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Entries>);

struct Entries {
    by_key: LruCache<String, Kept>,
    bytes: usize,
}

struct Kept {
    value: Bytes,
    ends: Option<Instant>,
}

impl Default for Entries {
    fn default() -> Entries {
        Entries {
            // Bounded by what is stored, below: the number of entries is only one of the bounds.
            by_key: LruCache::unbounded(),
            bytes: 0,
        }
    }
}

fn cost(key: &str, value: &Bytes) -> usize {
    key.len() + value.len() + OVERHEAD
}

impl Entries {
    fn get(&mut self, key: &str) -> Option<Bytes> {
        let kept = self.by_key.get(key)?;
        if kept.ends.is_some_and(|ends| ends <= Instant::now()) {
            self.remove(key);
            return None;
        }
        Some(kept.value.clone())
    }

    fn remove(&mut self, key: &str) {
        if let Some(kept) = self.by_key.pop(key) {
            self.bytes -= cost(key, &kept.value);
        }
    }

    fn put(&mut self, entry: &Entry, life: Life) {
        self.remove(&entry.key);
        self.bytes += cost(&entry.key, &entry.value);
        let kept = Kept {
            value: entry.value.clone(),
            ends: life.and_then(|life| Instant::now().checked_add(life)),
        };
        self.by_key.put(entry.key.clone(), kept);
        while self.bytes > MOST_BYTES || self.by_key.len() > MOST_ENTRIES {
            let Some((key, kept)) = self.by_key.pop_lru() else {
                break;
            };
            self.bytes -= cost(&key, &kept.value);
        }
    }
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        Ok(self.0.lock().get(key))
    }

    async fn take(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        let mut entries = self.0.lock();
        let found = entries.get(key);
        entries.remove(key);
        Ok(found)
    }

    async fn put(&self, new: &[Entry], life: Life) -> Result<(), Problem> {
        let mut entries = self.0.lock();
        new.iter().for_each(|entry| entries.put(entry, life));
        Ok(())
    }

    async fn add(&self, new: &[Entry], life: Life) -> Result<Vec<String>, Problem> {
        let mut entries = self.0.lock();
        let keys = new.iter().map(|entry| &entry.key);
        let existing: Vec<String> = keys.filter(|key| entries.get(key).is_some()).cloned().collect();
        if existing.is_empty() {
            new.iter().for_each(|entry| entries.put(entry, life));
        }
        Ok(existing)
    }

    async fn remove(&self, key: &str) -> Result<bool, Problem> {
        Ok(self.take(key).await?.is_some())
    }

    async fn keys(&self, most: usize) -> Result<Vec<String>, Problem> {
        let now = Instant::now();
        let entries = self.0.lock();
        let living = entries
            .by_key
            .iter()
            .filter(|(_, kept)| kept.ends.is_none_or(|ends| ends > now));
        Ok(living.map(|(key, _)| key.clone()).take(most).collect())
    }

    async fn clear(&self) -> Result<(), Problem> {
        *self.0.lock() = Entries::default();
        Ok(())
    }

    async fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn entry(key: &str, value: &str) -> Entry {
        Entry {
            key: key.to_owned(),
            value: Bytes::copy_from_slice(value.as_bytes()),
        }
    }

    async fn get(memory: &Memory, key: &str) -> Option<Bytes> {
        memory.get(key).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn entries_end() {
        let memory = Memory::default();
        let minute = Some(Duration::from_secs(60));
        memory
            .put(&[entry("a", "1"), entry("b", "2")], minute)
            .await
            .unwrap();
        memory.put(&[entry("b", "3")], None).await.unwrap();
        tokio::time::advance(Duration::from_secs(59)).await;
        assert_eq!(get(&memory, "a").await.as_deref(), Some(&b"1"[..]));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(memory.keys(9).await.unwrap(), ["b"]);
        assert!(memory.add(&[entry("a", "4")], minute).await.unwrap().is_empty());
        assert_eq!(
            memory
                .add(&[entry("c", "5"), entry("a", "6")], minute)
                .await
                .unwrap(),
            ["a"]
        );
        assert_eq!(get(&memory, "c").await, None);
        assert!(memory.remove("b").await.unwrap() && !memory.remove("b").await.unwrap());
    }

    #[tokio::test]
    async fn what_was_used_longest_ago_makes_place() {
        let memory = Memory::default();
        let large = "x".repeat(MOST_BYTES / 4);
        for key in ["a", "b", "c"] {
            memory.put(&[entry(key, &large)], None).await.unwrap();
        }
        get(&memory, "a").await.unwrap();
        memory.put(&[entry("d", &large)], None).await.unwrap();
        assert!(get(&memory, "b").await.is_none(), "the bytes of keys count too");
        assert!(get(&memory, "a").await.is_some());
        memory.put(&[entry("d", "small")], None).await.unwrap();
        let held = memory.0.lock().bytes;
        assert_eq!(held, 2 * (large.len() + 1 + OVERHEAD) + 6 + OVERHEAD);
        memory.clear().await.unwrap();
        assert_eq!(memory.0.lock().bytes, 0);
    }

    #[tokio::test]
    async fn there_are_never_too_many() {
        let memory = Memory::default();
        let many: Vec<Entry> = (0..MOST_ENTRIES + 5)
            .map(|n| entry(&n.to_string(), "1"))
            .collect();
        memory.put(&many, None).await.unwrap();
        assert_eq!(memory.keys(usize::MAX).await.unwrap().len(), MOST_ENTRIES);
        assert!(get(&memory, "4").await.is_none() && get(&memory, "5").await.is_some());
    }
}
