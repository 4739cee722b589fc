//! Files on a server that speaks SFTP: the service type `sftp_file`.
//!
//! Invariants: nothing is sent to a server, the login least of all, before its key is known to be the right one. Every
//! path is resolved by the server and used only as long as it lies in the root folder, so neither names nor links lead
//! out of it. A file appears under its name when all of it is written, or never. One connection is kept, shared by all
//! calls, and made anew when it is lost; building a service does not connect.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod fault;
mod link;
mod login;
mod store;
mod trust;
mod upload;

use contract::{BuildContext, Service, ServiceType};
use files::FileService;
use link::Connection;
use std::sync::Arc;
use store::Sftp;

/// The service type `sftp_file`.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "sftp_file",
        label: "SFTP File Storage",
        group: "File",
        description: "File service supporting the SFTP protocol.",
        singleton: false,
        subscription: None,
        config: config::SPEC,
        build: Arc::new(|context: BuildContext| {
            let server = config::server(&context.config, &context.data)?;
            let store = Sftp::new(Connection::new(server));
            let service = FileService::new(&context, Arc::new(store))?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
