//! Values that are kept under keys for a while, within bounds: one structure for the caches of services, and how those
//! are configured that keep answers.

use crate::{Map, Value};
use lru::LruCache;
use std::hash::RandomState;
use std::time::{Duration, Instant};

/// About what an entry takes besides its key and the weight of its value.
const OVERHEAD: usize = 256;
/// As good as any longer time, and it cannot overflow a clock.
const YEAR: Duration = Duration::from_secs(31_536_000);

/// How long a service keeps answers: `cache_ttl` in seconds where `cache_enabled` is on, a year at most. `unset` holds
/// where there is no `cache_ttl`. `None` when nothing is to be kept.
pub fn cache_ttl(config: &Map<String, Value>, unset: Option<Duration>) -> Option<Duration> {
    let is_enabled = config.get("cache_enabled").and_then(Value::as_bool) == Some(true);
    let ttl = match config.get("cache_ttl") {
        None | Some(Value::Null) => unset,
        Some(seconds) => seconds.as_u64().map(Duration::from_secs),
    };
    ttl.filter(|ttl| is_enabled && !ttl.is_zero())
        .map(|ttl| ttl.min(YEAR))
}

/// Values under keys, until each one's end and in a bounded number of bytes. What was used longest ago makes place.
///
/// It reads no clock and has no lock: both are its owner's. What has ended is never given out; it is removed when it is
/// asked for or makes place like all others.
#[derive(Debug)]
pub struct BoundedCache<V> {
    most_bytes: usize,
    most_entries: usize,
    bytes: usize,
    /// Not bounded by itself, for what leaves must be subtracted from the bytes. Clients choose keys, so that their hashes
    /// must not be foreseeable.
    entries: LruCache<String, Entry<V>, RandomState>,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    cost: usize,
    ends: Option<Instant>,
}

impl<V> Entry<V> {
    fn has_ended(&self, now: Instant) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }
}

impl<V> BoundedCache<V> {
    /// An empty cache of about so many bytes.
    pub fn new(most_bytes: usize) -> BoundedCache<V> {
        BoundedCache {
            most_bytes,
            most_entries: usize::MAX,
            bytes: 0,
            entries: LruCache::unbounded_with_hasher(RandomState::new()),
        }
    }

    /// The same with so many entries at most.
    #[must_use]
    pub fn with_most_entries(self, most_entries: usize) -> BoundedCache<V> {
        BoundedCache { most_entries, ..self }
    }

    /// The value under a key, which is used by that.
    pub fn get(&mut self, key: &str, now: Instant) -> Option<V>
    where
        V: Clone,
    {
        let entry = self.entries.get(key)?;
        if entry.has_ended(now) {
            self.remove(key);
            return None;
        }
        Some(entry.value.clone())
    }

    /// Whether there is a value under a key, which is not used by that.
    pub fn contains(&self, key: &str, now: Instant) -> bool {
        self.entries.peek(key).is_some_and(|entry| !entry.has_ended(now))
    }

    /// Keeps a value in the place of any other under its key. `weight` is about how many bytes it takes; without `ends` it
    /// lasts. What would not fit into an empty cache is not kept.
    pub fn put(&mut self, key: String, value: V, weight: usize, ends: Option<Instant>) {
        self.remove(&key);
        let cost = weight.saturating_add(key.len() + OVERHEAD);
        if cost > self.most_bytes {
            return;
        }
        self.bytes += cost;
        self.entries.put(key, Entry { value, cost, ends });
        while (self.bytes > self.most_bytes || self.entries.len() > self.most_entries)
            && let Some((_, entry)) = self.entries.pop_lru()
        {
            self.bytes -= entry.cost;
        }
    }

    /// Removes the value under a key and gives it.
    pub fn take(&mut self, key: &str, now: Instant) -> Option<V> {
        let entry = self.remove(key)?;
        (!entry.has_ended(now)).then_some(entry.value)
    }

    /// The keys with a value, those first that were used last.
    pub fn keys(&self, now: Instant) -> impl Iterator<Item = &str> {
        let living = self
            .entries
            .iter()
            .filter(move |(_, entry)| !entry.has_ended(now));
        living.map(|(key, _)| key.as_str())
    }

