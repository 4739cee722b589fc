//! Who gets through the gate, and what the others are told.

#![allow(clippy::unwrap_used, missing_docs)]

mod instance;

use contract::{Origin, Verb};
use instance::{ADMIN, Instance, KEY, TOKEN, USER, answer, call, token};
use platform::{Listener, Observation};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use store::Entity;

/// Verb, target and headers of a call; status and first words of its answer.
type Gate<'a> = (Verb, &'a str, &'a [(&'a str, &'a str)], u16, &'a str);

fn starts(answer: &(u16, Value), status: u16, words: &str) {
    let text = answer
        .1
        .as_str()
        .map_or_else(|| answer.1.to_string(), str::to_owned);
    assert_eq!(answer.0, status, "{text}");
    assert!(text.starts_with(words), "{text}");
}

#[tokio::test]
async fn refusals_are_those_of_the_original() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let reader = instance
        .role("reader", &[(db, "_table/departments/*", 1, None)])
        .await;
    let full = instance.role("full", &[(db, "*", 31, None)]).await;
    let (reader_app, reader_key) = instance.app("reader_app", Some(reader)).await;
    let (plain_app, plain_key) = instance.app("plain_app", None).await;
    let (off_app, off_key) = instance.app("off_app", Some(full)).await;
    instance
        .update(Entity::App, off_app, json!({"is_active": false}))
        .await;
    instance.user(&[(plain_app, full), (reader_app, reader)]).await;
    let user = token(&instance.login("user/session", USER, &[]).await);
    let admin = instance.admin_token().await;

    let departments = "data/_table/departments";
    let cases: &[Gate<'_>] = &[
        (
            Verb::Get,
            departments,
            &[],
            400,
            "No session token (JWT) or API Key detected in request.",
        ),
        (
            Verb::Get,
            "nosuch",
            &[],
            400,
            "No session token (JWT) or API Key detected in request.",
        ),
        (
            Verb::Get,
            departments,
            &[(KEY, "0123456789")],
            400,
            "No session token (JWT) provided.",
        ),
        (
            Verb::Get,
            departments,
            &[(KEY, &plain_key)],
            400,
            "No session token (JWT) provided.",
        ),
        (
            Verb::Get,
            departments,
            &[(KEY, &off_key)],
            403,
            "App is not active.",
        ),
        (
            Verb::Get,
            departments,
            &[(TOKEN, &user)],
            400,
            "No API Key provided.",
        ),
        (Verb::Get, departments, &[(KEY, &reader_key)], 200, "{"),
        (
            Verb::Get,
            "DATA/_TABLE/Departments/d001",
            &[(KEY, &reader_key)],
            200,
            "{",
        ),
        (
            Verb::Post,
            departments,
            &[(KEY, &reader_key)],
            401,
            "Unauthorized. User is not authenticated.",
        ),
        (
            Verb::Get,
            "data/_table/salaries",
            &[(KEY, &reader_key)],
            401,
            "Unauthorized. User is not authenticated.",
        ),
        (
            Verb::Get,
            "data/_table",
            &[(KEY, &reader_key)],
            401,
            "Unauthorized.",
        ),
        (Verb::Get, "data", &[(KEY, &reader_key)], 401, "Unauthorized."),
        (Verb::Get, "nosuch", &[(KEY, &reader_key)], 401, "Unauthorized."),
        (
            Verb::Get,
            "system/user",
            &[(KEY, &reader_key)],
            401,
            "Unauthorized.",
        ),
        (
            Verb::Get,
            "data/_table/salaries",
            &[(KEY, &plain_key), (TOKEN, &user)],
            200,
            "{",
        ),
        (
            Verb::Get,
            "data/_table/salaries",
            &[(KEY, &reader_key), (TOKEN, &user)],
            403,
            "Access Forbidden. GET access to component '_table/salaries' of service 'data' is not allowed",
        ),
        (
            Verb::Get,
            "system/user",
            &[(KEY, &plain_key), (TOKEN, &user)],
            403,
            "Access Forbidden.",
        ),
        (
            Verb::Get,
            departments,
            &[(KEY, &reader_key), (TOKEN, "garbage")],
            401,
            "Invalid token: Wrong number of",
        ),
        (
            Verb::Get,
            "user/session",
            &[(TOKEN, "garbage")],
            401,
            "Invalid token: Wrong number of segments",
        ),
        (Verb::Get, departments, &[(TOKEN, &admin)], 200, "{"),
        (
            Verb::Options,
            departments,
            &[(TOKEN, &admin)],
            403,
            "Access Forbidden.",
        ),
        (
            Verb::Get,
            "nosuch",
            &[(TOKEN, &admin)],
            404,
            "Could not find a service for nosuch",
        ),
        (
            Verb::Get,
            "data/nosuch/x",
            &[(TOKEN, &admin)],
            404,
            "Resource 'nosuch' not found for service 'data'.",
        ),
        (
            Verb::Get,
            "data/_table/a/1/x",
            &[(TOKEN, &admin)],
            404,
            "Resource '_table/a/1/x' not found for service 'data'.",
        ),
        (
            Verb::Post,
            "data",
            &[(TOKEN, &admin)],
            400,
            "POST requests without a resource are not currently supported by",
        ),
        (
            Verb::Delete,
            departments,
            &[(TOKEN, &admin)],
            400,
            "DELETE requests for resource '_table/departments' are not currently supported by the 'data' service.",
        ),
        (
            Verb::Get,
            "email",
            &[(TOKEN, &admin)],
            500,
            "Unsupported service type 'local_email'.",
        ),
    ];
    for (verb, target, headers, status, words) in cases {
        let given = instance.answer(call(*verb, target, headers)).await;
        assert_eq!(given.0, *status, "{verb} {target} {headers:?}: {}", given.1);
        starts(&given, *status, words);
    }

    instance
        .update(Entity::Service, db, json!({"is_active": false}))
        .await;
    starts(
        &instance
            .answer(call(Verb::Get, departments, &[(TOKEN, &admin)]))
            .await,
        403,
        "Service data is deactivated.",
    );
}

