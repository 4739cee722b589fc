//! What a request asks to be packed.

use super::data;
use super::files::FileService;
use bundle::Kind;
use bundle::package::{Selection, Selector};
use contract::{Body, Format, Map, Origin, Params, Payload, Problem, Request, Response, Value, Verb};
use platform::{Incoming, Platform};

/// Reads `service` of the body; without it, everything of the instance itself is packed. 400 when nothing is
/// selected, or by something that cannot be packed.
pub(crate) async fn of(platform: &Platform, request: &Request) -> Result<Selection, Problem> {
    let body = request.object();
    let mut selection = match body.and_then(|body| body.get("service")) {
        None => Selection::all(),
        Some(Value::Object(services)) => selected(platform, request, services).await?,
        Some(_) => {
            return Err(Problem::bad_request(
                "'service' must be an object: what to pack, by service and resource.",
            ));
        }
    };
    if selection.objects.is_empty() && selection.data.is_empty() {
        return Err(Problem::bad_request("No items found in package manifest."));
    }
    selection.version = env!("CARGO_PKG_VERSION").to_owned();
    let description = body.and_then(|body| body.get("description")?.as_str());
    selection.description = description.unwrap_or_default().to_owned();
    Ok(selection)
}

async fn selected(
    platform: &Platform,
    request: &Request,
    services: &Map<String, Value>,
) -> Result<Selection, Problem> {
    let mut selection = Selection::default();
    for (service, resources) in services {
        match (service.as_str(), resources) {
            ("system", Value::Object(resources)) => {
                for (resource, wanted) in resources {
                    let kind = Kind::find(resource).ok_or_else(|| {
                        Problem::bad_request(format!("'system/{resource}' cannot be packed."))
                    })?;
                    let selectors = selectors(platform, request, kind, wanted).await?;
                    if !selectors.is_empty() {
                        selection.objects.insert(kind, selectors);
                    }
                }
            }
            (name, Value::Object(resources)) => {
                selection
                    .data
                    .extend(data::export(platform, request, name, resources).await?);
            }
            (name, wanted) => {
                selection
                    .data
                    .extend(FileService::new(platform, request, name).export(wanted).await?);
            }
        }
    }
    Ok(selection)
}

/// Names or ids; an object with `ids` or `filter`; or everything.
async fn selectors(
    platform: &Platform,
    request: &Request,
    kind: Kind,
    wanted: &Value,
) -> Result<Vec<Selector>, Problem> {
    match wanted {
        Value::Bool(true) => Ok(vec![Selector::All]),
        Value::String(text) if text == "*" => Ok(vec![Selector::All]),
        Value::String(text) => Ok(text.split(',').map(|part| named(part.trim())).collect()),
        Value::Array(list) => Ok(list.iter().filter_map(selector).collect()),
        Value::Object(object) => match (object.get("ids"), object.get("filter").and_then(Value::as_str)) {
            (Some(Value::String(ids)), _) => Ok(ids.split(',').map(|part| named(part.trim())).collect()),
            (Some(Value::Array(ids)), _) => Ok(ids.iter().filter_map(selector).collect()),
            (_, Some(filter)) => filtered(platform, request, kind, filter).await,
            _ => Ok(Vec::new()),
        },
        _ => Ok(Vec::new()),
    }
}

fn selector(value: &Value) -> Option<Selector> {
    match value {
        Value::Number(id) => id.as_i64().map(Selector::Id),
        Value::String(text) => Some(named(text)),
        Value::Object(record) => {
            let name = ["email", "name", "path"]
                .iter()
                .find_map(|key| record.get(*key)?.as_str());
            let id = || record.get("id").and_then(Value::as_i64).map(Selector::Id);
            name.map(|name| Selector::Name(name.to_owned())).or_else(id)
        }
        _ => None,
    }
}

fn named(text: &str) -> Selector {
    match text.parse() {
        Ok(id) => Selector::Id(id),
        Err(_) => Selector::Name(text.to_owned()),
    }
}

/// What a filter finds, asked of the resource itself.
async fn filtered(
    platform: &Platform,
    request: &Request,
    kind: Kind,
    filter: &str,
) -> Result<Vec<Selector>, Problem> {
    let params = vec![
        ("filter".to_owned(), filter.to_owned()),
        ("fields".to_owned(), "*".to_owned()),
    ];
    let found = read(platform, request, "system", kind.name(), params).await?;
    let records = found
        .get(&platform.settings().resource_wrapper)
        .and_then(Value::as_array);
    Ok(records.into_iter().flatten().filter_map(selector).collect())
}

/// Reads something of a service on behalf of the caller.
pub(crate) async fn read(
    platform: &Platform,
    request: &Request,
    service: &str,
    path: &str,
    params: Vec<(String, String)>,
) -> Result<Value, Problem> {
    call(platform, request, Verb::Get, service, path, params, Payload::None).await
}

/// Calls a service on behalf of the caller, as any client could; what is no value is passed over.
pub(super) async fn call(
    platform: &Platform,
    request: &Request,
    verb: Verb,
    service: &str,
    path: &str,
    params: Vec<(String, String)>,
    payload: Payload,
) -> Result<Value, Problem> {
    let answer = ask(platform, request, verb, service, path, params, payload).await?;
    match answer.body {
        Body::Value(value) => Ok(value),
        Body::Json(bytes) => serde_json::from_slice(&bytes).map_err(Problem::internal),
        _ => Ok(Value::Null),
    }
}

/// The same with the whole answer. A path with a slash at its end is a folder.
pub(super) async fn ask(
    platform: &Platform,
    request: &Request,
    verb: Verb,
    service: &str,
    path: &str,
    params: Vec<(String, String)>,
    payload: Payload,
) -> Result<Response, Problem> {
    let incoming = Incoming {
        verb,
        service: service.to_owned(),
        path: path.trim_end_matches('/').to_owned(),
        trailing_slash: path.ends_with('/'),
        params: Params(params),
        headers: vec![("wrap".to_owned(), "true".to_owned())],
        payload,
        origin: Origin::Api,
        format: Format::Other,
        base_url: request.base_url.clone(),
        peer: None,
    };
    platform.run_as(request.caller.clone(), incoming).await
}
