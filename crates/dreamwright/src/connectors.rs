//! The only list of vendors in the house.

use crate::Refusal;
use contract::ServiceType;
use records::SqlSource;
use std::path::Path;
use std::sync::Arc;
use store::Ddl;

/// Name of the service type of the embedded database, in which the sample lies.
pub(crate) const EMBEDDED: &str = "sqlite";

/// How the store writes column types in the embedded database.
pub(crate) const EMBEDDED_DDL: Ddl = Ddl::FLEXIBLE;

/// The service types that were built in. `surroundings` is what e-mail services need of the instance.
#[cfg_attr(
    not(feature = "smtp"),
    allow(unused_variables, reason = "only e-mail services need it")
)]
pub(crate) fn service_types(surroundings: &Arc<dyn messaging::Surroundings>) -> Vec<ServiceType> {
    let groups: &[&dyn Fn() -> Vec<ServiceType>] = &[
        #[cfg(feature = "sqlite")]
        &|| vec![sqlite::service_type()],
        #[cfg(feature = "postgres")]
        &|| vec![postgres::service_type()],
        #[cfg(feature = "mysql")]
        &mysql::service_types,
        #[cfg(feature = "smtp")]
        &|| smtp::service_types(surroundings),
    ];
    groups.iter().flat_map(|types| types()).collect()
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
