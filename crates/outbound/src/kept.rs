//! Answers of other servers, kept for a while in a bounded number of bytes.

use bytes::Bytes;
use contract::{BoundedCache, ConfigDefault, ConfigField, ConfigKind, Map, Value};
use parking_lot::Mutex;
use std::time::{Duration, Instant};

/// Most bytes that one service keeps.
const MOST: usize = 16 * 1024 * 1024;

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
    answers: Mutex<BoundedCache<KeptAnswer>>,
}

impl KeptAnswers {
    /// Largest content that is worth keeping.
    pub const LARGEST: usize = 1024 * 1024;

    /// As [`CACHE`] is filled in; `None` when nothing is to be kept.
    pub fn of(config: &Map<String, Value>) -> Option<KeptAnswers> {
        Some(KeptAnswers {
            keep_for: contract::cache_ttl(config, None)?,
            answers: Mutex::new(BoundedCache::new(MOST)),
        })
    }

    /// The answer under a key, while it lasts.
    pub fn get(&self, key: &str) -> Option<KeptAnswer> {
        self.answers.lock().get(key, Instant::now())
    }

    /// Keeps an answer; those that were used longest ago leave for it. One that is too large is not kept.
    pub fn keep(&self, key: &str, answer: KeptAnswer) {
        if answer.bytes.len() > Self::LARGEST || key.len() > Self::LARGEST {
            return;
        }
        let weight = answer.media.len() + answer.bytes.len();
        let until = Instant::now() + self.keep_for;
        let mut answers = self.answers.lock();
        answers.put(key.to_owned(), answer, weight, Some(until));
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        self.answers.lock().clear();
    }
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
    fn answers_are_kept_as_the_service_is_configured() {
        let config = |seconds: u64| {
            Map::from_iter([
                ("cache_enabled".to_owned(), true.into()),
                ("cache_ttl".to_owned(), seconds.into()),
            ])
        };
        assert!(KeptAnswers::of(&Map::new()).is_none() && KeptAnswers::of(&config(0)).is_none());
        let kept = KeptAnswers::of(&config(3600)).expect("it is enabled");
        kept.keep("a", answer(3));
        kept.keep("a", answer(4));
        assert_eq!(kept.get("a"), Some(answer(4)));
        assert_eq!(kept.get("b"), None);
        kept.keep("large", answer(KeptAnswers::LARGEST + 1));
        assert_eq!(kept.get("large"), None);
        kept.clear();
        assert_eq!(kept.get("a"), None);
    }
}
