//! Logins that come from elsewhere: dashboards of add-ons, and what is refused at the addresses that browsers come back to.

use kit::{Answer, Client};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use scenarios::world::{TOKEN, World, grant};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: &str = "a long salt";

async fn dashboard(world: &World, config: Value) -> Value {
    let made = json!({"name": "heroku", "label": "heroku", "type": "heroku_addon_sso", "is_active": true, "config": config});
    world.create("service", made).await["id"].clone()
}

fn now() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later than 1970");
    i64::try_from(since.as_secs()).expect("seconds of this age fit")
}

/// What a dashboard sends that knows this secret.
fn query(secret: &str, timestamp: i64, email: &str) -> String {
    let text = format!("77:{secret}:{timestamp}");
    let token: String = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "/api/v2/heroku/sso?resource_id=77&timestamp={timestamp}&resource_token={token}&email={email}&app=a"
    )
}

/// The session that a browser was led on with.
async fn session(client: &Client, answer: &Answer) -> Value {
    assert_eq!(answer.status, 302, "{}", answer.text());
    let token = answer
        .header("location")
        .strip_prefix("/?jwt=")
        .expect("a token goes along");
    assert_eq!(answer.header("cache-control"), "no-store");
    client.with(TOKEN, token).get("/api/v2/user/session").await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dashboard_that_knows_the_secret_logs_administrators_in() {
    let world = World::with(&[]).await;
    let id = dashboard(&world, json!({"secret": SECRET})).await;
    let client = world.program.client();
    let answer = client.get(&query(SECRET, now(), "ann@example.com")).await;
    let ann = session(&client, &answer).await;
    assert_eq!(
        (&ann["email"], &ann["is_sys_admin"]),
        (&json!("ann+heroku@example.com"), &json!(true))
    );
    let again = client.get(&query(SECRET, now() - 200, "ann@example.com")).await;
    assert_eq!(session(&client, &again).await["id"], ann["id"]);

    // The address names nobody who was here before.
    let own = kit::program::ADMIN_EMAIL;
    let other = session(&client, &client.get(&query(SECRET, now(), own)).await).await;
    let (local, domain) = own.split_once('@').unwrap();
    assert_eq!(other["email"], format!("{local}+heroku@{domain}"));

    let invalid = (403, "Token invalid. Please provide valid token".to_owned());
    let expired = (403, "Timestamp expired. Please login again".to_owned());
    for (path, refusal) in [
        (query("another", now(), "a@x.example"), &invalid),
        (query("", now(), "a@x.example"), &invalid),
        ("/api/v2/heroku/sso".to_owned(), &invalid),
        (query(SECRET, now() - 400, "a@x.example"), &expired),
        (query(SECRET, now() + 400, "a@x.example"), &expired),
    ] {
        assert_eq!(client.get(&path).await.refusal(), *refusal, "{path}");
    }
    let shown = world
        .admin
        .get(&format!("/api/v2/system/service/{id}"))
        .await
        .json();
    assert_eq!(shown["config"]["secret"], "**********");
    // Nothing else of the service is open.
    assert_eq!(client.get("/api/v2/heroku/other").await.status, 400);
    assert_eq!(client.get("/api/v2/heroku").await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_cannot_be_read_lets_nobody_in() {
    let world = World::with(&[("ADDON_SALT", "from outside")]).await;
    let id = dashboard(
        &world,
        json!({"secret": "ADDON_SALT", "secret_type": "environment"}),
    )
    .await;
    let client = world.program.client();
    let answer = client.get(&query("from outside", now(), "ann@example.com")).await;
    assert_eq!(session(&client, &answer).await["email"], "ann+heroku@example.com");
    let path = format!("/api/v2/system/service/{id}");
    for config in [
        json!({"secret": "NOT_SET", "secret_type": "environment"}),
        json!({"secret": "/nowhere", "secret_type": "file"}),
    ] {
        let changed = world
            .admin
            .call("PATCH", &path, Some(&json!({ "config": config })))
            .await;
        assert_eq!(changed.status, 200);
        assert_eq!(client.get(&query("", now(), "ann@example.com")).await.status, 503);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_begun_is_not_ended() {
    let world = World::with(&[]).await;
    let client = world.program.client();
    let session = "/api/v2/user/session";
    for body in [
        json!({"oauth_callback": true}),
        json!({"oauth_callback": true, "state": "guess", "code": "x"}),
        json!({"oauth_callback": true, "oauth_token": "guess", "oauth_verifier": "x"}),
    ] {
        let answer = client.post(session, &body).await;
        assert_eq!(answer.refusal(), (401, "Invalid state".to_owned()), "{body}");
    }
    // A path below the session is one of login services, and opens nothing of others.
    for name in ["sqlite", "nosuch", "system"] {
        let answer = client.get(&format!("{session}/{name}?state=x&code=y")).await;
        assert_eq!(answer.status, 400, "{name}");
    }
    assert_eq!(
        client.post(&format!("{session}/sqlite"), &json!({})).await.status,
        400
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_write_roles_gives_no_group_more_than_they_have() {
    let world = World::with(&[]).await;
    let system = world
        .admin
        .get("/api/v2/system/service?filter=name=system&fields=id")
        .await
        .json();
    let system = system["resource"][0]["id"].as_i64().unwrap();
    let of_roles = world
        .role("roles", &[grant(system, "role/*", 31, Value::Null)])
        .await;
    let strong = world
        .role("strong", &[grant(world.bases[0].id, "*", 31, Value::Null)])
        .await;
    let delegate = world.key("delegate", &of_roles).await;
    let group = json!({"role_adldap_by_role_id": [{"dn": "cn=all,dc=ex"}]});
    let path = format!("/api/v2/system/role/{strong}");
    assert_eq!(delegate.call("PATCH", &path, Some(&group)).await.status, 403);
    let own = format!("/api/v2/system/role/{of_roles}");
    assert_eq!(delegate.call("PATCH", &own, Some(&group)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_write_services_does_not_decide_who_gets_in() {
    let world = World::with(&[]).await;
    let id = dashboard(&world, json!({"secret": SECRET})).await;
    let system = world
        .admin
        .get("/api/v2/system/service?filter=name=system&fields=id");
    let system = system.await.json()["resource"][0]["id"].as_i64().unwrap();
    let of_services = world
        .role("services", &[grant(system, "service/*", 31, Value::Null)])
        .await;
    let delegate = world.key("delegate", &of_services).await;
    let path = "/api/v2/system/service";
    let service = |name: &str, kind: &str, config: Value| json!({"name": name, "label": name, "type": kind, "is_active": true, "config": config});

    let sqlite = service("own", "sqlite", json!({"database": "own.sqlite"}));
    let made = delegate.post(path, &json!({"resource": [sqlite]})).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let own = format!("{path}/{}", made.json()["resource"][0]["id"]);
    let relabelled = json!({"label": "mine"});
    assert_eq!(delegate.call("PATCH", &own, Some(&relabelled)).await.status, 200);

    let mine = json!({"secret": "known to the delegate"});
    let dashboard = service("mine", "heroku_addon_sso", mine.clone());
    let turned = json!({"type": "heroku_addon_sso", "config": mine});
    let directory = json!({"host": "127.0.0.1", "base_dn": "dc=ex"});
    let id = format!("{path}/{id}");
    for (verb, path, body) in [
        ("POST", path, json!({"resource": [dashboard]})),
        (
            "POST",
            path,
            json!({"resource": [service("corp", "ldap", directory)]}),
        ),
        ("PATCH", &id, json!({"config": mine})),
        ("DELETE", &id, Value::Null),
        ("PATCH", &own, turned),
        (
            "PATCH",
            &format!("{path}/7"),
            json!({"config": {"allow_open_registration": true}}),
        ),
    ] {
        let answer = delegate
            .call(verb, path, Some(&body).filter(|body| !body.is_null()))
            .await;
        // Of records in a list each is refused by itself.
        let refused = "Only an administrator without a role may write the services that decide who gets in.";
        let text = answer.text();
        assert!(
            answer.status >= 400 && text.contains(refused),
            "{verb} {path} {body}: {text}"
        );
    }
}
