//! Scheduled tasks: their records and rules, and what running them does.
#![allow(clippy::unwrap_used)]

mod instance;

use contract::{Value, Verb};
use instance::{Instance, message};
use serde_json::json;

/// A full hour, in seconds since 1970.
const HOUR: i64 = 500_000 * 3600;
const MINUTE: i64 = 60;

/// An instance with a service `stock` that has a table `item`; the service's id.
async fn stocked() -> (Instance, i64) {
    let i = Instance::new().await;
    let service =
        json!({"name": "stock", "type": "sqlite", "is_active": true, "config": {"database": "stock.sqlite"}});
    let service = i.create("service", service, "").await["id"].as_i64().unwrap();
    let table = json!({"resource": [{"name": "item", "field": [{"name": "id", "type": "id"}, {"name": "name", "type": "string"}]}]});
    let (status, body) = i.admin(Verb::Post, "stock/_schema", table).await;
    assert!(status < 300, "{body}");
    (i, service)
}

/// A task that writes an item at every minute.
fn writing(service: i64) -> Value {
    json!({"name": "write", "is_active": true, "service_id": service, "component": "_table/item", "verb_mask": 2,
           "frequency": 1, "payload": "{\"resource\": [{\"name\": \"made\"}]}"})
}

async fn items(i: &Instance) -> usize {
    let (status, body) = i.get("stock/_table/item").await;
    assert_eq!(status, 200, "{body}");
    body["resource"].as_array().unwrap().len()
}

async fn log_of(i: &Instance, task: &Value) -> Value {
    let (_, body) = i
        .get(&format!("system/scheduler/{task}?related=task_log_by_task_id"))
        .await;
    body["task_log_by_task_id"].clone()
}

