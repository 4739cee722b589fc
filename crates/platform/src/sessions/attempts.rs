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
//!
//! Attempts that are still being checked are counted as well, before anything is compared: so guesses that come all at
//! once get no further than the same guesses one after the other. An attempt that would be one too many if all of
//! those failed waits until some of them are decided.

use chrono::Utc;
use contract::{Kind, Problem};
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;
use store::{Failures, Store};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, Notify};
use tokio::time::{Instant, timeout};

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
/// How long an attempt is held to be still checked, in milliseconds, should its node end in the middle.
const CHECKING: i64 = 60_000;
/// Longest time that an attempt waits for others.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a waiting attempt looks at what other nodes have decided.
const LOOK: Duration = Duration::from_millis(250);

/// Orders the attempts of this node.
#[derive(Default)]
pub(super) struct Turns {
    /// One at a time is judged; otherwise all would see the same counts.
    judging: Mutex<()>,
    /// An attempt was decided.
    decided: Notify,
}

/// The names of the counts of one login from one address.
struct Keys {
    pair: String,
    address: String,
    account: String,
    known: String,
    /// Attempts of the pair, and of the address, that are still checked.
    pair_open: String,
    address_open: String,
}

impl Keys {
    fn of(login: &str, peer: Option<IpAddr>) -> Keys {
        let (login, from) = (login.to_lowercase(), network(peer));
        Keys {
            pair: digest(&["pair", &from, &login]),
            address: digest(&["address", &from]),
            account: digest(&["account", &login]),
            known: digest(&["known", &from, &login]),
            pair_open: digest(&["pair open", &from, &login]),
            address_open: digest(&["address open", &from]),
        }
    }
}

/// An attempt to prove who somebody is that may be checked now. It ends with [`Attempt::failed`], or with the right
/// password; one that is dropped was neither.
pub struct Attempt {
    counts: Counts,
    /// Whether it is counted among those that are checked.
    is_open: bool,
}

impl Attempt {
    /// Begins an attempt when it may be made, and tells by how much to slow it down. 429 with the time to wait when
    /// this address has failed too often.
    pub(super) async fn begin(
        store: &Arc<Store>,
        turns: &Arc<Turns>,
        login: &str,
        peer: Option<IpAddr>,
    ) -> Result<(Attempt, Duration), Problem> {
        let counts = Counts {
            store: Arc::clone(store),
            turns: Arc::clone(turns),
            keys: Arc::new(Keys::of(login, peer)),
        };
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            // From here on nothing that is decided is missed.
            let decided = turns.decided.notified();
            if let Some(delay) = counts.open().await? {
                let is_open = true;
                return Ok((Attempt { counts, is_open }, delay));
            }
            // News and the end of the wait say the same: look again.
            let _ = timeout(LOOK, decided).await;
        }
        Err(refused(Duration::from_secs(1)))
    }

    /// Notes that the password, answer or code was wrong.
    pub async fn failed(mut self) -> Result<(), Problem> {
        self.counts.add_failure().await?;
        self.is_open = false;
        self.counts.close().await
    }

    /// Notes that the right password came from this address. What cannot be noted keeps nobody out.
    pub async fn succeeded(mut self) {
        let noted = async {
            self.counts.add_success().await?;
            self.is_open = false;
            self.counts.close().await
        };
        if let Err(problem) = noted.await {
            tracing::warn!(source = ?problem.source, "a successful login could not be noted");
        }
    }
}

impl Drop for Attempt {
    /// Something else went wrong, or the client has gone.
    fn drop(&mut self) {
        if let (true, Ok(runtime)) = (self.is_open, Handle::try_current()) {
            let counts = self.counts.clone();
            runtime.spawn(async move {
                if let Err(problem) = counts.close().await {
                    tracing::warn!(source = ?problem.source, "an attempt to log in could not be closed");
                }
            });
        }
    }
}

/// The counts that concern an attempt.
#[derive(Clone)]
struct Counts {
    store: Arc<Store>,
    turns: Arc<Turns>,
    keys: Arc<Keys>,
}

impl Counts {
    async fn seen(&self, now: i64) -> Result<Seen, Problem> {
        let keys = &self.keys;
        let all = [
            &keys.pair,
            &keys.address,
            &keys.account,
            &keys.known,
            &keys.pair_open,
            &keys.address_open,
        ];
        let found = self.store.failures(&all.map(String::as_str), now).await?;
        let of = |key: &String| found.get(key).copied();
        Ok(Seen {
            pair: of(&keys.pair),
            address: of(&keys.address),
            account: of(&keys.account),
            known: found.contains_key(&keys.known),
            pair_open: of(&keys.pair_open),
            address_open: of(&keys.address_open),
        })
    }

