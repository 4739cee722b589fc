//! `cache`: what services keep in memory, and forgetting it.

use crate::answer::{chosen, list, success};
use contract::{Kind, Problem, Request, Response, word};
use platform::Platform;
use serde_json::json;

/// Answers `GET cache`: the services whose cache the caller may flush.
pub(crate) async fn all(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let policy = platform.store().policy().await?;
    let fields = request
        .text(&word::FIELDS)
        .is_some_and(|text| !text.trim().is_empty());
    let seen = policy
        .services
        .iter()
        .filter(|service| request.caller.touches(service.id));
    let names_only = request.flag(&word::AS_LIST);
    let entries = seen.map(|service| {
        if names_only {
            return json!(service.name);
        }
        let entry = json!({
            "name": service.name,
            "label": service.label,
            "description": service.description,
            "type": service.kind,
        });
        if fields {
            chosen(request, entry)
        } else {
            json!({"name": service.name})
        }
    });
    Ok(Response::value(list(
        request,
        platform.settings(),
        entries.collect(),
    )))
}

/// Answers `DELETE cache`. A service that cannot run has nothing to forget.
pub(crate) async fn flush_all(platform: &Platform) -> Result<Response, Problem> {
    for service in platform.store().policy().await?.services {
        if let Ok(service) = platform.service(&service.name).await {
            service.forget();
        }
    }
    Ok(success())
}

/// Answers `DELETE cache/{service}`. 404 for an unknown one; one that cannot run has nothing to forget.
pub(crate) async fn flush(platform: &Platform, name: &str) -> Result<Response, Problem> {
    match platform.service(name).await {
        Ok(service) => service.forget(),
        Err(problem) if problem.kind == Kind::NotFound => return Err(problem),
        Err(_) => {}
    }
    Ok(success())
}