#[tokio::test]
async fn a_user_gets_the_role_of_the_app_and_no_other() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let reader = instance.role("reader", &[(db, "_table/a", 1, None)]).await;
    let full = instance.role("full", &[(db, "*", 31, None)]).await;
    let (own, _) = instance.app("own", None).await;
    let (_, default_key) = instance.app("with_default", Some(reader)).await;
    let (_, bare_key) = instance.app("bare", None).await;
    instance.user(&[(own, full)]).await;
    let user = token(&instance.login("user/session", USER, &[]).await);

    let by_default = instance
        .answer(call(
            Verb::Get,
            "data/_table/a",
            &[(KEY, &default_key), (TOKEN, &user)],
        ))
        .await;
    assert_eq!(
        by_default.1["role"], "reader",
        "the app's role, not one given for another app"
    );
    let bare = instance
        .answer(call(
            Verb::Get,
            "data/_table/a",
            &[(KEY, &bare_key), (TOKEN, &user)],
        ))
        .await;
    starts(&bare, 403, "Role not found.");
}

#[tokio::test]
async fn an_administrator_with_a_role_is_an_ordinary_user() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let reader = instance.role("reader", &[(db, "_table/a", 1, None)]).await;
    let (app, key) = instance.app("app", None).await;
    let token = instance.admin_token().await;
    assert_eq!(
        instance
            .answer(call(Verb::Get, "data/_table/b", &[(TOKEN, &token)]))
            .await
            .0,
        200
    );

    // Somebody must be left who may do everything.
    let other = json!({"email": "other@example.com", "password": "a-long-enough-password"});
    instance.create(Entity::Admin, other).await;
    let bind = json!({"user_to_app_to_role_by_user_id": [{"app_id": app, "role_id": reader}]});
    instance.update(Entity::Admin, 1, bind).await;
    let with = |target: &str| call(Verb::Get, target, &[(KEY, &key), (TOKEN, &token)]);
    starts(
        &instance.answer(with("data/_table/b")).await,
        403,
        "Access Forbidden.",
    );
    assert_eq!(instance.answer(with("data/_table/a")).await.0, 200);
    starts(
        &instance.answer(with("system/admin/session")).await,
        401,
        "You are not authorized",
    );
    starts(
        &instance
            .answer(call(Verb::Get, "data/_table/a", &[(TOKEN, &token)]))
            .await,
        400,
        "No API Key provided.",
    );
}