    /// Removes everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    fn remove(&mut self, key: &str) -> Option<Entry<V>> {
        let entry = self.entries.pop(key)?;
        self.bytes -= entry.cost;
        Some(entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MINUTE: Duration = Duration::from_secs(60);

    /// The keys, those that were used last first; the bytes must be those of the entries.
    fn keys<V>(cache: &BoundedCache<V>, now: Instant) -> Vec<&str> {
        let costs = cache.entries.iter().map(|(_, entry)| entry.cost);
        assert_eq!(cache.bytes, costs.sum::<usize>());
        assert!(cache.bytes <= cache.most_bytes && cache.entries.len() <= cache.most_entries);
        cache.keys(now).collect()
    }

    #[test]
    fn values_last_until_their_end() {
        let now = Instant::now();
        let mut cache = BoundedCache::new(10_000);
        cache.put("a".into(), 1, 1, Some(now + MINUTE));
        cache.put("b".into(), 2, 1, Some(now + MINUTE));
        cache.put("c".into(), 3, 1, None);
        cache.put("never".into(), 4, 1, Some(now));
        assert_eq!(keys(&cache, now), ["c", "b", "a"]);
        let before = now + MINUTE - Duration::from_nanos(1);
        assert_eq!(cache.get("a", before), Some(1));
        assert!(cache.contains("b", before) && !cache.contains("none", before));
        let end = now + MINUTE;
        assert_eq!(keys(&cache, end), ["c"]);
        assert!(!cache.contains("b", end));
        assert_eq!((cache.get("a", end), cache.take("b", end)), (None, None));
        assert_eq!(cache.entries.len(), 2, "what has ended is removed when it is met");
        assert_eq!(cache.take("c", end), Some(3));
        assert_eq!(cache.take("c", end), None);
    }

    #[test]
    fn what_was_used_longest_ago_makes_place_for_bytes() {
        let now = Instant::now();
        let mut cache = BoundedCache::new(3 * (OVERHEAD + 101));
        for key in ["a", "b", "c"] {
            cache.put(key.into(), (), 100, None);
        }
        cache.get("a", now);
        assert!(cache.contains("b", now), "asking so is no use");
        cache.put("d".into(), (), 100, None);
        assert_eq!(keys(&cache, now), ["d", "a", "c"]);
        cache.put("ee".into(), (), 100, None);
        assert_eq!(keys(&cache, now), ["ee", "d"], "keys weigh too");
        cache.put("d".into(), (), 1, None);
        cache.put("d".into(), (), 100, None);
        assert_eq!(keys(&cache, now), ["d", "ee"], "what is replaced counts no more");
    }

    #[test]
    fn what_can_never_fit_leaves_the_others_alone() {
        let now = Instant::now();
        let mut cache = BoundedCache::new(1000);
        cache.put("a".into(), 1, 1, None);
        cache.put("b".into(), 2, 1, None);
        cache.put("a".into(), 3, 1000, None);
        cache.put("c".into(), 4, usize::MAX, None);
        assert_eq!(
            keys(&cache, now),
            ["b"],
            "and an old value does not stay for a new one"
        );
    }

    #[test]
    fn entries_can_be_bounded_too() {
        let now = Instant::now();
        let mut cache = BoundedCache::new(usize::MAX).with_most_entries(2);
        for key in ["a", "b", "c"] {
            cache.put(key.into(), (), 0, None);
        }
        assert_eq!(keys(&cache, now), ["c", "b"]);
        cache.clear();
        assert!(keys(&cache, now).is_empty());
    }

    #[test]
    fn the_time_to_live_is_configured() {
        let ttl = |config: Value, unset: Option<u64>| {
            let config = config.as_object().expect("an object");
            cache_ttl(config, unset.map(Duration::from_secs)).map(|ttl| ttl.as_secs())
        };
        assert_eq!(
            ttl(json!({"cache_enabled": true, "cache_ttl": 60}), Some(5)),
            Some(60)
        );
        assert_eq!(ttl(json!({"cache_enabled": true}), Some(5)), Some(5));
        assert_eq!(
            ttl(json!({"cache_enabled": true, "cache_ttl": null}), Some(5)),
            Some(5)
        );
        assert_eq!(ttl(json!({"cache_enabled": true}), None), None);
        let longest = json!({"cache_enabled": true, "cache_ttl": u64::MAX});
        assert_eq!(ttl(longest, None), Some(YEAR.as_secs()));
        for nothing in [
            json!({"cache_enabled": true, "cache_ttl": 0}),
            json!({"cache_enabled": true, "cache_ttl": -1}),
            json!({"cache_enabled": false, "cache_ttl": 60}),
            json!({"cache_ttl": 60}),
        ] {
            assert_eq!(ttl(nothing.clone(), Some(5)), None, "{nothing}");
        }
    }
}
