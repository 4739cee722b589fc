//! The latest calls, in memory, for people who watch an instance.
//!
//! Keeping one costs a lock that is held for a few dozen nanoseconds, and no allocation where its target is short.
//! What is kept is bounded: the number of calls by the settings, each call by what [`Target`] and a message hold at most. Bodies,
//! headers and credentials are never kept; values of parameters whose names speak of secrets are masked.

mod target;

pub use target::Target;

use crate::Incoming;
use contract::{AppFacts, Origin, Problem, RoleFacts, UserFacts, Verb};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// Most bytes of a message.
const MESSAGE: usize = 512;
/// Calls of those who watch, which would otherwise fill what they look at: a service, and paths of it.
const WATCHERS: (&str, [&str; 3]) = ("system", ["request_log", "metric", "health"]);

/// A call that has ended.
#[derive(Debug, Clone)]
pub struct PastCall {
    /// Greater than that of all calls before it.
    pub id: u64,
    /// When it ended.
    pub at: SystemTime,
    /// What was called.
    pub target: Target,
    /// The verb.
    pub verb: Verb,
    /// HTTP status of the answer; 499 when nobody waited for it any more.
    pub status: u16,
    /// Time in the pipeline; a streamed body goes on after it.
    pub duration: Duration,
    /// The part of it before the service was called; `None` when it was not.
    pub gate: Option<Duration>,
    /// Who called.
    pub user: Option<Arc<UserFacts>>,
    /// The app whose key was sent.
    pub app: Option<Arc<AppFacts>>,
    /// The role that decided.
    pub role: Option<Arc<RoleFacts>>,
    /// Where the call came from.
    pub origin: Origin,
    /// The other end of the connection.
    pub peer: Option<IpAddr>,
    /// The id that the client got as `X-Request-Id`.
    pub request: Option<String>,
    /// What the caller was told when the call failed.
    pub message: Option<Box<str>>,
}

/// Which calls are asked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Only calls after this one.
    pub since: Option<u64>,
    /// Only of this service.
    pub service: Option<String>,
    /// Only of this verb.
    pub verb: Option<Verb>,
    /// Only with a status from the first to the second.
    pub status: Option<(u16, u16)>,
    /// Only of this user.
    pub user: Option<i64>,
    /// Only with the key of this app.
    pub app: Option<i64>,
    /// Only under this role.
    pub role: Option<i64>,
    /// Only those whose path or parameters contain this, in any case.
    pub path: Option<String>,
    /// Only those that took at least this long.
    pub slower_than: Option<Duration>,
    /// Most calls.
    pub limit: usize,
}

impl Wanted {
    fn fits(&self, call: &PastCall) -> bool {
        let id = |wanted: Option<i64>, found: Option<i64>| wanted.is_none() || wanted == found;
        self.verb.is_none_or(|verb| verb == call.verb)
            && self
                .status
                .is_none_or(|(low, high)| (low..=high).contains(&call.status))
            && self.slower_than.is_none_or(|least| call.duration >= least)
            && id(self.user, call.user.as_ref().map(|user| user.id))
            && id(self.app, call.app.as_ref().map(|app| app.id))
            && id(self.role, call.role.as_ref().map(|role| role.id))
            && self
                .service
                .as_ref()
                .is_none_or(|name| call.target.service().eq_ignore_ascii_case(name))
            && self
                .path
                .as_ref()
                .is_none_or(|part| contains(call.target.below(), part))
    }
}

/// Whether a text contains another without regard to the case of plain letters.
fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    part.is_empty()
        || text
            .windows(part.len())
            .any(|window| window.eq_ignore_ascii_case(part))
}

/// The latest calls.
#[derive(Debug)]
pub(crate) struct Activity {
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    calls: VecDeque<PastCall>,
}

impl Activity {
    /// Keeps so many; none with 0.
    pub(crate) fn new(most: u64) -> Activity {
        Activity {
            most: usize::try_from(most).unwrap_or(usize::MAX),
            state: Mutex::default(),
        }
    }

