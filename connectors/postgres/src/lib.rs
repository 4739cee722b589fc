//! PostgreSQL: a driver on a pool of connections, a dialect and introspection.
//!
//! Invariants: a service is built without connecting, and comes back by itself when the server does. Values are
//! bound, never written into a statement; they travel in text form unless their type is a plain one, so that the
//! server parses them. Rows go from the server's bytes into the sink without an allocation per cell. A connection
//! goes back to the pool only when nothing runs on it and no transaction is open. A write is never sent twice; a
//! SELECT is when its connection turns out to be dead. All statements about the catalogue are fixed texts.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod bind;
mod catalogue;
mod cell;
mod civil;
mod config;
mod connect;
mod ddl;
mod dialect;
mod fault;
mod pool;
mod routines;
mod run;
mod source;
mod tls;

pub use config::CONFIG;
pub use dialect::{DIALECT, Postgres};
pub use source::Source;

use contract::{BuildContext, Problem, Service, ServiceType};
use std::sync::Arc;

/// The service types `pgsql` and `alloydb`: AlloyDB is a server that speaks the same protocol. Building a service does
/// not connect; it fails with 400 when the configuration is incomplete or its root certificate cannot be read.
pub fn service_types() -> Vec<ServiceType> {
    let service_type = |name, label, description| ServiceType {
        name,
        label,
        group: "Database",
        description,
        singleton: false,
        subscription: None,
        config: CONFIG,
        build: Arc::new(build),
    };
    vec![
        service_type(
            "pgsql",
            "PostgreSQL",
            "Database service supporting PostgreSQL connections.",
        ),
        service_type(
            "alloydb",
            "AlloyDB",
            "Database service supporting AlloyDB connections.",
        ),
    ]
}

fn build(context: BuildContext) -> Result<Arc<dyn Service>, Problem> {
    let source = Source::new(&context.config, &context.settings)?;
    records::database(context, Arc::new(source))
}
