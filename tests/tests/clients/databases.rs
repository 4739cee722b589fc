//! The screens for tables: the schema manager and the data browser.

use crate::console::{Console, named};
use scenarios::world::World;
use serde_json::{Value, json};

#[tokio::test]
async fn a_table_is_made_changed_and_browsed() {
    let world = World::shared().await;
    let console = Console::of_admin(&world.program).await;
    for base in &world.bases {
        schema(&console, base.service).await;
        browse(&console, base.service).await;
    }
}

/// What the form of a field holds: everything, and null where the type has no such thing.
fn field(name: &str, kind: &str) -> Value {
    json!({"name": name, "alias": "", "label": "", "is_virtual": false, "type": kind, "allow_null": true,
           "auto_increment": false, "default": null, "is_index": false, "is_unique": false, "is_foreign_key": false,
           "validation": "", "db_function": [], "length": 40, "fixed_length": null, "supports_multibyte": null,
           "picklist": ""})
}

async fn schema(console: &Console, service: &str) {
    let tables = format!("{service}/_schema");
    let listed = console.get(&tables, &[("fields", "name,label")]).await;
    assert!(listed["resource"][0]["label"].is_string(), "{listed}");

    let table = json!({"alias": null, "label": "Visit", "plural": "Visits", "description": null, "name": "console_visit",
        "field": [{"name": "id", "type": "id", "label": "Id"},
                  {"name": "emp_no", "type": "integer", "allow_null": true}]});
    console
        .expect(
            200,
            "POST",
            &tables,
            &[("fields", "*")],
            Some(&json!({ "resource": [table] })),
        )
        .await;
    let path = format!("{tables}/console_visit");
    let mut read = console.get(&path, &[("refresh", "true")]).await;
    assert_eq!(read["label"], "Visit");
    read["label"] = json!("Visit of somebody");
    let form = json!({"name": "console_visit", "alias": null, "label": "Visit of somebody", "plural": "Visits",
                      "description": "Who came"});
    console.expect(200, "PATCH", &path, &[], Some(&form)).await;
    assert_eq!(console.get(&path, &[]).await["label"], "Visit of somebody");

    let fields = format!("{path}/_field");
    let made = json!({"resource": [field("purpose", "string")]});
    console.expect(200, "POST", &fields, &[], Some(&made)).await;
    let mut purpose = console.get(&format!("{fields}/purpose"), &[]).await;
    assert!(purpose["db_function"].is_array() || purpose["db_function"].is_null());
    assert_eq!(purpose["length"], 40);
    purpose["label"] = json!("What for");
    console.put(&fields, &[], &json!({ "resource": [purpose] })).await;
    assert_eq!(
        console.get(&format!("{fields}/purpose"), &[]).await["label"],
        "What for"
    );

    let related = format!("{path}/_related");
    let services = console
        .get("system/service", &[("limit", "0"), ("sort", "name")])
        .await;
    let here = named(services["resource"].as_array().unwrap(), service)["id"].clone();
    let relation = json!({"name": "", "alias": null, "label": null, "description": null, "always_fetch": false,
                          "type": "belongs_to", "is_virtual": true, "field": "emp_no", "ref_service_id": here,
                          "ref_table": "employees", "ref_field": "emp_no"});
    console
        .expect(
            200,
            "POST",
            &related,
            &[],
            Some(&json!({ "resource": [relation] })),
        )
        .await;
    let listed = console.get(&path, &[("refresh", "true")]).await;
    let relation = listed["related"]
        .as_array()
        .unwrap()
        .iter()
        .find(|relation| relation["ref_table"] == "employees")
        .unwrap_or_else(|| panic!("{listed}"))
        .clone();
    let name = relation["name"].as_str().unwrap();
    let mut one = console.get(&format!("{related}/{name}"), &[]).await;
    one["label"] = json!("The visitor");
    console
        .expect(200, "PATCH", &related, &[], Some(&json!({ "resource": [one] })))
        .await;
    console.delete(&format!("{related}/{name}"), &[]).await;
    console.delete(&path, &[]).await;
}

async fn browse(console: &Console, service: &str) {
    let path = format!("{service}/_table/employees");
    let page = [("limit", "25"), ("offset", "0"), ("include_count", "true")];
    let rows = console.list(&path, &page).await;
    assert!(!rows.is_empty());
    let mut sorted = page.to_vec();
    sorted.push(("order", "emp_no DESC"));
    let sorted = console.list(&path, &sorted).await;
    assert!(sorted[0]["emp_no"].as_i64() >= sorted[1]["emp_no"].as_i64());
    let described = console
        .get(&format!("{service}/_schema/employees"), &[("refresh", "true")])
        .await;
    let key = &described["field"][0];
    for attribute in [
        "is_primary_key",
        "is_foreign_key",
        "is_unique",
        "allow_null",
        "auto_increment",
    ] {
        assert!(key[attribute].is_boolean(), "{attribute}: {key}");
    }
    assert!(described["related"].is_array());
}
