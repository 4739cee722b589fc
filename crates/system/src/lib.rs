//! The services `system`, `user` and `api_docs`: faces over the record engine, and the handlers of what is no table.
//!
//! Invariants: reads go through the record engine over tables that are declared here field by field — what is not
//! declared, such as a password hash, is absent and cannot be selected, filtered, sorted, grouped or reached by a
//! relation. Writes go through [`store`] alone, at any depth. A relation opens its other table by that table's own
//! face, with the caller's rights. Secrets are masked before a record leaves.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod accounts;
mod answer;
mod api_docs;
mod cache;
mod catalogue;
mod completion;
mod computed;
mod config;
mod config_package;
mod delegation;
mod endpoints;
mod environment;
mod event;
mod face;
mod faces;
mod fetched;
mod health;
mod identified;
mod import;
mod instance;
mod limit;
mod login;
mod mail;
mod metric;
mod package;
mod password;
mod profile;
mod read;
mod register;
mod request_log;
mod restricted;
mod root;
mod script_type;
mod service;
mod service_type;
mod session;
mod source;
mod surroundings;
mod trial;
mod uploaded;
mod write;

use api_docs::ApiDocs;
use contract::{BuildContext, ConfigSpec, ServiceType};
use instance::Instance;
use platform::Platform;
use service::{Kind, SystemService};
use std::sync::{Arc, Weak};

/// The service types `system`, `user` and `swagger`. Given a reference that is never alive they still tell their configuration,
/// which the store needs before there is a platform.
pub fn types(platform: &Weak<Platform>) -> Vec<ServiceType> {
    let build = |kind: Kind| {
        let platform = platform.clone();
        Arc::new(move |context: BuildContext| {
            let service: Arc<dyn contract::Service> =
                Arc::new(SystemService::new(kind, platform.clone(), context.settings));
            Ok(service)
        })
    };
    let of_documents = platform.clone();
    let documents: contract::ServiceFactory = Arc::new(move |_: BuildContext| {
        let service: Arc<dyn contract::Service> = Arc::new(ApiDocs::new(of_documents.clone()));
        Ok(service)
    });
    vec![
        ServiceType {
            name: "system",
            label: "System Management",
            group: "System",
            description: "Service supporting management of the system.",
            singleton: true,
            subscription: None,
            config: config::SYSTEM,
            build: build(Kind::System),
        },
        ServiceType {
            name: "user",
            label: "User service",
            group: "User",
            description: "User service to allow user management.",
            singleton: true,
            subscription: None,
            config: config::USER,
            build: build(Kind::User),
        },
        ServiceType {
            name: "swagger",
            label: "API Docs",
            group: "API Doc",
            description: "API documenting and testing service using Swagger specifications.",
            singleton: true,
            subscription: None,
            config: ConfigSpec::EMPTY,
            build: documents,
        },
    ]
}

/// What login services need of this instance. Given a reference that is never alive, nobody can log in with it.
pub fn accounts(platform: &Weak<Platform>) -> Arc<dyn identity::Accounts> {
    Arc::new(Instance(platform.clone()))
}

/// What e-mail services need of this instance. Given a reference that is never alive, nothing can be sent with it.
pub fn surroundings(platform: &Weak<Platform>) -> Arc<dyn messaging::Surroundings> {
    Arc::new(Instance(platform.clone()))
}
