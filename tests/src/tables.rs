//! The endpoint tables of all service types, as the program itself has them.

use contract::{BuildContext, ConfigField, ConfigKind, Endpoint, Map, ServiceRef, Value};
use dreamwright::{Environment, Options, Running, start};
use serde_json::json;
use std::sync::Arc;

/// A service type and its endpoints.
pub struct Table {
    /// Name of the type.
    pub kind: &'static str,
    /// Its endpoints.
    pub endpoints: &'static [Endpoint],
    /// Enough of a configuration for a service of it.
    pub config: Map<String, Value>,
}

/// Reads the tables from an instance in this process.
pub async fn tables() -> Vec<Table> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let environment: Environment = Vec::<(String, String)>::new().into_iter().collect();
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.path().join("data"),
        sample: false,
        environment,
    };
    let running = start(options)
        .await
        .unwrap_or_else(|e| panic!("the program does not start: {e}"));
    let tables = read(&running, folder.path());
    running.shutdown().await;
    tables
}

fn read(running: &Running, folder: &std::path::Path) -> Vec<Table> {
    let platform = running.platform();
    let table = |kind: &contract::ServiceType| {
        let sent = enough(kind);
        let config = kind
            .config
            .merge(None, &sent)
            .unwrap_or_else(|e| panic!("type {}: {e}", kind.name));
        let service = ServiceRef {
            id: 1,
            name: kind.name.into(),
        };
        let context = BuildContext {
            service: Arc::new(service),
            config,
            settings: Arc::clone(platform.settings()),
            data: folder.to_owned(),
            extras: Arc::new(contract::NoExtras),
            services: Arc::new(contract::NoServices),
        };
        let service = (kind.build)(context).unwrap_or_else(|e| panic!("type {}: {e}", kind.name));
        Table {
            kind: kind.name,
            endpoints: service.endpoints(),
            config: sent,
        }
    };
    platform.types().iter().map(table).collect()
}

/// Enough of a configuration for a type; building a service connects to nothing.
fn enough(kind: &contract::ServiceType) -> Map<String, Value> {
    const WANTED: [&str; 12] = [
        "auth_endpoint",
        "base_url",
        "database",
        "domain",
        "host",
        "password",
        "port",
        "scopes",
        "token",
        "token_endpoint",
        "username",
        "wsdl",
    ];
    let value = |field: &ConfigField| match (field.kind, field.name) {
        (ConfigKind::Integer | ConfigKind::Positive, _) | (_, "port") => Some(json!(1)),
        (_, "base_url" | "base_uri" | "redirect_url" | "auth_endpoint" | "token_endpoint") => {
            Some(json!("http://127.0.0.1:1"))
        }
        (_, "base_dn") => Some(json!("dc=x")),
        (_, "domain") => Some(json!("x.example")),
        (_, "wsdl") => Some(json!("x.wsdl")),
        (ConfigKind::Picklist(_) | ConfigKind::Names(_) | ConfigKind::Choice(_), _) => None,
        _ => Some(json!("x")),
    };
    let fields = kind.config.fields();
    let fields = fields.filter(|field| field.required || WANTED.contains(&field.name));
    fields
        .filter_map(|field| Some((field.name.to_owned(), value(field)?)))
        .collect()
}
