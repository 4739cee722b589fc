//! Answers to reads, kept for a while in a bounded number of bytes.
//!
//! The cache knows neither requests nor tables; [`crate::DatabaseService`] makes the keys. Two kinds of entries lie in
//! it, the least recently used ones leaving first: under a request's own key the tables that its answer was made from,
//! and under the key with the caller's row filters on these tables the answer. So two callers share an answer only
//! when they would read the same rows.
//!
//! Any write empties it. What was read before or during a write is not kept ([`AnswerCache::generation`]). A write
//! that was cancelled may still happen behind our back, so that nothing is kept for a while after it.

use bytes::Bytes;
use contract::{Format, Verb};
use parking_lot::Mutex;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// About what an entry takes besides its key (kept twice) and its content.
const OVERHEAD: usize = 256;

/// A table that an answer was made from, and the verb it was opened for.
pub(crate) type OpenedTable = (String, Verb);

/// A complete answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    /// Its format.
    pub(crate) format: Format,
    /// Its text.
    pub(crate) text: Bytes,
}

#[derive(Clone)]
enum Content {
    Tables(Arc<[OpenedTable]>),
    Answer(Kept),
}

impl Content {
    fn size(&self) -> usize {
        match self {
            Content::Tables(tables) => tables.iter().map(|(name, _)| name.len() + 32).sum(),
            Content::Answer(kept) => kept.text.len(),
        }
    }
}

struct Entry {
    content: Content,
    until: Instant,
    used: u64,
}

#[derive(Default)]
struct State {
    generation: u64,
    quiet_until: Option<Instant>,
    uses: u64,
    bytes: usize,
    entries: HashMap<Arc<str>, Entry>,
    /// Keys by their last use.
    order: BTreeMap<u64, Arc<str>>,
}

/// The cache of one service.
pub(crate) struct AnswerCache {
    keep_for: Duration,
    most: usize,
    quiet: Duration,
    state: Mutex<State>,
}

impl AnswerCache {
    /// An empty cache: answers are kept for `keep_for`, in about `most` bytes. `quiet` is how long nothing is kept after a
    /// write that was cancelled.
    pub(crate) fn new(keep_for: Duration, most: usize, quiet: Duration) -> AnswerCache {
        AnswerCache {
            keep_for,
            most,
            quiet,
            state: Mutex::default(),
        }
    }

    /// The number of times it was emptied. An answer is kept only under the number that held when its read began.
    pub(crate) fn generation(&self) -> u64 {
        self.state.lock().generation
    }

    /// The tables that answers to a request are made from.
    pub(crate) fn tables(&self, key: &str) -> Option<Arc<[OpenedTable]>> {
        match self.state.lock().find(key, Instant::now()) {
            Some(Content::Tables(tables)) => Some(tables),
            _ => None,
        }
    }

    /// An answer.
    pub(crate) fn answer(&self, key: &str) -> Option<Kept> {
        match self.state.lock().find(key, Instant::now()) {
            Some(Content::Answer(kept)) => Some(kept),
            _ => None,
        }
    }

    /// Keeps an answer and the tables it was made from, unless there was a write since the read began.
    pub(crate) fn keep(&self, generation: u64, tables: (String, Vec<OpenedTable>), answer: (String, Kept)) {
        let now = Instant::now();
        let mut state = self.state.lock();
        if state.generation != generation || state.quiet_until.is_some_and(|until| now < until) {
            return;
        }
        let until = now + self.keep_for;
        state.insert(tables.0, Content::Tables(tables.1.into()), until);
        state.insert(answer.0, Content::Answer(answer.1), until);
        state.shrink(self.most);
    }

    /// Empties it.
    pub(crate) fn clear(&self) {
        self.state.lock().clear();
    }

    /// To be held while something is written. When it is dropped, the cache is emptied.
    pub(crate) fn writing(&self) -> Writing<'_> {
        Writing {
            cache: self,
            finished: false,
        }
    }
}

impl State {
    fn find(&mut self, key: &str, now: Instant) -> Option<Content> {
        let entry = self.entries.get_mut(key)?;
        if entry.until <= now {
            self.remove(key);
            return None;
        }
        self.uses += 1;
        if let Some(key) = self.order.remove(&entry.used) {
            self.order.insert(self.uses, key);
        }
        entry.used = self.uses;
        Some(entry.content.clone())
    }

