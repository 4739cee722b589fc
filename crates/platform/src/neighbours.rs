//! The other services, for those that follow relations from one to another.

use crate::Platform;
use async_trait::async_trait;
use contract::{Problem, Service, Services, Value};
use std::sync::{Arc, Weak};

/// Finds running services. Weak: the platform holds the services that hold this.
pub(crate) struct Neighbours(pub(crate) Weak<Platform>);

impl Neighbours {
    fn platform(&self) -> Result<Arc<Platform>, Problem> {
        let platform = self.0.upgrade();
        platform.ok_or_else(|| Problem::unavailable("The instance is shutting down."))
    }
}

#[async_trait]
impl Services for Neighbours {
    async fn running(&self, id: i64) -> Result<Arc<dyn Service>, Problem> {
        let platform = self.platform()?;
        let generation = platform.current.get().await?;
        let snapshot = generation.snapshot();
        let facts = snapshot.service_by_id(id);
        let facts =
            facts.ok_or_else(|| Problem::not_found(format!("There is no service with the id {id}.")))?;
        platform.started(&generation, facts)
    }
    async fn definition(&self, id: i64) -> Result<Option<Value>, Problem> {
        let stored = self.platform()?.definition(id).await?;
        Ok(stored.and_then(|stored| stored.value()))
    }
}
