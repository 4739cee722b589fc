//! Redis: counters of rate limits that several nodes share, and the service type `cache_redis`.
//!
//! Invariants: one round trip counts a call on all its counters, each atomically, in a script that runs on the server;
//! so the counts are exact whatever the number of nodes. Nothing waits longer than the patience of who asks; after a
//! failure the server is left alone for [`PAUSE`], so that an outage costs a call next to nothing. Keys of counters end
//! by themselves. A cache service sees and removes only what begins with its own words.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cache;
mod config;
mod counters;
mod script;
mod server;

pub use counters::{PATIENCE, RedisCounters};
pub use server::PAUSE;

use caching::CacheService;
use contract::{BuildContext, Service, ServiceType};
use std::sync::Arc;

/// The service type `cache_redis`. Building a service does not connect, but must happen inside a runtime; it fails with
/// 400 when the configuration cannot be used.
pub fn service_type() -> ServiceType {
    ServiceType {
        name: "cache_redis",
        label: "Redis",
        group: "Cache",
        description: "Redis Cache service.",
        singleton: false,
        subscription: None,
        config: config::CACHE,
        build: Arc::new(|context: BuildContext| {
            let address = config::address(&context.config)?;
            let prefix = format!(
                "{}:cache:{}:",
                context.settings.limit_cache_prefix, context.service.id
            );
            let store = cache::RedisCache::new(&address, prefix)?;
            let service = CacheService::new(&context, Box::new(store))?;
            Ok(Arc::new(service) as Arc<dyn Service>)
        }),
    }
}
