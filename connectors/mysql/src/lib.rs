//! The MySQL and MariaDB connector: a driver, a dialect and introspection for the record engine.
//!
//! Invariants: the connection always speaks UTF-8 (`utf8mb4`) and takes `\` as an escape sign, whatever the server
//! or the configuration says. Values travel by the binary protocol and never enter SQL text. A connection whose
//! statement did not finish never returns to the pool. Nothing is repeated that may have written.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cells;
mod columns;
mod config;
mod ddl;
mod dialect;
mod fault;
mod foreign;
mod pool;
mod routines;
mod schema;
mod source;
mod statement;
mod transaction;

pub use config::CONFIG;
pub use dialect::MySql;
pub use source::Source;

use contract::{BuildContext, Problem, Service, ServiceType};
use std::sync::Arc;

/// The service types `mysql` and `mariadb`: the same connector under the name of the product.
pub fn service_types() -> Vec<ServiceType> {
    let service_type = |name, label, description| ServiceType {
        name,
        label,
        group: "Database",
        description,
        singleton: false,
        subscription: None,
        config: CONFIG,
        build: Arc::new(move |context| build(context, label)),
    };
    vec![
        service_type("mysql", "MySQL", "Database service supporting MySQL connections."),
        service_type(
            "mariadb",
            "MariaDB",
            "Database service supporting MariaDB connections.",
        ),
    ]
}

fn build(context: BuildContext, product: &'static str) -> Result<Arc<dyn Service>, Problem> {
    let source = Source::new(&context.config, &context.settings, product)?;
    records::database(context, Arc::new(source))
}
