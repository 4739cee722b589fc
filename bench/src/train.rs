//! The load that a release learns from: what its users do, each about as often as it matters how fast it is.

use crate::measure::{Request, over_http, program_request};
use crate::setup::{EXPORTED, IMPORTED, Stage, Target};
use crate::shape::Shape;
use kit::Client;
use serde_json::json;
use std::time::Duration;

/// Connections at a time.
const WORKERS: usize = 4;
/// Records that are written one by one, changed and deleted.
const WRITTEN: usize = 300;
/// Rows of an export, and lines of an import.
const MANY: usize = 20_000;

/// Other reads of records, below a service.
const READS: [&str; 10] = [
    "employees?fields=emp_no,last_name&limit=10",
    "employees?filter=(last_name%20like%20'A%25')%20and%20(emp_no%20%3E%2010100)&limit=5&include_count=true",
    "employees?filter=emp_no%20in%20(10002,10003)&order=emp_no%20desc",
    "employees?ids=10002,10003,10004",
    "employees?fields=gender,COUNT(emp_no)&group=gender",
    "employees?limit=100&accept=text/csv",
    "employees?limit=100&accept=application/x-ndjson",
    "employees/10005?related=salaries_by_emp_no",
    "salaries?limit=20&offset=20&order=salary%20desc,emp_no",
    "supplies?limit=5&include_schema=true",
];
/// What consoles and administrators read.
const SYSTEM: [&str; 6] = [
    "system/environment",
    "system/service?fields=id,name",
    "system/role?related=role_service_access_by_role_id",
    "system/app",
    "system/request_log?limit=20",
    "user/session",
];

/// Calls everything, and ends the program so that it can write down what it counted.
pub(crate) async fn run(mut stage: Stage, time: Duration) -> Result<(), String> {
    let admin = stage.program.admin().await;
    let id = stage.program.id();
    for target in &stage.databases {
        let service = target.service;
        eprintln!("learning from {}", target.label);
        for shape in Shape::ALL {
            let request = move |n| program_request(service, shape, n);
            over_http(&stage.client, id, time, WORKERS, request).await?;
        }
        let read = move |n: u64| below(service, "_table", READS[n as usize % READS.len()]);
        over_http(&stage.client, id, time, WORKERS, read).await?;
        // An administrator's session instead of a key, and the descriptions of tables.
        let path = |n: u64| ["_table/employees/10002", "_schema/employees", "_table"][n as usize % 3];
        let session = move |n| get(format!("{service}/{}", path(n)));
        over_http(&admin, id, time, WORKERS, session).await?;
        writes(&stage.client, target).await?;
        many(&stage.client, target).await?;
    }
    let system = |n: u64| get(SYSTEM[n as usize % SYSTEM.len()].to_owned());
    over_http(&admin, id, time, WORKERS, system).await?;
    stage.program.end("TERM");
    Ok(())
}

fn get(path: String) -> Request {
    ("GET", format!("/api/v2/{path}"), None)
}

fn below(service: &str, resource: &str, path: &str) -> Request {
    get(format!("{service}/{resource}/{path}"))
}

/// Records one by one: made, changed, read and deleted; and several at once.
async fn writes(client: &Client, target: &Target) -> Result<(), String> {
    let table = format!("/api/v2/{}/_table/supplies", target.service);
    let record = |n: usize| json!({"name": format!("a \"thing\" {n}"), "quantity": 1 + n % 7});
    for n in 0..WRITTEN {
        let made = sent(client, "POST", &table, &json!({"resource": [record(n)]})).await?;
        let one = format!("{table}/{}", made["resource"][0]["id"]);
        sent(client, "PATCH", &one, &json!({"quantity": 9})).await?;
        let filter = format!("{table}?filter=id%3D{}", made["resource"][0]["id"]);
        sent(
            client,
            "PATCH",
            &filter,
            &json!({"resource": [{"name": "changed"}]}),
        )
        .await?;
        sent(client, "DELETE", &one, &json!(null)).await?;
    }
    for n in 0..WRITTEN / 20 {
        let records: Vec<_> = (0..20).map(|m| record(n * 20 + m)).collect();
        sent(client, "POST", &table, &json!({ "resource": records })).await?;
    }
    Ok(())
}

/// Large results and bodies.
async fn many(client: &Client, target: &Target) -> Result<(), String> {
    let path = |table: &str| format!("/api/v2/{}/_table/{table}", target.service);
    let export = format!("{}?limit={MANY}", path(EXPORTED));
    for media in ["application/json", "text/csv", "application/x-ndjson"] {
        let answer = client.send("GET", &export, &[("Accept", media)], None).await;
        let status = answer.map_err(|e| format!("{export}: {e}"))?.status;
        if status != 200 {
            return Err(format!("{export} answered {status}"));
        }
    }
    let lines: String = (0..MANY).map(|n| format!("a line {n},{}\n", 1 + n % 9)).collect();
    let text = format!("name,quantity\n{lines}");
    let header = [("Content-Type", "text/csv")];
    let answer = client
        .send("POST", &path(IMPORTED), &header, Some(text.as_bytes()))
        .await
        .map_err(|e| format!("an import: {e}"))?;
    match answer.status {
        200 => Ok(()),
        status => Err(format!("an import answered {status}: {}", answer.text())),
    }
}

async fn sent(
    client: &Client,
    method: &str,
    path: &str,
    body: &serde_json::Value,
) -> Result<serde_json::Value, String> {
    let body = (!body.is_null()).then(|| body.to_string());
    let answer = crate::load::send(client, method, path, body.as_deref()).await?;
    serde_json::from_slice(&answer).map_err(|e| format!("{method} {path}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn all_that_a_release_learns_from_is_answered() {
        let stage = Stage::set(&["sqlite".to_owned()])
            .await
            .expect("everything starts");
        run(stage, Duration::from_millis(50))
            .await
            .expect("every request is answered");
    }
}
