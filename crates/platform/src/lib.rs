//! The platform: who is calling, what they may do, and the one pipeline that every call ends in.
//!
//! Invariants: knows no vendor, no SQL and no HTTP framework. Only [`policy`] gives a caller rights, as a pure
//! function of an immutable snapshot. Nothing but [`Platform::run`] and [`Platform::run_as`] calls `Service::call`.
//! Credentials never reach a service, a log line or an observation.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod activity;
mod audit;
mod cors;
mod credentials;
mod current;
mod documents;
mod explain;
mod generation;
mod health;
mod identify;
mod incoming;
mod index;
mod internal;
mod limits;
mod lookup;
mod metrics;
mod model;
mod neighbours;
mod pipeline;
mod platform;
pub mod policy;
mod proposed;
mod published;
mod record;
mod scheduler;
mod sessions;
mod tabs;
mod trial;

pub use activity::{PastCall, Target, Wanted};
pub use cors::{CrossOrigin, CrossOriginAnswer, check_cors_path};
pub use health::{ServiceHealth, State};
pub use incoming::Incoming;
pub use limits::LimitState;
pub use metrics::{Charts, Failure, Process, ServiceCourse, Span, time_text};
pub use platform::Platform;
pub use policy::tabs::{TabGrant, tab_names};
pub use record::{CallLog, Listener, Observation, Refused};
pub use sessions::{Attempt, Entry, Login, PemPair, Sessions, TokenKeys};
