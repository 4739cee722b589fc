//! A cache in the memory of this node: the service type `cache_local`.
//!
//! Invariants: it never holds more than [`memory::MOST_ENTRIES`] entries and [`memory::MOST_BYTES`] bytes; what was
//! used longest ago makes place. Nothing of it is on the disk, and no other node sees it.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod memory;

use caching::{CacheService, DEFAULT_TTL};
use contract::{
    BuildContext, ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Problem, Service, ServiceType,
};
use memory::Memory;
use std::sync::Arc;

/// The stores of the original that are kept in the memory of this node here.
const IN_MEMORY: [&str; 4] = ["array", "database", "file", "octane"];

const FIELDS: &[ConfigField] = &[
    ConfigField {
        required: true,
        default: ConfigDefault::Text("file"),
        ..ConfigField::optional(
            "store",
            "Store",
            ConfigKind::Names(&[
                "array",
                "database",
                "file",
                "memcached",
                "redis",
                "dynamodb",
                "octane",
            ]),
            "Select a store to use for local cache service.",
        )
    },
    ConfigField {
        required: true,
        ..DEFAULT_TTL
    },
];

/// The service type `cache_local`. Building a service fails with 400 when its configuration names a store on a server:
/// those are service types of their own.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "cache_local",
        label: "Local Cache",
        group: "Cache",
        description: "Local Cache service.",
        singleton: false,
        subscription: None,
        config: ConfigSpec { groups: &[FIELDS] },
        build: Arc::new(|context: BuildContext| {
            let store = caching::text(&context.config, "store").unwrap_or("file");
            if !IN_MEMORY.contains(&store) {
                return Err(Problem::bad_request(format!(
                    "A local cache is in memory and has no store '{store}'; caches on servers are service types of their own."
                )));
            }
            let service = CacheService::new(&context, Box::new(Memory::default()))?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
