//! `import`: rows of CSV text become a new table of a database service.
//!
//! Both steps are ordinary calls of that service on behalf of the caller, so the caller needs the rights for them.

use crate::answer::sent;
use contract::{Map, Origin, Params, Payload, Problem, Request, Response, Settings, Value, Verb};
use platform::{Incoming, Platform};
use records::ident::records_of;
use serde_json::json;

/// Answers `POST import`: `service` and `resource` name where the rows go; the body is CSV with a header.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let settings = platform.settings();
    let rows = rows(request, settings)?;
    let service = request
        .params
        .get("service")
        .filter(|s| !s.is_empty())
        .unwrap_or("db");
    let table = request
        .params
        .get("resource")
        .or_else(|| request.params.get("table"))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .ok_or_else(|| Problem::bad_request("The parameter 'resource' must name the new table."))?;
    let header = rows
        .first()
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    if header
        .keys()
        .any(|name| name.trim().is_empty() || name.trim().parse::<f64>().is_ok())
    {
        return Err(Problem::bad_request(
            "The first line of the CSV text must hold the names of the fields.",
        ));
    }
    let fields: Vec<Value> = header
        .keys()
        .map(|name| json!({"name": name, "type": "string", "allow_null": true}))
        .collect();
    let wrapped = |records: Value| {
        Payload::Value(Value::Object(Map::from_iter([(
            settings.resource_wrapper.clone(),
            records,
        )])))
    };
    let schema = wrapped(json!([{"name": table, "field": fields}]));
    call(platform, request, service, "_schema", schema).await?;
    call(
        platform,
        request,
        service,
        &format!("_table/{table}"),
        wrapped(Value::Array(rows)),
    )
    .await?;
    let base = request.base_url.trim_end_matches('/');
    let address = format!("{base}/{}/v2/{service}/_table/{table}", settings.api_route_prefix);
    Ok(Response::value(json!({"resource": address})))
}

/// The rows of the body: objects, all with the fields of the first.
fn rows(request: &Request, settings: &Settings) -> Result<Vec<Value>, Problem> {
    let is_csv = request
        .header("content-type")
        .is_some_and(|media| media.contains("csv"));
    records_of(request, settings)
        .filter(|rows| is_csv && !rows.is_empty() && sent(request, "import_url").is_none())
        .ok_or_else(|| {
            Problem::bad_request(
                "No import file supplied. Please send the CSV text as the request's body, with the content type text/csv.",
            )
        })
}

async fn call(
    platform: &Platform,
    request: &Request,
    service: &str,
    path: &str,
    payload: Payload,
) -> Result<(), Problem> {
    let incoming = Incoming {
        verb: Verb::Post,
        service: service.to_owned(),
        path: path.to_owned(),
        trailing_slash: false,
        params: Params(vec![("rollback".to_owned(), "true".to_owned())]),
        headers: Vec::new(),
        payload,
        origin: Origin::Api,
        format: contract::Format::Other,
        base_url: request.base_url.clone(),
        peer: None,
    };
    platform
        .run_as(request.caller.clone(), incoming)
        .await
        .map(|_| ())
}
