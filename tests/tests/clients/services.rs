//! The screens for services: the forms are made of the types, and saved whole.

use crate::console::{Console, LIST, list_with, named};
use scenarios::world::World;
use serde_json::{Map, Value, json};

const DOCUMENT: &str = "service_doc_by_service_id";

/// Names of the types in the groups of a screen, each asked for by itself.
async fn types(console: &Console, groups: &[&str]) -> Vec<String> {
    let mut names = Vec::new();
    for group in groups {
        let parameters: Vec<_> = LIST
            .into_iter()
            .chain([("fields", "name"), ("group", *group)])
            .collect();
        let answer = console.get("system/service_type", &parameters).await;
        for found in answer["resource"].as_array().unwrap() {
            names.push(found["name"].as_str().unwrap().to_owned());
        }
    }
    names
}

/// What the form of a type is filled with before anybody types: every field of the schema at its default.
fn form(schema: &Value) -> Map<String, Value> {
    let fields = schema.as_array().unwrap().iter();
    fields
        .map(|field| {
            (
                field["name"].as_str().unwrap().to_owned(),
                field.get("default").cloned().unwrap_or(Value::Null),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_database_is_connected_edited_and_removed() {
    let world = World::start(Vec::new(), kit::Start::default()).await;
    let console = Console::of_admin(&world.program).await;
    let names = types(&console, &["Database", "Big Data"]).await;
    assert!(
        ["sqlite", "mysql", "pgsql"]
            .iter()
            .all(|name| names.iter().any(|n| n == name))
    );
    let all = console.get("system/service_type", &LIST).await;
    let kinds = all["resource"].as_array().unwrap();
    let kind = named(kinds, "sqlite");
    for field in ["label", "description", "group"] {
        assert!(kind[field].is_string(), "{field}: {kind}");
    }

    let mut config = form(&kind["config_schema"]);
    config.insert("database".into(), json!("demo.sqlite"));
    let service = json!({"id": null, "type": "sqlite", "name": "staff", "label": "Staff", "description": "",
                         "is_active": true, "config": config, DOCUMENT: null});
    let id = console.create("system/service", &[], service).await;
    let tables = console.get("staff/_table", &[]).await;
    assert!(tables["resource"].is_array());

    let mut of_types = format!("(type in (\"{}\"))", names.join("\",\""));
    let listed = console
        .list(
            "system/service",
            &[
                ("filter", of_types.as_str()),
                ("sort", "name"),
                ("include_count", "true"),
                ("offset", "0"),
            ],
        )
        .await;
    named(&listed, "staff");
    of_types.push_str(" and (created_by_id is not null)");
    let own = console
        .list("system/service", &list_with("filter", &of_types))
        .await;
    named(&own, "staff");

    // A form sends back everything that it has read, with what was changed.
    let path = format!("system/service/{id}");
    let mut record = console.get(&path, &[("related", DOCUMENT)]).await;
    assert_eq!(record[DOCUMENT], json!([]));
    record["label"] = json!("All staff");
    record["config"]["max_records"] = json!(500);
    console.put(&path, &[], &record).await;
    console.delete("system/cache/staff", &[]).await;
    let record = console.get(&path, &[]).await;
    assert_eq!(
        (&record["label"], &record["config"]["max_records"]),
        (&json!("All staff"), &json!(500))
    );

    console.delete(&path, &[]).await;
    let gone = console.send("GET", &path, &[], None).await;
    assert_eq!(gone.status, 404);
}

#[tokio::test]
async fn a_masked_password_is_sent_back_and_stays() {
    let world = World::shared().await;
    let console = Console::of_admin(&world.program).await;
    for base in world.bases.iter().filter(|base| base.database.is_some()) {
        let path = format!("system/service/{}", base.id);
        let mut record = console.get(&path, &[("related", DOCUMENT)]).await;
        assert_eq!(record["config"]["password"], "**********");
        record["description"] = json!("Edited");
        console.put(&path, &[], &record).await;
        console
            .delete(&format!("system/cache/{}", base.service), &[])
            .await;
        let rows = console
            .get(&format!("{}/_table/employees", base.service), &[("limit", "1")])
            .await;
        assert_eq!(rows["resource"].as_array().map(Vec::len), Some(1));
    }
}

#[tokio::test]
async fn services_are_found_documented_and_looked_after() {
    let world = World::start(Vec::new(), kit::Start::default()).await;
    let console = Console::of_admin(&world.program).await;
    let text = "sql";
    let search = format!(
        "((name like \"%{text}%\") or (label like \"%{text}%\") or (description like \"%{text}%\") or (type like \"%{text}%\"))"
    );
    let found = console
        .get(
            "system/service",
            &[("limit", "0"), ("offset", "0"), ("filter", &search)],
        )
        .await;
    named(found["resource"].as_array().unwrap(), "sqlite");

    let documented = console
        .list(
            "system/service",
            &[
                ("limit", "100"),
                ("offset", "0"),
                ("include_count", "true"),
                ("sort", "name"),
                ("filter", "(type not like \"%swagger%\")"),
            ],
        )
        .await;
    assert!(documented.iter().all(|service| service["type"] != "swagger"));
    let document = console.get("api_docs/sqlite", &[]).await;
    assert!(document["openapi"].is_string() && document["paths"].is_object());

    let built_in = console
        .list("system/service", &list_with("filter", "(created_by_id is null)"))
        .await;
    named(&built_in, "system");

    let roles = console
        .get(
            "system/role",
            &[
                ("fields", "id,name,is_active"),
                ("related", "role_service_access_by_role_id"),
                ("limit", "1000"),
                ("offset", "0"),
                ("include_count", "true"),
            ],
        )
        .await;
    assert!(roles["resource"].is_array());

    let caches = console.get("system/cache", &[("fields", "*")]).await;
    assert!(caches["resource"].is_array(), "{caches}");
    console.delete("system/cache", &[]).await;
}
