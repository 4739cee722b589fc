//! One event per call. Logs, metrics and audits listen to it.

use contract::{Caller, Origin, Verb};
use parking_lot::RwLock;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What happened to one call. Holds no parameters, no bodies and no credentials.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The service's name as asked for; it may not exist.
    pub service: String,
    /// The verb.
    pub verb: Verb,
    /// The endpoint's path with its placeholders; `None` when the call did not reach an endpoint.
    pub endpoint: Option<&'static str>,
    /// HTTP status of the answer; 499 when nobody waited for it any more.
    pub status: u16,
    /// Time in the pipeline; a streamed body goes on after it.
    pub duration: Duration,
    /// The user's id.
    pub user: Option<i64>,
    /// The app's id.
    pub app: Option<i64>,
    /// The role's id.
    pub role: Option<i64>,
    /// Where the call came from.
    pub origin: Origin,
    /// The other end of the connection.
    pub peer: Option<IpAddr>,
}

/// Is told every call. Must not block: it runs on the call's own thread.
pub trait Listener: Send + Sync {
    /// Takes one observation.
    fn observe(&self, observation: &Observation);
}

/// Writes one log line per call.
pub struct CallLog;

impl Listener for CallLog {
    fn observe(&self, call: &Observation) {
        tracing::info!(
            target: "dreamwright::call",
            verb = call.verb.as_str(),
            service = call.service,
            endpoint = call.endpoint,
            status = call.status,
            micros = u64::try_from(call.duration.as_micros()).unwrap_or(u64::MAX),
            user = call.user,
            app = call.app,
            role = call.role,
            origin = ?call.origin,
            peer = call.peer.map(tracing::field::display),
        );
    }
}

/// The listeners of a platform.
#[derive(Default)]
pub(crate) struct Listeners(RwLock<Vec<Arc<dyn Listener>>>);

impl Listeners {
    pub(crate) fn add(&self, listener: Arc<dyn Listener>) {
        self.0.write().push(listener);
    }
}

/// Watches one call and tells the listeners when it ends, also when it is dropped on the way.
pub(crate) struct Watch<'p> {
    listeners: &'p Listeners,
    started: Instant,
    pub(crate) seen: Observation,
}

impl<'p> Watch<'p> {
    pub(crate) fn start(
        listeners: &'p Listeners,
        service: String,
        verb: Verb,
        origin: Origin,
        peer: Option<IpAddr>,
    ) -> Self {
        let seen = Observation {
            service,
            verb,
            endpoint: None,
            status: 499,
            duration: Duration::ZERO,
            user: None,
            app: None,
            role: None,
            origin,
            peer,
        };
        Watch {
            listeners,
            started: Instant::now(),
            seen,
        }
    }

    pub(crate) fn caller(&mut self, caller: &Caller) {
        self.seen.user = caller.user.as_ref().map(|u| u.id);
        self.seen.app = caller.app.as_ref().map(|a| a.id);
        self.seen.role = caller.role.as_ref().map(|r| r.id);
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        self.seen.duration = self.started.elapsed();
        for listener in self.listeners.0.read().iter() {
            listener.observe(&self.seen);
        }
    }
}
