//! `service?test=true`: the connection of a service is tried as it would be stored, and nothing is stored.

use crate::write::{self, Writing};
use contract::{Map, Problem, Response, Value, Verb, word};
use records::ident::records_of;
use serde_json::json;
use std::time::{SystemTime, UNIX_EPOCH};

/// Most names of tables in an answer.
const MOST_TABLES: usize = 1000;

/// Whether the request asks for it.
pub(crate) fn is_asked(writing: &Writing<'_>) -> bool {
    writing.face.name == "service" && writing.request.flag(&word::TEST)
}

/// Answers it. The record is written as ever, so that all rules hold and stored secrets are kept, and undone before
/// anything is connected to. With an `id` it is a change of that service, which the caller must be allowed to make.
pub(crate) async fn answer(writing: &Writing<'_>) -> Result<Response, Problem> {
    let record = record(writing)?;
    let tx = writing.begin().await?;
    let id = match record.get("id").filter(|id| !id.is_null()) {
        Some(id) => {
            if writing.request.permit("service", Verb::Patch)?.is_some() {
                return Err(write::filtered());
            }
            let id = id.as_i64().ok_or_else(|| unknown(id))?;
            tx.update(writing.entity, id, &record).await.map(|()| id)
        }
        None => tx.create(writing.entity, &named(record)).await,
    };
    let row = match id {
        Ok(id) => tx.service(id).await,
        Err(problem) => Err(problem),
    };
    tx.rollback().await?;
    let row = row?.ok_or_else(|| Problem::not_found("The service does not exist."))?;
    let mut tried = writing.platform.try_connection(&row).await?;
    tried.tables.sort_unstable();
    tried.tables.truncate(MOST_TABLES);
    Ok(Response::value(json!({
        "success": true,
        "product": tried.product,
        "tables": tried.tables,
        "note": tried.note,
    })))
}

/// The one record of the request, wrapped or bare.
fn record(writing: &Writing<'_>) -> Result<Map<String, Value>, Problem> {
    let records = records_of(writing.request, writing.settings).unwrap_or_default();
    match <[Value; 1]>::try_from(records) {
        Ok([Value::Object(record)]) => Ok(record),
        _ => Err(Problem::bad_request("One service must be sent to be tried.")),
    }
}

/// A new service may be tried before it has a name.
fn named(mut record: Map<String, Value>) -> Map<String, Value> {
    let has_name = record
        .get("name")
        .and_then(Value::as_str)
        .is_some_and(|name| !name.is_empty());
    if !has_name {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        record.insert("name".into(), json!(format!("try-{:x}", now.as_nanos())));
    }
    record
}

fn unknown(id: &Value) -> Problem {
    Problem::not_found(format!("Record with identifier '{id}' not found."))
}
