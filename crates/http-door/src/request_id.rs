//! The name of a request in the log and in its answer.

use http::{HeaderMap, HeaderName};
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The header that carries it, both ways.
pub(crate) static HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The client's own id when it is short and plain, so that it can be followed through several servers; else a new one.
pub(crate) fn of(headers: &HeaderMap) -> String {
    let sent = headers.get(&HEADER).and_then(|value| value.to_str().ok());
    let plain = |id: &&str| {
        (8..=64).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    sent.filter(plain).map_or_else(new, str::to_owned)
}

/// Ids need to be different, not secret: a counter behind a hash that is seeded anew in each process.
fn new() -> String {
    static SEED: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{:016x}", SEED.hash_one(COUNT.fetch_add(1, Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_ids_are_kept_and_others_replaced() {
        let with = |id: &str| of(&HeaderMap::from_iter([(HEADER.clone(), id.parse().unwrap())]));
        assert_eq!(with("abc-123_X.9"), "abc-123_X.9");
        assert_ne!(with("a b c d e f"), "a b c d e f");
        assert_ne!(of(&HeaderMap::new()), of(&HeaderMap::new()));
    }
}
