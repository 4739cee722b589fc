//! Other servers' HTTP APIs behind this one: the service type `rws`.
//!
//! Invariants: no path of a client leads out of the host and the folder that the configuration names; what could mean
//! another path to anybody is refused, not repaired. Nothing goes on of a caller's head but what is configured to. What
//! comes back speaks for the other server alone: headers that bind browsers to this origin, such as cookies, stay here,
//! and pages run in no browser as this origin's own. Bodies pass in pieces; what must be held is bounded.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod address;
mod answer;
mod body;
mod components;
mod config;
mod endpoints;
mod links;
mod options;
mod outgoing;
mod service;

use contract::{BuildContext, ServiceType};
use service::RemoteHttp;
use std::sync::Arc;

/// The service type `rws`. Building a service does not connect; it fails with 400 when the base URL or a header's name
/// is none, and with 500 when an option is unknown.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "rws",
        label: "HTTP Service",
        group: "Remote Service",
        description: "A service to handle Remote Web Services",
        singleton: false,
        subscription: None,
        config: config::SPEC,
        build: Arc::new(|context: BuildContext| Ok(Arc::new(RemoteHttp::new(context)?) as _)),
    }
}
