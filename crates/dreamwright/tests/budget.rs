//! What a whole request costs, from the door to the database and back, with a key, a role and a row filter. The budget
//! stands in `budget.txt`: allocations of our own per request, those of SQLite not counted. It only ever falls.
#![allow(clippy::unwrap_used, missing_docs)]
#![cfg(feature = "sqlite")]

use bytes::Bytes;
use contract::Map;
use dreamwright::{Environment, Options, Running, start};
use futures_util::FutureExt;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use http_door::{Door, Inside};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Entity;
use tokio::task::unconstrained;

/// Requests that are counted.
const COUNT: u64 = 500;

/// The budget of a request by its name.
fn budget(name: &str) -> u64 {
    let lines = include_str!("budget.txt").lines();
    let line = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(n, _)| *n == name);
    line.unwrap().1.parse().unwrap()
}

/// An API key whose role sees the sample's employees through a row filter.
async fn key(running: &Running) -> String {
    let store = running.platform().store();
    let sample = store
        .policy()
        .await
        .unwrap()
        .services
        .into_iter()
        .find(|s| s.name == "sample");
    let grant = json!({
        "service_id": sample.unwrap().id, "component": "_table/employees/*", "verb_mask": 1, "requestor_mask": 3,
        "filters": [{"name": "emp_no", "operator": ">", "value": "10000"}], "filter_op": "AND",
    });
    let role = json!({"name": "counted", "is_active": true, "role_service_access_by_role_id": [grant]});
    let tx = store.begin(None).await.unwrap();
    let object = |value: Value| -> Map<String, Value> { serde_json::from_value(value).unwrap() };
    let role = tx.create(Entity::Role, &object(role)).await.unwrap();
    let app = json!({"name": "counted", "is_active": true, "role_id": role});
    tx.create(Entity::App, &object(app)).await.unwrap();
    tx.commit().await.unwrap();
    let apps = store.policy().await.unwrap().apps;
    apps.into_iter().find(|a| a.name == "counted").unwrap().api_key
}

fn request(path: &str, key: &str) -> Request<Full<Bytes>> {
    Request::get(format!("/api/v2/sample/_table/{path}"))
        .header("host", "localhost:8080")
        .header("user-agent", "curl/8")
        .header("accept", "*/*")
        .header("x-dreamfactory-api-key", key)
        .body(Full::default())
        .unwrap()
}

/// The body of an answer that is there without waiting.
fn body<B: http_body::Body<Data = Bytes>>(response: Response<B>) -> Bytes
where
    B::Error: std::fmt::Debug,
{
    assert_eq!(response.status(), 200);
    let collected = response.into_body().collect().now_or_never();
    collected.expect("it is whole").unwrap().to_bytes()
}

#[tokio::test]
async fn reads_stay_within_their_budget() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: folder.path().join("data"),
        sample: true,
        environment: Environment::from_iter::<[(&str, &str); 0]>([]),
    };
    let running = start(options).await.unwrap();
    let key = key(&running).await;
    let platform = Arc::clone(running.platform());
    let settings = Arc::clone(platform.settings());
    let door = Door::new(platform as Arc<dyn Inside>, settings, "1.0");
    let page = "employees?filter=last_name%20%3E%3D%20'A'&order=last_name,emp_no&limit=25";
    for (name, path) in [
        ("one row by key", "employees/10001"),
        ("25 rows, filter and order", page),
    ] {
        // The first opens the database and reads the table's description.
        let first = body(door.answer(request(path, &key), None).await);
        let cost = |_| {
            let request = request(path, &key);
            let mut answer = None;
            let counted = allocation_counter::measure(|| {
                answer = unconstrained(door.answer(request, None)).now_or_never().map(body);
            });
            // A read that was disturbed goes on elsewhere, and is not counted.
            answer.map(|answer| {
                assert_eq!(answer, first);
                counted.count_total
            })
        };
        let each = (0..COUNT).filter_map(cost).min().unwrap();
        let budget = budget(name);
        println!("{name}: {each} allocations");
        assert!(
            each <= budget,
            "{name}: {each} allocations a request, {budget} are allowed"
        );
    }
}
