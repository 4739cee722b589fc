//! Entries in memory, within bounds.

use async_trait::async_trait;
use bytes::Bytes;
use caching::{Entry, Life, Store};
use contract::{BoundedCache, Problem};
use parking_lot::Mutex;
use tokio::time::Instant;

/// Most entries of a service.
pub(crate) const MOST_ENTRIES: usize = 100_000;
/// Most bytes of a service's keys and values.
pub(crate) const MOST_BYTES: usize = 64 << 20;

/// The entries of a service.
pub(crate) struct Memory(Mutex<BoundedCache<Bytes>>);

impl Default for Memory {
    fn default() -> Memory {
        let entries = BoundedCache::new(MOST_BYTES).with_most_entries(MOST_ENTRIES);
        Memory(Mutex::new(entries))
    }
}

fn put(entries: &mut BoundedCache<Bytes>, new: &[Entry], life: Life) {
    let ends = life.and_then(|life| now().checked_add(life));
    for Entry { key, value } in new {
        entries.put(key.clone(), value.clone(), value.len(), ends);
    }
}

/// The runtime's clock, which tests can move on.
fn now() -> std::time::Instant {
    Instant::now().into_std()
}

#[async_trait]
impl Store for Memory {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        Ok(self.0.lock().get(key, now()))
    }

    async fn take(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        Ok(self.0.lock().take(key, now()))
    }

    async fn put(&self, new: &[Entry], life: Life) -> Result<(), Problem> {
        put(&mut self.0.lock(), new, life);
        Ok(())
    }

    async fn add(&self, new: &[Entry], life: Life) -> Result<Vec<String>, Problem> {
        let mut entries = self.0.lock();
        let now = now();
        let keys = new.iter().map(|entry| &entry.key);
        let existing: Vec<String> = keys.filter(|key| entries.contains(key, now)).cloned().collect();
        if existing.is_empty() {
            put(&mut entries, new, life);
        }
        Ok(existing)
    }

    async fn remove(&self, key: &str) -> Result<bool, Problem> {
        Ok(self.take(key).await?.is_some())
    }

    async fn keys(&self, most: usize) -> Result<Vec<String>, Problem> {
        let entries = self.0.lock();
        Ok(entries.keys(now()).take(most).map(str::to_owned).collect())
    }

    async fn clear(&self) -> Result<(), Problem> {
        self.0.lock().clear();
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
    async fn there_are_never_too_many_bytes() {
        let memory = Memory::default();
        let large = "x".repeat(MOST_BYTES / 4);
        for key in ["a", "b", "c", "d"] {
            memory.put(&[entry(key, &large)], None).await.unwrap();
        }
        assert_eq!(memory.keys(9).await.unwrap(), ["d", "c", "b"]);
        memory.clear().await.unwrap();
        assert!(memory.keys(9).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn there_are_never_too_many_entries() {
        let memory = Memory::default();
        let many: Vec<Entry> = (0..MOST_ENTRIES + 5)
            .map(|n| entry(&n.to_string(), "1"))
            .collect();
        memory.put(&many, None).await.unwrap();
        assert_eq!(memory.keys(usize::MAX).await.unwrap().len(), MOST_ENTRIES);
    }
}
