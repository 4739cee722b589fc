//! Answers of other servers, kept for a while in a bounded number of bytes.

use bytes::Bytes;
use contract::{ConfigDefault, ConfigField, ConfigKind, Map, Value};
use parking_lot::Mutex;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Most bytes that one service keeps.
const MOST: usize = 16 * 1024 * 1024;
/// About what an entry takes besides its key (kept twice) and its content.
const OVERHEAD: usize = 256;

/// The configuration of services that keep answers.
pub static CACHE: &[ConfigField] = &[
    ConfigField {
        default: ConfigDefault::Boolean(false),
        ..ConfigField::optional(
            "cache_enabled",
            "Data Retrieval Caching Enabled",
            ConfigKind::Boolean,
            "Enable caching of GET requests particularly for this service. Only GET requests without payload are cached.",
        )
    },
    ConfigField {
        default: ConfigDefault::Integer(0),
        ..ConfigField::optional(
            "cache_ttl",
            "Cache Time To Live (seconds)",
            ConfigKind::Integer,
            "The amount of time each cached response is allowed to last. Once expired, a new request to the service is made.",
        )
    },
];

/// An answer that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status.
    pub status: u16,
    /// Media type; empty where there is none.
    pub media: String,
    /// Content.
    pub bytes: Bytes,
}

/// The answers that a service keeps. A key must hold everything that the answer depends on, the caller included where it
/// does.
#[derive(Debug)]
pub struct KeptAnswers {
    keep_for: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    bytes: usize,
    answers: HashMap<Arc<str>, (Instant, KeptAnswer)>,
    /// All are kept for the same time, so what came first ends first.
    order: VecDeque<(Instant, Arc<str>)>,
}

impl KeptAnswers {
    /// Largest content that is worth keeping.
    pub const LARGEST: usize = 1024 * 1024;

    /// Nothing yet. What is kept for no time at all is not kept.
    pub fn new(keep_for: Duration) -> KeptAnswers {
        KeptAnswers {
            keep_for,
            state: Mutex::default(),
        }
    }

    /// As [`CACHE`] is filled in; `None` when nothing is to be kept.
    pub fn of(config: &Map<String, Value>) -> Option<KeptAnswers> {
        let is_enabled = config.get("cache_enabled").and_then(Value::as_bool) == Some(true);
        let seconds = config.get("cache_ttl").and_then(Value::as_u64).filter(|n| *n > 0);
        let seconds = seconds.filter(|_| is_enabled)?;
        Some(KeptAnswers::new(Duration::from_secs(seconds)))
    }

    /// The answer under a key, while it lasts.
    pub fn get(&self, key: &str) -> Option<KeptAnswer> {
        let state = self.state.lock();
        let (until, answer) = state.answers.get(key)?;
        (Instant::now() < *until).then(|| answer.clone())
    }

    /// Keeps an answer; the oldest ones leave for it. One that is too large is not kept.
    pub fn keep(&self, key: &str, answer: KeptAnswer) {
        if self.keep_for.is_zero() || answer.bytes.len() > Self::LARGEST || key.len() > Self::LARGEST {
            return;
        }
        let now = Instant::now();
        let Some(until) = now.checked_add(self.keep_for) else {
            return;
        };
        let mut state = self.state.lock();
        state.remove(key, None);
        let key: Arc<str> = key.into();
        state.bytes += weight(&key, &answer);
        state.order.push_back((until, Arc::clone(&key)));
        state.answers.insert(key, (until, answer));
        while let Some((until, _)) = state.order.front()
            && (*until <= now || state.bytes > MOST)
            && let Some((until, key)) = state.order.pop_front()
        {
            state.remove(&key, Some(until));
        }
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        *self.state.lock() = State::default();
    }
}

impl State {
    /// Removes an answer; with a time only the one that lasts until then, for it may have been replaced.
    fn remove(&mut self, key: &str, until: Option<Instant>) {
        let found = self.answers.get(key);
        if found.is_some_and(|(ends, _)| until.is_none_or(|until| until == *ends))
            && let Some((_, answer)) = self.answers.remove(key)
        {
            self.bytes -= weight(key, &answer);
        }
    }
}

fn weight(key: &str, answer: &KeptAnswer) -> usize {
    2 * key.len() + answer.media.len() + answer.bytes.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(length: usize) -> KeptAnswer {
        KeptAnswer {
            status: 200,
            media: "text/plain".into(),
            bytes: vec![b'x'; length].into(),
        }
    }

    #[test]
    fn answers_last_and_end() {
        let kept = KeptAnswers::new(Duration::from_secs(3600));
        kept.keep("a", answer(3));
        kept.keep("a", answer(4));
        assert_eq!(kept.get("a"), Some(answer(4)));
        assert_eq!(kept.get("b"), None);
        assert_eq!(
            kept.state.lock().bytes,
            weight("a", &answer(4)),
            "replacing counts once"
        );
        kept.clear();
        assert_eq!(kept.get("a"), None);
        let never = KeptAnswers::new(Duration::ZERO);
        never.keep("a", answer(3));
        assert_eq!(never.get("a"), None);
    }

    #[test]
    fn bytes_are_bounded_and_the_oldest_leave_first() {
        let kept = KeptAnswers::new(Duration::from_secs(3600));
        for n in 0..40 {
            kept.keep(&n.to_string(), answer(KeptAnswers::LARGEST));
        }
        assert!(kept.get("0").is_none() && kept.get("39").is_some());
        assert!(kept.state.lock().bytes <= MOST);
        kept.keep("large", answer(KeptAnswers::LARGEST + 1));
        assert_eq!(kept.get("large"), None);
        for n in 0..40 {
            kept.keep("same", answer(n));
        }
        let state = kept.state.lock();
        let sum: usize = state.answers.iter().map(|(key, (_, a))| weight(key, a)).sum();
        assert_eq!(state.bytes, sum);
    }
}
