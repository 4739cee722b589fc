//! The way from one service to the tables of another.
//!
//! A relation to another service is followed by that service's own engine: plans are bound to its tables and run on its
//! database, and keys are values. The caller's rights there are asked as if the other service had been called.

use super::DatabaseService;
use crate::cache::Writing;
use crate::engine::{Engine, Opened};
use contract::{Kind, Params, Problem, Request, ServiceRef, Verb};
use std::any::Any;
use std::sync::Arc;

/// A database that a relation leads to.
pub(crate) struct Peer {
    service: Arc<DatabaseService>,
    /// The caller's request as one to this service; without a body.
    pub(crate) request: Request,
}

impl Peer {
    /// Finds the other service for a request. 403 when the caller may do nothing there, which is not to tell whether
    /// it works; otherwise one sentence when it is gone, deactivated or no database.
    pub(crate) async fn find(
        engine: &Engine,
        request: &Request,
        place: &Arc<ServiceRef>,
        params: Params,
    ) -> Result<Peer, Problem> {
        let name = &place.name;
        if !request.caller.touches(place.id) {
            return Err(Problem::forbidden(format!(
                "Access to service '{name}', where a relationship leads to, is not allowed by this user's role."
            )));
        }
        let service = engine.services.running(place.id).await.map_err(|problem| {
            let message = format!("A relationship leads to service '{name}': {}", problem.message);
            Problem::new(problem.kind, message).with_source(problem)
        })?;
        let any: Arc<dyn Any + Send + Sync> = service;
        let service = any.downcast::<DatabaseService>().map_err(|_| {
            Problem::bad_request(format!(
                "A relationship leads to service '{name}', which is no database."
            ))
        })?;
        let request = request.aimed_at(service.reference.clone(), params);
        Ok(Peer { service, request })
    }

    /// The service's id.
    pub(crate) fn id(&self) -> i64 {
        self.service.reference.id
    }

    /// The service's name.
    pub(crate) fn name(&self) -> &str {
        &self.service.reference.name
    }

    /// What reads and writes there.
    pub(crate) fn engine(&self) -> &Engine {
        &self.service.engine
    }

    /// Opens a table by its real name, as relations know it: 404 when there is none, 403 when the caller may not.
    pub(crate) async fn open(&self, name: &str, verb: Verb) -> Result<Opened, Problem> {
        let catalogue = &self.engine().catalogue;
        let shown = catalogue.shown_name(name).await?;
        let opened = catalogue.open(&self.request, &shown, verb).await;
        opened.map_err(|problem| match problem.kind {
            Kind::NotFound => Problem::not_found(format!(
                "A relationship leads to table '{name}' of service '{}', which does not exist.",
                self.name()
            )),
            _ => problem,
        })
    }

    /// Notes what a problem of this service says of its schema.
    pub(crate) fn note(&self, problem: &Problem) {
        self.service.note(problem);
    }

    /// To be held while something is written here.
    pub(crate) fn writing(&self) -> Option<Writing<'_>> {
        self.service.cache.as_ref().map(|cache| cache.writing())
    }
}
