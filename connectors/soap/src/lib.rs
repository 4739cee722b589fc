//! SOAP services as resources: the service type `soap`.
//!
//! Invariants: what a WSDL says is data; XML of servers is read within bounds and without entities or document types.
//! Parts of a WSDL are fetched from the server alone that the administrator names. Values of clients are written as text
//! and never as XML. Logins go to the log and into answers never.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod decode;
mod document;
mod encode;
mod endpoints;
mod envelope;
mod headers;
mod schema;
mod service;
mod source;
#[cfg(test)]
mod tests;
mod wsdl;
mod xml;

use contract::{BuildContext, ServiceType};
use service::Soap;
use std::sync::Arc;

/// The service type `soap`. Building a service does not connect; it fails with 400 when the configuration cannot be used.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "soap",
        label: "SOAP Service",
        group: "Remote Service",
        description: "A service to handle SOAP Services",
        singleton: false,
        subscription: Some("SILVER"),
        config: config::SPEC,
        build: Arc::new(|context: BuildContext| Ok(Arc::new(Soap::new(context)?) as _)),
    }
}
