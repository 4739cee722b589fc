//! What the system tells of itself: who wrote a record, which events there are, where services are described.

use kit::{Client, Program};
use scenarios::furnished::create;
use scenarios::world::KEY;
use serde_json::{Value, json};

async fn get(client: &Client, path: &str) -> Value {
    let answer = client.get(&format!("/api/v2/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_lead_to_who_wrote_them() {
    let program = Program::start();
    let admin = program.admin().await;
    let role = create(
        &admin,
        "role",
        json!({"name": "reader", "is_active": true, "role_service_access_by_role_id": [
        {"service_id": 1, "component": "role/*", "verb_mask": 1, "requestor_mask": 3},
        {"service_id": 1, "component": "app/*", "verb_mask": 1, "requestor_mask": 3}]}),
    )
    .await;
    create(
        &admin,
        "app",
        json!({"name": "page", "is_active": true, "role_id": role}),
    )
    .await;
    let related = "related=user_by_created_by_id,user_by_last_modified_by_id";
    let read = get(&admin, &format!("system/role/{role}?{related}")).await;
    let author = &read["user_by_created_by_id"];
    assert_eq!(author["id"], read["created_by_id"]);
    assert_eq!(author["first_name"], "Oracle");
    assert!(read["user_by_last_modified_by_id"].is_null(), "{read}");
    let secret = [
        "password",
        "security_answer",
        "confirm_code",
        "is_sys_admin",
        "remember_token",
    ];
    assert!(secret.iter().all(|name| author.get(name).is_none()), "{author}");
    for resource in [
        "service",
        "app",
        "lookup",
        "cors",
        "email_template",
        "user",
        "admin",
        "scheduler",
        "custom",
    ] {
        get(&admin, &format!("system/{resource}?{related}&limit=1")).await;
    }
    // Of a relation's relation, and only to who may read administrators.
    let rows =
        "related=role_service_access_by_role_id&role_service_access_by_role_id.related=service_by_service_id";
    let read = get(&admin, &format!("system/role/{role}?{rows}")).await;
    assert_eq!(
        read["role_service_access_by_role_id"][0]["service_by_service_id"]["name"],
        "system"
    );
    let key = get(&admin, "system/app?filter=name=page").await["resource"][0]["api_key"].clone();
    let keyed = program.client().with(KEY, key.as_str().unwrap_or_default());
    get(&keyed, &format!("system/role/{role}")).await;
    let refused = keyed.get(&format!("/api/v2/system/role/{role}?{related}")).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let filtered = admin
        .get("/api/v2/system/role?filter=user_by_created_by_id.password%20like%20'%25'")
        .await;
    assert_eq!(filtered.status, 400, "{}", filtered.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_what_their_paths_can_be() {
    let program = Program::start();
    let admin = program.admin().await;
    let events = get(&admin, "system/event").await;
    let system = &events["system"];
    let names = json!({"id": ["password", "profile", "session"]});
    assert_eq!(system["system.admin.{id}"]["parameter"], names);
    for path in ["system.cache.{service}", "system.role.{id}", "system.admin"] {
        assert!(
            system[path].is_object() && system[path]["parameter"].is_null(),
            "{path}"
        );
    }
    // What the original does not have tells no events.
    let own = ["system.package.{file}", "system.audit"];
    assert!(own.iter().all(|path| system.get(path).is_none()), "{system}");
    let forgotten = admin
        .call("DELETE", "/api/v2/system/cache/_event/db.get.pre_process", None)
        .await;
    assert_eq!(
        (forgotten.status, forgotten.json()),
        (200, json!({"success": true}))
    );
    assert!(events["api_docs"]["api_docs.{service_name}"]["parameter"]["service_name"].is_array());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_services_leads_to_their_documents() {
    let program = Program::start();
    let admin = program.admin().await;
    let named = get(&admin, "?fields=name,spec_url").await;
    let db = json!({"name": "db", "spec_url": "/api/v2/db/_spec"});
    assert!(
        named["services"].as_array().is_some_and(|all| all.contains(&db)),
        "{named}"
    );
    for path in ["", "?fields=*"] {
        let all = get(&admin, path).await;
        assert_eq!(all["services"][0].get("spec_url"), None, "{all}");
    }
    let tables = json!({"resource": [
        {"name": "maker", "field": [{"name": "id", "type": "id"}]},
        {"name": "part", "field": [{"name": "id", "type": "id"}, {"name": "maker_id", "type": "reference",
            "ref_table": "maker", "ref_field": "id", "allow_null": true}]}]});
    let made = admin.post("/api/v2/db/_schema", &tables).await;
    assert!(made.status < 300, "{}", made.text());
    let document = get(&admin, "db/_spec?expand_schema=true").await;
    let relation = &document["x-dreamfactory-relationships"]["part"][0];
    assert_eq!(
        (&relation["name"], &relation["ref_table"]),
        (&json!("maker_by_maker_id"), &json!("maker"))
    );
}
