//! Failed logins, counted so that guessing gets slow and nobody can lock somebody else out.
//!
//! Three counts, each forgotten a while after the last failure:
//! - of an account from one address: after a few failures every further one doubles the time for which this address
//!   is refused on this account. A stranger's failures do not count for the owner at another address;
//! - of an address on all accounts: trying one password on many accounts gets refused the same way;
//! - of an account from everywhere: only makes answers slower, never refuses, and does not touch an address from which
//!   the right password has come before.
//!
//! Accounts are counted by what was sent as login, whether they exist or not. The counts are this node's own.

use contract::{Kind, Problem};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

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
/// How long failures are remembered after the last one.
const MEMORY: Duration = Duration::from_secs(900);
/// How long an address stays known after the right password came from it.
const KNOWN: Duration = Duration::from_secs(30 * 24 * 3600);
/// Entries of each kind after which old ones are dropped.
const MOST: usize = 20_000;

/// Where an attempt came from. IPv6 addresses count by their network: a client has as many of them as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Address(Option<IpAddr>);

impl Address {
    fn of(peer: Option<IpAddr>) -> Address {
        Address(peer.map(|ip| match ip {
            IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
                Some(ip) => IpAddr::V4(ip),
                None => {
                    let [a, b, c, d, ..] = ip.segments();
                    IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
                }
            },
            ip => ip,
        }))
    }
}

/// Failures in a row.
#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Instant,
}

#[derive(Debug, Default)]
struct Counts {
    pairs: HashMap<(String, Address), Failures>,
    addresses: HashMap<Address, Failures>,
    accounts: HashMap<String, Failures>,
    known: HashMap<(String, Address), Instant>,
}

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<Counts>);

impl Attempts {
    /// Whether an attempt may be made now: 429 with the time to wait, or by how much to slow it down.
    pub(crate) fn admit(&self, login: &str, peer: Option<IpAddr>, now: Instant) -> Result<Duration, Problem> {
        let (login, address) = (login.to_lowercase(), Address::of(peer));
        let counts = self.0.lock();
        let pair = (login, address);
        let wait = remaining(counts.pairs.get(&pair), FREE, now).max(remaining(
            counts.addresses.get(&address),
            FREE_ADDRESS,
            now,
        ));
        if !wait.is_zero() {
            return Err(refused(wait));
        }
        let known = counts
            .known
            .get(&pair)
            .is_some_and(|since| now.duration_since(*since) < KNOWN);
        let failures = counts
            .accounts
            .get(&pair.0)
            .filter(|f| now.duration_since(f.last) < MEMORY);
        let over = failures.map_or(0, |f| f.count.saturating_sub(FREE_ACCOUNT));
        Ok(match known || over == 0 {
            true => Duration::ZERO,
            false => doubled(Duration::from_millis(125), over / 5).min(SLOWEST),
        })
    }

    /// Notes an attempt with a wrong password, answer or code.
    pub(crate) fn failed(&self, login: &str, peer: Option<IpAddr>, now: Instant) {
        let (login, address) = (login.to_lowercase(), Address::of(peer));
        let mut counts = self.0.lock();
        count(&mut counts.pairs, (login.clone(), address), now);
        count(&mut counts.addresses, address, now);
        count(&mut counts.accounts, login, now);
    }

    /// Notes that the right password came from this address.
    pub(crate) fn succeeded(&self, login: &str, peer: Option<IpAddr>, now: Instant) {
        let pair = (login.to_lowercase(), Address::of(peer));
        let mut counts = self.0.lock();
        counts.pairs.remove(&pair);
        if counts.known.len() >= MOST {
            counts
                .known
                .retain(|_, since| now.duration_since(*since) < MEMORY);
        }
        if counts.known.len() < MOST {
            counts.known.insert(pair, now);
        }
    }
}

/// How long an address is still refused.
fn remaining(failures: Option<&Failures>, free: u32, now: Instant) -> Duration {
    let Some(failures) = failures.filter(|f| f.count >= free) else {
        return Duration::ZERO;
    };
    let locked = doubled(Duration::from_secs(1), failures.count - free).min(LONGEST);
    locked.saturating_sub(now.duration_since(failures.last))
}

fn doubled(first: Duration, times: u32) -> Duration {
    first.saturating_mul(1 << times.min(16))
}

