//! A cache in Memcached: the service type `cache_memcached`.
//!
//! Invariants: whatever a client calls a key, what reaches the server is one word of printable ASCII of 250 bytes at
//! most ([`key`]). Keys of a service begin with its own words, and with its epoch, a random word that the server keeps:
//! emptying the cache is a new epoch, so nothing of anybody else is touched. No call waits longer than
//! [`pool::PATIENCE`].
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod key;
mod pool;
mod store;

use caching::{CacheService, DEFAULT_TTL};
use contract::{BuildContext, ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Service, ServiceType};
use pool::Pool;
use std::sync::Arc;
use store::Memcached;

/// Port of a server when the configuration names none.
const PORT: i64 = 11_211;

const FIELDS: &[ConfigField] = &[
    ConfigField {
        required: true,
        default: ConfigDefault::Text("127.0.0.1"),
        ..ConfigField::text("host", "Host", "IP Address/Hostname of your Memcached server.")
    },
    ConfigField {
        default: ConfigDefault::Integer(PORT),
        ..ConfigField::optional("port", "Port", ConfigKind::Integer, "Memcached Port number")
    },
    DEFAULT_TTL,
];

/// The service type `cache_memcached`. Building a service does not connect; it fails with 400 when the configuration
/// cannot be used.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "cache_memcached",
        label: "Memcached",
        group: "Cache",
        description: "Memcached Cache service.",
        singleton: false,
        subscription: None,
        config: ConfigSpec { groups: &[FIELDS] },
        build: Arc::new(|context: BuildContext| {
            let host = caching::text(&context.config, "host").unwrap_or("127.0.0.1");
            let port = caching::number(&context.config, "port").unwrap_or(PORT);
            let store = Memcached {
                pool: Pool::new(host, port)?,
                prefix: key::prefix(&context.settings.limit_cache_prefix, context.service.id),
            };
            let service = CacheService::new(&context, Box::new(store))?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
