//! One event per call. Logs, metrics and audits listen to it.

use crate::Incoming;
use crate::activity::{Activity, PastCall, Target, message_of};
use crate::policy::ServiceFacts;
use contract::{AppFacts, Caller, Origin, Problem, Response, RoleFacts, UserFacts, Verb};
use parking_lot::RwLock;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use store::audit::AuditCall;

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
    /// Whether the service exists; the name of one that does not is whatever the caller made up.
    pub known: bool,
    /// Limits that this call was the one too many of: each is an event `system.limit.{id}.exceeded`.
    pub exceeded: Vec<i64>,
    /// Set when the call was refused for want of rights, credentials or calls that were left.
    pub refused: Option<Refused>,
    /// What the caller was told of a failure of ours or of a server's (500 and more).
    pub failure: Option<String>,
}

/// Why a call was refused.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The user, where one is known.
    pub user: Option<Arc<UserFacts>>,
    /// The path below the service; empty when the service itself refused, which the endpoint then tells more of.
    pub path: String,
    /// What the caller was told.
    pub message: String,
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
    activity: &'p Activity,
    started: Instant,
    /// When the call had passed the gate and its limits.
    admitted: Option<Instant>,
    user: Option<Arc<UserFacts>>,
    /// For those who watch the instance; `None` when the call is not to be kept.
    past: Option<Past>,
    /// Whether there is nothing to tell.
    unheard: bool,
    pub(crate) seen: Observation,
}

/// What is noted of a call that will be kept.
struct Past {
    target: Target,
    user: Option<Arc<UserFacts>>,
    app: Option<Arc<AppFacts>>,
    role: Option<Arc<RoleFacts>>,
    request: Option<String>,
    message: Option<Box<str>>,
}

impl<'p> Watch<'p> {
    pub(crate) fn start(listeners: &'p Listeners, activity: &'p Activity, call: &Incoming) -> Self {
        let seen = Observation {
            service: call.service.clone(),
            known: false,
            verb: call.verb,
            endpoint: None,
            status: 499,
            duration: Duration::ZERO,
            user: None,
            app: None,
            role: None,
            origin: call.origin.clone(),
            peer: call.peer,
            exceeded: Vec::new(),
            refused: None,
            failure: None,
        };
        Watch {
            listeners,
            activity,
            started: Instant::now(),
            admitted: None,
            user: None,
            past: None,
            unheard: false,
            seen,
        }
    }

    pub(crate) fn caller(&mut self, caller: &Caller) {
        self.user = caller.user.clone();
        self.seen.user = caller.user.as_ref().map(|u| u.id);
        self.seen.app = caller.app.as_ref().map(|a| a.id);
        self.seen.role = caller.role.as_ref().map(|r| r.id);
    }

    /// Notes what is called, for those who watch the instance. Credentials have been taken out of the call.
    pub(crate) fn note(&mut self, call: &Incoming, caller: Option<&Caller>) {
        self.past = self.activity.target(call).map(|target| Past {
            target,
            user: caller.and_then(|caller| caller.user.clone()),
            app: caller.and_then(|caller| caller.app.clone()),
            role: caller.and_then(|caller| caller.role.clone()),
            request: None,
            message: None,
        });
    }

    /// Notes the id that the door gave the request.
    pub(crate) fn request(&mut self, id: Option<String>) {
        if let Some(past) = &mut self.past {
            past.request = id;
        }
    }

    /// Whether [`Watch::note`] has not been called, or was told not to keep the call.
    pub(crate) fn is_unnoted(&self) -> bool {
        self.past.is_none()
    }

    /// Notes which service the name means.
    pub(crate) fn located(&mut self, facts: Option<&ServiceFacts>) {
        self.seen.known = facts.is_some();
        if let Some(facts) = facts.filter(|facts| facts.reference.name != self.seen.service) {
            self.seen.service.clone_from(&facts.reference.name);
        }
    }

    /// Notes that nothing keeps the call from its service any more.
    pub(crate) fn admitted(&mut self) {
        self.admitted = Some(Instant::now());
    }

    /// Nothing was called: nobody is told.
    pub(crate) fn forget(&mut self) {
        self.unheard = true;
    }

    /// The call as the audit tells of it beside a change.
    pub(crate) fn behalf(&self, path: &str) -> AuditCall {
        self.seen.audited(Some(path.to_owned()), self.user.as_deref())
    }

    /// Notes how the call ended. What is left of the path was not given to a service.
    pub(crate) fn ended(&mut self, result: &Result<Response, Problem>, path: &mut String) {
        let problem = match result {
            Ok(response) => {
                self.seen.status = response.status;
                return;
            }
            Err(problem) => problem,
        };
        self.seen.status = problem.status();
        if let Some(past) = &mut self.past {
            past.message = Some(message_of(problem));
        }
        if problem.status() >= 500 {
            self.seen.failure = Some(problem.message.clone());
        }
        let at_gate = self.admitted.is_none() && problem.status() < 500;
        if at_gate || matches!(problem.status(), 401 | 403 | 429) {
            self.seen.refused = Some(Refused {
                user: self.user.take(),
                path: std::mem::take(path),
                message: problem.message.clone(),
            });
        }
    }

    /// `Server-Timing`: milliseconds before the service was called, and in the service up to the answer's beginning.
    pub(crate) fn timing(&self) -> (String, String) {
        let milliseconds =
            |from: Instant, to: Instant| to.saturating_duration_since(from).as_secs_f64() * 1e3;
        let now = Instant::now();
        let text = match self.admitted {
            None => format!("gate;dur={:.3}", milliseconds(self.started, now)),
            Some(at) => format!(
                "gate;dur={:.3}, service;dur={:.3}",
                milliseconds(self.started, at),
                milliseconds(at, now)
            ),
        };
        ("server-timing".to_owned(), text)
    }
}

impl Observation {
    /// The call as the audit tells of it.
    pub(crate) fn audited(&self, path: Option<String>, user: Option<&UserFacts>) -> AuditCall {
        AuditCall {
            user_id: self.user,
            user_email: user.map(|u| u.email.clone()),
            app_id: self.app,
            role_id: self.role,
            address: self.peer.map(|peer| peer.to_string()),
            origin: match self.origin {
                Origin::Api => "api",
                Origin::Script { .. } => "script",
                Origin::Job => "job",
                Origin::Tool => "tool",
            },
            verb: Some(self.verb.as_str()),
            service: Some(self.service.clone()),
            path,
        }
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if self.unheard {
            return;
        }
        self.seen.duration = self.started.elapsed();
        for listener in self.listeners.0.read().iter() {
            listener.observe(&self.seen);
        }
        if let Some(past) = self.past.take() {
            self.activity.keep(PastCall {
                id: 0,
                at: SystemTime::now(),
                target: past.target,
                verb: self.seen.verb,
                status: self.seen.status,
                duration: self.seen.duration,
                gate: self.admitted.map(|at| at.saturating_duration_since(self.started)),
                user: past.user,
                app: past.app,
                role: past.role,
                origin: self.seen.origin.clone(),
                peer: self.seen.peer,
                request: past.request,
                message: past.message,
            });
        }
    }
}
