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
    let own = ["system.package.{file}", "system.config_package", "system.audit"];
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

#[tokio::test(flavor = "multi_thread")]
async fn records_asked_for_by_identifier_come_in_the_order_of_lists() {
    let program = Program::start();
    let admin = program.admin().await;
    for (query, ids) in [
        ("ids=5,1,3", json!([1, 3, 5])),
        ("ids=5,1,3&order=id%20desc", json!([5, 3, 1])),
        ("ids=5,5,1", json!([1, 5])),
        ("ids=1,5&limit=1&filter=id%3D3", json!([1, 5])),
    ] {
        let read = get(&admin, &format!("system/service?fields=id&{query}")).await;
        let told: Vec<&Value> = read["resource"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|row| &row["id"])
            .collect();
        assert_eq!(json!(told), ids, "{query}");
        let list = get(&admin, &format!("system/service?as_list=true&{query}")).await;
        assert_eq!(list, json!({"resource": ids}), "{query}");
    }
    assert_eq!(
        get(&admin, "system/service?ids=1,5&count_only=true").await,
        json!(2)
    );
    let settings = [("it's", 1), ("b", 2)].map(|(name, value)| json!({"name": name, "value": value}));
    let made = admin
        .post("/api/v2/system/custom", &json!({ "resource": settings }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let read = get(&admin, "system/custom?ids=it's,b&fields=name").await;
    assert_eq!(read["resource"], json!([{"name": "b"}, {"name": "it's"}]));
    let missing = admin.get("/api/v2/system/service?ids=5,99,1&fields=id").await;
    assert_eq!(missing.status, 400);
    let told = missing.json();
    let context = &told["error"]["context"];
    assert_eq!(context["error"], json!([1]));
    assert_eq!(context["resource"][0], json!({"id": 5}));
    assert_eq!(context["resource"].as_array().map(Vec::len), Some(2), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_tell_the_members_that_are_asked_for() {
    let program = Program::start();
    let admin = program.admin().await;
    let root = get(&admin, "system?fields=name,read_only").await;
    assert_eq!(root["resource"][0], json!({"name": "admin", "read_only": false}));
    let whole = get(&admin, "system?fields=*").await;
    assert_eq!(whole["resource"][0].as_object().map(|entry| entry.len()), Some(6));
    let cache = get(&admin, "system/cache?as_list=true").await;
    assert_eq!(cache["resource"][0], "system");
    let facts = get(&admin, "system/environment").await;
    assert_eq!(facts["platform"]["secured_package_export"], true);
    let table = json!({"resource": [{"name": "part", "field": [{"name": "id", "type": "id"}]}]});
    assert!(admin.post("/api/v2/db/_schema", &table).await.status < 300);
    let fields = get(&admin, "db/_schema/part/_field?fields=name,type").await;
    assert_eq!(fields["resource"], json!([{"name": "id", "type": "id"}]));
    let field = get(&admin, "db/_schema/part/_field/id?fields=db_type").await;
    assert_eq!(field, json!({"db_type": "integer"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn alloydb_is_a_type_of_its_own_over_the_same_protocol() {
    let program = Program::start();
    let admin = program.admin().await;
    let kind = get(&admin, "system/service_type/alloydb").await;
    let same = get(&admin, "system/service_type/pgsql").await;
    assert_eq!(
        (&kind["label"], &kind["group"]),
        (&json!("AlloyDB"), &json!("Database"))
    );
    assert_eq!(kind["config_schema"], same["config_schema"]);
    let Some(server) = kit::postgres() else { return };
    let database = server.database("alloy");
    let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
        "username": database.user(), "password": database.password()});
    create(
        &admin,
        "service",
        json!({"name": "alloy", "type": "alloydb", "is_active": true, "config": config}),
    )
    .await;
    let table = json!({"resource": [{"name": "part", "field": [{"name": "id", "type": "id"}, {"name": "name", "type": "string"}]}]});
    let made = admin.post("/api/v2/alloy/_schema", &table).await;
    assert!(made.status < 300, "{}", made.text());
    let rows = json!({"resource": [{"name": "bolt"}]});
    assert_eq!(admin.post("/api/v2/alloy/_table/part", &rows).await.status, 200);
    let read = get(&admin, "alloy/_table/part?fields=name").await;
    assert_eq!(read, json!({"resource": [{"name": "bolt"}]}));
}
