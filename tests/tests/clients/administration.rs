//! The screens for roles, keys, limits, cross-origin rules, lookups, e-mail templates, scripts and tasks.

use crate::console::{Console, LIST, list_with, named};
use kit::Program;
use serde_json::{Value, json};

const ROLE: &str = "role_service_access_by_role_id,lookup_by_role_id";

#[tokio::test]
async fn roles_with_access_and_lookups() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let services = console
        .list(
            "system/service",
            &[
                ("limit", "0"),
                ("offset", "0"),
                ("include_count", "true"),
                ("sort", "name"),
            ],
        )
        .await;
    for service in ["system", "user", "api_docs"] {
        let parts = console.get(service, &[("as_access_list", "true")]).await;
        let parts = parts["resource"].as_array().unwrap().clone();
        assert!(parts.iter().all(Value::is_string), "{service}: {parts:?}");
    }
    let service = &named(&services, "user")["id"];
    let role = json!({"id": null, "name": "clerk", "description": null, "is_active": true,
        "role_service_access_by_role_id": [
            {"id": null, "role_id": null, "service_id": service, "component": "*", "verb_mask": 3,
             "requestor_mask": 1, "filters": []},
            {"id": null, "role_id": null, "service_id": null, "component": "", "verb_mask": 1, "requestor_mask": 3,
             "filters": [{"name": "area", "operator": "=", "value": "north"}], "filter_op": "AND"}],
        "lookup_by_role_id": [{"id": "", "name": "area", "value": "north", "private": true}]});
    let wanted = [("fields", "*"), ("related", ROLE)];
    let id = console.create("system/role", &wanted, role.clone()).await;
    let twice = console
        .send(
            "POST",
            "system/role",
            &wanted,
            Some(&json!({ "resource": [role] })),
        )
        .await;
    assert!(twice.json()["error"]["context"]["resource"][0]["message"].is_string());

    let path = format!("system/role/{id}");
    let edit = [("related", ROLE), ("accessible_tabs", "true")];
    let mut record = console.get(&path, &edit).await;
    let access = record["role_service_access_by_role_id"].as_array().unwrap();
    assert_eq!(access.len(), 2);
    assert_eq!(access[1]["filters"][0]["name"], "area");
    assert_eq!(access[1]["service_id"], Value::Null);

    // A row that was taken out of the table comes without its role, one that was added without an id.
    let rows = json!([
        {"id": access[0]["id"], "role_id": null, "service_id": service, "component": "*", "verb_mask": 3,
         "requestor_mask": 1, "filters": []},
        {"id": access[1]["id"], "role_id": id, "service_id": null, "component": "", "verb_mask": 1,
         "requestor_mask": 3, "filters": [], "filter_op": null},
        {"id": null, "role_id": id, "service_id": service, "component": "profile", "verb_mask": 31,
         "requestor_mask": 1, "filters": []}]);
    record["role_service_access_by_role_id"] = rows;
    let lookup = record["lookup_by_role_id"][0]["id"].clone();
    record["lookup_by_role_id"] =
        json!([{"id": "", "name": "floor", "value": "2", "private": false}, {"id": lookup, "role_id": null}]);
    console.put(&path, &[], &record).await;
    let record = console.get(&path, &edit).await;
    let access = record["role_service_access_by_role_id"].as_array().unwrap();
    let parts: Vec<&Value> = access.iter().map(|row| &row["component"]).collect();
    assert_eq!(parts, [&json!(""), &json!("profile")]);
    assert_eq!(record["lookup_by_role_id"].as_array().unwrap().len(), 1);
    assert_eq!(record["lookup_by_role_id"][0]["name"], "floor");

    let related: Vec<_> = LIST
        .into_iter()
        .chain([("related", "lookup_by_role_id"), ("sort", "name")])
        .collect();
    named(&console.list("system/role", &related).await, "clerk");
    let search = "(id like \"%cle%\") or (name like \"%cle%\") or (description like \"%cle%\")";
    let found = console.list("system/role", &list_with("filter", search)).await;
    assert_eq!(found.len(), 1);
    console.delete(&path, &[]).await;
}

