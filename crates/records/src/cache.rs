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
use contract::{BoundedCache, Format, Verb};
use parking_lot::Mutex;
use std::sync::Arc;
use std::time::{Duration, Instant};

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
    fn weight(&self) -> usize {
        match self {
            Content::Tables(tables) => tables.iter().map(|(name, _)| name.len() + 32).sum(),
            Content::Answer(kept) => kept.text.len(),
        }
    }
}

struct State {
    generation: u64,
    quiet_until: Option<Instant>,
    kept: BoundedCache<Content>,
}

/// The cache of one service.
pub(crate) struct AnswerCache {
    keep_for: Duration,
    quiet: Duration,
    state: Mutex<State>,
}

impl AnswerCache {
    /// An empty cache: answers are kept for `keep_for`, in about `most` bytes. `quiet` is how long nothing is kept after a
    /// write that was cancelled.
    pub(crate) fn new(keep_for: Duration, most: usize, quiet: Duration) -> AnswerCache {
        AnswerCache {
            keep_for,
            quiet,
            state: Mutex::new(State {
                generation: 0,
                quiet_until: None,
                kept: BoundedCache::new(most),
            }),
        }
    }

    /// The number of times it was emptied. An answer is kept only under the number that held when its read began.
    pub(crate) fn generation(&self) -> u64 {
        self.state.lock().generation
    }

    /// The tables that answers to a request are made from.
    pub(crate) fn tables(&self, key: &str) -> Option<Arc<[OpenedTable]>> {
        match self.state.lock().kept.get(key, Instant::now()) {
            Some(Content::Tables(tables)) => Some(tables),
            _ => None,
        }
    }

    /// An answer.
    pub(crate) fn answer(&self, key: &str) -> Option<Kept> {
        match self.state.lock().kept.get(key, Instant::now()) {
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
        state.put(tables.0, Content::Tables(tables.1.into()), until);
        state.put(answer.0, Content::Answer(answer.1), until);
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
    fn put(&mut self, key: String, content: Content, until: Instant) {
        let weight = content.weight();
        self.kept.put(key, content, weight, Some(until));
    }

    fn clear(&mut self) {
        self.generation += 1;
        self.kept.clear();
    }
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
    fn tables_and_answers_are_kept_each_under_its_key() {
        let cache = AnswerCache::new(HOUR, 10_000, HOUR);
        keep(&cache, 0, "one", 5);
        assert_eq!(cache.answer("a one"), Some(kept(5)));
        assert_eq!(
            cache.tables("t one").as_deref(),
            Some(&[("one".to_owned(), Verb::Get)][..])
        );
        assert_eq!(cache.answer("t one"), None);
        keep(&cache, 0, "large", 10_001);
        assert!(cache.tables("t large").is_some() && cache.answer("a large").is_none());
        let over = AnswerCache::new(Duration::ZERO, 10_000, HOUR);
        keep(&over, 0, "one", 5);
        assert_eq!(over.answer("a one"), None);
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
