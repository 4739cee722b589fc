//! What people watch: the latest requests, the numbers of charts, the health of services.
#![allow(clippy::unwrap_used)]

use kit::{Client, Start};
use scenarios::world::{KEY, World, grant};
use serde_json::{Value, json};

const SECRET: &str = "Very-Secret-Passw0rd-7";

async fn world(environment: &[(&str, &str)]) -> World {
    let environment = environment
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    let start = Start {
        environment: environment.collect(),
        ..Start::default()
    };
    World::start(Vec::new(), start).await
}

async fn read(client: &Client, path: &str) -> Value {
    let answer = client.get(&format!("/api/v2/system/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

async fn calls(client: &Client, parameters: &str) -> Vec<Value> {
    let answer = read(client, &format!("request_log?{parameters}")).await;
    answer["resource"].as_array().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_requests_are_listed_without_secrets() {
    let world = world(&[("DW_REQUEST_LOG", "12")]).await;
    let role = world
        .role(
            "reader",
            &[grant(world.bases[0].id, "_table/departments/*", 1, json!([]))],
        )
        .await;
    let reader = world.key("reader", &role).await;
    let before = read(&world.admin, "request_log").await["meta"]["last_id"]
        .as_u64()
        .unwrap();
    let path = format!(
        "/api/v2/sqlite/_table/departments?limit=2&my_password={SECRET}&filter=dept_no%20%3D%20'd001'"
    );
    assert_eq!(reader.get(&path).await.status, 200);
    assert_eq!(reader.get("/api/v2/sqlite/_table/employees").await.status, 401);
    let bad = reader.with("X-DreamFactory-Session-Token", SECRET);
    assert!(bad.get(&format!("/api/v2/sqlite?api_key={SECRET}")).await.status >= 400);
    assert_eq!(world.admin.get("/api/v2/nowhere/x").await.status, 404);

    let all = calls(&world.admin, &format!("since_id={before}")).await;
    let told: Vec<_> = all
        .iter()
        .map(|call| {
            (
                call["service"].as_str().unwrap(),
                call["status"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told[0], ("nowhere", 404));
    assert_eq!(told.len(), 4, "{all:?}");
    let text = json!(all).to_string();
    assert!(
        !text.contains(SECRET) && !text.contains(reader_key(&world).await.as_str()),
        "{text}"
    );
    let good = &all[3];
    assert_eq!(
        good["path"],
        "_table/departments?limit=2&my_password=**********&filter=dept_no%20=%20'd001'"
    );
    assert_eq!(
        (&good["app_name"], &good["role_name"], &good["verb"]),
        (&json!("reader"), &json!("reader"), &json!("GET"))
    );
    assert!(
        good["duration_ms"].as_f64() > Some(0.0)
            && good["gate_ms"].is_number()
            && good["request_id"].is_string()
    );
    assert!(good["message"].is_null() && all[2]["message"].is_string());
    assert_eq!(good["address"], "127.0.0.1");

    for (parameters, status) in [
        ("status=401&path=employees", 401),
        ("status=4xx&path=EMPLOYEES", 401),
        ("service=nowhere&verb=get", 404),
        (&format!("app_id={}&path=departments", good["app_id"]), 200),
        (&format!("role_id={}&limit=1&status=2xx", good["role_id"]), 200),
    ] {
        let found = calls(&world.admin, parameters).await;
        assert_eq!(found.len(), 1, "{parameters}: {found:?}");
        assert_eq!(found[0]["status"], status, "{parameters}");
    }
    assert!(calls(&world.admin, "min_ms=60000").await.is_empty());
    assert_eq!(
        calls(&world.admin, "limit=1&fields=id").await[0]
            .as_object()
            .unwrap()
            .len(),
        1
    );
    for bad in ["status=many", "verb=LOOK", "since_id=x", "limit=-"] {
        let answer = world
            .admin
            .get(&format!("/api/v2/system/request_log?{bad}"))
            .await;
        assert_eq!(answer.status, 400, "{bad}");
    }
    for _ in 0..20 {
        reader.get("/api/v2/sqlite/_table/departments").await;
    }
    let kept = calls(&world.admin, "limit=500").await;
    assert_eq!(kept.len(), 12);
    assert!(
        kept.iter().all(|call| call["path"] == "_table/departments"),
        "nothing of those who watch"
    );
}

async fn reader_key(world: &World) -> String {
    let apps = read(&world.admin, "app?filter=name=reader").await;
    apps["resource"][0]["api_key"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_where_nothing_is_wanted() {
    let world = world(&[("DW_REQUEST_LOG", "0")]).await;
    world.admin.get("/api/v2/sqlite/_table").await;
    assert!(calls(&world.admin, "").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_have_every_step_and_count_by_app() {
    let world = world(&[]).await;
    let role = world
        .role("r", &[grant(world.bases[0].id, "_table/*", 1, json!([]))])
        .await;
    let client = world.key("charted", &role).await;
    for _ in 0..5 {
        assert_eq!(client.get("/api/v2/sqlite/_table/departments").await.status, 200);
    }
    assert_eq!(client.get("/api/v2/sqlite/_table/none").await.status, 404);
    let metric = read(&world.admin, "metric?service=sqlite").await;
    let points = metric["points"].as_array().unwrap();
    assert_eq!((points.len(), metric["step_seconds"].as_u64()), (60, Some(60)));
    let sum = |name: &str| points.iter().filter_map(|p| p[name].as_u64()).sum::<u64>();
    assert_eq!(
        (sum("requests"), sum("client_errors"), sum("server_errors")),
        (6, 1, 0)
    );
    let busy = points.iter().find(|p| p["requests"].as_u64() > Some(0)).unwrap();
    assert!(busy["p50_ms"].as_f64() <= busy["p99_ms"].as_f64() && busy["p99_ms"].is_number());
    assert!(points[0]["p50_ms"].is_null());
    let service = metric["services"]
        .as_array()
        .unwrap()
        .iter()
        .find(|s| s["name"] == "sqlite")
        .unwrap();
    assert_eq!(service["requests"], 6);
    let app = metric["apps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|app| app["app_name"] == "charted")
        .unwrap();
    assert_eq!(
        (&app["requests"], &app["statuses"]),
        (&json!(6), &json!({"200": 5, "404": 1}))
    );
    assert_eq!(
        read(&world.admin, "metric?range=day").await["points"]
            .as_array()
            .unwrap()
            .len(),
        144
    );
    assert_eq!(
        world.admin.get("/api/v2/system/metric?range=year").await.status,
        400
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_what_traffic_or_asking_told() {
    let world = world(&[
        ("DW_CONNECT_TIMEOUT", "2"),
        ("DF_JWT_TTL", "77"),
        ("MAIL_PASSWORD", SECRET),
    ])
    .await;
    let port = kit::free_port();
    for (name, active) in [("gone", true), ("asleep", false)] {
        let config =
            json!({"host": "127.0.0.1", "port": port, "database": "d", "username": "u", "password": SECRET});
        let service = json!({"name": name, "type": "pgsql", "is_active": active, "config": config});
        world.create("service", service).await;
    }
    let state = async |path: &str, name: &str| {
        let health = read(&world.admin, path).await;
        let found = health["services"]
            .as_array()
            .unwrap()
            .iter()
            .find(|s| s["name"] == name);
        found.cloned().unwrap_or_else(|| panic!("{name} is in {health}"))
    };
    assert_eq!(state("health", "gone").await["state"], "unknown");
    assert_eq!(state("health", "asleep").await["state"], "off");
    assert_eq!(state("health", "system").await["state"], "up");
    assert_eq!(world.admin.get("/api/v2/gone/_table").await.status, 503);
    let gone = state("health?service=gone", "gone").await;
    assert_eq!(
        (&gone["state"], &gone["server_errors"], &gone["error_rate"]),
        (&json!("failing"), &json!(1), &json!(1.0))
    );
    assert!(gone["last_error"].as_str().unwrap().contains("cannot be reached"));
    assert!(gone["last_error_date"].is_string() && gone["checked_date"].is_null());

    let checked = read(&world.admin, "health?check=true").await;
    let services = checked["services"].as_array().unwrap();
    let found = |name: &str| services.iter().find(|s| s["name"] == name).unwrap();
    assert_eq!(
        (&found("gone")["state"], &found("sqlite")["state"]),
        (&json!("failing"), &json!("up"))
    );
    assert_eq!(
        found("gone")["last_error"],
        "Nothing accepts connections at this host and port."
    );
    assert!(found("sqlite")["checked_date"].is_string() && found("asleep")["checked_date"].is_null());
    assert_eq!(
        world.admin.get("/api/v2/system/health?service=none").await.status,
        404
    );

    let instance = &checked["instance"];
    assert_eq!(
        (
            &instance["system_database"]["type"],
            &instance["system_database"]["state"]
        ),
        (&json!("sqlite"), &json!("up"))
    );
    assert!(instance["memory_bytes"].as_u64() > Some(1_000_000) && instance["version"].is_string());
    let settings = instance["settings"].as_array().unwrap();
    let setting = |name: &str| {
        settings
            .iter()
            .find(|s| s["name"] == name)
            .map(|s| s["value"].clone())
    };
    assert_eq!(setting("DF_JWT_TTL"), Some(json!("77")));
    assert_eq!(setting("MAIL_PASSWORD"), Some(json!("**********")));
    assert_eq!(setting("APP_NAME"), None);
    assert!(!checked.to_string().contains(SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_granted_like_other_components() {
    let world = world(&[]).await;
    let system = 1;
    let granted = world
        .role(
            "watchers",
            &["request_log", "metric", "health"].map(|c| grant(system, c, 1, json!([]))),
        )
        .await;
    let watcher = world.key("watchers", &granted).await;
    let others = world
        .role("others", &[grant(system, "role/*", 31, json!([]))])
        .await;
    let other = world.key("others", &others).await;
    for resource in ["request_log", "metric", "health"] {
        let path = format!("/api/v2/system/{resource}");
        assert_eq!(watcher.get(&path).await.status, 200, "{resource}");
        assert!(matches!(other.get(&path).await.status, 401 | 403), "{resource}");
        assert!(matches!(
            world.program.client().with(KEY, "x").get(&path).await.status,
            400 | 401 | 403
        ));
    }
    let health = read(&watcher, "health").await;
    assert!(
        health["instance"]["settings"].is_null(),
        "settings are for administrators"
    );
}
