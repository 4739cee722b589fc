//! `config_package`: services, roles and apps as one JSON object, without secrets and keys, and bringing one in.
//!
//! Who may use packages may use it: bringing one in can hand on any right.

use crate::answer::sent_flag;
use crate::package::selection::read;
use crate::package::{check, forget};
use bundle::manifest::{self, FORMAT, LISTS};
use bundle::{Action, Bundle, How, Plan};
use contract::{Map, Problem, Request, Response, Value, Verb};
use platform::Platform;
use serde_json::json;
use std::collections::HashMap;

/// Answers `config_package`: GET makes the manifest, POST brings one in.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    check(request)?;
    match request.verb {
        Verb::Get => export(platform, request).await,
        _ => import(platform, request).await,
    }
    .map(Response::value)
}

async fn export(platform: &Platform, request: &Request) -> Result<Value, Problem> {
    let services = records(platform, request, "service", "").await?;
    let roles = records(platform, request, "role", "role_service_access_by_role_id").await?;
    let apps = records(platform, request, "app", "role_by_role_id").await?;
    let names: HashMap<i64, &Value> = services
        .iter()
        .filter_map(|service| Some((service["id"].as_i64()?, &service["name"])))
        .collect();
    let role = |role: &Value| {
        let rows = role["role_service_access_by_role_id"].as_array();
        let access: Vec<Value> = rows
            .into_iter()
            .flatten()
            .filter_map(|row| grant(row, &names))
            .collect();
        json!({"name": role["name"], "description": role["description"], "is_active": role["is_active"],
               "service_access": access})
    };
    Ok(json!({
        "format": FORMAT,
        "exported_at": chrono::Utc::now().format("%Y-%m-%dT%H:%M:%S+00:00").to_string(),
        "services": services.iter().map(service).collect::<Vec<_>>(),
        "roles": roles.iter().map(role).collect::<Vec<_>>(),
        "apps": apps.iter().map(app).collect::<Vec<_>>(),
    }))
}

/// The records of a resource as the API shows them, in the order of their names.
async fn records(
    platform: &Platform,
    request: &Request,
    resource: &str,
    related: &str,
) -> Result<Vec<Value>, Problem> {
    let params = [("fields", "*"), ("related", related), ("order", "name")];
    let params = params.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut answer = read(platform, request, "system", resource, params.to_vec()).await?;
    let wrapper = &platform.settings().resource_wrapper;
    match answer.get_mut(wrapper).map(Value::take) {
        Some(Value::Array(records)) => Ok(records),
        _ => Err(Problem::internal("a list of the system has no records")),
    }
}

fn service(service: &Value) -> Value {
    json!({"name": service["name"], "label": service["label"], "description": service["description"],
           "type": service["type"], "is_active": service["is_active"], "config": service["config"]})
}

/// A grant with the name of its service; one of all services has none, and does not come along.
fn grant(row: &Value, names: &HashMap<i64, &Value>) -> Option<Value> {
    let service = names.get(&row["service_id"].as_i64()?)?;
    let filters = match &row["filters"] {
        Value::Null => json!([]),
        filters => filters.clone(),
    };
    Some(
        json!({"service": service, "component": row["component"], "verb_mask": row["verb_mask"],
                "requestor_mask": row["requestor_mask"], "filters": filters, "filter_op": row["filter_op"]}),
    )
}

fn app(app: &Value) -> Value {
    json!({"name": app["name"], "description": app["description"], "is_active": app["is_active"],
           "type": app["type"], "path": app["path"], "url": app["url"], "role": app["role_by_role_id"]["name"],
           "requires_fullscreen": app["requires_fullscreen"],
           "allow_fullscreen_toggle": app["allow_fullscreen_toggle"], "toggle_location": app["toggle_location"]})
}

async fn import(platform: &Platform, request: &Request) -> Result<Value, Problem> {
    let body = request.object();
    let manifest = match body.and_then(|body| body.get("manifest")) {
        Some(Value::Object(manifest)) => Some(manifest),
        _ => body,
    };
    let (bundle, mut report) = manifest::read(manifest.unwrap_or(&Map::new()))?;
    let by = request.caller.user.as_ref().map(|user| user.id);
    let how = How::bringing(sent_flag(request, "overwrite"));
    let plan = bundle::apply(platform.store(), by, &bundle, how).await?;
    forget(platform, &plan).await;
    report.extend(plan.report.clone());
    report.errors.append(&mut report.warnings);
    let [created, updated, skipped] = counts(&plan, &bundle);
    Ok(
        json!({"success": report.errors.is_empty(), "created": created, "updated": updated, "skipped": skipped,
              "errors": report.errors}),
    )
}

/// How many objects of each list were made, are now as the manifest says, and were left as they are.
fn counts(plan: &Plan, bundle: &Bundle) -> [Map<String, Value>; 3] {
    let mut counts = [Map::new(), Map::new(), Map::new()];
    for (list, kind) in LISTS {
        let of = |action: Action| {
            let steps = plan.steps.iter().filter(|step| step.kind == kind);
            steps.filter(|step| step.action == action).count()
        };
        let (created, skipped) = (of(Action::Create), of(Action::Keep));
        let refused = plan.refused.iter().filter(|refused| **refused == kind).count();
        // What is as it should be already has no step.
        let updated = bundle.objects(kind).count() - refused - created - skipped;
        for (counts, count) in counts.iter_mut().zip([created, updated, skipped]) {
            counts.insert(list.to_owned(), json!(count));
        }
    }
    counts
}
