//! Definitions that people wrote.

use crate::documents::document;
use kit::Start;
use scenarios::world::{World, grant};
use serde_json::{Value, json};

const YAML: &str = "openapi: 3.0.0
info: {title: 'Our {service.Name}', version: '7'}
paths:
  /_table/departments:
    get: {operationId: departments, responses: {'200': {description: Fine}}}
    delete: {operationId: drop, responses: {'200': {description: Gone}}}
  /_table/employees:
    get: {operationId: employees, responses: {'200': {description: Fine}}}
";

async fn store(world: &World, format: u8, content: &str) {
    let path = format!("/api/v2/system/service/{}", world.bases[0].id);
    let body = json!({"service_doc_by_service_id": {"format": format, "content": content}});
    let answer = world.admin.call("PATCH", &path, Some(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn a_stored_definition_replaces_the_document() {
    let world = World::start(Vec::new(), Start::default()).await;
    let role = world
        .role(
            "reader",
            &[
                grant(world.bases[0].id, "_table/departments", 1, Value::Null),
                grant(world.bases[0].id, "_spec", 1, Value::Null),
            ],
        )
        .await;
    let reader = world.key("reader", &role).await;

    store(&world, 1, YAML).await;
    let made = document(&world.admin, "sqlite/_spec").await;
    assert_eq!(made["info"], json!({"title": "Our Sqlite", "version": "7"}));
    assert_eq!(made["servers"][0]["url"], "/api/v2/sqlite");
    assert_eq!(made["paths"].as_object().map(serde_json::Map::len), Some(2));
    for path in ["sqlite/_spec", "api_docs/sqlite"] {
        let seen = document(&reader, path).await;
        let get =
            json!({"get": {"operationId": "departments", "responses": {"200": {"description": "Fine"}}}});
        assert_eq!(seen["paths"], json!({"/_table/departments": get}));
    }
    let whole = document(&world.admin, "api_docs").await;
    assert_eq!(
        whole["paths"]["/sqlite/_table/employees"]["get"]["tags"],
        json!(["sqlite"])
    );

    store(
        &world,
        0,
        r#"{"openapi": "3.0.0", "paths": {"/x": {"get": {"responses": {}}}}}"#,
    )
    .await;
    let made = document(&world.admin, "sqlite/_spec").await;
    assert_eq!(made["info"]["title"], "sqlite");
    assert!(made["paths"].get("/x").is_some());

    // A definition that cannot be read is no definition, and no danger: aliases are not followed without end.
    let bomb = "a: &a [x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n\
                d: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\n\
                g: &g [*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g]\npaths: {}\n";
    for (format, content) in [(0, "{"), (0, "[]"), (1, "a: [b"), (1, "text"), (1, bomb)] {
        store(&world, format, content).await;
        for path in ["sqlite/_spec", "api_docs/sqlite"] {
            let answer = world.admin.get(&format!("/api/v2/{path}")).await;
            assert_eq!(answer.status, 503, "{path}, {content}: {}", answer.text());
        }
        assert!(
            document(&world.admin, "api_docs").await["paths"]
                .get("/user/session")
                .is_some()
        );
    }
}
