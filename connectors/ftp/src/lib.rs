//! Files on a server that speaks FTP: the service type `ftp_file`.
//!
//! Invariants: a file appears under its name when all of it is written, or never. Data connections are made to the server
//! itself, wherever its answers point. Names are given to the server only in the folder that they lie in, and a folder
//! that turns out to be another one is refused, so that links lead nowhere as far as servers let one see them. With TLS,
//! nothing passes in clear but the wish for it. A few connections are kept; building a service does not connect.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod fault;
mod listing;
mod pool;
mod session;
mod store;
mod upload;

use contract::{BuildContext, Service, ServiceType};
use files::FileService;
use std::sync::Arc;
use store::Ftp;

/// The service type `ftp_file`.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "ftp_file",
        label: "FTP File Storage",
        group: "File",
        description: "File service supporting the FTP protocol.",
        singleton: false,
        subscription: None,
        config: config::SPEC,
        build: Arc::new(|context: BuildContext| {
            let store = Ftp::new(config::server(&context.config)?);
            let service = FileService::new(&context, Arc::new(store))?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
