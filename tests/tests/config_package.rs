//! `system/config_package`: services, roles and apps as one object, without secrets.

use kit::{Client, Program};
use scenarios::furnished::{SERVICE_SECRET, furnish};
use scenarios::world::{KEY, World};
use serde_json::{Value, json};

const PATH: &str = "/api/v2/system/config_package";

async fn bring(admin: &Client, query: &str, body: Value) -> (u16, Value) {
    let answer = admin.post(&format!("{PATH}{query}"), &body).await;
    (answer.status, answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_is_shown_and_brought_elsewhere() {
    let source = Program::start();
    furnish(&source).await;
    let answer = source.admin().await.get(PATH).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!answer.text().contains(SERVICE_SECRET));
    let manifest = answer.json();
    assert_eq!(manifest["format"], "dreamfactory.config/v1");
    let of = |list: &str, name: &str| {
        let list = manifest[list].as_array().cloned().unwrap_or_default();
        list.into_iter()
            .find(|one| one["name"] == name)
            .unwrap_or_default()
    };
    assert_eq!(of("services", "shop")["config"]["password"], "**********");
    let role = of("roles", "Reader");
    // The grant of all services has no name to come along by.
    assert_eq!(role["service_access"].as_array().map(Vec::len), Some(2));
    assert_eq!(role["service_access"][0]["service"], "stock");
    let app = of("apps", "mobile");
    assert_eq!(app["role"], "Reader");
    assert!(app.get("api_key").is_none());

    let target = Program::start();
    let admin = target.admin().await;
    let (status, told) = bring(&admin, "?overwrite=false", json!({ "manifest": manifest })).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["success"], true, "{told}");
    assert_eq!(told["created"], json!({"services": 2, "roles": 1, "apps": 1}));
    assert_eq!(told["skipped"], json!({"services": 7, "roles": 0, "apps": 3}));
    let role = admin
        .get("/api/v2/system/role?related=role_service_access_by_role_id")
        .await
        .json();
    let access = &role["resource"][0]["role_service_access_by_role_id"];
    assert_eq!(access[0]["component"], "_table/item/*");
    assert_eq!(access[0]["filters"][0]["value"], "north");
    let app = admin.get("/api/v2/system/app?filter=name%3Dmobile").await.json();
    let key = app["resource"][0]["api_key"].clone();
    assert_eq!(key.as_str().map(str::len), Some(64));

    // Again: everything is there. With overwrite grants are replaced, and keys stay.
    let (_, told) = bring(&admin, "", manifest.clone()).await;
    assert_eq!(told["skipped"], json!({"services": 9, "roles": 1, "apps": 4}));
    let mut changed = manifest.clone();
    for role in changed["roles"].as_array_mut().into_iter().flatten() {
        role["service_access"] = json!([{"service": "stock", "component": "/_table/person", "verb_mask": 1}]);
    }
    let (_, told) = bring(&admin, "?overwrite=true", changed).await;
    assert_eq!(
        told["updated"],
        json!({"services": 9, "roles": 1, "apps": 4}),
        "{told}"
    );
    let role = admin
        .get("/api/v2/system/role?related=role_service_access_by_role_id")
        .await
        .json();
    let access = role["resource"][0]["role_service_access_by_role_id"]
        .as_array()
        .cloned();
    let parts: Vec<Value> = access
        .into_iter()
        .flatten()
        .map(|row| row["component"].clone())
        .collect();
    assert_eq!(parts, [json!("_table/person")]);
    let app = admin.get("/api/v2/system/app?filter=name%3Dmobile").await.json();
    assert_eq!(app["resource"][0]["api_key"], key);
}

#[tokio::test]
async fn what_cannot_come_is_told() {
    let program = Program::start();
    let admin = program.admin().await;
    for wrong in [
        json!({}),
        json!({"format": "other/v1"}),
        json!({"manifest": {"format": 1}}),
    ] {
        let (status, told) = bring(&admin, "", wrong).await;
        assert_eq!(status, 400);
        assert_eq!(told["error"]["message"], "Unsupported config package format.");
    }
    let manifest = json!({"format": "dreamfactory.config/v1", "services": [{"type": "sqlite"}],
        "roles": [{"name": "r", "service_access": [{"service": "nowhere", "verb_mask": 31}, {"verb_mask": 31}]}],
        "apps": [{"name": "a", "role": "nobody"}, {"name": "b", "type": "x"}]});
    let (status, told) = bring(&admin, "", manifest).await;
    assert_eq!((status, &told["success"]), (200, &json!(false)), "{told}");
    assert_eq!(told["created"]["roles"], 1);
    let errors = told["errors"].to_string();
    for part in ["Skipped service", "'nowhere'", "without a name", "'nobody'"] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    let role = admin
        .get("/api/v2/system/role?related=role_service_access_by_role_id")
        .await
        .json();
    assert_eq!(
        role["resource"][0]["role_service_access_by_role_id"],
        json!([]),
        "a grant of something else came in"
    );
}

#[tokio::test]
async fn only_an_administrator_without_a_role_may() {
    let world = World::start(Vec::new(), kit::Start::default()).await;
    let all = json!({"service_id": 1, "component": "*", "verb_mask": 31, "requestor_mask": 3});
    let role = world.role("system", &[all]).await;
    let key = world.key("system", &role).await;
    let nobody = world.program.client().with(KEY, "nothing");
    for (client, status) in [(&key, 403), (&nobody, 400)] {
        assert_eq!(client.get(PATH).await.status, status);
        let answer = client
            .post(PATH, &json!({"format": "dreamfactory.config/v1"}))
            .await;
        assert_eq!(answer.status, status);
    }
}
