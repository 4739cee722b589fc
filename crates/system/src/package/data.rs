//! What other services hold, in packages. Tables of databases are read and made here: ordinary calls of those services on behalf of the caller.

use super::files::FileService;
use super::selection::{call, read};
use bundle::Report;
use bundle::package::ServiceData;
use contract::{Map, Payload, Problem, Request, Value, Verb};
use platform::Platform;
use serde_json::json;
use std::collections::HashMap;

/// The group of service types that have tables.
const DATABASE: &str = "Database";

/// The tables of the active database services, by service.
pub(super) async fn list(platform: &Platform, request: &Request) -> Result<Map<String, Value>, Problem> {
    let mut found = Map::new();
    for service in active(platform, DATABASE).await? {
        let asked = vec![("as_list".to_owned(), "true".to_owned())];
        let entry = match read(platform, request, &service, "_schema", asked).await {
            Ok(answer) => {
                let names = wrapped(platform, answer);
                json!({"reachable": true, "_schema": names, "_table": names})
            }
            Err(_) => json!({"reachable": false}),
        };
        found.insert(service, entry);
    }
    Ok(found)
}

/// Names of the active services whose types are of a group.
pub(super) async fn active(platform: &Platform, group: &str) -> Result<Vec<String>, Problem> {
    let services = platform.store().policy().await?.services;
    let is_of_group = |kind: &str| {
        let mut types = platform.types().iter();
        types.any(|known| known.name == kind && known.group == group)
    };
    let found = services
        .into_iter()
        .filter(|s| s.is_active && is_of_group(&s.kind));
    Ok(found.map(|service| service.name).collect())
}

