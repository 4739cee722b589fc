//! `service_type`: the types of services that this build has.

use crate::answer::{chosen, list};
use contract::{LOG_GROUP, Problem, Request, Response, ServiceType, Value, word};
use platform::Platform;
use serde_json::json;

/// Answers `GET service_type`, optionally of some groups.
pub(crate) fn all(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let groups = request.list(&word::GROUPS).filter(|groups| !groups.is_empty());
    let wanted = |kind: &&ServiceType| {
        groups
            .as_ref()
            .is_none_or(|groups| groups.iter().any(|g| g.eq_ignore_ascii_case(kind.group)))
    };
    let mut types: Vec<&ServiceType> = platform.types().iter().filter(wanted).collect();
    types.sort_by_key(|kind| kind.name);
    let entries = if request.flag(&word::AS_LIST) {
        types.iter().map(|kind| json!(kind.name)).collect()
    } else {
        types.iter().map(|kind| chosen(request, entry(kind))).collect()
    };
    Ok(Response::value(list(request, platform.settings(), entries)))
}

/// Answers `GET service_type/{name}`.
pub(crate) fn one(platform: &Platform, request: &Request, name: &str) -> Result<Response, Problem> {
    let kind = platform.types().iter().find(|kind| kind.name == name);
    let kind = kind.ok_or_else(|| Problem::not_found(format!("Service type '{name}' not found.")))?;
    Ok(Response::value(chosen(request, entry(kind))))
}

fn entry(kind: &ServiceType) -> Value {
    // Null says that there is nothing to configure.
    let schema = kind.config.fields().next().map(|_| kind.config.schema());
    json!({
        "name": kind.name,
        "label": kind.label,
        "description": kind.description,
        "group": kind.group,
        "singleton": kind.singleton,
        "dependencies_required": null,
        "subscription_required": subscription(kind.group),
        "service_definition_editable": false,
        "config_schema": schema,
    })
}

/// What the original asks money for, as clients know it; here nothing is kept from anybody.
fn subscription(group: &str) -> Option<&'static str> {
    match group {
        "LDAP" | "Script" => Some("SILVER"),
        LOG_GROUP => Some("GOLD"),
        _ => None,
    }
}
