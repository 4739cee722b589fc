//! Cache services over HTTP, each over what really keeps it: memory, Redis, Memcached.

use kit::{Answer, Client, Memcached, Program, Redis};
use serde_json::{Value, json};

async fn service(admin: &Client, name: &str, kind: &str, config: Value) {
    let made = json!({"resource": [{"name": name, "label": name, "type": kind, "is_active": true, "config": config}]});
    let answer = admin.post("/api/v2/system/service", &made).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

fn on(server: &Redis) -> Value {
    json!({"host": "127.0.0.1", "port": server.port(), "password": Redis::PASSWORD, "database_index": 3})
}

async fn call(client: &Client, verb: &str, path: &str, body: Option<Value>) -> Answer {
    client.call(verb, &format!("/api/v2/{path}"), body.as_ref()).await
}

/// What a call answers: its status and its body.
async fn told(client: &Client, verb: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    let answer = call(client, verb, path, body).await;
    (answer.status, answer.json())
}

async fn keyed_calls(admin: &Client, name: &str) {
    let at = |key: &str| format!("{name}/{key}");
    let stored = told(admin, "POST", &at("a"), Some(json!({"n": 1}))).await;
    assert_eq!(stored, (201, json!({"a": {"n": 1}})), "{name}");
    assert_eq!(
        told(admin, "GET", &at("a"), None).await,
        (200, json!({"n": 1})),
        "{name}"
    );
    let again = call(admin, "POST", &at("a"), Some(json!({"n": 2})))
        .await
        .refusal();
    let exists = "Key 'a' already exists in cache. Use PUT to update existing key.";
    assert_eq!(again, (400, exists.to_owned()));
    assert_eq!(
        told(admin, "PUT", &at("a"), Some(json!([1, 2]))).await,
        (200, json!({"a": [1, 2]}))
    );
    assert_eq!(
        told(admin, "PATCH", &at("a"), Some(json!({"é": "ü"}))).await,
        (200, json!({"a": {"é": "ü"}}))
    );
    assert_eq!(
        told(admin, "GET", &at("a?clear=true"), None).await,
        (200, json!({"é": "ü"}))
    );
    let gone = call(admin, "GET", &at("a"), None).await.refusal();
    assert_eq!(gone, (404, "No value found for key 'a'.".to_owned()));
    assert_eq!(
        told(admin, "GET", &at("a?default=x"), None).await,
        (200, json!("x"))
    );
    assert_eq!(told(admin, "GET", &at("a?default="), None).await.0, 404);
    // What is neither an object nor a list is kept as its text, and nothing is not kept.
    assert_eq!(
        told(admin, "PUT", &at("a"), Some(json!(5))).await,
        (200, json!({"a": "5"}))
    );
    assert_eq!(told(admin, "GET", &at("a"), None).await, (200, json!("5")));
    let nothing = (400, "No value/payload provided to store in cache.".to_owned());
    assert_eq!(
        call(admin, "PUT", &at("a"), Some(json!({}))).await.refusal(),
        nothing
    );
    assert_eq!(call(admin, "PUT", &at("a"), None).await.refusal(), nothing);
    assert_eq!(
        told(admin, "DELETE", &at("a"), None).await,
        (200, json!({"success": true}))
    );
    assert_eq!(
        told(admin, "DELETE", &at("a"), None).await,
        (200, json!({"success": false}))
    );
    // Keys that would be more than a word on a server's line, or a pattern.
    for key in ["x%20flush_all", "a%20b/c*%5B1%5D", "%C3%A9", &"k".repeat(400)] {
        let stored = told(admin, "POST", &at(key), Some(json!([key]))).await;
        assert_eq!(stored.0, 201, "{name} {key}: {}", stored.1);
        assert_eq!(
            told(admin, "GET", &at(key), None).await,
            (200, json!([key])),
            "{name}"
        );
    }
    let endless = call(admin, "PUT", &at("a?ttl=soon"), Some(json!([1])))
        .await
        .refusal();
    assert_eq!(endless.0, 400);
    for life in ["ttl=100", "ttl=0", "ttl=-1", "ttl=90000000", "forever=true"] {
        assert_eq!(
            told(admin, "PUT", &at(&format!("a?{life}")), Some(json!([1])))
                .await
                .0,
            200,
            "{name} {life}"
        );
        assert_eq!(told(admin, "GET", &at("a"), None).await.0, 200, "{name} {life}");
    }
    // It ends by itself.
    assert_eq!(
        told(admin, "PUT", &at("short?ttl=1"), Some(json!([1]))).await.0,
        200
    );
    let limit = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while told(admin, "GET", &at("short"), None).await.0 == 200 {
        assert!(std::time::Instant::now() < limit, "{name}: a second ends");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

async fn calls_without_a_key(admin: &Client, name: &str) {
    assert_eq!(
        told(admin, "DELETE", name, None).await,
        (200, json!({"success": true})),
        "{name}"
    );
    let two = json!({"a": 1, "b": {"c": null}});
    assert_eq!(
        told(admin, "POST", name, Some(two)).await,
        (201, json!({"success": true})),
        "{name}"
    );
    let more = json!({"c": 3, "b": 4, "a": 5});
    let (status, refused) = call(admin, "POST", name, Some(more.clone())).await.refusal();
    assert_eq!(status, 400);
    assert!(
        refused.starts_with("Nothing was stored in cache. One or more key(s) already exists ("),
        "{refused}"
    );
    assert_eq!(
        told(admin, "GET", &format!("{name}/c"), None).await.0,
        404,
        "{name}"
    );
    assert_eq!(
        told(admin, "PUT", name, Some(more)).await,
        (200, json!({"success": true}))
    );
    assert_eq!(
        told(admin, "GET", &format!("{name}/b"), None).await,
        (200, json!(4)),
        "{name}"
    );
    // Such keys come in bodies alone: no address may hold them.
    let hostile = json!({"a\r\nflush_all\r\n": 1, "\u{0}": 2});
    assert_eq!(told(admin, "PUT", name, Some(hostile.clone())).await.0, 200);
    assert_eq!(
        told(admin, "POST", name, Some(hostile)).await.0,
        400,
        "{name}: they are there"
    );
    assert_eq!(
        told(admin, "GET", &format!("{name}/b"), None).await,
        (200, json!(4)),
        "{name}"
    );
    assert_eq!(told(admin, "DELETE", name, None).await.0, 200);
    let three = json!({"a": 1, "b": 2, "c": 3});
    assert_eq!(told(admin, "POST", name, Some(three)).await.0, 201, "{name}");
    let pairs = call(admin, "POST", name, Some(json!([1]))).await.refusal();
    assert_eq!(
        pairs,
        (
            400,
            "Invalid payload provided. Please provide a key/value pair.".to_owned()
        )
    );
    let listed = told(admin, "GET", name, None).await;
    match name {
        "memcached" => assert_eq!(listed.0, 501),
        _ => assert_eq!(
            listed,
            (
                200,
                json!({"resource": [{"key": "a"}, {"key": "b"}, {"key": "c"}]})
            ),
            "{name}"
        ),
    }
    let access = told(admin, "GET", &format!("{name}?as_access_list=true"), None).await;
    assert_eq!(access, (200, json!({"resource": ["", "*"]})));
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_kept_read_and_forgotten_in_every_kind_of_cache() {
    let program = Program::start();
    let admin = program.admin().await;
    let (redis, memcached) = (Redis::own(), Memcached::own());
    service(&admin, "local", "cache_local", json!({})).await;
    let mut names = vec!["local"];
    if let Some(server) = &redis {
        service(&admin, "redis", "cache_redis", on(server)).await;
        names.push("redis");
    }
    if let Some(server) = &memcached {
        service(
            &admin,
            "memcached",
            "cache_memcached",
            json!({"port": server.port()}),
        )
        .await;
        names.push("memcached");
    }
    for name in names {
        keyed_calls(&admin, name).await;
        calls_without_a_key(&admin, name).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_sees_and_empties_only_what_is_its_own() {
    let program = Program::start();
    let admin = program.admin().await;
    let (redis, memcached) = (Redis::own(), Memcached::own());
    let mut kinds = vec![("cache_local", json!({}))];
    if let Some(server) = &redis {
        kinds.push(("cache_redis", on(server)));
        assert_eq!(server.run("SET foreign 1"), "+OK");
    }
    if let Some(server) = &memcached {
        kinds.push(("cache_memcached", json!({"port": server.port()})));
    }
    for (kind, config) in kinds {
        for name in ["one", "two"] {
            service(&admin, &format!("{kind}_{name}"), kind, config.clone()).await;
        }
        for name in ["one", "two"] {
            assert_eq!(
                told(&admin, "POST", &format!("{kind}_{name}/k"), Some(json!([name])))
                    .await
                    .0,
                201
            );
        }
        assert_eq!(told(&admin, "DELETE", &format!("{kind}_one"), None).await.0, 200);
        assert_eq!(told(&admin, "GET", &format!("{kind}_one/k"), None).await.0, 404);
        assert_eq!(
            told(&admin, "GET", &format!("{kind}_two/k"), None).await,
            (200, json!(["two"]))
        );
    }
    if let Some(server) = &redis {
        assert_eq!(server.run("EXISTS foreign"), ":1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_told_without_its_address_or_password() {
    let program = Program::start();
    let admin = program.admin().await;
    let Some(redis) = Redis::own() else { return };
    service(&admin, "redis", "cache_redis", on(&redis)).await;
    let read = admin
        .get("/api/v2/system/service?filter=name%3Dredis")
        .await
        .json();
    assert_eq!(read["resource"][0]["config"]["password"], "**********");
    assert_eq!(told(&admin, "PUT", "redis/a", Some(json!([1]))).await.0, 200);
    redis.crash();
    let answer = admin.get("/api/v2/redis/a").await;
    assert_eq!(answer.status, 503);
    for secret in [Redis::PASSWORD.to_owned(), redis.port().to_string()] {
        assert!(!answer.text().contains(&secret), "{}", answer.text());
    }
    let Some(mut memcached) = Memcached::own() else {
        return;
    };
    service(
        &admin,
        "memcached",
        "cache_memcached",
        json!({"port": memcached.port()}),
    )
    .await;
    assert_eq!(told(&admin, "PUT", "memcached/a", Some(json!([1]))).await.0, 200);
    let large = json!(["x".repeat(2 << 20)]);
    assert_eq!(told(&admin, "PUT", "memcached/large", Some(large)).await.0, 413);
    memcached.crash();
    assert_eq!(told(&admin, "GET", "memcached/a", None).await.0, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_reaches_the_keys_that_it_grants_and_no_others() {
    let program = Program::start();
    let admin = program.admin().await;
    service(&admin, "local", "cache_local", json!({})).await;
    let service_id = admin
        .get("/api/v2/system/service?filter=name%3Dlocal")
        .await
        .json()["resource"][0]["id"]
        .clone();
    let access = json!([
        {"service_id": service_id, "component": "mine/*", "verb_mask": 7, "requestor_mask": 1},
        {"service_id": service_id, "component": "", "verb_mask": 31, "requestor_mask": 1},
    ]);
    let role = json!({"resource": [{"name": "cacher", "is_active": true, "role_service_access_by_role_id": access}]});
    let role = admin.post("/api/v2/system/role", &role).await.json()["resource"][0]["id"].clone();
    let app = json!({"resource": [{"name": "cacher", "is_active": true, "type": 0, "role_id": role}]});
    let app = admin.post("/api/v2/system/app?fields=*", &app).await.json();
    let key = app["resource"][0]["api_key"].as_str().unwrap().to_owned();
    let client = program.client().with("X-DreamFactory-API-Key", &key);

    assert_eq!(
        told(&admin, "POST", "local", Some(json!({"other": 1, "mine/a": 2})))
            .await
            .0,
        201
    );
    assert_eq!(told(&client, "GET", "local/mine/a", None).await, (200, json!(2)));
    assert_eq!(told(&client, "GET", "local/other", None).await.0, 401);
    assert_eq!(
        told(&client, "PUT", "local", Some(json!({"mine/b": 1, "other": 2})))
            .await
            .0,
        403
    );
    assert_eq!(told(&client, "GET", "local/mine/a?clear=true", None).await.0, 403);
    assert_eq!(
        told(&client, "GET", "local", None).await,
        (200, json!({"resource": [{"key": "mine/a"}]}))
    );
    assert_eq!(told(&client, "DELETE", "local", None).await.0, 403);
    assert_eq!(told(&admin, "GET", "local/other", None).await, (200, json!(1)));
}
