//! The list of a service's resources, made from its endpoints.

use crate::answer::{chosen, list};
use contract::{Endpoint, Problem, Request, Response, Settings, Value, Verb, word};
use serde_json::json;

/// Resources in the order in which clients know them; others would follow at the end.
const ORDER: [&str; 29] = [
    "admin",
    "admin/password",
    "admin/profile",
    "admin/session",
    "app",
    "cache",
    "constant",
    "cors",
    "custom",
    "email_template",
    "environment",
    "event",
    "import",
    "lookup",
    "package",
    "role",
    "service",
    "service_type",
    "limit",
    "limit_cache",
    "scheduler",
    "script_type",
    "event_script",
    "user",
    "password",
    "profile",
    "register",
    "session",
    "config_package",
];

/// A resource: a path without placeholders, and whether there is more below it.
struct Resource {
    path: &'static str,
    below: bool,
}

fn resources(endpoints: &'static [Endpoint]) -> Vec<Resource> {
    let is_system = endpoints.iter().any(|e| e.path == "admin");
    let plain = endpoints
        .iter()
        .map(|e| e.path)
        .filter(|path| !path.is_empty() && !path.contains('{'));
    let mut found: Vec<Resource> = plain
        .map(|path| Resource {
            path,
            // Clients know every resource of the system as one that more can lie below.
            below: (is_system && !path.contains('/'))
                || endpoints.iter().filter(|e| e.name != "callback").any(|e| {
                    e.path
                        .strip_prefix(path)
                        .is_some_and(|rest| rest.starts_with("/{"))
                }),
        })
        .collect();
    found.sort_by_key(|r| {
        ORDER
            .iter()
            .position(|name| *name == r.path && (is_system || r.path != "custom"))
            .unwrap_or(ORDER.len())
    });
    found
}

/// Answers `GET` of the service itself: names, with `fields` more, or the components that a role can grant.
pub(crate) fn answer(
    endpoints: &'static [Endpoint],
    request: &Request,
    settings: &Settings,
) -> Result<Response, Problem> {
    let verbs = |path: &str| request.caller.verbs(request.service.id, path, &request.origin);
    let resources = resources(endpoints);
    let entries: Vec<Value> = if request.flag(&word::AS_ACCESS_LIST) {
        let below = |r: &Resource| match r.below {
            true => vec![json!(format!("{}/", r.path)), json!(format!("{}/*", r.path))],
            false => vec![json!(r.path)],
        };
        [json!(""), json!("*")]
            .into_iter()
            .chain(resources.iter().flat_map(below))
            .collect()
    } else {
        let seen = resources.iter().filter(|r| !verbs(r.path).is_empty());
        let asks_for_more = request
            .list(&word::FIELDS)
            .is_some_and(|fields| !fields.is_empty());
        let access = request.flag(&word::INCLUDE_ACCESS);
        seen.map(|r| match request.flag(&word::AS_LIST) {
            true => json!(r.path),
            false => {
                let mut entry = match asks_for_more {
                    true => chosen(request, described(endpoints, r)),
                    false => json!({"name": r.path}),
                };
                if access {
                    entry["access"] = json!(verbs(r.path).names());
                }
                entry
            }
        })
        .collect()
    };
    Ok(Response::value(list(request, settings, entries)))
}

fn described(endpoints: &'static [Endpoint], resource: &Resource) -> Value {
    let endpoint = endpoints.iter().find(|e| e.path == resource.path);
    let methods = endpoint.map_or(&[][..], |e| e.methods);
    json!({
        "name": resource.path,
        "label": records::catalogue::label(&resource.path.replace('/', "_")),
        "description": methods.first().map(|m| m.summary),
        "singleton": !resource.below,
        "read_only": methods.iter().all(|m| m.verb == Verb::Get),
        "subscription_required": null,
    })
}
