//! Several nodes on one system database: changes, sessions and revocations count everywhere within a second.

use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
use kit::{Client, Engine, Program, Server};
use scenarios::nodes::node;
use scenarios::world::{KEY, TOKEN};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Within which a change must count on the other node. The nodes look every 400 ms; the rest is for a busy machine.
const SOON: Duration = Duration::from_secs(1);

/// Asks until the status is the wanted one; it must be soon.
async fn soon(client: &Client, path: &str, status: u16) {
    let began = Instant::now();
    loop {
        let answer = client.get(path).await;
        if answer.status == status {
            return;
        }
        assert!(
            began.elapsed() < SOON,
            "{path} still answers {}: {}",
            answer.status,
            answer.text()
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn create(admin: &Client, resource: &str, object: Value) -> Value {
    let path = format!("/api/v2/system/{resource}?fields=*");
    let answer = admin.post(&path, &json!({ "resource": [object] })).await;
    assert!(answer.status < 300, "{resource}: {}", answer.text());
    answer.json()["resource"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_on_postgres_are_one_instance() {
    nodes(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_on_mariadb_are_one_instance() {
    nodes(Engine::MariaDb).await;
}

async fn nodes(engine: Engine) {
    let Some(server) = Server::own(engine) else { return };
    let database = server.database("system");
    // The first start of both at the same moment.
    let (first, second) = std::thread::scope(|scope| {
        let one = scope.spawn(|| node(&database));
        let two = scope.spawn(|| node(&database));
        (
            one.join().expect("a node starts"),
            two.join().expect("a node starts"),
        )
    });
    let admin = first.admin().await;
    let services = admin
        .get("/api/v2/system/service?fields=name&as_list=true")
        .await
        .json();
    assert_eq!(
        services["resource"].as_array().map(Vec::len),
        Some(7),
        "{services}"
    );

    guesses_count_on_all_nodes(&first.client(), &second.client()).await;

    // A session of one node is one of the other, and ends on both.
    let token = log_in(&first).await;
    let there = second.client().with(TOKEN, &token);
    soon(&there, "/api/v2/system/role", 200).await;
    let here = first.client().with(TOKEN, &token);
    assert_eq!(
        here.call("DELETE", "/api/v2/system/admin/session", None)
            .await
            .status,
        200
    );
    soon(&there, "/api/v2/system/role", 403).await;

    // Both keep the tasks of the one database; which of them runs one is decided there.
    let task = json!({"name": "task", "service_id": 1, "is_active": false});
    let task = create(&admin, "scheduler", task).await;
    soon(
        &second.admin().await,
        &format!("/api/v2/system/scheduler/{}", task["id"]),
        200,
    )
    .await;

    // A role, and its change, count on both.
    let filters = json!([{"name": "id", "operator": ">", "value": "1"}]);
    let role = create(
        &admin,
        "role",
        json!({"name": "reader", "is_active": true, "role_service_access_by_role_id":
            [{"service_id": 1, "component": "role/*", "verb_mask": 1, "requestor_mask": 3, "filters": filters}]}),
    )
    .await;
    let app = create(
        &admin,
        "app",
        json!({"name": "app", "is_active": true, "role_id": role["id"]}),
    )
    .await;
    let key = app["api_key"].as_str().expect("an app has a key").to_owned();
    let keyed = second.client().with(KEY, &key);
    soon(&keyed, "/api/v2/system/role", 200).await;
    let path = format!("/api/v2/system/role/{}", role["id"]);
    let changed = admin
        .call("PATCH", &path, Some(&json!({"is_active": false})))
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    soon(&keyed, "/api/v2/system/role", 403).await;
    admin
        .call("PATCH", &path, Some(&json!({"is_active": true})))
        .await;
    soon(&keyed, "/api/v2/system/role", 200).await;

    extras_count_on_both(&server, &admin, &second.admin().await).await;
    everything_of_the_system_works(&second.admin().await).await;

    // One node goes; the other carries on. A node that comes finds everything.
    let mut first = first;
    first.end("KILL");
    assert_eq!(keyed.get("/api/v2/system/role").await.status, 200);
    let third = node(&database);
    soon(&third.client().with(KEY, &key), "/api/v2/system/role", 200).await;
}

/// An alias that one node gives is the table's name on the other.
async fn extras_count_on_both(server: &Server, here: &Client, there: &Client) {
    let data = server.database("data");
    data.run("CREATE TABLE things (id INTEGER PRIMARY KEY, name VARCHAR(20));");
    let config = json!({"host": data.host(), "port": data.port(), "database": data.name(),
                        "username": data.user(), "password": data.password()});
    let kind = server.engine().service_type();
    let service = json!({"name": "data", "label": "data", "type": kind, "is_active": true, "config": config});
    create(here, "service", service).await;
    soon(there, "/api/v2/data/_table/things", 200).await;
    let named = here
        .call(
            "PATCH",
            "/api/v2/data/_schema/things",
            Some(&json!({"alias": "items"})),
        )
        .await;
    assert_eq!(named.status, 200, "{}", named.text());
    soon(there, "/api/v2/data/_table/items", 200).await;
    soon(there, "/api/v2/data/_table/things", 404).await;
}

/// What was tried at one node is refused at the other.
async fn guesses_count_on_all_nodes(first: &Client, second: &Client) {
    const PATH: &str = "/api/v2/user/session";
    let wrong = json!({"email": "nobody@example.com", "password": "wrong"});
    let mut tries = tokio::task::JoinSet::new();
    // Eight at once: five are checked, the others wait for them and are refused.
    for _ in 0..8 {
        let (client, wrong) = (first.clone(), wrong.clone());
        tries.spawn(async move { client.post(PATH, &wrong).await.status });
    }
    let statuses = tries.join_all().await;
    assert!(
        statuses.iter().all(|status| [401, 429].contains(status)),
        "{statuses:?}"
    );
    assert_eq!(second.post(PATH, &wrong).await.status, 429);
}

async fn log_in(program: &Program) -> String {
    let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
    let answer = program
        .client()
        .post("/api/v2/system/admin/session", &login)
        .await;
    let token = answer.json()["session_token"].as_str().map(str::to_owned);
    token.unwrap_or_else(|| panic!("login answered {}: {}", answer.status, answer.text()))
}

/// Writes, reads, relations, filters and the audit, on whatever database the system lies.
async fn everything_of_the_system_works(admin: &Client) {
    let limit = json!({"name": "l", "type": "instance.role", "role_id": 1, "rate": 5, "period": "day"});
    let limit = create(admin, "limit", limit).await;
    assert_eq!(
        (&limit["period"], &limit["is_active"]),
        (&json!("day"), &json!(true))
    );
    let twice = json!({"resource": [{"name": "l", "type": "instance.role", "role_id": 1, "rate": 5, "period": "day"}]});
    assert_eq!(admin.post("/api/v2/system/limit", &twice).await.status, 400);
    let user = json!({"name": "Zoë", "email": "Zoe@Example.com", "password": "Long-Enough-Passw0rd",
                      "lookup_by_user_id": [{"name": "color", "value": "blue", "private": false}]});
    let user = create(admin, "user", user).await;
    let related = format!("/api/v2/system/user/{}?related=lookup_by_user_id", user["id"]);
    let shown = admin.get(&related).await.json();
    assert_eq!(shown["name"], "Zoë");
    assert_eq!(shown["is_active"], json!(true));
    assert_eq!(shown["lookup_by_user_id"][0]["value"], "blue");
    let again =
        json!({"resource": [{"name": "x", "email": "zoe@example.com", "password": "Long-Enough-Passw0rd"}]});
    assert_eq!(admin.post("/api/v2/system/user", &again).await.status, 400);
    for filter in [
        "is_active=true",
        "name like Z%25",
        "email is not null",
        "id in (1,2,3)",
    ] {
        let found = admin
            .get(&format!(
                "/api/v2/system/user?filter={}&include_count=true",
                filter.replace(' ', "%20")
            ))
            .await;
        assert_eq!(found.json()["meta"]["count"], 1, "{filter}: {}", found.text());
    }
    let service =
        json!({"name": "other", "type": "sqlite", "is_active": true, "config": {"database": "x.sqlite"}});
    let service = create(admin, "service", service).await;
    assert_eq!(service["config"]["database"], "x.sqlite");
    let gone = admin
        .call("DELETE", &format!("/api/v2/system/user/{}", user["id"]), None)
        .await;
    assert_eq!(gone.status, 200);
    let audit = admin
        .get("/api/v2/system/audit?filter=(resource=user)and(action=delete)")
        .await
        .json();
    assert_eq!(audit["resource"][0]["before"]["name"], "Zoë", "{audit}");
    assert_eq!(audit["resource"][0]["user_email"], ADMIN_EMAIL);
}
