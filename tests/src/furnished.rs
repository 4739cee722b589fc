//! An instance with one of everything, for tests that bring its content elsewhere.

use crate::world::{KEY, TOKEN};
use kit::{Answer, Client, Program};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Key of the app.
pub const APP_KEY: &str = "aaaabbbbccccddddeeeeffff00001111aaaabbbbccccddddeeeeffff00001111";
/// A secret in the configuration of the service `shop`.
pub const SERVICE_SECRET: &str = "Ship-Shape-Secret";
/// A secret in private lookups.
pub const LOOKUP_SECRET: &str = "Lookup-Secret-Value";
/// E-mail and password of the user.
pub const USER: (&str, &str) = ("reader@example.com", "Reader-Password-1234");

/// Creates a record and gives its id.
pub async fn create(admin: &Client, resource: &str, object: Value) -> i64 {
    let path = format!("/api/v2/system/{resource}?fields=*");
    let answer = admin.post(&path, &json!({ "resource": [object] })).await;
    assert!(answer.status < 300, "{resource}: {}", answer.text());
    answer.json()["resource"][0]["id"].as_i64().unwrap_or_default()
}

/// Puts one of everything into an instance.
pub async fn furnish(program: &Program) {
    let admin = program.admin().await;
    let db = create(
        &admin,
        "service",
        json!({"name": "stock", "label": "Stock", "type": "sqlite", "is_active": true,
               "config": {"database": "stock.sqlite"},
               "service_doc_by_service_id": {"format": 0, "content": "{\"openapi\": \"3.0\"}"}}),
    )
    .await;
    let shop = create(
        &admin,
        "service",
        json!({"name": "shop", "type": "pgsql", "is_active": false,
               "config": {"host": "db.example.com", "port": 5433, "database": "shop", "username": "u",
                          "password": SERVICE_SECRET}}),
    )
    .await;
    tables(&admin).await;
    let role = create(
        &admin,
        "role",
        json!({"name": "Reader", "description": "Reads the stock.", "is_active": true,
               "role_service_access_by_role_id": [
                   {"service_id": db, "component": "_table/item/*", "verb_mask": 1, "requestor_mask": 3,
                    "filters": [{"name": "area", "operator": "=", "value": "north"}], "filter_op": "AND"},
                   {"service_id": shop, "component": "*", "verb_mask": 31, "requestor_mask": 1},
                   {"service_id": null, "component": "", "verb_mask": 1, "requestor_mask": 1}],
               "lookup_by_role_id": [{"name": "region", "value": LOOKUP_SECRET, "private": true}]}),
    )
    .await;
    let app = create(
        &admin,
        "app",
        json!({"name": "mobile", "api_key": APP_KEY, "is_active": true, "type": 2, "url": "https://m.example.com",
               "role_id": role, "lookup_by_app_id": [{"name": "color", "value": "blue"}]}),
    )
    .await;
    let user = create(
        &admin,
        "user",
        json!({"email": USER.0, "password": USER.1, "first_name": "Rea", "last_name": "Der", "is_active": true,
               "security_question": "Why?", "security_answer": "Because", "default_app_id": app,
               "user_to_app_to_role_by_user_id": [{"app_id": app, "role_id": role}],
               "lookup_by_user_id": [{"name": "shoe", "value": "44"}],
               "user_custom_by_user_id": [{"name": "theme", "value": {"dark": true}}]}),
    )
    .await;
    let secret =
        json!({"name": "token", "value": LOOKUP_SECRET, "private": true, "description": "Of a partner."});
    create(&admin, "lookup", secret).await;
    create(&admin, "custom", json!({"name": "motto", "value": ["a", "b"]})).await;
    let cors = json!({"path": "api/*", "origin": "https://m.example.com", "method": ["GET", "POST"], "max_age": 60,
                      "supports_credentials": true});
    create(&admin, "cors", cors).await;
    let template = json!({"name": "Welcome", "subject": "Hello {who}", "to": ["a@b.c"], "cc": "d@e.f, g@h.i", "body_html": "<p>\nHello\n</p>",
                          "defaults": {"who": "friend"}});
    let template = create(&admin, "email_template", template).await;
    create(
        &admin,
        "event_script",
        json!({"name": "stock._table.item.get.post_process", "type": "nodejs", "is_active": false,
               "content": "var a = 1;\nreturn a;\n"}),
    )
    .await;
    create(
        &admin,
        "limit",
        json!({"name": "gently", "type": "instance.user.service", "rate": 100, "period": "hour", "user_id": user,
               "service_id": db, "verb": "GET"}),
    )
    .await;
    let task = json!({"name": "tidy", "is_active": false, "service_id": db, "component": "_table/item", "verb_mask": 16,
                      "frequency": 60, "payload": {"filter": "owner=9"}, "app_id": app, "user_id": user});
    create(&admin, "scheduler", task).await;
    let settings = json!({"config": {"open_reg_role_id": role, "invite_email_template_id": template,
                                     "app_role_map": [{"app_id": app, "role_id": role}]}});
    let answer = admin
        .call("PATCH", "/api/v2/system/service/7", Some(&settings))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Tables with extras and a relation that no foreign key makes.
async fn tables(admin: &Client) {
    let schema = json!({"resource": [
        {"name": "item", "label": "Thing", "field": [
            {"name": "id", "type": "id"}, {"name": "region", "type": "string", "alias": "area"},
            {"name": "owner", "type": "integer"}]},
        {"name": "person", "field": [{"name": "id", "type": "id"}, {"name": "name", "type": "string"}],
         "related": [{"type": "has_many", "field": "id", "ref_table": "item", "ref_field": "owner", "is_virtual": true}]}]});
    let answer = admin.post("/api/v2/stock/_schema", &schema).await;
    assert!(answer.status < 300, "{}", answer.text());
    let people = json!({"resource": [{"name": "Ann"}, {"name": "Bob"}]});
    let answer = admin.post("/api/v2/stock/_table/person", &people).await;
    assert!(answer.status < 300, "{}", answer.text());
    let items = json!({"resource": [{"area": "north", "owner": 1}, {"area": "south", "owner": 2}]});
    let answer = admin.post("/api/v2/stock/_table/item", &items).await;
    assert!(answer.status < 300, "{}", answer.text());
}

/// What is the same in two instances that hold the same: every resource with its relations, without ids and dates.
pub async fn described(program: &Program) -> Value {
    let admin = program.admin().await;
    let mut all = serde_json::Map::new();
    for (resource, related) in [
        ("email_template", ""),
        ("service", "service_doc_by_service_id"),
        ("role", "role_service_access_by_role_id,lookup_by_role_id"),
        ("app", "lookup_by_app_id,role_by_role_id"),
        (
            "user",
            "user_to_app_to_role_by_user_id,lookup_by_user_id,user_custom_by_user_id",
        ),
        ("admin", ""),
        ("lookup", ""),
        ("custom", ""),
        ("cors", ""),
        ("event_script", ""),
        ("limit", ""),
        ("scheduler", "service_by_service_id"),
    ] {
        let answer = admin
            .get(&format!(
                "/api/v2/system/{resource}?fields=*&related={related}&order=id"
            ))
            .await;
        let answer = match answer.status {
            200 => answer,
            _ => {
                admin
                    .get(&format!("/api/v2/system/{resource}?fields=*&related={related}"))
                    .await
            }
        };
        assert_eq!(answer.status, 200, "{resource}: {}", answer.text());
        let mut records = answer.json()["resource"].clone();
        plain(&mut records);
        if let Some(list) = records.as_array_mut() {
            list.sort_by_cached_key(Value::to_string);
        }
        all.insert(resource.to_owned(), records);
    }
    for table in ["item", "person"] {
        let answer = admin.get(&format!("/api/v2/stock/_schema/{table}")).await;
        let mut schema = answer.json();
        plain(&mut schema);
        all.insert(format!("schema of {table}"), schema);
    }
    Value::Object(all)
}

/// Without ids, dates and who wrote what.
fn plain(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(plain),
        Value::Object(map) => {
            map.retain(|name, value| {
                let reference = name.ends_with("_id") && !value.is_array() && !value.is_object();
                let own = ["id", "key_text", "launch_url"].contains(&name.as_str());
                !(own || reference || name.ends_with("_date"))
            });
            map.values_mut().for_each(plain);
        }
        _ => {}
    }
}

