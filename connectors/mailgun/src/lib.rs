//! E-mail over Mailgun's API: the service type `mailgun_email`.
//!
//! Invariants: a mail is one call to the region that the configuration names, over TLS; the key goes nowhere else.
//! What the server says stays unsaid: callers get sentences of ours.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod message;
mod transport;

use contract::{BuildContext, Service, ServiceType};
use messaging::{EmailService, Surroundings};
use std::sync::Arc;
use transport::Mailgun;

/// The service type `mailgun_email`. Building a service does not connect; it fails with 400 when the configuration
/// cannot be used.
pub fn service_type(surroundings: &Arc<dyn Surroundings>) -> ServiceType {
    let surroundings = Arc::clone(surroundings);
    ServiceType {
        name: "mailgun_email",
        label: "Mailgun",
        group: "Email",
        description: "Mailgun email service",
        singleton: false,
        subscription: None,
        config: config::MAILGUN,
        build: Arc::new(move |context: BuildContext| {
            let transport = Mailgun::new(config::account(&context.config)?)?;
            let service = EmailService::new(&context, Box::new(transport), Arc::clone(&surroundings));
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
