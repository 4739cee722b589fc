//! The life of a call, in one function.

use crate::credentials;
use crate::generation::{Generation, Running};
use crate::identify::identify;
use crate::limits::{Metered, RateHeaders};
use crate::neighbours::Neighbours;
use crate::policy::{ServiceFacts, is_login, is_open};
use crate::record::Watch;
use crate::{Incoming, Platform, explain};
use contract::{
    BuildContext, Caller, Endpoint, Kind, Map, Operation, Payload, Problem, Request, Response, Route,
    Service, ServiceRef, Value, Verb, Verdict, route,
};
use std::sync::Arc;
use store::audit::on_behalf_of;
use tracing::{Instrument, Span};

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
        let mut watch = Watch::start(&self.listeners, &self.activity, &incoming);
        let timed = self.settings().server_timing || incoming.header(TIMING).is_some_and(contract::truthy);
        // The call's headers move on into the request.
        let id = incoming.header(REQUEST_ID).map(str::to_owned);
        let mut result = self.stages(known, &mut incoming, &mut watch).await;
        if result.is_err() && watch.is_unnoted() {
            // It was refused before anybody knew who called.
            credentials::remove(&mut incoming);
            watch.note(&incoming, None);
        }
        watch.ended(&result, &mut incoming.path);
        if timed {
            headers_of(&mut result).push(watch.timing());
        }
        if let Err(problem) = &result {
            log(problem, &watch.seen.service, id.as_deref());
        }
        watch.request(id);
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
        watch.note(incoming, Some(&caller));
        if explain::is_asked(&incoming.params) {
            // Here and below in a place of its own: what is rare takes no room in every call.
            return Box::pin(self.explain(&generation, &caller, incoming)).await;
        }

        // 2 locate, 3 permit. An unknown service is refused before it is missed: who may not call it may not learn
        // that it does not exist.
        let located = generation.snapshot().service(&incoming.service);
        watch.located(located);
        permit(&caller, located, incoming)?;

        // 4 meter
        let service_id = located.map(|facts| facts.reference.id);
        let exceeded = &mut watch.seen.exceeded;
        let left = self
            .meter(&generation, &caller, service_id, incoming, exceeded)
            .await?;
        watch.admitted();
        let facts = located.ok_or_else(|| unknown_service(&incoming.service))?;
        if incoming.verb == Verb::Get && incoming.path.eq_ignore_ascii_case(SPECIFICATION) {
            watch.seen.endpoint = Some(SPECIFICATION);
            let request = request_of(incoming, facts, caller);
            let mut answer = Box::pin(self.specification(&generation, facts, &request)).await;
            tell(&mut answer, left);
            return answer;
        }
        let service = self.started(&generation, facts)?;
        let operation = find(
            &facts.reference.name,
            service.endpoints(),
            incoming.verb,
            (&incoming.path, incoming.trailing_slash),
        )?;
        watch.seen.endpoint = Some(operation.endpoint.path);

        if !service.takes_records(&operation) {
            hold(&mut incoming.payload, &self.settings().resource_wrapper).await?;
        }

        // 5 before: scripts bound to `….pre_process` run here.

        // 6 call
        let behalf = changes_system(facts, incoming).then(|| watch.behalf(&incoming.path));
        let request = request_of(incoming, facts, caller);
        let span = call_span(&facts.reference.name, &operation);
        let heard = self.hear(&generation, &operation, &request);
        let work = service.call(operation, request).instrument(span);
        let mut answer = match behalf {
            Some(behalf) => on_behalf_of(behalf, work).await,
            None => work.await,
        };

        if let Some(heard) = heard {
            heard.tell(&answer);
        }

        // 7 after: scripts bound to `….post_process` run here. 8 record: the watch does, when it is dropped.
        tell(&mut answer, left);
        answer
    }

    /// Counts a call on the limits that concern it; scripts and administrators without a role are not counted.
    pub(crate) async fn meter(
        &self,
        generation: &Generation,
        caller: &Caller,
        service: Option<i64>,
        call: &Incoming,
        exceeded: &mut Vec<i64>,
    ) -> Result<Option<RateHeaders>, Problem> {
        let limits = generation.snapshot().limits();
        if limits.is_empty() || call.origin.bit() == SCRIPT || caller.is_unrestricted() {
            return Ok(None);
        }
        self.meter
            .count(limits, &Metered::of(caller, service, call), exceeded)
            .await
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
        let service = self.build_of(&running.kind, &running.reference, running.config.clone())?;
        // Two first calls may both build; building connects to nothing, and one of the two is kept.
        Ok(Arc::clone(running.built.get_or_init(|| service)))
    }

    /// A service of a type with a configuration, which nobody else knows of.
    pub(crate) fn build_of(
        &self,
        kind: &str,
        reference: &Arc<ServiceRef>,
        config: Map<String, Value>,
    ) -> Result<Arc<dyn Service>, Problem> {
        let found = self.types().iter().find(|known| known.name == kind);
        let kind = found
            .ok_or_else(|| Problem::new(Kind::Internal, format!("Unsupported service type '{kind}'.")))?;
        (kind.build)(BuildContext {
            service: Arc::clone(reference),
            config,
            settings: Arc::clone(self.settings()),
            data: self.data.clone(),
            extras: Arc::clone(self.store()) as Arc<dyn contract::Extras>,
            services: Arc::new(Neighbours(self.me.clone())),
        })
    }
}

