//! Reads without credentials, of what the configuration of services makes public.

use crate::pipeline::{REQUEST_ID, log, request_of};
use crate::record::Watch;
use crate::{Incoming, Platform};
use contract::{Caller, Problem, Response, Verb};

impl Platform {
    /// Whether a service wants bodies of calls with this verb as they were sent. `false` where there is no such service,
    /// so that the pipeline can refuse the call.
    pub async fn takes_bytes(&self, service: &str, verb: Verb) -> bool {
        let Ok(service) = self.service(service).await else {
            return false;
        };
        service.takes_bytes(verb)
    }

    /// A read that nobody is asked for credentials for. It is recorded as calls are when it reaches a service that
    /// publishes something; no limit counts it.
    ///
    /// `None` where there is no such service, or one that never publishes anything: strangers are not told which.
    pub async fn published(&self, mut incoming: Incoming) -> Option<Result<Response, Problem>> {
        let generation = match self.current.get().await {
            Ok(generation) => generation,
            Err(problem) => return Some(Err(problem)),
        };
        let facts = generation.snapshot().service(&incoming.service)?;
        let service = self.started(&generation, facts).ok()?;
        let id = incoming.header(REQUEST_ID).map(str::to_owned);
        let mut watch = Watch::start(&self.listeners, &self.activity, &incoming);
        watch.note(&incoming, None);
        watch.located(Some(facts));
        watch.admitted();
        let request = request_of(&mut incoming, facts, Caller::nobody());
        let Some(result) = service.published(request).await else {
            watch.forget();
            return None;
        };
        watch.ended(&result, &mut incoming.path);
        if let Err(problem) = &result {
            log(problem, &watch.seen.service, id.as_deref());
        }
        watch.request(id);
        Some(result)
    }
}
