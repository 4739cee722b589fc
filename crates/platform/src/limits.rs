//! Rate limits: which of them count a call, and what their counters say.
//!
//! The limits of a generation are indexed by what they count, so that a call that none of them counts costs a look at
//! a few empty maps. Counters live outside of generations: a change of policy does not reset them.

mod headers;
mod memory;
mod state;

use crate::Incoming;
use contract::{Caller, Count, Counter, Counters, Outage, Problem, Verb};
pub(crate) use headers::RateHeaders;
use headers::refusal;
use memory::Memory;
use parking_lot::Mutex;
pub use state::LimitState;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use store::LimitRow;

/// How often an outage of shared counters is logged.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// A limit, prepared for matching.
#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) row: LimitRow,
    key: Arc<str>,
    /// What stands before the last `*` of the endpoint, or the whole of it, in lower case.
    path: Box<str>,
    wild: bool,
}

impl Limit {
    fn new(row: &LimitRow) -> Limit {
        let endpoint = row.endpoint.as_deref().unwrap_or_default();
        let (path, wild) = endpoint
            .rsplit_once('*')
            .map_or((endpoint, false), |(before, _)| (before, true));
        Limit {
            key: row.key_text.as_str().into(),
            path: path.to_lowercase().into(),
            wild,
            row: row.clone(),
        }
    }

    /// `path` is in lower case: a service finds its resources in any, and a limit must not be got round by that.
    fn fits(&self, verb: Verb, path: &str) -> bool {
        let path_fits = match (self.row.kind.endpoint, self.wild) {
            (false, _) => true,
            (true, true) => path.starts_with(&*self.path),
            (true, false) => path == &*self.path,
        };
        path_fits && self.row.verb.is_none_or(|v| v == verb)
    }

    /// The counter of a caller.
    pub(crate) fn counter(&self, user: Option<i64>) -> Counter {
        Counter {
            limit: self.row.id,
            key: match user.filter(|_| self.row.kind.each_user) {
                None => Arc::clone(&self.key),
                user => self.row.key(user).into(),
            },
            rate: self.row.rate,
            period: self.row.period.length(),
        }
    }

    /// Whether a limit of a user's own, at the same level, takes the place of this one for each user.
    fn gives_way_to(&self, other: &Limit) -> bool {
        let (own, each) = (other.row.kind, self.row.kind);
        each.each_user && own.user && (own.service, own.endpoint) == (each.service, each.endpoint)
    }
}

type List = Vec<Arc<Limit>>;

/// Limits of one place: the whole instance, or a service.
#[derive(Debug, Default)]
struct Place {
    anybody: List,
    each_user: List,
    by_user: HashMap<i64, List>,
}

impl Place {
    fn add(&mut self, limit: Arc<Limit>) {
        match limit.row.user_id.filter(|_| limit.row.kind.user) {
            Some(user) => self.by_user.entry(user).or_default().push(limit),
            None if limit.row.kind.each_user => self.each_user.push(limit),
            None => self.anybody.push(limit),
        }
    }

    fn lists(&self, user: Option<i64>) -> impl Iterator<Item = &List> {
        let known = user.map(|_| &self.each_user);
        let own = user.and_then(|id| self.by_user.get(&id));
        std::iter::once(&self.anybody).chain(known).chain(own)
    }
}

/// All active limits of a generation.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    instance: Place,
    by_role: HashMap<i64, List>,
    by_service: HashMap<i64, Place>,
    all: List,
}

/// A call as limits see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metered<'a> {
    pub(crate) user: Option<i64>,
    pub(crate) role: Option<i64>,
    pub(crate) service: Option<i64>,
    pub(crate) verb: Verb,
    pub(crate) path: &'a str,
}

impl<'a> Metered<'a> {
    pub(crate) fn of(caller: &Caller, service: Option<i64>, call: &'a Incoming) -> Metered<'a> {
        Metered {
            user: caller.user.as_ref().map(|u| u.id),
            role: caller.role.as_ref().map(|r| r.id),
            service,
            verb: call.verb,
            path: &call.path,
        }
    }
}

impl Limits {
    pub(crate) fn new(rows: &[LimitRow]) -> Limits {
        let mut limits = Limits::default();
        for row in rows {
            let limit = Arc::new(Limit::new(row));
            limits.all.push(Arc::clone(&limit));
            match (row.role_id, row.service_id) {
                (Some(role), _) if row.kind.role => limits.by_role.entry(role).or_default().push(limit),
                (_, Some(service)) if row.kind.service => {
                    limits.by_service.entry(service).or_default().add(limit);
                }
                _ => limits.instance.add(limit),
            }
        }
        limits
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All limits, in id order.
    pub(crate) fn all(&self) -> &[Arc<Limit>] {
        &self.all
    }

    /// The limits that count a call, in id order. Allocates only when there are any.
    pub(crate) fn matching(&self, call: &Metered<'_>) -> List {
        if self.all.is_empty() {
            return List::new();
        }
        let path = lowered(call.path);
        let service = call.service.and_then(|id| self.by_service.get(&id));
        let role = call.role.and_then(|id| self.by_role.get(&id));
        let mut found: List = self
            .instance
            .lists(call.user)
            .chain(role)
            .chain(service.into_iter().flat_map(|place| place.lists(call.user)))
            .flatten()
            .filter(|limit| limit.fits(call.verb, &path))
            .cloned()
            .collect();
        found.sort_unstable_by_key(|limit| limit.row.id);
        found
    }
}

/// Borrowed when there is nothing to change.
fn lowered(path: &str) -> Cow<'_, str> {
    match path.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
        true => Cow::Owned(path.to_lowercase()),
        false => Cow::Borrowed(path),
    }
}