/// The call of a service in a trace.
fn call_span(service: &str, operation: &Operation) -> Span {
    tracing::info_span!(
        target: "trace",
        "call",
        otel.name = format!("{service}/{}", operation.endpoint.path),
        dreamwright.service = service,
        dreamwright.verb = operation.verb.as_str(),
    )
}

/// Makes a value of records that come one after the other.
async fn hold(payload: &mut Payload, wrapper: &str) -> Result<(), Problem> {
    if let Payload::Records(stream) = payload {
        let records = Value::Array(stream.gathered().await?);
        *payload = Payload::Value(Value::Object(Map::from_iter([(wrapper.to_owned(), records)])));
    }
    Ok(())
}

/// The path of every service at which its document is.
const SPECIFICATION: &str = "_spec";

/// The call as a service sees it; what moves into it leaves the incoming one.
pub(crate) fn request_of(incoming: &mut Incoming, facts: &ServiceFacts, caller: Caller) -> Request {
    Request {
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
    }
}

/// The bit of a requestor mask that stands for scripts.
const SCRIPT: u8 = 2;

/// Tells the caller what is left of the limits, also with an answer that is a refusal.
pub(crate) fn tell(answer: &mut Result<Response, Problem>, left: Option<RateHeaders>) {
    if let Some(left) = left {
        left.add_to(headers_of(answer));
    }
}

fn headers_of(answer: &mut Result<Response, Problem>) -> &mut Vec<(String, String)> {
    match answer {
        Ok(response) => &mut response.headers,
        Err(problem) => &mut problem.headers,
    }
}

/// Header by which a caller asks where the time of the call was spent.
const TIMING: &str = "x-server-timing";
/// Header with the name that the door gave the request.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// Whether a call may change the system database, so that the audit must know of the call.
fn changes_system(facts: &ServiceFacts, call: &Incoming) -> bool {
    match facts.kind.as_str() {
        "system" => call.verb != Verb::Get,
        // Whoever comes back from a login service may become a user, also by a link.
        "user" => call.verb != Verb::Get || is_open(&facts.kind, &call.path, call.verb),
        kind => is_login(kind),
    }
}

/// Causes are for the log alone: the caller gets the sentence. What is our fault or a server's is an error, also
/// without a cause. Nobody else logs them.
pub(crate) fn log(problem: &Problem, service: &str, request: Option<&str>) {
    let (status, message) = (problem.status(), problem.message.as_str());
    let cause = problem.source.as_ref().map(tracing::field::debug);
    if status >= 500 {
        tracing::error!(request, service, status, message, cause, "a call failed");
    } else if cause.is_some() {
        tracing::debug!(request, service, status, message, cause, "a call was refused");
    }
}

/// The front gate.
fn permit(caller: &Caller, located: Option<&ServiceFacts>, call: &Incoming) -> Result<(), Problem> {
    let open = |facts: &ServiceFacts| is_open(&facts.kind, &call.path, call.verb);
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
fn find(
    service: &str,
    endpoints: &'static [Endpoint],
    verb: Verb,
    (path, is_folder): (&str, bool),
) -> Result<Operation, Problem> {
    let found = match is_folder {
        true => route(endpoints, verb, &format!("{path}/")),
        false => route(endpoints, verb, path),
    };
    match found {
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
