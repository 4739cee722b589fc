//! Files on a server that speaks WebDAV: the service type `webdav_file`.
//!
//! Invariants: a file appears under its name when all of it is written, or never. Every name in an address is encoded, and
//! what a server lists counts only when it lies directly in the folder that was asked for. Redirects are not followed, so
//! that credentials go to the configured server alone. Answers are read up to a size; contents pass in pieces. Building a
//! service does not connect.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod auth;
mod client;
mod config;
mod fault;
mod multistatus;
mod place;
mod placing;
mod store;
mod upload;

use client::Client;
use contract::{BuildContext, Service, ServiceType};
use files::FileService;
use std::sync::Arc;
use store::WebDav;

/// The service type `webdav_file`.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "webdav_file",
        label: "WebDAV File Storage",
        group: "File",
        description: "File service supporting WebDAV.",
        singleton: false,
        subscription: None,
        config: config::SPEC,
        build: Arc::new(|context: BuildContext| {
            let client = Client::new(config::server(&context.config)?)?;
            let service = FileService::new(&context, Arc::new(WebDav::new(client)))?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