/// Whether a limit among those that count a call may refuse it: one for each user does not where the user has a
/// limit of the own at the same level.
pub(crate) fn enforced(limit: &Limit, among: &[Arc<Limit>]) -> bool {
    !among.iter().any(|other| limit.gives_way_to(other))
}

/// Counts calls.
#[derive(Default)]
pub(crate) struct Meter {
    memory: Memory,
    shared: OnceLock<Arc<dyn Counters>>,
    /// Whether limited calls are refused while the shared counters are away.
    closed: bool,
    told: Mutex<Option<Instant>>,
}

impl Meter {
    pub(crate) fn new(closed: bool) -> Meter {
        Meter {
            closed,
            ..Meter::default()
        }
    }

    /// Counts in shared counters from now on; the first that are given stay.
    pub(crate) fn share(&self, counters: Arc<dyn Counters>) {
        // A second call would split the counts of one node.
        let _ = self.shared.set(counters);
    }

    /// Counts a call. Gives the headers that tell what is left, `None` when no limit counts it, or the refusal. The
    /// limits that the call was the one too many of go into `exceeded`.
    pub(crate) async fn count(
        &self,
        limits: &Limits,
        call: &Metered<'_>,
        exceeded: &mut Vec<i64>,
    ) -> Result<Option<RateHeaders>, Problem> {
        let found = limits.matching(call);
        if found.is_empty() {
            return Ok(None);
        }
        let counters: Vec<Counter> = found.iter().map(|limit| limit.counter(call.user)).collect();
        let hits = match self.shared.get() {
            None => self.memory.hit(&counters, Instant::now()),
            Some(shared) => match shared.hit(&counters).await {
                Ok(counts) => counts,
                Err(outage) => return self.outage(&outage).map(|()| None),
            },
        };
        let counted = || found.iter().zip(&hits).filter(|(l, _)| enforced(l, &found));
        let over: Vec<(&Limit, Count)> = counted()
            .filter(|(_, count)| count.locked)
            .map(|(limit, count)| (&**limit, *count))
            .collect();
        exceeded.extend(
            over.iter()
                .filter(|(_, count)| count.locks)
                .map(|(limit, _)| limit.row.id),
        );
        if !over.is_empty() {
            return Err(refusal(&over));
        }
        Ok(RateHeaders::closest(
            counted().map(|(limit, count)| (&**limit, *count)),
        ))
    }

    /// What counters stand at. An outage is the answer, so that nobody takes it for zero.
    pub(crate) async fn read(&self, counters: &[Counter]) -> Result<Vec<Count>, Problem> {
        match self.shared.get() {
            None => Ok(self.memory.read(counters, Instant::now())),
            Some(shared) => shared.read(counters).await.map_err(unreachable_counters),
        }
    }

    /// Forgets the counters of a limit, or of all.
    pub(crate) async fn reset(&self, limit: Option<i64>) -> Result<(), Problem> {
        match self.shared.get() {
            None => {
                self.memory.reset(limit);
                Ok(())
            }
            Some(shared) => shared.reset(limit).await.map_err(unreachable_counters),
        }
    }

    /// What an outage means for a limited call.
    fn outage(&self, outage: &Outage) -> Result<(), Problem> {
        let mut told = self.told.lock();
        if told.is_none_or(|at| at.elapsed() >= TELL_EVERY) {
            *told = Some(Instant::now());
            let passing = if self.closed {
                "refused"
            } else {
                "passing uncounted"
            };
            tracing::error!(cause = %outage, "the counters of rate limits cannot be reached; limited calls are {passing}");
        }
        match self.closed {
            true => Err(Problem::unavailable(
                "The rate limits cannot be checked right now.",
            )),
            false => Ok(()),
        }
    }
}

fn unreachable_counters(outage: Outage) -> Problem {
    Problem::unavailable("The counters of the rate limits cannot be reached right now.").with_source(outage)
}

#[cfg(test)]
mod tests;
