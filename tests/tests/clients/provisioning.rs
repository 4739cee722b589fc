//! Tools that keep an instance as code: a provider for infrastructure as code, and a tool that mirrors roles.
//!
//! They send every field of their types: zero for an id that there is none of, empty text and empty lists.

use crate::console::CONSOLE_KEY;
use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Client, Program};
use serde_json::{Value, json};

/// The tool, logged in.
async fn tool(program: &Program) -> Client {
    let client = program
        .client()
        .with("X-DreamFactory-Api-Key", CONSOLE_KEY)
        .with("Accept", "application/json")
        .with("Content-Type", "application/json");
    let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let session = call(&client, 200, "POST", "admin/session", Some(&login)).await;
    client.with(
        "X-DreamFactory-Session-Token",
        session["session_token"].as_str().unwrap(),
    )
}

/// Sends a call to the system, and gives up when the status is another one, as the tool does.
async fn call(client: &Client, status: u16, verb: &str, path: &str, body: Option<&Value>) -> Value {
    let text = body.map(Value::to_string);
    let answer = client
        .send(
            verb,
            &format!("/api/v2/system/{path}"),
            &[],
            text.as_deref().map(str::as_bytes),
        )
        .await
        .unwrap();
    assert_eq!(answer.status, status, "{verb} {path}: {}", answer.text());
    answer.json()
}

/// Makes, reads, changes and removes an object; gives what was read first.
async fn keep(client: &Client, resource: &str, object: &Value, change: (&str, Value)) -> Value {
    let made = call(
        client,
        201,
        "POST",
        resource,
        Some(&json!({ "resource": [object] })),
    )
    .await;
    let made = &made["resource"][0];
    let id = made["id"]
        .as_i64()
        .map(|id| id.to_string())
        .or_else(|| made["name"].as_str().map(str::to_owned))
        .unwrap_or_else(|| panic!("{resource}: {made}"));
    let path = format!("{resource}/{id}");
    let read = call(client, 200, "GET", &path, None).await;
    let mut changed = object.clone();
    let (field, value) = change;
    changed[field] = value.clone();
    call(client, 200, "PATCH", &path, Some(&changed)).await;
    assert_eq!(
        call(client, 200, "GET", &path, None).await[field],
        value,
        "{resource}"
    );
    call(client, 200, "DELETE", &path, None).await;
    call(client, 404, "GET", &path, None).await;
    read
}

#[tokio::test]
async fn objects_are_kept_as_code() {
    let program = Program::start();
    let client = tool(&program).await;
    let role = json!({"id": 0, "name": "reader", "description": "Reads", "is_active": true,
        "role_service_access_by_role_id": [{"id": 0, "role_id": 0, "service_id": 5, "component": "_table/*",
            "verb_mask": 1, "requestor_mask": 1, "filters": [], "filter_op": "AND"}],
        "role_lookup_by_role_id": []});
    let mut plain = role.clone();
    plain["role_service_access_by_role_id"] = json!([]);
    let path = "role?related=role_service_access_by_role_id&fields=*";
    let made = call(&client, 201, "POST", path, Some(&json!({ "resource": [role] }))).await;
    let made = &made["resource"][0];
    assert_eq!(
        made["role_service_access_by_role_id"][0]["service_id"], 5,
        "{made}"
    );
    call(&client, 200, "DELETE", &format!("role/{}", made["id"]), None).await;
    keep(&client, "role", &plain, ("description", json!("Looks"))).await;

    let app = json!({"name": "shop", "description": "", "is_active": true, "type": 0});
    let app = keep(&client, "app", &app, ("description", json!("Sells"))).await;
    assert_eq!(app["api_key"].as_str().map(str::len), Some(64));
    let service = json!({"name": "stock", "label": "Stock", "is_active": true, "type": "sqlite", "mutable": false,
                         "deletable": false, "doc": {"format": 0, "content": ""}, "config": {"database": "s.sqlite"}});
    let service = keep(&client, "service", &service, ("label", json!("Goods"))).await;
    assert_eq!(
        service["deletable"], true,
        "a client cannot make a service undeletable"
    );
    let user = json!({"name": "Ada", "email": "ada@example.com", "is_active": true});
    keep(&client, "user", &user, ("name", json!("Ada L."))).await;
    let cors = json!({"id": 0, "path": "api/*", "origin": "*", "header": "", "method": ["GET"], "max_age": 5,
                      "enabled": true});
    keep(&client, "cors", &cors, ("method", json!(["GET", "PUT"]))).await;
    let template = json!({"name": "Hello", "description": "", "to": null, "subject": "Hi", "from": {},
                          "reply_to": {}, "defaults": []});
    keep(&client, "email_template", &template, ("subject", json!("Ho"))).await;
    let lookup = json!({"name": "region", "value": "EU", "private": false});
    keep(&client, "lookup", &lookup, ("value", json!("US"))).await;
    let script = json!({"name": "db._schema.get.post_process", "type": "nodejs", "content": "return 1;"});
    keep(&client, "event_script", &script, ("content", json!("return 2;"))).await;
    let admin = json!({"name": "Second", "email": "second@example.com", "is_active": true});
    keep(&client, "admin", &admin, ("name", json!("Third"))).await;
}

#[tokio::test]
async fn roles_are_mirrored() {
    let program = Program::start();
    let client = tool(&program).await;
    let access = json!([{"service_id": 5, "component": "_table/a/*", "verb_mask": 1, "requestor_mask": 3,
        "filters": [{"name": "id", "operator": "in", "value": "{lookup}"}], "filter_op": "AND"}]);
    let role = json!({"name": "mirror", "is_active": true, "role_service_access_by_role_id": access});
    call(&client, 201, "POST", "role", Some(&json!({ "resource": [role] }))).await;
    let services = call(&client, 200, "GET", "service?fields=id%2Cname", None).await;
    let roles = call(
        &client,
        200,
        "GET",
        "role?related=role_service_access_by_role_id",
        None,
    )
    .await;
    let rule = &roles["resource"][0]["role_service_access_by_role_id"][0];
    let service = services["resource"].as_array().unwrap().iter();
    assert!(service.clone().any(|service| service["id"] == rule["service_id"]));
    assert_eq!(rule["filters"][0]["operator"], "in");
    assert_eq!(rule["filter_op"], "AND");
}
