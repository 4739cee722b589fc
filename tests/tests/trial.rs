//! Trying the connection of a service before it is stored.
#![allow(clippy::unwrap_used)]

use kit::{Client, Server, Start};
use scenarios::world::{KEY, World, grant};
use serde_json::{Value, json};

const SECRET: &str = "Very-Secret-Passw0rd-7";

async fn attempt(client: &Client, record: Value) -> (u16, Value) {
    let body = json!({ "resource": [record] });
    let answer = client.post("/api/v2/system/service?test=true", &body).await;
    for hidden in [SECRET, "SQLSTATE", "os error", "rustls", "tokio", "FATAL"] {
        assert!(!answer.text().contains(hidden), "{hidden}: {}", answer.text());
    }
    (answer.status, answer.json())
}

/// The fields that a refusal names.
async fn blamed(client: &Client, record: Value) -> Vec<String> {
    let (status, answer) = attempt(client, record).await;
    assert_eq!(status, 400, "{answer}");
    let context = answer["error"]["context"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.ends_with('.'), "{answer}");
    context.keys().cloned().collect()
}

async fn services(world: &World) -> usize {
    let answer = world.admin.get("/api/v2/system/service?fields=id").await.json();
    answer["resource"].as_array().map_or(0, Vec::len)
}

async fn with_servers(servers: Vec<Server>) -> World {
    World::start(servers, Start::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_file_is_tried_and_never_made() {
    let world = with_servers(Vec::new()).await;
    let before = services(&world).await;
    let of = |database: &str| json!({"type": "sqlite", "config": {"database": database}});
    let (status, answer) = attempt(&world.admin, of("demo.sqlite")).await;
    assert_eq!(
        (status, &answer["success"], &answer["product"]),
        (200, &json!(true), &json!("SQLite"))
    );
    let tables: Vec<&str> = answer["tables"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(tables.contains(&"employees") && tables.is_sorted(), "{tables:?}");

    let (status, answer) = attempt(&world.admin, of("new/place.sqlite")).await;
    assert_eq!((status, &answer["tables"]), (200, &json!([])));
    assert!(answer["note"].is_string());
    assert!(!world.program.databases().join("new").exists());

    std::fs::write(
        world.program.databases().join("text.sqlite"),
        "no database ".repeat(100),
    )
    .unwrap();
    assert_eq!(blamed(&world.admin, of("text.sqlite")).await, ["config.database"]);
    assert_eq!(
        blamed(&world.admin, of("demo.sqlite/below")).await,
        ["config.database"]
    );
    assert!(blamed(&world.admin, of("../out.sqlite")).await.is_empty());
    assert_eq!(
        blamed(&world.admin, json!({"name": "a", "config": {}})).await,
        ["type"]
    );
    let taken = json!({"name": "sqlite", "type": "sqlite", "config": {"database": "demo.sqlite"}});
    assert_eq!(blamed(&world.admin, taken).await, ["name"]);
    assert_eq!(services(&world).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_field_that_is_wrong() {
    let servers: Vec<Server> = [kit::postgres(), kit::mariadb()].into_iter().flatten().collect();
    let world = with_servers(servers).await;
    let nobody = kit::free_port();
    for base in world.bases.iter().filter(|base| base.database.is_some()) {
        let database = base.database.as_ref().unwrap();
        let good = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                          "username": database.user(), "password": database.password()});
        let with = |changes: Value| {
            let mut config = good.clone();
            for (name, value) in changes.as_object().unwrap() {
                config[name] = value.clone();
            }
            json!({"type": base.service, "config": config})
        };
        let (status, answer) = attempt(&world.admin, with(json!({}))).await;
        assert_eq!(status, 200, "{answer}");
        assert!(
            answer["tables"].as_array().unwrap().contains(&json!("employees")),
            "{answer}"
        );
        for (changes, fields) in [
            (json!({"host": "no-such-host.invalid"}), vec!["config.host"]),
            (json!({"port": nobody}), vec!["config.host", "config.port"]),
        ] {
            assert_eq!(
                blamed(&world.admin, with(changes.clone())).await,
                fields,
                "{} {changes}",
                base.service
            );
        }
        // A user without rights on any database is not told which there are.
        let database = blamed(&world.admin, with(json!({"database": "no_such_database"}))).await;
        assert_eq!(database[0], "config.database", "{}", base.service);
        let user = blamed(
            &world.admin,
            with(json!({"username": "nobody_here", "password": SECRET})),
        )
        .await;
        assert_eq!(user[0], "config.username", "{}", base.service);
        let tls = match base.service {
            "pgsql" => json!({"sslmode": "verify-full"}),
            _ => json!({"ssl_mode": "verify_identity"}),
        };
        let field = blamed(&world.admin, with(tls)).await;
        assert!(
            field.iter().any(|field| field.contains("ssl")),
            "{} {field:?}",
            base.service
        );

        // Of a stored service the secrets are kept, and only what is sent is changed.
        let (status, answer) = attempt(&world.admin, json!({"id": base.id})).await;
        assert_eq!(status, 200, "{answer}");
        let masked =
            json!({"id": base.id, "config": {"password": "**********", "database": "no_such_database"}});
        assert_eq!(blamed(&world.admin, masked).await[0], "config.database");
        let read = format!("/api/v2/{}/_table/departments?limit=1", base.service);
        assert_eq!(world.admin.get(&read).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_store_services_may_try_them() {
    let world = with_servers(Vec::new()).await;
    let system = 1;
    let record = || json!({"type": "sqlite", "config": {"database": "demo.sqlite"}});
    assert!(matches!(
        attempt(&world.program.client(), record()).await.0,
        400 | 401
    ));
    let readers = world
        .role("readers", &[grant(system, "service/*", 1, json!([]))])
        .await;
    assert!(matches!(
        attempt(&world.key("readers", &readers).await, record()).await.0,
        401 | 403
    ));
    let makers = world
        .role("makers", &[grant(system, "service/*", 2, json!([]))])
        .await;
    let maker = world.key("makers", &makers).await;
    assert_eq!(attempt(&maker, record()).await.0, 200);
    // The secrets of a stored one are for those who may change it.
    let stored = json!({"id": world.bases[0].id});
    assert!(matches!(attempt(&maker, stored).await.0, 401 | 403));
    assert_eq!(
        attempt(&world.admin.with(KEY, ""), json!({"id": 99_999})).await.0,
        404
    );
    assert_eq!(attempt(&world.admin, json!({"id": "x"})).await.0, 404);
    let two = json!({"resource": [record(), record()]});
    assert_eq!(
        world
            .admin
            .post("/api/v2/system/service?test=true", &two)
            .await
            .status,
        400
    );
}
