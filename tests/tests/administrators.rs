//! Administrators who are restricted to parts, and the last one who is not.
#![allow(clippy::unwrap_used)]

use kit::Client;
use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use scenarios::world::{KEY, PASSWORD, World, log_in};
use serde_json::{Value, json};

/// The key of the console's app, which is the same everywhere.
const CONSOLE: &str = "6498a8ad1beb9d84d63035c5d1120c007fad6de706734db9689f8996707e0f7d";
const EMAIL: &str = "tabs@example.com";

async fn world() -> World {
    World::start(Vec::new(), kit::Start::default()).await
}

async fn restricted(world: &World, tabs: &[&str]) -> (i64, Client) {
    let made = world
        .create(
            "admin",
            json!({"email": EMAIL, "name": "Tabs", "password": PASSWORD,
                   "is_restricted_admin": true, "access_by_tabs": tabs}),
        )
        .await;
    (made["id"].as_i64().unwrap(), session(world).await)
}

async fn session(world: &World) -> Client {
    let console = world.program.client().with(KEY, CONSOLE);
    log_in(&console, "system/admin/session", EMAIL, PASSWORD).await
}

async fn patch(client: &Client, path: &str, body: Value) -> (u16, String) {
    let answer = client.call("PATCH", path, Some(&body)).await;
    (answer.status, answer.text())
}

async fn tabs(world: &World, admin: i64) -> Value {
    let path = format!("/api/v2/system/admin/{admin}?related=user_to_app_to_role_by_user_id");
    let record = world.admin.get(&path).await.json();
    let role = &record["user_to_app_to_role_by_user_id"][0]["role_id"];
    let role = world
        .admin
        .get(&format!("/api/v2/system/role/{role}?accessible_tabs=true"))
        .await
        .json();
    role["accessible_tabs"].clone()
}

#[tokio::test]
async fn tabs_are_what_a_restricted_administrator_can_do() {
    let world = world().await;
    let (id, admin) = restricted(&world, &["users", "config"]).await;
    assert_eq!(tabs(&world, id).await, json!(["users", "config"]));

    for open in [
        "user",
        "role",
        "app",
        "custom",
        "cors",
        "email_template",
        "lookup",
        "environment",
    ] {
        assert_eq!(
            admin.get(&format!("/api/v2/system/{open}")).await.status,
            200,
            "{open}"
        );
    }
    for closed in [
        "admin",
        "audit",
        "service",
        "limit",
        "event_script",
        "scheduler",
        "service_type",
        "package",
    ] {
        assert_eq!(
            admin.get(&format!("/api/v2/system/{closed}")).await.status,
            403,
            "{closed}"
        );
    }
    assert_eq!(admin.get("/api/v2/sqlite/_table/employees").await.status, 403);
    let role = json!({"resource": [{"name": "own", "is_active": true}]});
    assert_eq!(admin.post("/api/v2/system/role", &role).await.status, 403);
    let user = json!({"resource": [{"email": "new@example.com", "password": PASSWORD}]});
    assert_eq!(admin.post("/api/v2/system/user", &user).await.status, 201);
    // The gate says why, to those who may ask.
    let path = format!("/api/v2/system/service?explain=access&explain_user={EMAIL}&explain_key={CONSOLE}");
    let told = world.admin.get(&path).await.json();
    assert_eq!(
        told["explain"]["caller"]["tabs"],
        json!(["users", "config"]),
        "{told}"
    );
    assert_eq!(told["explain"]["access"]["allowed"], false);

    // Other tabs take the place of these, and no restriction that of all.
    let path = format!("/api/v2/system/admin/{id}");
    let wish = json!({"is_restricted_admin": true, "access_by_tabs": ["schema/data"]});
    assert_eq!(patch(&world.admin, &path, wish).await.0, 200);
    assert_eq!(tabs(&world, id).await, json!(["schema/data"]));
    assert_eq!(admin.get("/api/v2/sqlite/_table/departments").await.status, 200);
    assert_eq!(admin.get("/api/v2/system/user").await.status, 403);
    assert_eq!(
        patch(&world.admin, &path, json!({"access_by_tabs": ["everything"]}))
            .await
            .0,
        400
    );
    assert_eq!(
        patch(&world.admin, &path, json!({"is_restricted_admin": false}))
            .await
            .0,
        200
    );
    assert_eq!(admin.get("/api/v2/system/audit").await.status, 200);
    let roles = world.admin.get("/api/v2/system/role").await.json();
    assert_eq!(roles["resource"], json!([]), "the role went with its user");
}

#[tokio::test]
async fn a_restriction_cannot_be_shaken_off() {
    let world = world().await;
    let (id, admin) = restricted(&world, &["apps", "users", "services", "config"]).await;
    let own = format!("/api/v2/system/admin/{id}");
    let lift = json!({"is_restricted_admin": false});
    assert_eq!(patch(&admin, &own, lift).await.0, 403);
    assert_eq!(
        patch(&admin, "/api/v2/system/admin/1", json!({"password": PASSWORD}))
            .await
            .0,
        403
    );
    let profile = json!({"is_restricted_admin": false, "is_sys_admin": true, "access_by_tabs": []});
    let answer = admin.post("/api/v2/system/admin/profile", &profile).await;
    assert!(answer.status < 500, "{}", answer.text());
    // Without the app that binds the role, the restriction would be gone.
    for app in [1, 2, 3] {
        let gone = admin
            .call("DELETE", &format!("/api/v2/system/app/{app}"), None)
            .await;
        assert_eq!(gone.status, 403, "{}", gone.text());
    }
    assert_eq!(admin.get("/api/v2/system/audit").await.status, 403);
    // No key, no role; the key of another app is not one for this role.
    let bare = log_in(&world.program.client(), "system/admin/session", EMAIL, PASSWORD).await;
    assert_eq!(bare.get("/api/v2/system/user").await.status, 400);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = world().await;
    restricted(&world, &["users"]).await;
    let second = json!({"email": "second@example.com", "name": "Second", "password": PASSWORD});
    let second = world.create("admin", second).await["id"].as_i64().unwrap();
    let other = log_in(
        &world.program.client(),
        "system/admin/session",
        "second@example.com",
        PASSWORD,
    )
    .await;
    // Of two, one may go in any of the ways; the one that is left may not.
    let path = format!("/api/v2/system/admin/{second}");
    assert_eq!(
        patch(&world.admin, &path, json!({"is_active": false})).await.0,
        200
    );
    assert_eq!(other.get("/api/v2/system/admin").await.status, 403);
    let first = "/api/v2/system/admin/1";
    for demotion in [
        json!({"is_active": false}),
        json!({"is_restricted_admin": true, "access_by_tabs": ["users"]}),
    ] {
        let (status, text) = patch(&world.admin, first, demotion.clone()).await;
        assert_eq!(status, 400, "{demotion}: {text}");
    }
    let (status, _) = patch(&world.admin, first, json!({"is_sys_admin": false})).await;
    assert_eq!(status, 200, "a field that cannot be written is ignored");
    assert_eq!(world.admin.call("DELETE", first, None).await.status, 403);
    let all = world
        .admin
        .call("DELETE", "/api/v2/system/admin?force=true", None)
        .await;
    assert!(all.status >= 400, "{}", all.text());
    let still = log_in(
        &world.program.client(),
        "system/admin/session",
        ADMIN_EMAIL,
        ADMIN_PASSWORD,
    )
    .await;
    assert_eq!(still.get("/api/v2/system/audit").await.status, 200);
}
