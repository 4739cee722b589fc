//! The only list of vendors in the house.

use crate::Refusal;
use contract::{Counters, ServiceType, Settings};
use records::SqlSource;
use std::path::Path;
use std::sync::Arc;
use store::Ddl;

/// Name of the service type of the embedded database, in which the sample lies.
pub(crate) const EMBEDDED: &str = "sqlite";

/// How the store writes column types in the embedded database.
pub(crate) const EMBEDDED_DDL: Ddl = Ddl::FLEXIBLE;

/// The service types that were built in.
pub(crate) fn service_types() -> Vec<ServiceType> {
    let groups: &[fn() -> Vec<ServiceType>] = &[
        #[cfg(feature = "sqlite")]
        || vec![sqlite::service_type()],
        #[cfg(feature = "postgres")]
        || vec![postgres::service_type()],
        #[cfg(feature = "mysql")]
        mysql::service_types,
    ];
    groups.iter().flat_map(|types| types()).collect()
}

/// Counters of rate limits that several nodes share; none when the settings say that each node counts for itself.
#[cfg(feature = "redis")]
pub(crate) fn shared_counters(settings: &Settings) -> Result<Option<Arc<dyn Counters>>, Refusal> {
    if settings.limit_cache_driver != "redis" {
        return Ok(None);
    }
    let counters = redis::RedisCounters::new(settings).map_err(Refusal::Value)?;
    Ok(Some(Arc::new(counters)))
}

/// Refuses what this build does not have.
#[cfg(not(feature = "redis"))]
pub(crate) fn shared_counters(settings: &Settings) -> Result<Option<Arc<dyn Counters>>, Refusal> {
    match settings.limit_cache_driver.as_str() {
        "redis" => Err(Refusal::Value(
            "LIMIT_CACHE_DRIVER is 'redis', but this build lacks the feature 'redis'.".into(),
        )),
        _ => Ok(None),
    }
}

/// Opens a file as embedded database: the system database, or the sample.
#[cfg(feature = "sqlite")]
pub(crate) fn open_embedded(file: &Path) -> Result<Arc<dyn SqlSource>, Refusal> {
    let database = sqlite::Sqlite::open(sqlite::Open::new(file))
        .map_err(|e| Refusal::State(format!("The database {} cannot be opened: {e}.", file.display())))?;
    Ok(Arc::new(database))
}

/// Refuses: this build has no embedded database.
#[cfg(not(feature = "sqlite"))]
pub(crate) fn open_embedded(_: &Path) -> Result<Arc<dyn SqlSource>, Refusal> {
    Err(Refusal::State(
        "This build has no embedded database; build it with the feature 'sqlite'.".into(),
    ))
}
