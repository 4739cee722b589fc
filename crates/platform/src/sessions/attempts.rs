//! Failed logins, counted so that guessing gets slow and nobody can lock somebody else out.
//!
//! Three counts, each forgotten a while after the last failure:
//! - of an account from one address: after a few failures every further one doubles the time for which this address
//!   is refused on this account. A stranger's failures do not count for the owner at another address;
//! - of an address on all accounts: trying one password on many accounts gets refused the same way;
//! - of an account from everywhere: only makes answers slower, never refuses, and does not touch an address from which
//!   the right password has come before.
//!
//! Accounts are counted by what was sent as login, whether they exist or not. The counts are kept by the store, for
//! all nodes.

use chrono::Utc;
use contract::{Kind, Problem};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;
use store::{Failures, Store};

/// Failures of an account from one address that cost nothing.
const FREE: u32 = 5;
/// Failures of an address on all accounts that cost nothing.
const FREE_ADDRESS: u32 = 50;
/// Failures of an account from everywhere that slow nothing down.
const FREE_ACCOUNT: u32 = 20;
/// Longest time for which an address is refused.
const LONGEST: Duration = Duration::from_secs(300);
/// Longest time by which an answer is slowed down.
const SLOWEST: Duration = Duration::from_secs(4);
/// How long failures are remembered after the last one, in milliseconds.
const MEMORY: i64 = 900_000;
/// How long an address stays known after the right password came from it, in milliseconds.
const KNOWN: i64 = 30 * 24 * 3_600_000;

/// The attempts of one login from one address: the names of its counts.
pub(super) struct Attempts<'s> {
    store: &'s Store,
    pair: String,
    address: String,
    account: String,
    known: String,
}

impl<'s> Attempts<'s> {
    pub(super) fn of(store: &'s Store, login: &str, peer: Option<IpAddr>) -> Attempts<'s> {
        let (login, from) = (login.to_lowercase(), network(peer));
        Attempts {
            store,
            pair: digest(&["pair", &from, &login]),
            address: digest(&["address", &from]),
            account: digest(&["account", &login]),
            known: digest(&["known", &from, &login]),
        }
    }

    /// Whether an attempt may be made now: 429 with the time to wait, or by how much to slow it down.
    pub(super) async fn admit(&self) -> Result<Duration, Problem> {
        let now = Utc::now().timestamp_millis();
        let keys = [&self.pair, &self.address, &self.account, &self.known].map(String::as_str);
        let found = self.store.failures(&keys, now).await?;
        let of = |key: &String| found.get(key).copied();
        let seen = Seen {
            pair: of(&self.pair),
            address: of(&self.address),
            account: of(&self.account),
            known: found.contains_key(&self.known),
        };
        seen.admit(now)
    }

    /// Notes an attempt with a wrong password, answer or code.
    pub(super) async fn failed(&self) -> Result<(), Problem> {
        let now = Utc::now().timestamp_millis();
        for key in [&self.pair, &self.address, &self.account] {
            self.store.count_failure(key, now, MEMORY).await?;
        }
        Ok(())
    }

    /// Notes that the right password came from this address. What cannot be noted keeps nobody out.
    pub(super) async fn succeeded(&self) {
        let now = Utc::now().timestamp_millis();
        let noted = async {
            self.store.forget_failures(&self.pair).await?;
            self.store.note_success(&self.known, now, KNOWN).await
        };
        if let Err(problem) = noted.await {
            tracing::warn!(source = ?problem.source, "a successful login could not be noted");
        }
    }
}

/// What has been counted that concerns an attempt.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    pair: Option<Failures>,
    address: Option<Failures>,
    account: Option<Failures>,
    /// Whether the right password has come from this address before.
    known: bool,
}

impl Seen {
    fn admit(&self, now: i64) -> Result<Duration, Problem> {
        let wait = remaining(self.pair, FREE, now).max(remaining(self.address, FREE_ADDRESS, now));
        if !wait.is_zero() {
            return Err(refused(wait));
        }
        let over = self.account.map_or(0, |f| f.count.saturating_sub(FREE_ACCOUNT));
        Ok(match self.known || over == 0 {
            true => Duration::ZERO,
            false => doubled(Duration::from_millis(125), over / 5).min(SLOWEST),
        })
    }
}

/// Where an attempt came from. IPv6 addresses count by their network: a client has as many of them as it likes.
fn network(peer: Option<IpAddr>) -> String {
    match peer.map(|ip| ip.to_canonical()) {
        None => String::new(),
        Some(IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        Some(ip) => ip.to_string(),
    }
}

/// A name of fixed length; no two lists of parts have the same.
fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// How long an address is still refused.
fn remaining(failures: Option<Failures>, free: u32, now: i64) -> Duration {
    let Some(failures) = failures.filter(|f| f.count >= free) else {
        return Duration::ZERO;
    };
    let locked = doubled(Duration::from_secs(1), failures.count - free).min(LONGEST);
    let passed = u64::try_from(now.saturating_sub(failures.last)).unwrap_or(0);
    locked.saturating_sub(Duration::from_millis(passed))
}

fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(1 << times.min(16))
}

fn refused(wait: Duration) -> Problem {
    let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
    let mut problem = Problem::new(
        Kind::TooManyRequests,
        format!("Too many failed attempts from your address. Try again in {seconds} seconds."),
    );
    problem.retry_after = Some(seconds);
    problem
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn failures(count: u32) -> Option<Failures> {
        Some(Failures { count, last: NOW })
    }

    fn wait(seen: Seen, now: i64) -> Option<u32> {
        seen.admit(now).err().and_then(|problem| problem.retry_after)
    }

    #[test]
    fn guessing_is_refused_for_longer_and_longer() {
        let pair = |count| Seen {
            pair: failures(count),
            ..Seen::default()
        };
        for (count, seconds) in [(4, None), (5, Some(1)), (8, Some(8)), (40, Some(300))] {
            assert_eq!(wait(pair(count), NOW), seconds, "{count} failures");
        }
        assert_eq!(wait(pair(5), NOW + 1000), None);
        assert_eq!(wait(pair(8), NOW + 7001), Some(1));
    }

    #[test]
    fn one_address_cannot_try_all_accounts() {
        let address = |count| Seen {
            address: failures(count),
            ..Seen::default()
        };
        assert_eq!(wait(address(FREE_ADDRESS - 1), NOW), None);
        assert_eq!(wait(address(FREE_ADDRESS), NOW), Some(1));
    }

    #[test]
    fn many_addresses_slow_an_account_down_and_never_lock_it() {
        let account = |known| Seen {
            account: failures(1000),
            known,
            ..Seen::default()
        };
        assert_eq!(account(false).admit(NOW).unwrap(), SLOWEST);
        assert_eq!(account(true).admit(NOW).unwrap(), Duration::ZERO);
    }

    #[test]
    fn addresses_of_one_network_count_together() {
        let of = |text: &str| network(Some(text.parse().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:1::2"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
        assert_ne!(digest(&["a", "bc"]), digest(&["ab", "c"]));
    }
}
