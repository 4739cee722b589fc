//! E-mail over SMTP: the service types `smtp_email` and `local_email`.
//!
//! Invariants: what the server says goes to the log, never to the caller; credentials go to neither. Encryption that
//! was asked for is insisted on: a server without it is not spoken to.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod fault;
mod message;
mod transport;

use contract::{BuildContext, Problem, ServiceType};
use messaging::{EmailService, Surroundings, Transport};
use std::sync::Arc;
use transport::{Smtp, Unconfigured};

/// The service types `smtp_email`, whose configuration names a server, and `local_email`, which uses the server that
/// the instance's settings (`MAIL_HOST` and its companions) name, and answers 501 where they name none.
///
/// Building a service does not connect; it fails with 400 when the configuration cannot be used.
pub fn service_types(surroundings: &Arc<dyn Surroundings>) -> Vec<ServiceType> {
    let build = |open: fn(&BuildContext) -> Result<Box<dyn Transport>, Problem>| {
        let surroundings = Arc::clone(surroundings);
        Arc::new(move |context: BuildContext| {
            let transport = open(&context)?;
            let service = EmailService::new(&context, transport, Arc::clone(&surroundings));
            Ok(Arc::new(service) as Arc<dyn contract::Service>)
        })
    };
    vec![
        ServiceType {
            name: "local_email",
            label: "Local Email Service",
            group: "Email",
            description: "Local email service using system configuration.",
            singleton: false,
            subscription: None,
            config: config::LOCAL,
            build: build(|context| {
                Ok(match config::of_instance(&context.settings)? {
                    Some(server) => Box::new(Smtp::new(&server)?),
                    None => Box::new(Unconfigured),
                })
            }),
        },
        ServiceType {
            name: "smtp_email",
            label: "SMTP",
            group: "Email",
            description: "SMTP-based email service",
            singleton: false,
            subscription: None,
            config: config::SMTP,
            build: build(|context| Ok(Box::new(Smtp::new(&config::of_service(&context.config)?)?))),
        },
    ]
}
