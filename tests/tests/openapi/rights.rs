//! What a caller may not do, documents do not show.

use crate::documents::{document, operations};
use kit::Start;
use scenarios::furnished::upload;
use scenarios::world::{KEY, World, grant};
use scenarios::zipped::archive;
use serde_json::{Value, json};

#[tokio::test]
async fn a_document_shows_what_its_caller_may_do() {
    let world = World::start(Vec::new(), Start::default()).await;
    let id = world.bases[0].id;
    let filter = json!([{"name": "dept_no", "operator": "=", "value": "d001"}]);
    let role = world
        .role(
            "reader",
            &[
                grant(id, "_table/departments/*", 1, filter),
                grant(id, "_spec", 1, Value::Null),
            ],
        )
        .await;
    let reader = world.key("reader", &role).await;

    // The administrator's document before and after tells what a document that was kept would show.
    for _ in 0..2 {
        let full = document(&world.admin, "sqlite/_spec?expand_schema=true").await;
        assert!(full.to_string().contains("employees"));
        for path in ["sqlite/_spec", "api_docs/sqlite", "api_docs"] {
            for query in [
                "",
                "?expand_schema=true",
                "?tables=true",
                "?resource_name=employees",
            ] {
                let text = document(&reader, &format!("{path}{query}")).await.to_string();
                for hidden in [
                    "employees",
                    "dept_emp",
                    "/_schema",
                    "salaries",
                    "/system",
                    "createSqlite",
                ] {
                    assert!(!text.contains(hidden), "{path}{query} shows {hidden}: {text}");
                }
            }
        }
    }
    let template = document(&reader, "sqlite/_spec").await;
    let seen: Vec<(&str, &str)> = operations(&template)
        .into_iter()
        .map(|(path, verb, _)| (path, verb))
        .collect();
    assert_eq!(
        seen,
        [
            ("/_table/{table_name}", "get"),
            ("/_table/{table_name}/{id}", "get")
        ]
    );
    let expanded = document(&reader, "sqlite/_spec?expand_schema=true").await;
    let seen: Vec<&str> = operations(&expanded)
        .into_iter()
        .map(|(path, _, _)| path)
        .collect();
    assert_eq!(seen, ["/_table/departments", "/_table/departments/{id}"]);

    // The model holds the rows that the role's filter lets through.
    let model = document(&reader, "sqlite/_spec?model=true").await;
    assert_eq!(model["tables"].as_object().map(serde_json::Map::len), Some(1));
    assert_eq!(model["tables"]["departments"]["row_count"], 1);
    assert_eq!(
        model["tables"]["departments"]["sample_data"][0]["dept_no"],
        "d001"
    );
    assert_eq!(model["relationships"]["departments"], json!([]));
}

#[tokio::test]
async fn who_may_not_know_a_service_gets_no_document() {
    let world = World::start(Vec::new(), Start::default()).await;
    let status =
        async |client: &kit::Client, path: &str| client.get(&format!("/api/v2/{path}")).await.refusal();
    let closed = |name: &str| {
        (
            403,
            format!("You do not have access to API Docs for the requested service {name}."),
        )
    };
    let nobody = world.program.client();
    let role = world.role("none", &[]).await;
    let key = world.key("none", &role).await;
    for client in [&nobody, &key] {
        assert_eq!(status(client, "api_docs/sqlite").await, closed("sqlite"));
        // Whether there is such a service is not told either.
        assert_eq!(status(client, "api_docs/missing").await, closed("missing"));
        assert_eq!(document(client, "api_docs").await["paths"], json!({}));
        assert_eq!(
            document(client, "api_docs?as_list=true").await,
            json!({"resource": []})
        );
        assert!(status(client, "sqlite/_spec").await.0 >= 400);
    }
    assert_eq!(
        status(&world.admin, "api_docs/missing").await,
        (404, "Could not find a service for missing".to_owned())
    );
    // A service of a type that is not installed has come with a package.
    let odd = json!([{"name": "odd", "type": "hologram", "is_active": true, "config": {}}]);
    let package = archive(&[
        ("package.json", b"{}".to_vec()),
        ("system/service.json", odd.to_string().into_bytes()),
    ]);
    assert_eq!(upload(&world.admin, &[], &package).await.status, 201);
    assert_eq!(
        status(&world.admin, "api_docs/odd").await,
        (
            503,
            "There are no defined API Docs for the requested service odd.".to_owned()
        )
    );
    // What needs no credentials is shown, and says so, to who may know the service.
    let users = document(&world.admin, "api_docs/user").await;
    assert_eq!(users["paths"]["/session"]["post"]["security"], json!([]));
    assert!(users["paths"]["/custom"]["post"].get("security").is_none());
    let bad = nobody.with(KEY, "unknown").get("/api/v2/api_docs/sqlite").await;
    assert_eq!(bad.status, 403);
}
