//! What operators and auditors see: the audit, explanations, metrics, timing.

use kit::{Client, Start};
use scenarios::world::{KEY, World, grant};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SECRET: &str = "Very-Secret-Passw0rd-7";

async fn world() -> World {
    let environment = [("DW_ADMIN_LISTEN", "127.0.0.1:0")].map(|(n, v)| (n.to_owned(), v.to_owned()));
    let start = Start {
        environment: environment.into(),
        ..Start::default()
    };
    World::start(Vec::new(), start).await
}

/// Records of the audit that meet a filter, the latest first.
async fn audit(admin: &Client, filter: &str) -> Vec<Value> {
    let filter = filter.replace(' ', "%20");
    let answer = admin
        .get(&format!("/api/v2/system/audit?order=id%20desc&filter={filter}"))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["resource"].as_array().cloned().unwrap_or_default()
}

/// The first record, once it is there: refusals are written by a task of their own.
async fn refusal(admin: &Client, filter: &str) -> Value {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        if let Some(record) = audit(admin, filter).await.into_iter().next() {
            return record;
        }
        assert!(Instant::now() < limit, "no refusal with {filter}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_and_refusals_are_kept_without_secrets() {
    let world = world().await;
    let filters = json!([{"name": "emp_no", "operator": "<", "value": "10005"}]);
    let role = world
        .role(
            "reader",
            &[grant(world.bases[0].id, "_table/departments/*", 1, filters)],
        )
        .await;
    let client = world.key("reader", &role).await;
    let user = json!({"name": "ann", "email": "ann@example.com", "password": SECRET, "is_active": true});
    let user = world.create("user", user).await;
    let path = format!("/api/v2/system/user/{}", user["id"]);
    let change = json!({"first_name": "Ann", "password": format!("{SECRET}8"), "security_answer": SECRET});
    assert_eq!(world.admin.call("PATCH", &path, Some(&change)).await.status, 200);
    let service = json!({"name": "mine", "type": "pgsql", "is_active": true,
                         "config": {"host": "db.internal", "database": "d", "username": "u", "password": SECRET}});
    let service = world.create("service", service).await;
    world
        .create(
            "lookup",
            json!({"name": "token", "value": SECRET, "private": true}),
        )
        .await;
    assert_eq!(world.admin.call("DELETE", &path, None).await.status, 200);

    let of_user = audit(&world.admin, "(resource=user) and (record_id=2)").await;
    let actions: Vec<&str> = of_user.iter().filter_map(|r| r["action"].as_str()).collect();
    assert_eq!(actions, ["delete", "update", "create"], "{of_user:?}");
    let made = &of_user[2]["after"];
    assert_eq!(
        (&made["is_active"], &made["is_sys_admin"]),
        (&json!(true), &json!(false))
    );
    let update = &of_user[1];
    assert_eq!(update["before"]["first_name"], Value::Null);
    assert_eq!(update["after"]["first_name"], "Ann");
    assert_eq!(update["after"]["password"], "**********");
    assert!(
        update["after"].get("name").is_none(),
        "what did not change is not told"
    );
    assert_eq!(update["user_email"], "admin@example.com");
    assert_eq!(
        (&update["verb"], &update["address"]),
        (&json!("PATCH"), &json!("127.0.0.1"))
    );
    assert_eq!(update["path"], format!("user/{}", user["id"]));
    let of_access = audit(&world.admin, "resource=role_service_access").await;
    assert_eq!(of_access[0]["after"]["filters"][0]["name"], "emp_no");
    let of_service = audit(
        &world.admin,
        &format!("(resource=service) and (record_id={})", service["id"]),
    )
    .await;
    assert_eq!(of_service[0]["after"]["config"]["host"], "db.internal");
    assert_eq!(of_service[0]["after"]["secrets"], "**********");

    // A change that is undone leaves no record.
    let before = audit(&world.admin, "kind=change").await.len();
    let bad = json!({"resource": [{"name": "one", "is_active": true}, {"name": "reader"}]});
    let answer = world.admin.post("/api/v2/system/role?rollback=true", &bad).await;
    assert_eq!(answer.status, 400);
    assert_eq!(audit(&world.admin, "kind=change").await.len(), before);

    // Refusals: at the gate, inside a service, and of nobody.
    for _ in 0..3 {
        assert_eq!(
            client.get("/api/v2/sqlite/_table/employees/10001").await.status,
            401
        );
    }
    let refused = refusal(&world.admin, "path=_table/employees/10001").await;
    assert_eq!(
        (&refused["kind"], &refused["status"]),
        (&json!("refusal"), &json!(401))
    );
    assert_eq!(refused["role_id"], role);
    let wrong = json!({"email": "admin@example.com", "password": "hunter2-hunter2-hunter2"});
    assert_eq!(
        world
            .program
            .client()
            .post("/api/v2/system/admin/session", &wrong)
            .await
            .status,
        401
    );
    assert_eq!(refusal(&world.admin, "path=admin/session").await["status"], 401);
    assert_eq!(world.program.client().get("/api/v2/nosuch/x").await.status, 400);
    assert_eq!(refusal(&world.admin, "service=nosuch").await["status"], 400);

    let all = world.admin.get("/api/v2/system/audit").await.text();
    for secret in [SECRET, "hunter2", "argon2"] {
        assert!(!all.contains(secret), "{secret} stands in the audit");
    }
    // Nobody writes it by hand, and who may not read it does not.
    assert_eq!(world.admin.post("/api/v2/system/audit", &bad).await.status, 400);
    assert_eq!(
        world
            .admin
            .call("DELETE", "/api/v2/system/audit?force=true", None)
            .await
            .status,
        400
    );
    assert_eq!(client.get("/api/v2/system/audit").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_are_told_why() {
    let world = world().await;
    let filters = json!([{"name": "emp_no", "operator": "<", "value": "{user.id}"}]);
    let base = world.bases[0].id;
    let role = world
        .role("reader", &[grant(base, "_table/employees/*", 1, filters)])
        .await;
    let client = world.key("reader app", &role).await;
    world
        .create(
            "limit",
            json!({"name": "few", "type": "instance.role", "role_id": role, "rate": 1, "period": "day"}),
        )
        .await;
    let ask = async |verb: &str, path: &str, more: &str| {
        let answer = world
            .admin
            .call(verb, &format!("/api/v2/sqlite/{path}?explain=access{more}"), None)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["explain"].clone()
    };
    let own = ask("DELETE", "_table/employees/10001", "").await;
    assert_eq!(own["access"]["allowed"], true);
    assert_eq!(own["caller"]["user"]["is_sys_admin"], true);
    let record = "/api/v2/sqlite/_table/employees/10001";
    assert_eq!(world.admin.get(record).await.status, 200, "nothing was deleted");

    let read = ask("GET", "_table/employees/10001", "&explain_role=reader").await;
    assert_eq!(read["access"]["allowed"], true, "{read}");
    assert_eq!(read["access"]["grants"]["tier"], "wildcard");
    assert_eq!(read["access"]["grants"]["verbs"], json!(["GET"]));
    assert_eq!(read["access"]["filter"]["conditions"][0]["value"], "{user.id}");
    assert_eq!(read["access"]["inside"]["component"], "_table/employees");
    assert_eq!(read["limits"][0]["name"], "few");
    assert_eq!(read["limits"][0]["attempts"], 0);
    let write = ask("POST", "_table/employees", "&explain_key=reader%20app").await;
    assert_eq!(
        (&write["access"]["allowed"], &write["access"]["status"]),
        (&json!(false), &json!(401))
    );
    assert_eq!(write["caller"]["role_from"], "the default role of the app");

    world.user("ann").await;
    let ann = ask("GET", "_table/employees", "&explain_user=ann@example.com").await;
    assert_eq!(ann["access"]["allowed"], false);
    assert_eq!(ann["caller"]["role_from"], "none: without a key there is no role");
    let both = ask(
        "GET",
        "_table/departments",
        "&explain_user=ann@example.com&explain_key=reader%20app",
    )
    .await;
    assert_eq!(both["access"]["status"], 403);
    assert!(both["access"]["grants"].is_null());
    // What is told is what happens, and asking counted nothing.
    assert_eq!(
        client.get("/api/v2/sqlite/_table/employees?limit=1").await.status,
        200
    );
    assert_eq!(
        client.get("/api/v2/sqlite/_table/employees?limit=1").await.status,
        429
    );
    let full = ask("GET", "_table/employees", "&explain_role=reader").await;
    assert_eq!(full["limits"][0]["refuses"], true);
    // A role that nobody has stored comes in the body; the verb that is asked about travels as a parameter.
    let proposed = json!({"explain_role": {"name": "wider", "role_service_access_by_role_id": [
        grant(base, "_table/departments/*", 1, json!([])), grant(base, "_table/employees/*", 3, json!([]))]}});
    let propose = async |path: &str, more: &str, body: &Value| {
        let path = format!("/api/v2/sqlite/{path}?explain=access{more}");
        let answer = world.admin.post(&path, body).await;
        (answer.status, answer.json()["explain"].clone())
    };
    let (_, read) = propose("_table/employees/10001", "&method=GET", &proposed).await;
    assert_eq!(read["access"]["allowed"], true, "{read}");
    assert_eq!(read["access"]["grants"]["role_service_access"], json!([2]));
    assert_eq!(read["caller"]["role_from"], "proposed in the question");
    assert_eq!(
        read["limits"],
        json!([]),
        "a role that is not stored has no limits"
    );
    let (_, write) = propose("_table/departments", "&explain_user=ann@example.com", &proposed).await;
    assert_eq!(write["access"]["status"], 403, "{write}");
    let roles = world.admin.get("/api/v2/system/role").await.json();
    assert!(!roles.to_string().contains("wider"), "{roles}");
    let (both, _) = propose("_table/employees", "&explain_role=reader", &proposed).await;
    let (wrong, _) = propose("_table/employees", "", &json!({"explain_role": "reader"})).await;
    assert_eq!((both, wrong), (400, 400));
    // Nobody else may ask.
    let asked = client
        .post("/api/v2/sqlite/_table/employees?explain=access", &proposed)
        .await;
    assert_eq!(asked.status, 403);
    let asked = client
        .get("/api/v2/sqlite/_table/departments?explain=access")
        .await;
    assert_eq!(asked.status, 403);
    let unknown = world
        .admin
        .get("/api/v2/sqlite?explain=access&explain_role=nosuch")
        .await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_numbers_and_callers_where_time_went() {
    let world = world().await;
    let log = world.program.log();
    let line = log
        .lines()
        .find(|l| l.contains("/metrics"))
        .expect("the address is told");
    let address = line
        .rsplit("http://")
        .next()
        .and_then(|rest| rest.trim_end_matches("/metrics").parse().ok());
    let operators = Client::new(address.expect("an address"));
    assert_eq!(
        world.admin.get("/api/v2/sqlite/_table/departments").await.status,
        200
    );
    world
        .program
        .client()
        .with(KEY, "nothing")
        .get("/api/v2/made_up_by_a_caller")
        .await;
    let metrics = operators.get("/metrics").await;
    assert!(
        metrics
            .header("content-type")
            .starts_with("text/plain; version=0.0.4")
    );
    let text = metrics.text();
    for wanted in [
        r#"dreamwright_calls_total{service="sqlite",verb="GET",class="2xx"} 1"#,
        r#"dreamwright_call_duration_seconds_count{service="sqlite",verb="GET"} 1"#,
        "dreamwright_system_database_up 1",
        "process_resident_memory_bytes ",
    ] {
        assert!(
            text.lines().any(|l| l.starts_with(wanted)),
            "{wanted} is not in\n{text}"
        );
    }
    assert!(!text.contains("made_up_by_a_caller"));
    // Every number belongs to something that was announced.
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        let (name, value) = line.rsplit_once(' ').expect("a name and a number");
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let name = name.split('{').next().unwrap_or_default();
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .fold(name, |n, end| n.strip_suffix(end).unwrap_or(n));
        assert!(text.contains(&format!("# TYPE {family} ")), "{line}");
    }
    assert_eq!(operators.get("/ready").await.status, 200);
    assert_eq!(operators.get("/api/v2/system").await.status, 404);
    assert_eq!(operators.call("DELETE", "/metrics", None).await.status, 405);
    assert_eq!(
        world.admin.get("/metrics").await.status,
        404,
        "not at the API's address"
    );

    let path = "/api/v2/sqlite/_table/departments";
    assert_eq!(world.admin.get(path).await.header("server-timing"), "");
    let timed = world.admin.with("X-Server-Timing", "true").get(path).await;
    let timing = timed.header("server-timing");
    assert!(
        timing.starts_with("gate;dur=") && timing.contains(", service;dur="),
        "{timing}"
    );
    let refused = world
        .program
        .client()
        .with("X-Server-Timing", "true")
        .get(path)
        .await;
    assert!(refused.status == 400 && refused.header("server-timing").starts_with("gate;dur="));
}