fn count<K: Eq + Hash>(all: &mut HashMap<K, Failures>, key: K, now: Instant) {
    let live = |f: &Failures| now.duration_since(f.last) < MEMORY;
    if all.len() >= MOST && !all.contains_key(&key) {
        all.retain(|_, failures| live(failures));
        if all.len() >= MOST {
            // Somebody fills the memory: who has failed often is what must not be forgotten.
            all.retain(|_, failures| failures.count >= FREE);
        }
        if all.len() >= MOST {
            all.clear();
        }
    }
    let entry = all.entry(key).or_insert(Failures { count: 0, last: now });
    *entry = Failures {
        count: if live(entry) {
            entry.count.saturating_add(1)
        } else {
            1
        },
        last: now,
    };
}

fn refused(wait: Duration) -> Problem {
    let seconds = u32::try_from(wait.as_secs())
        .unwrap_or(u32::MAX)
        .saturating_add(1);
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

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn fail(attempts: &Attempts, login: &str, peer: &str, times: u32, now: Instant) {
        for _ in 0..times {
            attempts.failed(login, ip(peer), now);
        }
    }

    #[test]
    fn guessing_is_refused_for_longer_and_longer_and_the_owner_is_not() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        fail(&attempts, "ann@x", "10.0.0.1", 4, now);
        assert!(attempts.admit("ann@x", ip("10.0.0.1"), now).is_ok());
        fail(&attempts, "Ann@X", "10.0.0.1", 1, now);
        let refusal = attempts.admit("ann@x", ip("10.0.0.1"), now).unwrap_err();
        assert_eq!((refusal.status(), refusal.retry_after), (429, Some(2)));
        assert!(
            attempts
                .admit("ann@x", ip("10.0.0.1"), now + Duration::from_secs(1))
                .is_ok()
        );
        fail(&attempts, "ann@x", "10.0.0.1", 3, now);
        assert_eq!(
            attempts
                .admit("ann@x", ip("10.0.0.1"), now)
                .unwrap_err()
                .retry_after,
            Some(9)
        );
        fail(&attempts, "ann@x", "10.0.0.1", 30, now);
        assert_eq!(
            attempts
                .admit("ann@x", ip("10.0.0.1"), now)
                .unwrap_err()
                .retry_after,
            Some(301)
        );
        // From elsewhere, and on another account, nothing is refused.
        assert!(attempts.admit("ann@x", ip("10.0.0.2"), now).is_ok());
        assert!(attempts.admit("bob@x", ip("10.0.0.1"), now).is_ok());
    }

    #[test]
    fn many_addresses_slow_an_account_down_and_never_lock_it() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        attempts.succeeded("ann@x", ip("192.168.0.9"), now);
        for host in 0..250 {
            fail(&attempts, "ann@x", &format!("10.0.1.{host}"), 4, now);
        }
        assert_eq!(attempts.admit("ann@x", ip("172.16.0.1"), now).unwrap(), SLOWEST);
        assert_eq!(
            attempts.admit("ann@x", ip("192.168.0.9"), now).unwrap(),
            Duration::ZERO
        );
        assert_eq!(
            attempts.admit("ann@x", ip("172.16.0.1"), now + MEMORY).unwrap(),
            Duration::ZERO
        );
    }

    #[test]
    fn one_address_cannot_try_all_accounts() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        for account in 0..FREE_ADDRESS {
            fail(&attempts, &format!("user{account}"), "2001:db8::1", 1, now);
        }
        assert!(
            attempts.admit("other", ip("2001:db8::2"), now).is_err(),
            "the same network"
        );
        assert!(attempts.admit("other", ip("2001:db8:1::2"), now).is_ok());
    }

    #[test]
    fn the_right_password_clears_the_own_failures() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        fail(&attempts, "ann@x", "10.0.0.1", 4, now);
        attempts.succeeded("ann@x", ip("10.0.0.1"), now);
        fail(&attempts, "ann@x", "10.0.0.1", 4, now);
        assert!(attempts.admit("ann@x", ip("10.0.0.1"), now).is_ok());
    }

    #[test]
    fn memory_is_bounded() {
        let (attempts, now) = (Attempts::default(), Instant::now());
        fail(&attempts, "ann@x", "10.0.0.1", 6, now);
        for n in 0..MOST + 10 {
            attempts.failed(
                &format!("user{n}"),
                ip(&format!("10.{}.{}.1", n / 250 % 250, n % 250)),
                now,
            );
        }
        assert!(attempts.0.lock().pairs.len() <= MOST);
        assert!(
            attempts.admit("ann@x", ip("10.0.0.1"), now).is_err(),
            "who failed often is remembered"
        );
    }
}
