//! What the libraries for applications send: batches, filters, relations, verbs in headers and in parameters.

use kit::Client;
use scenarios::world::{KEY, PASSWORD, TOKEN, World, grant};
use serde_json::{Value, json};

async fn ok(client: &Client, status: u16, verb: &str, path: &str, body: Option<&Value>) -> Value {
    let answer = client.call(verb, &format!("/api/v2/{path}"), body).await;
    assert_eq!(answer.status, status, "{verb} {path}: {}", answer.text());
    answer.json()
}

/// An application with a key, and a user of it with a role.
async fn application(world: &World) -> Client {
    let grants: Vec<Value> = world
        .bases
        .iter()
        .map(|base| grant(base.id, "*", 31, json!([])))
        .collect();
    // The service `user`, seeded with this id.
    let own = grant(7, "*", 31, json!([]));
    let role = world.role("staff", &[grants, vec![own]].concat()).await;
    let app = json!({"name": "application", "is_active": true, "type": 0});
    let app = world.create("app", app).await;
    let user = json!({"email": "staff@example.com", "password": PASSWORD, "is_active": true, "first_name": "S",
        "last_name": "T", "user_to_app_to_role_by_user_id": [{"app_id": app["id"], "role_id": role}]});
    world.create("user", user).await;
    let client = world.program.client().with(KEY, app["api_key"].as_str().unwrap());
    let login = json!({"email": "staff@example.com", "password": PASSWORD, "duration": 0});
    let session = ok(&client, 200, "POST", "user/session", Some(&login)).await;
    assert_eq!(session["role"], "staff");
    client.with(TOKEN, session["session_token"].as_str().unwrap())
}

#[tokio::test]
async fn records_are_kept_by_an_application() {
    let world = World::shared().await;
    let client = application(&world).await;
    for base in &world.bases {
        let table = format!("{}/_table/supplies", base.service);
        let made = json!({"resource": [{"name": "rope", "quantity": 3}, {"name": "nail", "quantity": 900}]});
        let made = ok(&client, 200, "POST", &format!("{table}?fields=*"), Some(&made)).await;
        let ids: Vec<i64> = made["resource"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|row| row["id"].as_i64())
            .collect();
        let list = format!("{},{}", ids[0], ids[1]);
        let related = format!("{table}?ids={list}&related=locations_by_supply_id&fields=id%2Cname");
        let rows = ok(&client, 200, "GET", &related, None).await;
        assert_eq!(rows["resource"][0]["locations_by_supply_id"], json!([]));

        // A place comes with the supply that it holds.
        let place = json!({"resource": [{"id": ids[0], "locations_by_supply_id": [{"city": "Ulm"}]}]});
        ok(&client, 200, "PATCH", &table, Some(&place)).await;
        let filter = "%28name%20like%20%27ro%25%27%29%20AND%20%28quantity%20%3C%2010%29";
        let rows = ok(
            &client,
            200,
            "GET",
            &format!("{table}?filter={filter}&order=name%20asc&include_count=true&related=*"),
            None,
        )
        .await;
        assert_eq!(rows["meta"]["count"], 1);
        assert_eq!(rows["resource"][0]["locations_by_supply_id"][0]["city"], "Ulm");

        // Verbs that a network does not let through travel in a header, or in a parameter.
        let tunnelled = client.with("X-HTTP-Method", "PATCH");
        let change = json!({"resource": [{"id": ids[1], "quantity": 800}]});
        ok(&tunnelled, 200, "POST", &table, Some(&change)).await;
        let one = ok(&client, 200, "GET", &format!("{table}/{}", ids[1]), None).await;
        assert_eq!(one["quantity"], 800);
        let search = json!({"filter": "(quantity > 700) and (name = 'nail')", "fields": "name"});
        let found = ok(
            &client,
            200,
            "POST",
            &format!("{table}?method=GET"),
            Some(&search),
        )
        .await;
        assert_eq!(found["resource"][0], json!({"name": "nail"}));
        let deleting = client.with("X-Http-Method", "DELETE");
        ok(&deleting, 200, "POST", &format!("{table}?ids={list}"), None).await;
        ok(&client, 404, "GET", &format!("{table}/{}", ids[0]), None).await;
    }
}

#[tokio::test]
async fn a_user_looks_after_the_own_account() {
    let world = World::start(Vec::new(), kit::Start::default()).await;
    let client = application(&world).await;
    let profile = ok(&client, 200, "GET", "user/profile", None).await;
    assert_eq!(profile["email"], "staff@example.com");
    let change = json!({"first_name": "Sam", "phone": "1"});
    let changed = ok(&client, 200, "POST", "user/profile", Some(&change)).await;
    assert_eq!(changed["success"], true);
    let custom = json!({"resource": [{"name": "theme", "value": {"dark": true}}]});
    ok(&client, 201, "POST", "user/custom", Some(&custom)).await;
    let read = ok(&client, 200, "GET", "user/custom", None).await;
    assert_eq!(read["resource"][0]["name"], "theme");
    let session = ok(&client, 200, "GET", "user/session", None).await;
    assert_eq!(session["first_name"], "Sam");
    ok(&client, 200, "DELETE", "user/session", None).await;
    let gone = client.get("/api/v2/user/session").await;
    assert_eq!(gone.status, 403);
}
