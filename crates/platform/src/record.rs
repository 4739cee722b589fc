//! One event per call. Logs, metrics and audits listen to it.

use contract::{Origin, Verb};
use std::net::IpAddr;
use std::time::Duration;

/// What happened to one call. Holds no parameters, no bodies and no credentials.
#[derive(Debug, Clone)]
pub struct Observation {
    /// The service's name as asked for; it may not exist.
    pub service: String,
    /// The verb.
    pub verb: Verb,
    /// The endpoint's path with its placeholders; `None` when the call did not reach an endpoint.
    pub endpoint: Option<&'static str>,
    /// HTTP status of the answer.
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
