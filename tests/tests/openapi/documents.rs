//! Documents of every service in both versions: what they hold, and that they are valid.

use crate::python;
use kit::{Client, Start};
use scenarios::world::World;
use serde_json::Value;
use std::collections::HashSet;

/// A document that a caller gets.
pub(crate) async fn document(client: &Client, path: &str) -> Value {
    let answer = client.get(&format!("/api/v2/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

/// The operations of a document: path, verb, operation.
pub(crate) fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().expect("a document has paths");
    let verbs = ["get", "post", "put", "patch", "delete"];
    paths
        .iter()
        .flat_map(|(path, item)| {
            let found = verbs.into_iter().filter_map(|verb| Some((verb, item.get(verb)?)));
            found.map(|(verb, operation)| (path.as_str(), verb, operation))
        })
        .collect()
}

fn references<'d>(value: &'d Value, found: &mut Vec<&'d str>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => found.push(target),
                    _ => references(member, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|member| references(member, found)),
        _ => {}
    }
}

/// What generators of clients rely on, beyond the form of a document.
fn check(name: &str, document: &Value) {
    let mut found = Vec::new();
    references(document, &mut found);
    for target in found {
        let pointer = target.strip_prefix('#').expect("a reference inside the document");
        assert!(
            document.pointer(pointer).is_some(),
            "{name}: {target} leads nowhere"
        );
    }
    let mut names = HashSet::new();
    for (path, verb, operation) in operations(document) {
        let id = operation["operationId"]
            .as_str()
            .expect("an operation has a name");
        assert!(names.insert(id), "{name}: {id} is there twice");
        assert!(
            operation["summary"].as_str().is_some_and(|text| !text.is_empty()),
            "{name}: {id}"
        );
        assert!(
            operation["responses"]["default"].is_object(),
            "{name}: {verb} {path}"
        );
        let shared = document["paths"][path]["parameters"].as_array();
        for segment in path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        {
            let said = shared.is_some_and(|all| all.iter().any(|one| one["name"] == segment));
            assert!(said, "{name}: {path} says nothing of {segment}");
        }
    }
    assert!(!names.is_empty(), "{name} has no operations");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_of_all_services_are_valid() {
    let world = World::shared().await;
    let mut paths = Vec::new();
    let bases = world.bases.iter().map(|base| base.service);
    for service in bases.chain(["system", "user", "email", "api_docs"]) {
        for query in [
            "",
            "?openapi=3.1",
            "?expand_schema=true",
            "?expand_schema=true&openapi=3.1&tables=true",
        ] {
            paths.push(format!("{service}/_spec{query}"));
        }
        paths.push(format!("api_docs/{service}"));
    }
    for query in ["", "?openapi=3.1", "?expand_schema=true"] {
        paths.push(format!("api_docs{query}"));
    }
    let mut documents = Vec::new();
    for path in paths {
        let document = document(&world.admin, &path).await;
        check(&path, &document);
        let version = if path.contains("3.1") { "3.1.0" } else { "3.0.0" };
        assert_eq!(document["openapi"], version, "{path}");
        documents.push((path, document));
    }
    python::validate(&documents);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_described_as_the_database_knows_them() {
    let world = World::shared().await;
    for base in &world.bases {
        let service = base.service;
        let path = format!("{service}/_spec?expand_schema=true&resource_name=employees");
        let document = document(&world.admin, &path).await;
        let paths = document["paths"].as_object().expect("paths");
        assert!(
            paths.contains_key("/_table/employees/{id}"),
            "{service}: {:?}",
            paths.keys()
        );
        assert!(!paths.contains_key("/_table/departments"), "{service}");
        let read = &document["paths"]["/_table/employees"]["get"];
        assert_eq!(
            read["operationId"],
            format!(
                "get{}{}TableRecords_employees",
                &service[..1].to_uppercase(),
                &service[1..]
            )
        );
        let schemas = &document["components"]["schemas"];
        let answered = &schemas["EmployeesRecordResponse"]["properties"];
        assert_eq!(answered["emp_no"]["type"], "integer", "{service}");
        assert_eq!(answered["hire_date"]["format"], "date", "{service}");
        assert!(
            answered["salaries_by_emp_no"]["items"].is_object(),
            "{service}: {answered}"
        );
        let new = &schemas["NewEmployeesRecordsRequest"]["properties"]["resource"]["items"]["allOf"][1];
        let required = new["required"].as_array().expect("names");
        assert!(required.contains(&"first_name".into()), "{service}: {required:?}");
        if service == "mysql" {
            assert_eq!(answered["gender"]["enum"][0], "M", "{answered}");
        }
    }
    // Without a path about it, a resource is a table.
    let document = document(&world.admin, "sqlite/_spec?resource_name=departments").await;
    assert!(document["paths"].get("/_table/departments").is_some());
}

#[tokio::test]
async fn documents_come_in_the_form_that_is_asked_for() {
    let world = World::start(Vec::new(), Start::default()).await;
    let get = async |path: &str| world.admin.get(&format!("/api/v2/{path}")).await;
    let yaml = get("sqlite/_spec?format=yaml").await;
    assert_eq!(yaml.header("content-type"), "application/x-yaml; charset=utf-8");
    assert_eq!(yaml.header("cache-control"), "no-store");
    assert!(
        yaml.text().contains("\nservers:\n- url: /api/v2/sqlite\n"),
        "{}",
        yaml.text()
    );
    let by_header = world
        .admin
        .with("Accept", "application/yaml")
        .get("/api/v2/sqlite/_spec")
        .await;
    assert_eq!(by_header.body, yaml.body);
    let file = get("api_docs/sqlite?file=sqlite.json").await;
    assert!(file.header("content-disposition").contains("sqlite.json"));
    for (query, sentence) in [
        ("format=xml", "The parameter 'format' must be 'json' or 'yaml'."),
        ("openapi=2.0", "The parameter 'openapi' must be '3.0' or '3.1'."),
    ] {
        let refused = get(&format!("sqlite/_spec?{query}")).await;
        assert_eq!(refused.refusal(), (400, sentence.to_owned()));
    }

    let compact = document(&world.admin, "sqlite/_spec?compact=true&tables=true").await;
    assert_eq!(
        compact["endpoint_count"],
        compact["endpoints"].as_array().map_or(0, Vec::len)
    );
    assert!(
        compact["x-dreamfactory-resources"]["tables"]
            .as_array()
            .is_some_and(|t| t.contains(&"employees".into()))
    );
    let read = compact["endpoints"].as_array().into_iter().flatten();
    let read = read
        .into_iter()
        .find(|e| e["operationId"] == "getSqliteTableRecords")
        .expect("an entry");
    let parameters = read["parameters"].as_array().expect("names");
    assert_eq!(parameters[0], "table_name (path, required, string)");
    assert!(
        parameters.contains(&"filter (query, string)".into()),
        "{parameters:?}"
    );

    let model = document(&world.admin, "sqlite/_spec?model=true&resource_name=dep").await;
    let departments = &model["tables"]["departments"];
    assert!(departments["row_count"].as_u64() > Some(0), "{model}");
    assert_eq!(departments["sample_data"].as_array().map(Vec::len), Some(3));
    let key = departments["columns"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|c| c["pk"] == true);
    assert_eq!(key.map(|c| &c["name"]), Some(&"dept_no".into()));
    let stock = document(&world.admin, "sqlite/_spec?model=true&stock=true").await;
    assert!(stock["tables"]["departments"].get("sample_data").is_none());
    let other = document(&world.admin, "email/_spec?model=true").await;
    assert_eq!(
        other["error"],
        "This service does not support schema introspection."
    );
}
