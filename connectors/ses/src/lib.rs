//! E-mail over Amazon's Simple Email Service: the service type `aws_ses`.
//!
//! Invariants: a mail is one signed call to the region that the configuration names, over TLS; the secret never
//! travels, it signs. What the server says stays unsaid: callers get sentences of ours.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod message;
mod sign;
mod transport;

use contract::{BuildContext, Service, ServiceType};
use messaging::{EmailService, Surroundings};
use std::sync::Arc;
use transport::Ses;

/// The service type `aws_ses`. Building a service does not connect; it fails with 400 when the configuration cannot be
/// used.
pub fn service_type(surroundings: &Arc<dyn Surroundings>) -> ServiceType {
    let surroundings = Arc::clone(surroundings);
    ServiceType {
        name: "aws_ses",
        label: "AWS SES",
        group: "Email",
        description: "E-mail service over Amazon SES.",
        singleton: false,
        subscription: None,
        config: config::SES,
        build: Arc::new(move |context: BuildContext| {
            let transport = Ses::new(config::account(&context.config)?)?;
            let service = EmailService::new(&context, Box::new(transport), Arc::clone(&surroundings));
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
