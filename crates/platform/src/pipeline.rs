//! The life of a call, in one function.

use crate::credentials;
use crate::generation::{Generation, Running};
use crate::identify::identify;
use crate::policy::{ServiceFacts, is_open};
use crate::record::Watch;
use crate::{Incoming, Platform};
use contract::{
    BuildContext, Caller, Endpoint, Kind, Operation, Problem, Request, Response, Route, Service, Verb,
    Verdict, route,
};
use std::sync::Arc;

impl Platform {
    /// A call from a door: identify, locate, permit, meter, before, call, after, record.
    pub async fn run(&self, incoming: Incoming) -> Result<Response, Problem> {
        self.conduct(None, incoming).await
    }

    /// The same for a caller who is already known: calls of scripts, jobs and tools. Credentials in the call are not
    /// looked at.
    pub async fn run_as(&self, caller: Caller, incoming: Incoming) -> Result<Response, Problem> {
        self.conduct(Some(caller), incoming).await
    }

    async fn conduct(&self, known: Option<Caller>, mut incoming: Incoming) -> Result<Response, Problem> {
        let name = incoming.service.clone();
        let mut watch = Watch::start(
            &self.listeners,
            name,
            incoming.verb,
            incoming.origin.clone(),
            incoming.peer,
        );
        let result = self.stages(known, &mut incoming, &mut watch).await;
        watch.seen.status = result
            .as_ref()
            .map_or_else(Problem::status, |response| response.status);
        if let Err(problem) = &result {
            log_cause(problem, &watch.seen.service);
        }
        result
    }

    async fn stages(
        &self,
        known: Option<Caller>,
        incoming: &mut Incoming,
        watch: &mut Watch<'_>,
    ) -> Result<Response, Problem> {
        // 1 identify
        let generation = self.current.get().await?;
        let caller = match known {
            Some(caller) => caller,
            None => identify(&self.current, &self.sessions, &generation, incoming).await?,
        };
        watch.caller(&caller);
        credentials::remove(incoming);

        // 2 locate, 3 permit. An unknown service is refused before it is missed: who may not call it may not learn
        // that it does not exist.
        let located = generation.snapshot().service(&incoming.service);
        permit(&caller, located, incoming)?;
        let facts = located.ok_or_else(|| unknown_service(&incoming.service))?;
        let service = self.started(&generation, facts)?;
        let operation = find(
            &facts.reference.name,
            service.endpoints(),
            incoming.verb,
            &incoming.path,
        )?;
        watch.seen.endpoint = Some(operation.endpoint.path);

        // 4 meter: rate limits count the call here.
        // 5 before: scripts bound to `….pre_process` run here.

        // 6 call
        let request = Request {
            verb: incoming.verb,
            service: Arc::clone(&facts.reference),
            path: std::mem::take(&mut incoming.path),
            trailing_slash: incoming.trailing_slash,
            params: std::mem::take(&mut incoming.params),
            headers: std::mem::take(&mut incoming.headers),
            payload: std::mem::take(&mut incoming.payload),
            caller,
            origin: incoming.origin.clone(),
            format: incoming.format,
            base_url: Arc::clone(&incoming.base_url),
            peer: incoming.peer,
        };
        service.call(operation, request).await

        // 7 after: scripts bound to `….post_process` run here. 8 record: the watch does, when it is dropped.
    }

    /// The running service, built at its first use. 403 when deactivated, 500 when its type is not installed.
    pub(crate) fn started(
        &self,
        generation: &Generation,
        facts: &ServiceFacts,
    ) -> Result<Arc<dyn Service>, Problem> {
        if !facts.is_active {
            return Err(Problem::forbidden(format!(
                "Service {} is deactivated.",
                facts.reference.name
            )));
        }
        let running = generation
            .running(facts.reference.id)
            .ok_or_else(|| unknown_service(&facts.reference.name))?;
        match running.built.get() {
            Some(service) => Ok(Arc::clone(service)),
            None => self.build(running),
        }
    }

    fn build(&self, running: &Running) -> Result<Arc<dyn Service>, Problem> {
        let wanted = |kind: &&contract::ServiceType| kind.name == running.kind;
        let kind = self.types().iter().find(wanted).ok_or_else(|| {
            Problem::new(
                Kind::Internal,
                format!("Unsupported service type '{}'.", running.kind),
            )
        })?;
        let service = (kind.build)(BuildContext {
            service: Arc::clone(&running.reference),
            config: running.config.clone(),
            settings: Arc::clone(self.settings()),
            data: self.data.clone(),
        })?;
        // Two first calls may both build; building connects to nothing, and one of the two is kept.
        Ok(Arc::clone(running.built.get_or_init(|| service)))
    }
}

/// Causes are for the log alone: the caller gets the sentence. What is our fault or a server's is an error.
fn log_cause(problem: &Problem, service: &str) {
    let Some(cause) = &problem.source else { return };
    let (status, message) = (problem.status(), problem.message.as_str());
    if status >= 500 {
        tracing::error!(service, status, message, cause = ?cause, "a call failed");
    } else {
        tracing::debug!(service, status, message, cause = ?cause, "a call was refused");
    }
}

/// The front gate.
fn permit(caller: &Caller, located: Option<&ServiceFacts>, call: &Incoming) -> Result<(), Problem> {
    let open = |facts: &ServiceFacts| is_open(&facts.reference.name, &facts.kind, &call.path, call.verb);
    if located.is_some_and(open) {
        return Ok(());
    }
    // No service has the id 0, so grants of all services alone can allow an unknown one.
    let id = located.map_or(0, |facts| facts.reference.id);
    match caller.verdict(id, &call.path, call.verb, &call.origin) {
        Verdict::Allow { .. } => Ok(()),
        Verdict::Deny(problem) => Err(problem),
    }
}

pub(crate) fn unknown_service(name: &str) -> Problem {
    Problem::not_found(format!("Could not find a service for {name}"))
}

/// The endpoint, or the answers that follow from the table: 404 for paths that it does not have, 400 for verbs.
fn find(service: &str, endpoints: &'static [Endpoint], verb: Verb, path: &str) -> Result<Operation, Problem> {
    match route(endpoints, verb, path) {
        Route::Found(operation) => Ok(operation),
        Route::WrongVerb(_) if path.is_empty() => Err(Problem::bad_request(format!(
            "{verb} requests without a resource are not currently supported by the '{service}' service."
        ))),
        Route::WrongVerb(_) => Err(Problem::bad_request(format!(
            "{verb} requests for resource '{path}' are not currently supported by the '{service}' service."
        ))),
        Route::Unknown => {
            let first = |path: &'static str| path.split('/').next().unwrap_or_default();
            let head = path.split('/').next().unwrap_or_default();
            let known = endpoints.iter().any(|e| first(e.path).eq_ignore_ascii_case(head));
            let missing = if known { path } else { head };
            Err(Problem::not_found(format!(
                "Resource '{missing}' not found for service '{service}'."
            )))
        }
    }
}