#[tokio::test]
async fn apps_and_their_keys() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let role = console
        .create("system/role", &[], json!({"name": "clerk", "is_active": true}))
        .await;
    let app = json!({"name": "till", "description": "", "type": 0, "role_id": role, "is_active": true, "url": null,
                     "storage_service_id": null, "storage_container": null, "path": null});
    let id = console
        .create(
            "system/app",
            &[("fields", "*"), ("related", "role_by_role_id")],
            app.clone(),
        )
        .await;
    let path = format!("system/app/{id}");
    let read = console.get(&path, &[("related", "role_by_role_id")]).await;
    assert_eq!(read["role_by_role_id"]["name"], "clerk");
    assert_eq!(read["launch_url"], "");
    let key = read["api_key"].clone();
    let mut edited = app;
    edited["type"] = json!(2);
    edited["url"] = json!("https://till.example.com");
    console.put(&path, &[], &edited).await;
    let read = console.get(&path, &[("fields", "*")]).await;
    assert_eq!(read["launch_url"], "https://till.example.com");
    assert_eq!(read["api_key"], key);
    let listed = console
        .list("system/app", &list_with("related", "role_by_role_id"))
        .await;
    assert_eq!(named(&listed, "till")["role_by_role_id"]["id"], role);
    let search = "(name like \"%till%\") or (description like \"%till%\")";
    assert_eq!(
        console
            .list("system/app", &list_with("filter", search))
            .await
            .len(),
        1
    );
    console.delete(&path, &[]).await;
}

#[tokio::test]
async fn limits_and_their_counters() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let limit = json!({"cache_data": {}, "rate": "7", "description": "", "endpoint": null, "is_active": true,
                       "name": "all", "period": "minute", "role_id": null, "service_id": null, "user_id": null,
                       "type": "instance", "verb": null});
    let id = console.create("system/limit", &[], limit).await;
    let related = "service_by_service_id,role_by_role_id,user_by_user_id,limit_cache_by_limit_id";
    let listed = console.list("system/limit", &list_with("related", related)).await;
    let counter = &named(&listed, "all")["limit_cache_by_limit_id"][0];
    assert_eq!(counter["max"], 7);
    assert!(counter["attempts"].is_u64(), "{counter}");

    let path = format!("system/limit/{id}");
    let mut record = console.get(&path, &[]).await;
    assert_eq!(record["period"], "minute");
    record["rate"] = json!("9");
    record["period"] = json!("hour");
    console.put(&path, &[], &record).await;
    let record = console.get(&path, &[]).await;
    assert_eq!((&record["rate"], &record["period"]), (&json!(9), &json!("hour")));
    console
        .delete("system/limit_cache", &[("ids", &id.to_string())])
        .await;
    console.delete(&path, &[]).await;
}

#[tokio::test]
async fn settings_have_their_screens() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;

    let rule = json!({"path": "api/*", "description": "", "origin": "https://a.example.com", "header": "*",
                      "exposed_header": "*", "max_age": 60, "method": ["GET", "POST"], "supports_credentials": false,
                      "enabled": true});
    let id = console.create("system/cors", &[("fields", "*")], rule).await;
    let path = format!("system/cors/{id}");
    let mut rule = console.get(&path, &[]).await;
    assert_eq!(rule["method"], json!(["GET", "POST"]));
    rule["method"] = json!(["GET", "POST", "PUT", "PATCH", "DELETE"]);
    console.put(&path, &[], &rule).await;
    let listed = console.list("system/cors", &LIST).await;
    assert_eq!(listed[0]["method"].as_array().unwrap().len(), 5);
    console.delete(&path, &[]).await;

    let keys = json!({"resource": [{"name": "region", "value": "EU", "private": false, "id": null},
                                   {"name": "secret", "value": "S", "private": true, "id": null}]});
    let made = console
        .expect(201, "POST", "system/lookup", &[("fields", "*")], Some(&keys))
        .await;
    let region = made["resource"][0]["id"].as_i64().unwrap();
    let secret = made["resource"][1]["id"].as_i64().unwrap();
    let changed = json!({"name": "region", "value": "US", "private": false, "id": region});
    console
        .put(&format!("system/lookup/{region}"), &[], &changed)
        .await;
    console
        .delete("system/lookup", &[("ids", &format!("{secret}"))])
        .await;
    let left = console.list("system/lookup", &LIST).await;
    assert_eq!((left.len(), &left[0]["value"]), (1, &json!("US")));

    let template = json!({"name": "Hello", "description": "", "to": "", "cc": "", "bcc": "", "subject": "Hi {name}",
                          "attachment": "", "body_html": "<p>Hi</p>", "from_name": "", "from_email": "",
                          "reply_to_name": "", "reply_to_email": ""});
    let id = console
        .create("system/email_template", &[], template.clone())
        .await;
    let mut template = template;
    template["to"] = json!("a@example.com");
    console
        .put(&format!("system/email_template/{id}"), &[], &template)
        .await;
    let listed = console.list("system/email_template", &LIST).await;
    assert!(listed.len() >= 4);
    assert_eq!(named(&listed, "Hello")["subject"], "Hi {name}");
}

