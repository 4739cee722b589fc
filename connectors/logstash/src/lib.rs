//! Logs to Logstash: the service type `logstash`.
//!
//! Invariants: nobody waits for a delivery. Entries wait in a queue of [`queue::LONGEST`], and what does not fit is lost
//! and counted in this program's own log; so is what the server does not take within [`wire::PATIENCE`]. Secrets are
//! taken out before an entry is made (`contract::CallEvent`).
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod entry;
mod gelf;
mod level;
mod queue;
mod service;
mod wire;

use contract::{BuildContext, LOG_GROUP, Service, ServiceType};
use service::Logstash;
use std::sync::Arc;

/// The service type `logstash`. Building a service does not connect; it fails with 400 when the configuration cannot be
/// used.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "logstash",
        label: "Logstash",
        group: LOG_GROUP,
        description: "Logstash service.",
        singleton: false,
        subscription: Some("GOLD"),
        config: config::LOGSTASH,
        build: Arc::new(|context: BuildContext| {
            let service = Logstash::new(&context)?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
