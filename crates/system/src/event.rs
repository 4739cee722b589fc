//! `event`: what happens in the services, as names that scripts and other listeners are bound to. Derived from the
//! services' endpoints; by hand are only the verbs that are no events, and the event of a limit.

use crate::answer::list;
use contract::{Endpoint, Map, Problem, Request, Response, Service, Value, truthy, word};
use platform::Platform;
use serde_json::json;
use std::sync::Arc;

/// The event of a limit that was exceeded.
const EXCEEDED: &str = "system.limit.{id}.exceeded";

/// Answers `GET event`: by service, or with `as_list` or `services_only` as a list.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let wish = Wish::of(request);
    let mut names = platform
        .store()
        .service_names()
        .await?
        .into_iter()
        .collect::<Vec<_>>();
    names.sort_by(|(_, a), (_, b)| a.cmp(b));
    let wanted = names.into_iter().filter(|(id, name)| {
        request.caller.touches(*id)
            && wish
                .service
                .as_ref()
                .is_none_or(|one| one.eq_ignore_ascii_case(name))
    });
    let mut by_service = Map::new();
    for (_, name) in wanted {
        // A service that is switched off, or whose type this build does not have, has no events.
        let Ok(service) = platform.service(&name).await else {
            continue;
        };
        let mut events = wish.events(&name, &service, request).await;
        if events.contains_key("system.limit") {
            events.insert(EXCEEDED.to_owned(), exceeded(platform, wish.scriptable).await?);
        }
        if !events.is_empty() {
            by_service.insert(name, Value::Object(events));
        }
    }
    let settings = platform.settings();
    if wish.services_only {
        let names = by_service.into_iter().map(|(name, _)| json!(name));
        return Ok(Response::value(list(request, settings, names.collect())));
    }
    if !wish.as_list {
        return Ok(Response::value(Value::Object(by_service)));
    }
    let events = by_service
        .values()
        .filter_map(Value::as_object)
        .flat_map(Map::values);
    let mut flat: Vec<Value> = Vec::new();
    for event in events.filter_map(|event| event["endpoints"].as_array()).flatten() {
        if !flat.contains(event) {
            flat.push(event.clone());
        }
    }
    Ok(Response::value(list(request, settings, flat)))
}

struct Wish {
    service: Option<String>,
    scriptable: bool,
    as_list: bool,
    services_only: bool,
}

impl Wish {
    fn of(request: &Request) -> Wish {
        let flag = |name: &str| request.params.get(name).is_some_and(truthy);
        Wish {
            service: request
                .params
                .get("service")
                .filter(|s| !s.is_empty())
                .map(str::to_owned),
            scriptable: flag("scriptable"),
            as_list: request.flag(&word::AS_LIST),
            services_only: flag("services_only"),
        }
    }

    /// The events of a service by the paths that they happen at.
    async fn events(&self, name: &str, service: &Arc<dyn Service>, request: &Request) -> Map<String, Value> {
        let mut events = Map::new();
        for endpoint in distinct(service.endpoints()) {
            let event = event_name(name, endpoint);
            let methods = endpoint
                .methods
                .iter()
                .filter(|method| method.event && method.gives.is_some());
            let names = methods.flat_map(|method| {
                let one = format!("{event}.{}", method.verb.as_str().to_ascii_lowercase());
                let more = ["pre_process", "post_process", "queued"].map(|suffix| format!("{one}.{suffix}"));
                let more = more.into_iter().filter(|_| self.scriptable);
                std::iter::once(one.clone()).chain(more).collect::<Vec<_>>()
            });
            let endpoints: Vec<String> = names.collect();
            if endpoints.is_empty() {
                continue;
            }
            let parameter = match self.as_list || self.services_only {
                true => Value::Null,
                false => parameters(endpoint, service, request).await,
            };
            events
                .entry(event)
                .or_insert_with(|| json!({"type": "api", "endpoints": endpoints, "parameter": parameter}));
        }
        events
    }
}

/// The endpoints without those that are another way to one that stands before them.
fn distinct(endpoints: &'static [Endpoint]) -> impl Iterator<Item = &'static Endpoint> {
    let place = |endpoint: &Endpoint| (endpoint.name, endpoint.path.split('/').next());
    endpoints.iter().enumerate().filter_map(move |(index, endpoint)| {
        let earlier = endpoints.iter().take(index);
        let repeats = earlier.map(place).any(|before| before == place(endpoint));
        (!repeats).then_some(endpoint)
    })
}

/// What a limit causes: not a call's event, so it is told apart. `parameter` names the limits.
async fn exceeded(platform: &Platform, scriptable: bool) -> Result<Value, Problem> {
    let limits: Vec<i64> = platform
        .store()
        .policy()
        .await?
        .limits
        .iter()
        .map(|l| l.id)
        .collect();
    let mut event = json!({
        "type": "service",
        "parameter": if limits.is_empty() { Value::Null } else { json!({"id": limits}) },
    });
    if scriptable {
        event["endpoints"] = json!([EXCEEDED, format!("{EXCEEDED}.queued")]);
    }
    Ok(event)
}

/// `db._table.{table_name}`.
fn event_name(service: &str, endpoint: &Endpoint) -> String {
    let mut name = service.to_owned();
    for segment in endpoint.path.split('/').filter(|s| !s.is_empty()) {
        name.push('.');
        name.push_str(&segment.replace("*}", "}"));
    }
    name
}

/// What the first placeholder of a path can be right now; null when nothing is known.
async fn parameters(endpoint: &Endpoint, service: &Arc<dyn Service>, request: &Request) -> Value {
    let Some(placeholder) = endpoint.placeholders().next() else {
        return Value::Null;
    };
    // A database that is down keeps its events.
    match service.names(endpoint, &request.caller, &request.origin).await {
        Ok(names) if !names.is_empty() => json!({ placeholder: names }),
        _ => Value::Null,
    }
}