#[tokio::test]
async fn scripts_and_scheduled_tasks() {
    let program = Program::start();
    let console = Console::of_admin(&program).await;
    let events = console
        .get(
            "system/event",
            &[("scriptable", "true"), ("limit", "0"), ("offset", "0")],
        )
        .await;
    let table = &events["db"]["db._table.{table_name}"];
    let endpoints = table["endpoints"].as_array().unwrap();
    assert!(endpoints.contains(&json!("db._table.{table_name}.post.pre_process")));
    assert!(table.get("parameter").is_some(), "{table}");

    let kinds = console.get("system/script_type", &LIST).await;
    assert!(!kinds["resource"].as_array().unwrap().is_empty());
    let name = "db._schema.get.pre_process";
    let script = json!({"name": name, "type": "nodejs", "content": "return 1;", "storage_service_id": null,
                        "storage_path": null, "is_active": false, "allow_event_modification": false});
    let path = format!("system/event_script/{name}");
    let made = console.expect(201, "POST", &path, &[], Some(&script)).await;
    assert_eq!(made["name"], name);
    let read = console.get(&path, &[]).await;
    assert_eq!(read["content"], "return 1;");
    let listed = console.list("system/event_script", &LIST).await;
    assert_eq!(listed.len(), 1);
    console.delete(&path, &[]).await;

    let services = console
        .get("system/service", &[("limit", "0"), ("sort", "name")])
        .await;
    let db = named(services["resource"].as_array().unwrap(), "db").clone();
    let parts = console.get("db", &[("as_access_list", "true")]).await;
    let related = "task_log_by_task_id";
    let wanted = [("fields", "*"), ("related", related)];
    let task = json!({"id": null, "component": "_schema", "description": null, "frequency": 10, "is_active": false,
        "name": "look", "payload": null, "service_id": db["id"], "service_name": "db", "verb": "GET", "verb_mask": 1,
        "service": {"id": db["id"], "name": "db", "label": db["label"], "description": db["description"],
                    "type": db["type"], "components": parts["resource"]}});
    let id = console.create("system/scheduler", &wanted, task.clone()).await;
    let path = format!("system/scheduler/{id}");
    let read = console.get(&path, &[("related", related)]).await;
    assert_eq!((&read["verb"], &read[related]), (&json!("GET"), &Value::Null));
    let mut edited = task;
    for field in [
        "id",
        "created_date",
        "created_by_id",
        "last_modified_date",
        "last_modified_by_id",
    ] {
        edited[field] = read[field].clone();
    }
    edited["has_log"] = json!(false);
    edited["verb"] = json!("POST");
    edited["verb_mask"] = json!(2);
    edited["payload"] = json!("{\"resource\": []}");
    console.put(&path, &wanted, &edited).await;
    let listed = console
        .list(
            "system/scheduler",
            &list_with("related", "task_log_by_task_id,service_by_service_id"),
        )
        .await;
    assert_eq!(listed[0]["verb"], "POST");
    assert_eq!(listed[0]["payload"], "{\"resource\": []}");
    assert_eq!(listed[0]["service_by_service_id"]["name"], "db");
    console.delete(&path, &[]).await;
}
