//! Trying the connection of a service that is not stored, or not as it is stored.

use crate::Platform;
use contract::{Kind, Problem, ServiceRef, Tried};
use std::sync::Arc;
use std::time::Duration;
use store::rows::ServiceRow;
use tokio::time::timeout;

/// What an attempt may take beyond the time for connecting: the names of the tables are read.
const READING: Duration = Duration::from_secs(10);

impl Platform {
    /// Builds the service beside those that run, connects, and lets it go again. What is wrong is told to whoever sets
    /// it up, as 400: see [`contract::Service::try_connection`].
    pub async fn try_connection(&self, row: &ServiceRow) -> Result<Tried, Problem> {
        let generation = self.current.get().await?;
        let config = generation.snapshot().lookups().fill(&row.config, self.settings());
        let reference = Arc::new(ServiceRef {
            id: row.id,
            name: row.name.clone(),
        });
        let service = self.build_of(&row.kind, &reference, config)?;
        let limit = Duration::from_secs(self.settings().connect_timeout) + READING;
        match timeout(limit, service.try_connection()).await {
            Ok(Err(problem)) if problem.kind == Kind::Unavailable => Err(Problem {
                kind: Kind::BadRequest,
                ..problem
            }),
            Ok(tried) => tried,
            Err(_) => Err(Problem::bad_request("The server did not answer in time.")),
        }
    }
}