/// The entries of a list that came in the wrapper.
pub(super) fn wrapped(platform: &Platform, answer: Value) -> Vec<Value> {
    match answer {
        Value::Array(list) => list,
        Value::Object(mut map) => match map.shift_remove(&platform.settings().resource_wrapper) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The descriptions and records that are asked for; `None` when it is nothing.
pub(super) async fn export(
    platform: &Platform,
    request: &Request,
    service: &str,
    resources: &Map<String, Value>,
) -> Result<Option<ServiceData>, Problem> {
    let mut data = ServiceData {
        service: service.to_owned(),
        ..ServiceData::default()
    };
    for (resource, wanted) in resources {
        match resource.as_str() {
            "reachable" => {}
            "_schema" => {
                for table in names(platform, request, service, wanted).await? {
                    let path = format!("_schema/{table}");
                    data.schema
                        .push(read(platform, request, service, &path, Vec::new()).await?);
                }
            }
            "_table" => {
                for table in names(platform, request, service, wanted).await? {
                    let rows = records(platform, request, service, &table).await?;
                    data.tables.push((table, rows));
                }
            }
            other => {
                return Err(Problem::not_implemented(format!(
                    "'{other}' of the service '{service}' cannot be packed."
                )));
            }
        }
    }
    let empty = data.schema.is_empty() && data.tables.is_empty();
    Ok((!empty).then_some(data))
}

/// Names of tables: a list, names between commas, or all.
async fn names(
    platform: &Platform,
    request: &Request,
    service: &str,
    wanted: &Value,
) -> Result<Vec<String>, Problem> {
    let named = |value: &Value| match value {
        Value::String(name) => Some(name.clone()),
        Value::Object(table) => table.get("name")?.as_str().map(str::to_owned),
        _ => None,
    };
    match wanted {
        Value::Array(list) => Ok(list.iter().filter_map(named).collect()),
        Value::String(text) if text != "*" => {
            Ok(text.split(',').map(|part| part.trim().to_owned()).collect())
        }
        Value::Bool(true) | Value::String(_) => {
            let asked = vec![("as_list".to_owned(), "true".to_owned())];
            let answer = read(platform, request, service, "_schema", asked).await?;
            Ok(wrapped(platform, answer).iter().filter_map(named).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// All records of a table. 400 when there are more than one answer may hold: a package must not be a part in silence.
async fn records(
    platform: &Platform,
    request: &Request,
    service: &str,
    table: &str,
) -> Result<Vec<Value>, Problem> {
    let asked = vec![("include_count".to_owned(), "true".to_owned())];
    let answer = read(platform, request, service, &format!("_table/{table}"), asked).await?;
    let count = answer.pointer("/meta/count").and_then(Value::as_u64);
    let rows = wrapped(platform, answer);
    match count {
        Some(count) if count > rows.len() as u64 => Err(Problem::bad_request(format!(
            "The table '{table}' of the service '{service}' has {count} records, which are more than a package can take."
        ))),
        _ => Ok(rows),
    }
}

/// Makes the tables that are missing and puts records and files in; tells what was done, and gives the number of tables
/// and files that were touched.
pub(super) async fn import(
    platform: &Platform,
    request: &Request,
    data: &[ServiceData],
    overwrite: bool,
    report: &mut Report,
) -> usize {
    let ids = match platform.store().service_names().await {
        Ok(names) => names.into_iter().map(|(id, name)| (name, id)).collect(),
        Err(_) => HashMap::new(),
    };
    let mut touched = 0;
    for ServiceData {
        service,
        schema,
        tables,
        files,
    } in data
    {
        for table in schema {
            let result = make(platform, request, service, &numbered(table, &ids)).await;
            touched += tell(result, report);
        }
        for (name, rows) in tables.iter().filter(|(_, rows)| !rows.is_empty()) {
            let result = fill(platform, request, service, name, rows).await;
            touched += tell(result, report);
        }
        touched += FileService::new(platform, request, service)
            .import(files, overwrite, report)
            .await;
    }
    touched
}

/// What became of a table: whether it was touched and a sentence, or why it was not.
type Outcome = Result<(bool, String), String>;

fn tell(outcome: Outcome, report: &mut Report) -> usize {
    match outcome {
        Ok((touched, sentence)) => {
            report.notices.push(sentence);
            usize::from(touched)
        }
        Err(sentence) => {
            report.warnings.push(sentence);
            0
        }
    }
}

async fn make(platform: &Platform, request: &Request, service: &str, table: &Value) -> Outcome {
    let name = table.get("name").and_then(Value::as_str).unwrap_or_default();
    let path = format!("_schema/{name}");
    if read(platform, request, service, &path, Vec::new()).await.is_ok() {
        let sentence = format!("The table '{name}' of '{service}' exists already and was left as it is.");
        return Ok((false, sentence));
    }
    let body = body(platform, vec![table.clone()]);
    match call(
        platform,
        request,
        Verb::Post,
        service,
        "_schema",
        Vec::new(),
        body,
    )
    .await
    {
        Ok(_) => Ok((true, format!("The table '{name}' of '{service}' was created."))),
        Err(problem) => Err(format!(
            "The table '{name}' of '{service}' could not be made: {}",
            problem.message
        )),
    }
}

async fn fill(platform: &Platform, request: &Request, service: &str, name: &str, rows: &[Value]) -> Outcome {
    let path = format!("_table/{name}");
    let all_or_none = vec![("rollback".to_owned(), "true".to_owned())];
    let count = rows.len();
    let body = body(platform, rows.to_vec());
    match call(platform, request, Verb::Post, service, &path, all_or_none, body).await {
        Ok(_) => Ok((
            true,
            format!("{count} records were put into the table '{name}' of '{service}'."),
        )),
        Err(problem) => Err(format!(
            "No record was put into the table '{name}' of '{service}': {}",
            problem.message
        )),
    }
}

/// A table's description with this instance's ids of the services that its relations lead to. A relation to a service
/// that is not here is left out.
fn numbered(table: &Value, ids: &HashMap<String, i64>) -> Value {
    let mut table = table.clone();
    if let Some(related) = table.get_mut("related").and_then(Value::as_array_mut) {
        related.retain_mut(|relation| {
            let members = [
                ("ref_service", "ref_service_id"),
                ("junction_service", "junction_service_id"),
            ];
            members.into_iter().all(|(name, id)| {
                let known = relation
                    .get(name)
                    .and_then(Value::as_str)
                    .map(|name| ids.get(name));
                match known {
                    None => true,
                    Some(None) => false,
                    Some(Some(found)) => {
                        relation[id] = json!(found);
                        true
                    }
                }
            })
        });
    }
    table
}

fn body(platform: &Platform, records: Vec<Value>) -> Payload {
    let wrapper = platform.settings().resource_wrapper.clone();
    Payload::Value(Value::Object(Map::from_iter([(wrapper, Value::Array(records))])))
}