#[tokio::test]
async fn filters_lookups_and_nothing_secret_reach_the_service() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let role = instance
        .role("reader", &[(db, "_table/a/*", 1, Some("gender"))])
        .await;
    instance
        .create(Entity::Lookup, json!({"name": "region", "value": "eu"}))
        .await;
    let (_, key) = instance.app("app", Some(role)).await;

    let mut incoming = call(
        Verb::Get,
        "data/_table/a/5",
        &[("wrap", "false"), ("cookie", "c"), ("authorization", "x")],
    );
    incoming.params.0.push(("api_key".into(), key));
    incoming.params.0.push(("limit".into(), "1".into()));
    let (status, seen) = instance.answer(incoming).await;
    assert_eq!(status, 200, "{seen}");
    assert_eq!(seen["headers"], json!(["wrap"]));
    assert_eq!(seen["params"], json!(["limit"]));
    assert_eq!(
        (&seen["filter"], &seen["region"]),
        (&json!("gender"), &json!("eu"))
    );
    assert_eq!((&seen["user"], &seen["role"]), (&Value::Null, &json!("reader")));
}

#[tokio::test]
async fn a_change_is_seen_by_the_next_call_and_other_services_run_on() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let other = instance.echo("other").await;
    let role = instance
        .role("reader", &[(db, "*", 1, None), (other, "*", 1, None)])
        .await;
    let (_, key) = instance.app("app", Some(role)).await;
    let get = |target: &str| call(Verb::Get, target, &[(KEY, &key)]);
    let first = (
        instance.answer(get("data")).await.1,
        instance.answer(get("other")).await.1,
    );

    instance
        .create(
            Entity::Lookup,
            json!({"name": "place", "value": "secret-host", "private": true}),
        )
        .await;
    instance
        .update(Entity::Service, db, json!({"config": {"host": "{place}"}}))
        .await;
    let second = (
        instance.answer(get("data")).await.1,
        instance.answer(get("other")).await.1,
    );
    assert_eq!(
        second.0["config"]["host"], "secret-host",
        "private lookups are replaced in configurations"
    );
    assert_ne!(
        first.0["instance"], second.0["instance"],
        "a changed service is built anew"
    );
    assert_eq!(
        first.1["instance"], second.1["instance"],
        "an unchanged one is kept"
    );

    instance
        .update(Entity::Role, role, json!({"is_active": false}))
        .await;
    starts(
        &instance.answer(get("data")).await,
        403,
        "Access Forbidden. The role assigned to you or your application",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_at_the_same_time_all_see_the_change() {
    let instance = Arc::new(Instance::fresh().await);
    let db = instance.echo("data").await;
    let role = instance.role("reader", &[(db, "*", 1, None)]).await;
    let (_, key) = instance.app("app", Some(role)).await;
    for active in [true, false, true, false] {
        instance
            .update(Entity::Role, role, json!({"is_active": active}))
            .await;
        let calls: Vec<_> = (0..32)
            .map(|_| {
                let (instance, key) = (Arc::clone(&instance), key.clone());
                tokio::spawn(async move { instance.answer(call(Verb::Get, "data", &[(KEY, &key)])).await.0 })
            })
            .collect();
        for answer in calls {
            assert_eq!(answer.await.unwrap(), if active { 200 } else { 403 });
        }
    }
}

#[tokio::test]
async fn every_call_is_recorded_once_without_its_credentials() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    let role = instance.role("scripts", &[(db, "_table/a", 1, None)]).await;
    let (_, key) = instance.app("app", Some(role)).await;
    let seen: Arc<Mutex<Vec<Observation>>> = Arc::default();
    struct Notes(Arc<Mutex<Vec<Observation>>>);
    impl Listener for Notes {
        fn observe(&self, observation: &Observation) {
            self.0.lock().unwrap().push(observation.clone());
        }
    }
    instance.platform.listen(Arc::new(Notes(Arc::clone(&seen))));

    let mut inner = call(Verb::Get, "data/_table/a", &[(KEY, &key)]);
    inner.origin = Origin::Script { depth: 1 };
    let nobody = instance
        .platform
        .run_as(contract::Caller::nobody(), inner.clone())
        .await;
    starts(&answer(nobody), 401, "Unauthorized.");
    instance.answer(inner).await;
    instance.answer(call(Verb::Get, "gone/x", &[])).await;

    let seen = seen.lock().unwrap();
    let short: Vec<_> = seen
        .iter()
        .map(|o| (o.service.as_str(), o.endpoint, o.status, o.role))
        .collect();
    assert_eq!(
        short,
        [
            ("data", None, 401, None),
            ("data", Some("_table/{table_name}"), 200, Some(role)),
            ("gone", None, 400, None),
        ]
    );
    assert!(
        !format!("{seen:?}").contains(&key),
        "no credentials in observations"
    );
}

