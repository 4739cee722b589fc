//! Services that are not stored, or not as they are stored: their connections are tried, and what their configurations
//! leave blank is asked for.

use crate::Platform;
use contract::{Kind, Map, Problem, Service, ServiceRef, Tried, Value};
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
        let service = self.beside(row).await?;
        self.asked(service.try_connection()).await
    }

    /// Builds the service in the same way and asks what its configuration leaves blank: see
    /// [`contract::Service::complete`].
    pub async fn complete(&self, row: &ServiceRow) -> Result<Map<String, Value>, Problem> {
        let service = self.beside(row).await?;
        self.asked(service.complete()).await
    }

    async fn beside(&self, row: &ServiceRow) -> Result<Arc<dyn Service>, Problem> {
        let generation = self.current.get().await?;
        let config = generation.snapshot().lookups().fill(&row.config, self.settings());
        let reference = Arc::new(ServiceRef {
            id: row.id,
            name: row.name.clone(),
        });
        self.build_of(&row.kind, &reference, config)
    }

    async fn asked<T>(&self, asked: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        let limit = Duration::from_secs(self.settings().connect_timeout) + READING;
        match timeout(limit, asked).await {
            Ok(Err(problem)) if problem.kind == Kind::Unavailable => Err(Problem {
                kind: Kind::BadRequest,
                ..problem
            }),
            Ok(answer) => answer,
            Err(_) => Err(Problem::bad_request("The server did not answer in time.")),
        }
    }
}
