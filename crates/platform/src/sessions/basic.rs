//! Remembers which Basic credentials were right, so that not every call hashes a password.

use contract::Problem;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use sha2::Sha256;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long right credentials are remembered.
const LIFETIME: Duration = Duration::from_secs(300);
/// Entries after which the memory is emptied.
const MEMORY: usize = 10_000;

type Mark = [u8; 32];

/// Right credentials by a keyed hash: the passwords themselves are not kept, and the key dies with the process.
pub(crate) struct RightCredentials {
    key: Mark,
    entries: Mutex<HashMap<Mark, Entry>>,
}

struct Entry {
    user: i64,
    /// The stored hash that the password was compared with: a new password makes the entry worthless.
    hash: String,
    since: Instant,
}

impl RightCredentials {
    pub(crate) fn new() -> Result<RightCredentials, Problem> {
        let mut key = Mark::default();
        getrandom::fill(&mut key).map_err(Problem::internal)?;
        Ok(RightCredentials {
            key,
            entries: Mutex::default(),
        })
    }

    fn mark(&self, login: &str, password: &str) -> Mark {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        // The length keeps `a` + `bc` apart from `ab` + `c`.
        mac.update(&login.len().to_le_bytes());
        mac.update(login.as_bytes());
        mac.update(password.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// The user whose credentials these were, and the stored hash they were compared with.
    pub(crate) fn find(&self, login: &str, password: &str) -> Option<(i64, String)> {
        let mark = self.mark(login, password);
        let entries = self.entries.lock();
        let entry = entries.get(&mark).filter(|e| e.since.elapsed() < LIFETIME)?;
        Some((entry.user, entry.hash.clone()))
    }

    pub(crate) fn remember(&self, login: &str, password: &str, user: i64, hash: &str) {
        let mark = self.mark(login, password);
        let mut entries = self.entries.lock();
        if entries.len() >= MEMORY {
            entries.clear();
        }
        entries.insert(
            mark,
            Entry {
                user,
                hash: hash.to_owned(),
                since: Instant::now(),
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_login_and_password_are_found() {
        let memory = RightCredentials::new().unwrap();
        memory.remember("ab", "c", 7, "hash");
        assert_eq!(memory.find("ab", "c"), Some((7, "hash".into())));
        assert_eq!(memory.find("a", "bc"), None);
        assert_eq!(memory.find("ab", "C"), None);
    }
}