#[tokio::test]
async fn the_index_shows_what_the_caller_may_touch() {
    let instance = Instance::fresh().await;
    let db = instance.echo("data").await;
    instance.echo("other").await;
    let role = instance.role("reader", &[(db, "_table/a", 1, None)]).await;
    let (_, key) = instance.app("app", Some(role)).await;
    let names = |body: &Value, list: &str| {
        body[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["name"].as_str().unwrap_or("").to_owned())
            .collect::<Vec<_>>()
    };

    let (_, nobody) = answer(instance.platform.index(call(Verb::Get, "", &[])).await);
    assert!(names(&nobody, "services").is_empty());
    assert_eq!(names(&nobody, "service_types"), ["system", "user", "echo"]);

    let (_, reader) = answer(instance.platform.index(call(Verb::Get, "", &[(KEY, &key)])).await);
    assert_eq!(
        reader["services"],
        json!([{"id": db, "name": "data", "label": "data", "description": null, "type": "echo"}])
    );

    let token = instance.admin_token().await;
    let mut all = call(Verb::Get, "", &[(TOKEN, &token)]);
    all.params.0.push(("group".into(), "database".into()));
    all.params.0.push(("fields".into(), "name".into()));
    let (_, admin) = answer(instance.platform.index(all).await);
    assert_eq!(admin["services"], json!([{"name": "data"}, {"name": "other"}]));
    assert_eq!(names(&admin, "service_types"), ["echo"]);

    let bad = instance
        .platform
        .index(call(Verb::Get, "", &[(TOKEN, "x")]))
        .await;
    starts(&answer(bad), 401, "Invalid token");
}

#[tokio::test]
async fn the_status_counts() {
    let instance = Instance::fresh().await;
    instance.platform.ready().await.unwrap();
    instance.login("system/admin/session", ADMIN, &[]).await;
    let status = instance.platform.status("http://h").await.unwrap();
    let keys: Vec<&str> = status.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "uri managed dist demo version license host_os last_admin_login resources";
    assert_eq!(keys.join(" "), expected);
    assert_eq!(status["resources"]["admin"], 1);
    assert!(status["last_admin_login"].is_string());
}