async fn patch(i: &Instance, task: &Value, record: Value) {
    let (status, body) = i
        .admin(Verb::Patch, &format!("system/scheduler/{task}"), record)
        .await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn tasks_are_records_of_the_system() {
    let (i, service) = stocked().await;
    let task = i
        .create(
            "scheduler",
            json!({"name": "look", "service_id": service, "payload": {"a": [1]}, "verb": "DELETE", "service_name": "x"}),
            "service_by_service_id,task_log_by_task_id",
        )
        .await;
    assert_eq!(task["service_by_service_id"]["name"], "stock");
    assert_eq!(task["task_log_by_task_id"], Value::Null);
    for (name, value) in [
        ("description", json!(null)),
        ("is_active", json!(false)),
        ("component", json!(null)),
        ("verb_mask", json!(1)),
        ("verb", json!("GET")),
        ("frequency", json!(5)),
        ("payload", json!("{\"a\":[1]}")),
        ("app_id", json!(null)),
        ("user_id", json!(null)),
        ("created_by_id", json!(1)),
    ] {
        assert_eq!(task[name], value, "{name}");
    }
    assert!(task.get("last_minute").is_none() && task.get("busy_until").is_none());
    assert_eq!(i.get("system/scheduler?filter=busy_until=0").await.0, 400);
    patch(&i, &task["id"], json!({"verb_mask": 16, "payload": ""})).await;
    let (_, changed) = i.get("system/scheduler/1?fields=payload").await;
    assert_eq!(changed, json!({"payload": null, "verb": "DELETE"}));

    // Who changed it is in the audit; and a task goes with its service.
    let (_, audit) = i
        .get("system/audit?filter=resource='scheduler_task'&order=id&fields=action")
        .await;
    assert_eq!(
        audit["resource"],
        json!([{"action": "create"}, {"action": "update"}])
    );
    let gone = i
        .admin(Verb::Delete, &format!("system/service/{service}"), Value::Null)
        .await;
    assert_eq!(gone.0, 200, "{}", gone.1);
    assert_eq!(i.get("system/scheduler").await.1, json!({"resource": []}));
}

#[tokio::test]
async fn what_could_not_run_is_refused() {
    let (i, service) = stocked().await;
    i.create("scheduler", writing(service), "").await;
    for (field, value, said) in [
        ("name", json!("WRITE"), "The name has already been taken."),
        (
            "name",
            json!("x".repeat(65)),
            "The name field must be at most 64 characters.",
        ),
        ("service_id", json!(null), "The service id field is required."),
        ("service_id", json!(99), "The selected service_id is invalid."),
        ("app_id", json!(99), "The selected app_id is invalid."),
        ("user_id", json!(1), "A task that runs as a user needs an app id."),
        ("verb_mask", json!(3), "The verb mask field must be one of"),
        ("verb_mask", json!(32), "The verb mask field must be one of"),
        (
            "frequency",
            json!(0),
            "The frequency field must be at least 1 minute.",
        ),
        ("payload", json!("{no"), "The payload field must be JSON text."),
    ] {
        let mut record = writing(service);
        record["name"] = "other".into();
        record[field] = value;
        let (status, body) = i
            .admin(Verb::Post, "system/scheduler", json!({"resource": [record]}))
            .await;
        assert_eq!((status, &body["error"]["code"]), (400, &json!(1000)), "{field}");
        let told = body["error"]["context"]["resource"][0]["message"]
            .as_str()
            .unwrap_or_default();
        assert!(told.contains(said), "{field}: {body}");
    }
}

#[tokio::test]
async fn a_due_task_runs_once_in_its_minute() {
    let (i, service) = stocked().await;
    let task = i.create("scheduler", writing(service), "").await["id"].clone();
    for now in [HOUR, HOUR + 1, HOUR + 59] {
        let ran = i.platform.run_due_tasks(now).await.unwrap();
        assert_eq!(ran, usize::from(now == HOUR));
    }
    assert_eq!(items(&i).await, 1);
    patch(&i, &task, json!({"frequency": 7})).await;
    for minute in 1..60 {
        i.platform.run_due_tasks(HOUR + minute * MINUTE).await.unwrap();
    }
    // At the minutes 7, 14, …, 56.
    assert_eq!(items(&i).await, 9);
    patch(&i, &task, json!({"is_active": false})).await;
    assert_eq!(i.platform.run_due_tasks(HOUR + 63 * MINUTE).await.unwrap(), 0);
    assert_eq!(items(&i).await, 9);
}

#[tokio::test]
async fn of_two_nodes_one_runs_a_task() {
    let (i, service) = stocked().await;
    i.create("scheduler", writing(service), "").await;
    let other = i.second_node().await;
    for minute in 0..5 {
        let now = HOUR + minute * MINUTE;
        let (here, there) = tokio::join!(i.platform.run_due_tasks(now), other.run_due_tasks(now));
        assert_eq!(here.unwrap() + there.unwrap(), 1);
    }
    assert_eq!(items(&i).await, 5);
    // A task that is still running is not begun again; one whose node is gone is, after a while.
    let store = i.platform.store();
    let later = HOUR + 10 * MINUTE;
    assert!(store.claim_task(1, later, 150).await.unwrap());
    for (after, ran) in [(1, 0), (2, 0), (3, 1)] {
        assert_eq!(other.run_due_tasks(later + after * MINUTE).await.unwrap(), ran);
    }
}

#[tokio::test]
async fn a_component_can_have_parameters() {
    let (i, service) = stocked().await;
    let task = i.create("scheduler", writing(service), "").await["id"].clone();
    for minute in 0..2 {
        i.platform.run_due_tasks(HOUR + minute * MINUTE).await.unwrap();
    }
    let before = items(&i).await;
    let delete = json!({"component": "_table/item?filter=id%3D1", "verb_mask": 16, "payload": null});
    patch(&i, &task, delete).await;
    i.platform.run_due_tasks(HOUR + 2 * MINUTE).await.unwrap();
    assert_eq!(log_of(&i, &task).await, Value::Null);
    assert_eq!(items(&i).await, before - 1);
    patch(&i, &task, json!({"component": "_table/item?filter=%ff"})).await;
    i.platform.run_due_tasks(HOUR + 3 * MINUTE).await.unwrap();
    assert_eq!(log_of(&i, &task).await["status_code"], 400);
}

#[tokio::test]
async fn a_failure_is_logged_until_a_success() {
    let (i, service) = stocked().await;
    let task = i.create("scheduler", writing(service), "").await["id"].clone();
    assert_eq!(log_of(&i, &task).await, Value::Null);
    patch(&i, &task, json!({"component": "_table/nothing"})).await;
    i.platform.run_due_tasks(HOUR).await.unwrap();
    let log = log_of(&i, &task).await;
    assert_eq!(
        (&log["task_id"], &log["status_code"]),
        (&task, &json!(404)),
        "{log}"
    );
    assert!(log["content"].as_str().unwrap().contains("nothing"), "{log}");
    // Another failure takes its place.
    patch(
        &i,
        &task,
        json!({"component": "_table/item", "payload": "{\"resource\": [{\"name\": \"ok\"}, {\"color\": 1}]}"}),
    )
    .await;
    i.platform.run_due_tasks(HOUR + MINUTE).await.unwrap();
    assert_eq!(log_of(&i, &task).await["status_code"], 400);
    patch(
        &i,
        &task,
        json!({"payload": "{\"resource\": [{\"name\": \"ok\"}]}"}),
    )
    .await;
    i.platform.run_due_tasks(HOUR + 2 * MINUTE).await.unwrap();
    assert_eq!(log_of(&i, &task).await, Value::Null);
    // A service that is switched off is a failure too, and no end of the others.
    let off = json!({"is_active": false});
    let (status, _) = i
        .admin(Verb::Patch, &format!("system/service/{service}"), off)
        .await;
    assert_eq!(status, 200);
    i.platform.run_due_tasks(HOUR + 3 * MINUTE).await.unwrap();
    assert_eq!(log_of(&i, &task).await["status_code"], 403);
}

#[tokio::test]
async fn a_task_with_an_app_has_the_rights_of_its_role() {
    let (i, service) = stocked().await;
    let grant = |verbs: u8| json!([{"service_id": service, "component": "_table/item/*", "verb_mask": verbs, "requestor_mask": 1}]);
    let role = |name: &str, verbs: u8| json!({"name": name, "is_active": true, "role_service_access_by_role_id": grant(verbs)});
    let reader = i.create("role", role("reader", 1), "").await["id"].clone();
    let writer = i.create("role", role("writer", 3), "").await["id"].clone();
    let app = json!({"name": "mobile", "is_active": true, "role_id": reader});
    let app = i.create("app", app, "").await["id"].clone();
    let user = json!({"email": "w@example.com", "password": instance::PASSWORD,
        "user_to_app_to_role_by_user_id": [{"app_id": app, "role_id": writer}]});
    let user = i.create("user", user, "").await["id"].clone();
    let mut record = writing(service);
    record["app_id"] = app.clone();
    let task = i.create("scheduler", record, "").await["id"].clone();

    i.platform.run_due_tasks(HOUR).await.unwrap();
    assert_eq!(log_of(&i, &task).await["status_code"], 401);
    assert_eq!(items(&i).await, 0);
    patch(&i, &task, json!({"user_id": user})).await;
    i.platform.run_due_tasks(HOUR + MINUTE).await.unwrap();
    assert_eq!(log_of(&i, &task).await, Value::Null);
    assert_eq!(items(&i).await, 1);

    // Without its app the task would have all rights: it is switched off when the app goes.
    let (status, body) = i
        .admin(Verb::Delete, &format!("system/app/{app}"), Value::Null)
        .await;
    assert_eq!(status, 200, "{body}");
    let (_, left) = i
        .get(&format!(
            "system/scheduler/{task}?fields=is_active,app_id,user_id"
        ))
        .await;
    assert_eq!(
        left,
        json!({"is_active": false, "app_id": null, "user_id": null, "verb": "POST"})
    );
    assert_eq!(i.platform.run_due_tasks(HOUR + 2 * MINUTE).await.unwrap(), 0);
}

#[tokio::test]
async fn a_role_on_tasks_is_no_way_to_more_rights() {
    let (i, service) = stocked().await;
    let headers = i.delegate(&[("scheduler/*", 31), ("app/*", 1)]).await;
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let access = json!([{"service_id": service, "component": "*", "verb_mask": 31, "requestor_mask": 3}]);
    let strong = json!({"name": "strong", "is_active": true, "role_service_access_by_role_id": access});
    let strong = i.create("role", strong, "").await["id"].clone();
    let app = json!({"name": "strong", "is_active": true, "role_id": strong});
    let strong = i.create("app", app, "").await["id"].clone();
    let app = json!({"name": "weak", "is_active": true});
    let weak = i.create("app", app, "").await["id"].clone();
    let all = i.create("scheduler", writing(service), "").await["id"].clone();

    let mut record = writing(service);
    record["name"] = "mine".into();
    for (app, user, status) in [
        (json!(null), json!(null), 403),
        (strong, json!(null), 403),
        (weak.clone(), json!(1), 403),
        (weak, json!(null), 201),
    ] {
        record["app_id"] = app;
        record["user_id"] = user;
        let body = json!({"resource": [record]});
        let answer = i
            .call(Verb::Post, "system/scheduler?rollback=true", &headers, body)
            .await;
        let refused = answer.1["error"]["context"]["resource"][0]["code"].as_i64();
        assert_eq!(
            refused.unwrap_or(i64::from(answer.0)),
            status,
            "{}",
            message(&answer)
        );
    }
    let change = json!({"component": "_table/other"});
    let target = format!("system/scheduler/{all}");
    let answer = i.call(Verb::Patch, &target, &headers, change).await;
    assert_eq!(answer.0, 403, "{}", answer.1);
    let answer = i.call(Verb::Delete, &target, &headers, Value::Null).await;
    assert_eq!(answer.0, 200, "{}", answer.1);
}