    fn insert(&mut self, key: String, content: Content, until: Instant) {
        self.remove(&key);
        self.uses += 1;
        self.bytes += weight(&key, &content);
        let key: Arc<str> = key.into();
        self.order.insert(self.uses, key.clone());
        let used = self.uses;
        self.entries.insert(key, Entry { content, until, used });
    }

    fn remove(&mut self, key: &str) {
        if let Some(entry) = self.entries.remove(key) {
            self.bytes -= weight(key, &entry.content);
            self.order.remove(&entry.used);
        }
    }

    /// Removes what was not used for longest until the rest fits.
    fn shrink(&mut self, most: usize) {
        while self.bytes > most
            && let Some((_, key)) = self.order.first_key_value()
        {
            let key = key.clone();
            self.remove(&key);
        }
    }

    fn clear(&mut self) {
        self.generation += 1;
        self.bytes = 0;
        self.entries.clear();
        self.order.clear();
    }
}

fn weight(key: &str, content: &Content) -> usize {
    key.len() + content.size() + OVERHEAD
}

/// A write under way.
pub(crate) struct Writing<'a> {
    cache: &'a AnswerCache,
    finished: bool,
}

impl Writing<'_> {
    /// The write has an answer: it happened or it did not, but it will not happen later.
    pub(crate) fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        let mut state = self.cache.state.lock();
        state.clear();
        if !self.finished {
            state.quiet_until = Some(Instant::now() + self.cache.quiet);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn keep(cache: &AnswerCache, generation: u64, name: &str, length: usize) {
        let tables = vec![(name.to_owned(), Verb::Get)];
        cache.keep(
            generation,
            (format!("t {name}"), tables),
            (format!("a {name}"), kept(length)),
        );
    }

    fn kept(length: usize) -> Kept {
        Kept {
            format: Format::Json,
            text: vec![b'x'; length].into(),
        }
    }

    #[test]
    fn answers_stay_until_their_time() {
        let cache = AnswerCache::new(HOUR, 10_000, HOUR);
        keep(&cache, 0, "one", 5);
        assert_eq!(cache.answer("a one"), Some(kept(5)));
        assert_eq!(
            cache.tables("t one").as_deref(),
            Some(&[("one".to_owned(), Verb::Get)][..])
        );
        assert_eq!(cache.answer("t one"), None);
        let over = AnswerCache::new(Duration::ZERO, 10_000, HOUR);
        keep(&over, 0, "one", 5);
        assert_eq!(over.answer("a one"), None);
        assert_eq!(
            over.state.lock().entries.len(),
            1,
            "what is over is removed when it is met"
        );
    }

    #[test]
    fn bytes_are_bounded_and_the_least_used_leave_first() {
        let cache = AnswerCache::new(HOUR, 5 * 1024, HOUR);
        for n in 0..50 {
            keep(&cache, 0, &n.to_string(), 700);
            assert!(cache.answer("a 0").is_some(), "used again and again");
            let state = cache.state.lock();
            assert!(state.bytes <= 5 * 1024);
            assert_eq!(state.entries.len(), state.order.len());
        }
        assert!(cache.answer("a 1").is_none() && cache.answer("a 49").is_some());
        keep(&cache, 0, "49", 1);
        let sum: usize = {
            let state = cache.state.lock();
            state.entries.iter().map(|(k, e)| weight(k, &e.content)).sum()
        };
        assert_eq!(cache.state.lock().bytes, sum, "replacing counts once");
        keep(&cache, 0, "large", 6000);
        assert!(cache.answer("a large").is_none());
    }

    #[test]
    fn writes_empty_it_and_what_was_read_before_is_not_kept() {
        let cache = AnswerCache::new(HOUR, 10_000, HOUR);
        keep(&cache, 0, "one", 5);
        let before = cache.generation();
        cache.writing().finish();
        assert_eq!(cache.answer("a one"), None);
        keep(&cache, before, "one", 5);
        assert_eq!(cache.answer("a one"), None);
        keep(&cache, cache.generation(), "one", 5);
        assert!(cache.answer("a one").is_some());
        drop(cache.writing());
        keep(&cache, cache.generation(), "one", 5);
        assert_eq!(
            cache.answer("a one"),
            None,
            "nothing is kept after a cancelled write"
        );
    }
}
