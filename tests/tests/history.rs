//! The history of a record, and two people who change it at once.
#![allow(clippy::unwrap_used)]

use kit::{Client, Start};
use scenarios::world::World;
use serde_json::{Value, json};

/// Changes a role with `If-Match`; status and answer.
async fn change(admin: &Client, id: &Value, seen: &str, change: Value) -> (u16, Value) {
    let client = admin.with("If-Match", seen);
    let answer = client
        .call("PATCH", &format!("/api/v2/system/role/{id}"), Some(&change))
        .await;
    (answer.status, answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_what_was_changed_meanwhile_is_refused() {
    let world = World::start(Vec::new(), Start::default()).await;
    let id = world.role("first", &[]).await;
    let path = format!("/api/v2/system/role/{id}");
    let read = world.admin.get(&path).await.json();
    let date = read["last_modified_date"].as_str().unwrap();
    let stale = "\"2020-01-01T00:00:00.000000Z\"";
    let (status, refusal) = change(&world.admin, &id, stale, json!({"name": "lost"})).await;
    assert_eq!(status, 412);
    assert_eq!(refusal["error"]["context"]["last_modified_date"], json!([date]));
    assert_eq!(world.admin.get(&path).await.json()["name"], "first");
    for seen in [format!("\"{date}\""), "*".to_owned()] {
        let (status, answer) = change(&world.admin, &id, &seen, json!({"description": "same second"})).await;
        assert_eq!(status, 200, "{seen}: {answer}");
    }
    assert_eq!(
        change(&world.admin, &json!(99_999), stale, json!({"name": "x"}))
            .await
            .0,
        404
    );
    let again = world.admin.get(&path).await.json();
    assert_eq!(
        (&again["name"], &again["description"]),
        (&json!("first"), &json!("same second"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_record_is_found_by_an_index() {
    let world = World::start(Vec::new(), Start::default()).await;
    let (one, other) = (world.role("one", &[]).await, world.role("other", &[]).await);
    for name in ["second", "third"] {
        let change = json!({"name": name});
        let path = format!("/api/v2/system/role/{one}");
        assert_eq!(world.admin.call("PATCH", &path, Some(&change)).await.status, 200);
    }
    let filter = format!("filter=(resource=role)and(record_id={one})&order=id%20desc");
    let answer = world
        .admin
        .get(&format!("/api/v2/system/audit?{filter}"))
        .await
        .json();
    let history = answer["resource"].as_array().unwrap();
    let names: Vec<&Value> = history.iter().map(|entry| &entry["after"]["name"]).collect();
    assert_eq!(names, ["third", "second", "one"]);
    assert_eq!(history[0]["before"]["name"], "second");
    assert_ne!(one, other);

    let database = rusqlite::Connection::open(world.program.data().join("system.sqlite")).unwrap();
    let plan: String = database
        .query_row(
            "EXPLAIN QUERY PLAN SELECT * FROM audit WHERE resource = 'role' AND record_id = 1",
            [],
            |row| row.get("detail"),
        )
        .unwrap();
    assert!(plan.contains("audit_record_id"), "{plan}");
}
