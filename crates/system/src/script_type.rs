//! `script_type`: the types that an event script can have.

use crate::answer::{chosen, list};
use contract::{Problem, Request, Response, Value, word};
use platform::Platform;
use serde_json::json;
use store::ScriptType;

/// Answers `GET script_type`.
pub(crate) fn all(platform: &Platform, request: &Request) -> Response {
    let entries = store::SCRIPT_TYPES
        .iter()
        .map(|kind| match request.flag(&word::AS_LIST) {
            true => json!(kind.name),
            false => chosen(request, entry(kind)),
        });
    Response::value(list(request, platform.settings(), entries.collect()))
}

/// Answers `GET script_type/{name}`.
pub(crate) fn one(request: &Request, name: &str) -> Result<Response, Problem> {
    let kind = store::script_type(name)
        .ok_or_else(|| Problem::not_found(format!("Script engine type '{name}' not found.")))?;
    Ok(Response::value(chosen(request, entry(kind))))
}

fn entry(kind: &ScriptType) -> Value {
    json!({
        "name": kind.name,
        "label": kind.label,
        "description": kind.description,
        "sandboxed": false,
        "supports_inline_execution": false,
    })
}