/// Checks that what cannot be read back has come over: hashes, keys, secrets and rights.
pub async fn check_secrets(program: &Program) {
    let client = program.client();
    // A running server looks twice a second for what others wrote.
    let keyed = client.with(KEY, APP_KEY);
    let began = Instant::now();
    while keyed.get("/api/v2/stock/_table/item").await.status != 200 {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "the key did not come over"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let login = json!({"email": USER.0, "password": USER.1});
    let answer = client.post("/api/v2/user/session", &login).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let token = answer.json()["session_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let keyed = client.with(KEY, APP_KEY).with(TOKEN, &token);
    let answer = keyed.get("/api/v2/stock/_table/item").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let rows = answer.json()["resource"].as_array().cloned().unwrap_or_default();
    assert!(rows.iter().all(|row| row["area"] == "north"), "{rows:?}");
    assert_eq!(keyed.get("/api/v2/stock/_table/person").await.status, 403);
}

/// Uploads a package as browsers do.
pub async fn upload(admin: &Client, fields: &[(&str, &str)], bytes: &[u8]) -> Answer {
    upload_to(admin, "/api/v2/system/package", fields, ("files", "p.zip", bytes)).await
}

/// Posts a form with fields and one file: the name of its field, its own name, its content.
pub async fn upload_to(
    client: &Client,
    path: &str,
    fields: &[(&str, &str)],
    (field, name, bytes): (&str, &str, &[u8]),
) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--BOUND\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let part = format!(
        "--BOUND\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(part.as_bytes());
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--BOUND--\r\n");
    let content = [("Content-Type", "multipart/form-data; boundary=BOUND")];
    let answer = client.send("POST", path, &content, Some(&body)).await;
    answer.expect("the program answers")
}