    /// Counts one more attempt among those that are checked; `None` when it has to wait for others.
    async fn open(&self) -> Result<Option<Duration>, Problem> {
        let _judging = self.turns.judging.lock().await;
        let now = Utc::now().timestamp_millis();
        let seen = self.seen(now).await?;
        let Verdict::Now(delay) = seen.admit(now)? else {
            return Ok(None);
        };
        let (store, keys) = (&self.store, &self.keys);
        // Another node that judges at the same time makes one of these fail.
        if !store
            .count_if_unchanged(&keys.pair_open, seen.pair_open, now, CHECKING)
            .await?
        {
            return Ok(None);
        }
        if !store
            .count_if_unchanged(&keys.address_open, seen.address_open, now, CHECKING)
            .await?
        {
            store.count_down(&keys.pair_open).await?;
            return Ok(None);
        }
        // A failure is counted before its attempt is closed: if one was closed between the look and the count, it
        // shows here.
        let again = self.seen(now).await?;
        if again.pair != seen.pair || again.address != seen.address {
            self.close().await?;
            return Ok(None);
        }
        Ok(Some(delay))
    }

    async fn close(&self) -> Result<(), Problem> {
        self.store.count_down(&self.keys.pair_open).await?;
        self.store.count_down(&self.keys.address_open).await?;
        self.turns.decided.notify_waiters();
        Ok(())
    }

    async fn add_failure(&self) -> Result<(), Problem> {
        let now = Utc::now().timestamp_millis();
        for key in [&self.keys.pair, &self.keys.address, &self.keys.account] {
            self.store.count_failure(key, now, MEMORY).await?;
        }
        Ok(())
    }

    async fn add_success(&self) -> Result<(), Problem> {
        let now = Utc::now().timestamp_millis();
        self.store.forget_failures(&self.keys.pair).await?;
        self.store.note_success(&self.keys.known, now, KNOWN).await
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
    /// Attempts that are still checked.
    pair_open: Option<Failures>,
    address_open: Option<Failures>,
}

/// What becomes of an attempt that is not refused.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It is checked, after a delay.
    Now(Duration),
    /// If all that are checked failed, it would be refused: it waits for them.
    Later,
}

impl Seen {
    fn admit(&self, now: i64) -> Result<Verdict, Problem> {
        let wait = remaining(self.pair, FREE, now).max(remaining(self.address, FREE_ADDRESS, now));
        if !wait.is_zero() {
            return Err(refused(wait));
        }
        if !has_room(self.pair, self.pair_open, FREE)
            || !has_room(self.address, self.address_open, FREE_ADDRESS)
        {
            return Ok(Verdict::Later);
        }
        let over = self.account.map_or(0, |f| f.count.saturating_sub(FREE_ACCOUNT));
        Ok(Verdict::Now(match self.known || over == 0 {
            true => Duration::ZERO,
            false => doubled(Duration::from_millis(125), over / 5).min(SLOWEST),
        }))
    }
}

/// Whether one more may be checked beside those that are: one alone always, several as long as their failures would
/// cost nothing.
fn has_room(failures: Option<Failures>, open: Option<Failures>, free: u32) -> bool {
    let count = |entry: Option<Failures>| entry.map_or(0, |entry| entry.count);
    count(open) == 0 || count(failures).saturating_add(count(open)) < free
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
        assert_eq!(account(false).admit(NOW).unwrap(), Verdict::Now(SLOWEST));
        assert_eq!(account(true).admit(NOW).unwrap(), Verdict::Now(Duration::ZERO));
    }

    #[test]
    fn attempts_that_are_checked_count_as_if_they_failed() {
        let verdict = |failed, open| {
            let seen = Seen {
                pair: failures(failed),
                pair_open: failures(open),
                ..Seen::default()
            };
            seen.admit(NOW + 3_600_000).unwrap()
        };
        let now = Verdict::Now(Duration::ZERO);
        for (failed, open) in [(0, 4), (4, 0), (3, 1), (5, 0), (100, 0)] {
            assert_eq!(verdict(failed, open), now, "{failed} failed, {open} are checked");
        }
        for (failed, open) in [(0, 5), (4, 1), (5, 1), (100, 1)] {
            assert_eq!(
                verdict(failed, open),
                Verdict::Later,
                "{failed} failed, {open} are checked"
            );
        }
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