    /// What a call is for, to be kept when it has ended; `None` when that is not wanted. Credentials have been taken
    /// out of the call.
    pub(crate) fn target(&self, call: &Incoming) -> Option<Target> {
        let (service, paths) = WATCHERS;
        let path = call.path.trim_end_matches('/');
        let watches = call.service.eq_ignore_ascii_case(service)
            && paths.iter().any(|watched| path.eq_ignore_ascii_case(watched));
        (self.most > 0 && !watches).then(|| Target::of(call))
    }

    /// Keeps a call, and lets the oldest go. Its id is given here.
    pub(crate) fn keep(&self, mut call: PastCall) {
        let mut state = self.state.lock();
        state.last += 1;
        call.id = state.last;
        let oldest = match state.calls.len() >= self.most {
            true => state.calls.pop_front(),
            false => None,
        };
        state.calls.push_back(call);
        drop(state);
        // Freed where nobody waits for it.
        drop(oldest);
    }

    /// The calls that are wanted, the latest first, and the id of the latest of all.
    pub(crate) fn read(&self, wanted: &Wanted) -> (Vec<PastCall>, u64) {
        let state = self.state.lock();
        let after = |call: &&PastCall| wanted.since.is_none_or(|since| call.id > since);
        let found = state.calls.iter().rev().take_while(after);
        let found = found.filter(|call| wanted.fits(call)).take(wanted.limit);
        (found.cloned().collect(), state.last)
    }
}

/// The beginning of a message, and no more than is kept.
pub(crate) fn message_of(problem: &Problem) -> Box<str> {
    let text = &problem.message;
    text[..text.floor_char_boundary(MESSAGE)].into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incoming::tests::call;

    fn past(target: &str, status: u16) -> PastCall {
        PastCall {
            id: 0,
            at: SystemTime::now(),
            target: Target::of(&call(Verb::Get, target)),
            verb: Verb::Get,
            status,
            duration: Duration::from_millis(u64::from(status)),
            gate: None,
            user: None,
            app: None,
            role: None,
            origin: Origin::Api,
            peer: None,
            request: None,
            message: None,
        }
    }

    #[test]
    fn the_latest_come_first_and_the_oldest_go() {
        let activity = Activity::new(3);
        for n in 0..5 {
            activity.keep(past("db/_table/t", 200 + n));
        }
        let read = |wanted: Wanted| {
            let wanted = Wanted {
                limit: wanted.limit.max(10),
                ..wanted
            };
            activity
                .read(&wanted)
                .0
                .iter()
                .map(|call| call.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(read(Wanted::default()), [5, 4, 3]);
        assert_eq!(
            read(Wanted {
                since: Some(4),
                ..Wanted::default()
            }),
            [5]
        );
        assert_eq!(
            read(Wanted {
                status: Some((203, 203)),
                ..Wanted::default()
            }),
            [4]
        );
        assert_eq!(
            read(Wanted {
                path: Some("_TABLE/T".into()),
                ..Wanted::default()
            })
            .len(),
            3
        );
        assert_eq!(
            read(Wanted {
                path: Some("db".into()),
                ..Wanted::default()
            })
            .len(),
            0
        );
        assert_eq!(
            read(Wanted {
                service: Some("DB".into()),
                ..Wanted::default()
            })
            .len(),
            3
        );
        let slow = Some(Duration::from_millis(204));
        assert_eq!(
            read(Wanted {
                slower_than: slow,
                ..Wanted::default()
            }),
            [5]
        );
        assert_eq!(
            read(Wanted {
                user: Some(1),
                ..Wanted::default()
            })
            .len(),
            0
        );
        let one = Wanted {
            limit: 1,
            ..Wanted::default()
        };
        assert_eq!((activity.read(&one).0.len(), activity.read(&one).1), (1, 5));
    }

    #[test]
    fn watchers_and_nobody_are_not_kept() {
        let on = Activity::new(1);
        assert!(on.target(&call(Verb::Get, "system/request_log/")).is_none());
        assert!(on.target(&call(Verb::Get, "SYSTEM/Metric")).is_none());
        assert!(on.target(&call(Verb::Get, "system/role")).is_some());
        assert!(Activity::new(0).target(&call(Verb::Get, "db")).is_none());
    }
}
