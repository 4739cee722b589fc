//! Rate limits over HTTP: in the memory of one node, and in Redis for several.

use kit::{Answer, Client, Redis, Start};
use scenarios::world::{World, grant};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const PATH: &str = "/api/v2/sqlite/_table/departments/d001";

async fn world(environment: Vec<(String, String)>) -> World {
    let start = Start {
        environment,
        ..Start::default()
    };
    World::start(Vec::new(), start).await
}

/// A client with a key that may read everything of the database.
async fn reader(world: &World) -> Client {
    let role = world
        .role("reader", &[grant(world.bases[0].id, "*", 31, Value::Null)])
        .await;
    world.key("reader", &role).await
}

async fn limit(world: &World, limit: Value) -> Value {
    world.create("limit", limit).await
}

async fn counter(world: &World, id: &Value) -> Value {
    world
        .admin
        .get(&format!("/api/v2/system/limit_cache/{id}"))
        .await
        .json()
}

fn number(answer: &Answer, header: &str) -> u64 {
    answer
        .header(header)
        .parse()
        .unwrap_or_else(|_| panic!("{header} is '{}'", answer.header(header)))
}

/// How many of many calls at once pass; the others must be refused as documented.
async fn passing(clients: &[Client], callers: usize, calls: usize) -> usize {
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..callers {
        let client = clients[n % clients.len()].clone();
        tasks.spawn(async move {
            let mut passed = 0;
            for _ in 0..calls {
                let answer = client.get(PATH).await;
                assert!(matches!(answer.status, 200 | 429), "{}", answer.text());
                passed += usize::from(answer.status == 200);
            }
            passed
        });
    }
    tasks.join_all().await.into_iter().sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_too_many_is_told_what_was_exceeded_and_when_to_come_back() {
    let world = world(Vec::new()).await;
    let client = reader(&world).await;
    let free = client.get(PATH).await;
    assert_eq!((free.status, free.header("x-ratelimit-limit")), (200, ""));
    let made = limit(
        &world,
        json!({"name": "two an hour", "type": "instance.service", "service_id": world.bases[0].id, "rate": 2, "period": "hour"}),
    )
    .await;
    assert_eq!(
        made["key_text"],
        format!("instance.service:{}.hour", world.bases[0].id)
    );
    for remaining in [1, 0] {
        let answer = client.get(PATH).await;
        assert_eq!(answer.status, 200);
        assert_eq!(number(&answer, "x-ratelimit-limit"), 2);
        assert_eq!(number(&answer, "x-ratelimit-remaining"), remaining);
    }
    let refused = client.get(PATH).await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let after = number(&refused, "retry-after");
    assert!((3590..=3600).contains(&after), "{after}");
    let now = std::time::SystemTime::now();
    let now = now
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_secs();
    assert!(number(&refused, "x-ratelimit-reset").abs_diff(now + after) <= 2);
    let error = &refused.json()["error"];
    assert_eq!(error["message"], "API limit(s) exceeded. ");
    assert_eq!(error["context"][0]["object"]["period"], "hour");
    assert_eq!(error["context"][0]["id"], made["id"]);
    // An administrator is not counted, nor is a call that was refused before.
    let admin = world.admin.get(PATH).await;
    assert_eq!((admin.status, admin.header("x-ratelimit-limit")), (200, ""));
    let counted = counter(&world, &made["id"]).await;
    assert_eq!(
        (&counted["attempts"], &counted["remaining"]),
        (&json!(2), &json!(0))
    );

    // Another rate frees a locked limit; so does a reset.
    let path = format!("/api/v2/system/limit/{}", made["id"]);
    world.admin.call("PATCH", &path, Some(&json!({"rate": 1}))).await;
    assert_eq!(client.get(PATH).await.status, 200);
    assert_eq!(client.get(PATH).await.status, 429);
    let reset = format!("/api/v2/system/limit_cache/{}", made["id"]);
    assert_eq!(
        world.admin.call("DELETE", &reset, None).await.json(),
        json!({"id": made["id"]})
    );
    assert_eq!(client.get(PATH).await.status, 200);
    // Without the limit nothing is counted.
    world.admin.call("DELETE", &path, None).await;
    assert_eq!(client.get(PATH).await.status, 200);
    assert_eq!(client.get(PATH).await.header("x-ratelimit-limit"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_counted_apart_and_may_have_limits_of_their_own() {
    let world = world(Vec::new()).await;
    let key = reader(&world).await;
    let role = world
        .role("everything", &[grant(world.bases[0].id, "*", 31, Value::Null)])
        .await;
    let app = world
        .create(
            "app",
            json!({"name": "users", "is_active": true, "role_id": role}),
        )
        .await;
    let mut clients = Vec::new();
    for name in ["ann", "bob"] {
        let user = world.user(name).await;
        clients.push(user.with("X-DreamFactory-API-Key", app["api_key"].as_str().expect("a key")));
    }
    let each = limit(
        &world,
        json!({"name": "each", "type": "instance.each_user.service.endpoint", "service_id": world.bases[0].id,
               "endpoint": "/_table/departments/*", "verb": "get", "rate": 1, "period": "day"}),
    )
    .await;
    assert_eq!(
        (&each["endpoint"], &each["verb"]),
        (&json!("_table/departments/*"), &json!("GET"))
    );
    for client in &clients {
        assert_eq!(client.get(PATH).await.status, 200);
        assert_eq!(client.get(PATH).await.status, 429);
        assert_eq!(client.get("/api/v2/sqlite/_table/departments").await.status, 200);
    }
    assert_eq!(
        key.get(PATH).await.header("x-ratelimit-limit"),
        "",
        "nobody is logged in"
    );
    let entries = world.admin.get("/api/v2/system/limit_cache").await.json();
    let entries = entries["resource"].as_array().expect("a list").clone();
    assert_eq!(entries.len(), 2, "{entries:?}");
    assert!(
        entries
            .iter()
            .all(|e| e["id"] == each["id"] && e["remaining"] == 0)
    );

    let ann = world
        .admin
        .get("/api/v2/system/user?fields=id&filter=name=ann")
        .await
        .json();
    let own = json!({"name": "ann's", "type": "instance.user.service.endpoint", "service_id": world.bases[0].id,
                     "user_id": ann["resource"][0]["id"], "endpoint": "_table/departments/*", "rate": 2, "period": "day"});
    limit(&world, own).await;
    let remaining = number(&clients[0].get(PATH).await, "x-ratelimit-remaining");
    assert_eq!(remaining, 1);
    assert_eq!(clients[1].get(PATH).await.status, 429);
    let related =
        "/api/v2/system/limit?related=limit_cache_by_limit_id,user_by_user_id,service_by_service_id&order=id";
    let shown = world.admin.get(related).await.json();
    assert_eq!(
        shown["resource"][0]["limit_cache_by_limit_id"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(shown["resource"][1]["user_by_user_id"]["name"], "ann");
    assert_eq!(shown["resource"][0]["period"], "day");
    // A user takes the own limits along.
    world
        .admin
        .call(
            "DELETE",
            &format!("/api/v2/system/user/{}", ann["resource"][0]["id"]),
            None,
        )
        .await;
    let left = world
        .admin
        .get("/api/v2/system/limit?include_count=true")
        .await
        .json();
    assert_eq!(left["meta"]["count"], 1);
}

#[tokio::test]
async fn limits_that_cannot_work_are_refused() {
    let world = world(Vec::new()).await;
    let refuse = async |limit: Value| {
        let answer = world
            .admin
            .post("/api/v2/system/limit", &json!({ "resource": [limit] }))
            .await;
        assert_eq!(answer.status, 400, "{limit}: {}", answer.text());
        answer.message()
    };
    let name = "x";
    assert!(
        refuse(json!({"name": name, "type": "nosuch", "rate": 1, "period": "minute"}))
            .await
            .contains("type")
    );
    assert!(
        refuse(json!({"name": name, "type": "instance", "rate": 1, "period": "fortnight"}))
            .await
            .contains("30-day")
    );
    for rate in [json!(0), json!(-1), json!("many"), json!(1.5), Value::Null] {
        let message =
            refuse(json!({"name": name, "type": "instance", "rate": rate, "period": "minute"})).await;
        assert_eq!(message, "Limit rate must be an integer. Limit not saved.");
    }
    for (kind, message) in [
        (
            "instance.user",
            "user_id must be specified with this limit type. Limit: x",
        ),
        (
            "instance.role",
            "role_id must be specified with this limit type. Limit: x",
        ),
        (
            "instance.service",
            "service_id must be specified with this limit type.",
        ),
    ] {
        assert_eq!(
            refuse(json!({"name": name, "type": kind, "rate": 1, "period": 0})).await,
            message
        );
    }
    let unknown = json!({"name": name, "type": "instance.role", "role_id": 999, "rate": 1, "period": 0});
    assert_eq!(refuse(unknown).await, "No role_id exists for x limit.");
    let verb = json!({"name": name, "type": "instance", "verb": "LOOK", "rate": 1, "period": 0});
    assert_eq!(refuse(verb).await, "Verb is invalid or not allowed.");
    // All or none: the second of these two is the same as the first.
    let twice = json!({"resource": [{"name": "a", "type": "instance", "rate": 1, "period": "day"},
                                    {"name": "b", "type": "instance", "rate": 2, "period": "day"}]});
    let answer = world.admin.post("/api/v2/system/limit", &twice).await;
    assert_eq!(answer.json()["error"]["context"]["key_text"], "instance.day");
    assert_eq!(
        world.admin.get("/api/v2/system/limit").await.json(),
        json!({"resource": []})
    );
    assert_eq!(
        world
            .admin
            .call("DELETE", "/api/v2/system/limit_cache", None)
            .await
            .status,
        400
    );
    let all = world
        .admin
        .call("DELETE", "/api/v2/system/limit_cache?force=true", None)
        .await;
    assert_eq!(all.json(), json!({"success": true}));
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_callers_get_exactly_what_is_left() {
    let world = world(Vec::new()).await;
    let client = reader(&world).await;
    limit(
        &world,
        json!({"name": "all", "type": "instance", "rate": 300, "period": "hour"}),
    )
    .await;
    assert_eq!(passing(&[client], 64, 10).await, 300);
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_in_redis_are_shared_and_an_outage_does_not_hang() {
    let Some(redis) = Redis::own() else { return };
    for (mode, status) in [("open", 200), ("closed", 503)] {
        let mut environment = redis.environment();
        environment.push(("DW_LIMIT_OUTAGE".into(), mode.into()));
        environment.push(("LIMIT_CACHE_PREFIX".into(), format!("test[{mode}]")));
        let mut worlds = Vec::new();
        for _ in 0..3 {
            let world = world(environment.clone()).await;
            let client = reader(&world).await;
            limit(
                &world,
                json!({"name": "all", "type": "instance", "rate": 100, "period": "hour"}),
            )
            .await;
            worlds.push((world, client));
        }
        let clients: Vec<Client> = worlds.iter().map(|(_, client)| client.clone()).collect();
        assert_eq!(passing(&clients, 64, 4).await, 100, "over three nodes");
        assert_eq!(counter(&worlds[2].0, &json!(1)).await["remaining"], 0);
        let reset = "/api/v2/system/limit_cache?ids=1";
        assert_eq!(worlds[0].0.admin.call("DELETE", reset, None).await.status, 200);
        assert_eq!(clients[1].get(PATH).await.status, 200);

        for (end, back) in [
            (Redis::crash as fn(&Redis), Redis::start as fn(&Redis)),
            (Redis::freeze, Redis::resume),
        ] {
            end(&redis);
            let mut longest = Duration::ZERO;
            for _ in 0..5 {
                let began = Instant::now();
                assert_eq!(clients[0].get(PATH).await.status, status);
                longest = longest.max(began.elapsed());
            }
            kit::announce(&format!("Redis gone, {mode}: {status} after {longest:?} at most"));
            assert!(longest < Duration::from_secs(3));
            // Administrators are not limited and can still change limits.
            assert_eq!(worlds[0].0.admin.get(PATH).await.status, 200);
            let more = json!({"rate": 101});
            let changed = worlds[0]
                .0
                .admin
                .call("PATCH", "/api/v2/system/limit/1", Some(&more))
                .await;
            assert_eq!(changed.status, 200, "{}", changed.text());
            back(&redis);
            counted_again(&clients[0]).await;
        }
        assert!(
            worlds[0]
                .0
                .program
                .log()
                .contains("the counters of rate limits cannot be reached")
        );
        assert!(!worlds[0].0.program.log().contains(Redis::PASSWORD));
    }
}

async fn counted_again(client: &Client) {
    let limit = Instant::now() + Duration::from_secs(20);
    while client.get(PATH).await.header("x-ratelimit-limit").is_empty() {
        assert!(Instant::now() < limit, "the server is back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
