//! `system/app`: what clients send and are answered.

use kit::{Client, Program};
use scenarios::world::PASSWORD;
use serde_json::{Value, json};

const APPS: &str = "/api/v2/system/app";

async fn create(admin: &Client, app: Value) -> (u16, Value) {
    let answer = admin
        .post(&format!("{APPS}?fields=*"), &json!({"resource": [app]}))
        .await;
    (answer.status, answer.json()["resource"][0].clone())
}

async fn one(admin: &Client, id: &Value, query: &str) -> Value {
    admin.get(&format!("{APPS}/{id}?{query}")).await.json()
}

#[tokio::test]
async fn apps_have_their_defaults_and_an_address() {
    let program = Program::start();
    let admin = program.admin().await;
    let (status, plain) = create(&admin, json!({"name": "plain"})).await;
    assert_eq!(status, 201);
    for (field, value) in [
        ("type", json!(0)),
        ("is_active", json!(false)),
        ("requires_fullscreen", json!(false)),
        ("allow_fullscreen_toggle", json!(true)),
        ("toggle_location", json!("top")),
        ("role_id", Value::Null),
        ("launch_url", json!("")),
    ] {
        assert_eq!(plain[field], value, "{field}");
    }
    assert_eq!(plain["api_key"].as_str().map(str::len), Some(64));
    let places = [
        (
            json!({"name": "page", "type": 2, "url": "https://x/y"}),
            "https://x/y".to_owned(),
        ),
        (
            json!({"name": "path", "type": 3, "path": "a/i.html"}),
            format!("{}/a/i.html", program.base()),
        ),
        (
            json!({"name": "files", "type": 1, "storage_service_id": 3, "storage_container": "c", "path": "i.html"}),
            format!("{}/files/c/i.html", program.base()),
        ),
    ];
    for (app, url) in places {
        let (_, made) = create(&admin, app).await;
        assert_eq!(made["launch_url"], url);
        assert_eq!(
            one(&admin, &made["id"], "fields=name").await["launch_url"],
            url,
            "whatever is asked"
        );
    }
    for wrong in [
        json!({"name": "plain"}),
        json!({"type": 1}),
        json!({"name": "x", "type": "text"}),
        json!({"name": "x", "role_id": 99}),
        json!({"name": "x", "storage_service_id": 99}),
    ] {
        assert_eq!(create(&admin, wrong.clone()).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn keys_change_only_as_asked() {
    let program = Program::start();
    let admin = program.admin().await;
    let own = "k".repeat(64);
    let (_, app) = create(&admin, json!({"name": "own", "api_key": own})).await;
    assert_eq!(app["api_key"], own);
    for refused in [own.as_str(), "short"] {
        let name = format!("other {}", refused.len());
        let (status, other) = create(&admin, json!({"name": name, "api_key": refused})).await;
        assert_eq!(status, 201);
        assert_ne!(
            other["api_key"], refused,
            "a key that cannot be taken is replaced"
        );
    }
    let path = format!("{APPS}/{}", app["id"]);
    let renamed = admin
        .call(
            "PATCH",
            &path,
            Some(&json!({"name": "renamed", "api_key": "short"})),
        )
        .await;
    assert_eq!(renamed.status, 200);
    assert_eq!(one(&admin, &app["id"], "fields=api_key").await["api_key"], own);
    let again = admin
        .call("PATCH", &format!("{path}?regenerate=true&fields=api_key"), None)
        .await
        .json();
    assert_eq!(again["api_key"].as_str().map(str::len), Some(64));
    assert_ne!(again["api_key"], own);
    assert_eq!(
        one(&admin, &json!(1), "fields=name").await["name"],
        "admin",
        "no other app was touched"
    );
}

#[tokio::test]
async fn an_app_in_use_can_go_and_takes_its_rows_along() {
    let program = Program::start();
    let admin = program.admin().await;
    let role = json!({"resource": [{"name": "reader", "is_active": true}]});
    let role = admin.post("/api/v2/system/role", &role).await.json()["resource"][0]["id"].clone();
    let (_, app) = create(
        &admin,
        json!({"name": "used", "role_id": role, "lookup_by_app_id": [{"name": "l", "value": "v"}]}),
    )
    .await;
    let user = json!({"resource": [{"email": "ann@example.com", "password": PASSWORD, "default_app_id": app["id"],
        "user_to_app_to_role_by_user_id": [{"app_id": app["id"], "role_id": role}]}]});
    let user = admin.post("/api/v2/system/user", &user).await.json()["resource"][0]["id"].clone();
    let related = "user_to_app_to_role_by_app_id,user_by_user_to_app_to_role,role_by_user_to_app_to_role,\
        role_by_role_id,lookup_by_app_id,user_by_default_app_id";
    let seen = one(&admin, &app["id"], &format!("related={related}")).await;
    assert_eq!(seen["user_to_app_to_role_by_app_id"][0]["role_id"], role);
    assert_eq!(seen["user_by_user_to_app_to_role"][0]["id"], user);
    assert_eq!(seen["role_by_user_to_app_to_role"][0]["name"], "reader");
    assert_eq!(seen["role_by_role_id"]["name"], "reader");
    assert_eq!(seen["lookup_by_app_id"][0]["value"], "v");
    assert_eq!(seen["user_by_default_app_id"][0]["id"], user);
    let gone = admin.call("DELETE", &format!("{APPS}/{}", app["id"]), None).await;
    assert_eq!((gone.status, gone.json()), (200, json!({"id": app["id"]})));
    let user =
        format!("/api/v2/system/user/{user}?fields=default_app_id&related=user_to_app_to_role_by_user_id");
    let left = admin.get(&user).await.json();
    assert_eq!(left["default_app_id"], Value::Null);
    assert_eq!(left["user_to_app_to_role_by_user_id"], json!([]));
}
