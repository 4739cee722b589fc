//! Every type of limit counts what it names and nothing else, also with a verb.

use kit::{Client, Start};
use scenarios::world::{KEY, World, grant};
use serde_json::{Value, json};

const DEPARTMENTS: &str = "/api/v2/sqlite/_table/departments";
const ONE: &str = "/api/v2/sqlite/_table/departments/d001";
const OTHER: &str = "/api/v2/other/_table/departments";

/// Who calls.
#[derive(Clone, Copy)]
enum Who {
    Ann,
    Bob,
    /// Nobody, with a key of another role.
    Key,
}
use Who::{Ann, Bob, Key};

/// A limit of one call a day, a call that it counts, and calls that it does not.
struct Case {
    limit: Value,
    counted: (Who, &'static str),
    free: &'static [(Who, &'static str)],
}

struct Callers {
    ann: Client,
    bob: Client,
    key: Client,
}

impl Callers {
    fn of(&self, who: Who) -> &Client {
        match who {
            Ann => &self.ann,
            Bob => &self.bob,
            Key => &self.key,
        }
    }

    async fn status(&self, (who, path): (Who, &str)) -> u16 {
        self.of(who).get(path).await.status
    }
}

fn cases(ann: &Value, role: &Value, service: i64) -> Vec<Case> {
    let case = |limit: Value, counted, free| Case { limit, counted, free };
    vec![
        case(json!({"type": "instance"}), (Ann, ONE), &[]),
        case(
            json!({"type": "instance.user", "user_id": ann}),
            (Ann, ONE),
            &[(Bob, ONE), (Key, ONE)],
        ),
        case(
            json!({"type": "instance.each_user"}),
            (Ann, ONE),
            &[(Bob, ONE), (Key, ONE), (Key, ONE)],
        ),
        case(
            json!({"type": "instance.role", "role_id": role}),
            (Ann, ONE),
            &[(Key, ONE)],
        ),
        case(
            json!({"type": "instance.service", "service_id": service}),
            (Ann, ONE),
            &[(Ann, OTHER), (Key, OTHER)],
        ),
        case(
            json!({"type": "instance.user.service", "user_id": ann, "service_id": service}),
            (Ann, ONE),
            &[(Ann, OTHER), (Bob, ONE)],
        ),
        case(
            json!({"type": "instance.each_user.service", "service_id": service}),
            (Ann, ONE),
            &[(Ann, OTHER), (Bob, ONE), (Key, ONE), (Key, ONE)],
        ),
        case(
            json!({"type": "instance.service.endpoint", "service_id": service, "endpoint": "_table/departments"}),
            (Ann, DEPARTMENTS),
            &[(Ann, ONE), (Ann, OTHER)],
        ),
        case(
            json!({"type": "instance.user.service.endpoint", "user_id": ann, "service_id": service,
                   "endpoint": "_table/departments/*"}),
            (Ann, ONE),
            &[(Ann, DEPARTMENTS), (Ann, OTHER), (Bob, ONE)],
        ),
        case(
            json!({"type": "instance.each_user.service.endpoint", "service_id": service, "endpoint": "_table/dep*"}),
            (Ann, ONE),
            &[(Ann, OTHER), (Bob, DEPARTMENTS), (Key, ONE), (Key, ONE)],
        ),
    ]
}

async fn set_up() -> (World, Callers, Vec<Case>) {
    let mut world = World::start(Vec::new(), Start::default()).await;
    let other = json!({"name": "other", "label": "other", "type": "sqlite", "is_active": true,
                       "config": {"database": "demo.sqlite"}});
    let other = world.create("service", other).await["id"]
        .as_i64()
        .expect("an id");
    let service = world.bases.remove(0).id;
    let grants = [service, other].map(|id| grant(id, "*", 31, Value::Null));
    let role = world.role("people", &grants).await;
    let second = world.role("keys", &grants).await;
    let app = world
        .create(
            "app",
            json!({"name": "people", "is_active": true, "role_id": role}),
        )
        .await;
    let app = app["api_key"].as_str().expect("a key").to_owned();
    let callers = Callers {
        ann: world.user("ann").await.with(KEY, &app),
        bob: world.user("bob").await.with(KEY, &app),
        key: world.key("keys", &second).await,
    };
    let found = world
        .admin
        .get("/api/v2/system/user?fields=id&filter=name=ann")
        .await
        .json();
    let cases = cases(&found["resource"][0]["id"], &role, service);
    (world, callers, cases)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_type_counts_what_it_names() {
    let (world, callers, cases) = set_up().await;
    assert_eq!(cases.len(), 10);
    for case in &cases {
        for verb in [Value::Null, json!("GET"), json!("DELETE")] {
            let mut limit = case.limit.clone();
            limit["name"] = json!("one a day");
            limit["rate"] = json!(1);
            limit["period"] = json!("day");
            limit["verb"] = verb.clone();
            let made = world.create("limit", limit).await;
            let what = &made["key_text"];

            assert_eq!(callers.status(case.counted).await, 200, "{what}");
            let second = if verb == "DELETE" { 200 } else { 429 };
            assert_eq!(callers.status(case.counted).await, second, "{what}");
            for free in case.free {
                assert_eq!(callers.status(*free).await, 200, "{what} {}", free.1);
            }
            let path = format!("/api/v2/system/limit/{}", made["id"]);
            assert_eq!(world.admin.call("DELETE", &path, None).await.status, 200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_gets_round_a_limit() {
    let (world, callers, cases) = set_up().await;
    let endpoint = cases
        .iter()
        .find(|case| case.limit["type"] == "instance.service.endpoint");
    let mut limit = endpoint.expect("there is such a type").limit.clone();
    limit["name"] = json!("none");
    limit["rate"] = json!(1);
    limit["period"] = json!("day");
    world.create("limit", limit).await;
    assert_eq!(callers.status((Ann, DEPARTMENTS)).await, 200);
    for spelled in [
        "/api/v2/sqlite/_table/departments/",
        "/api/v2/SQLite/_TABLE/Departments",
        "/api/v2/sqlite/_table/%64epartments?limit=1",
        "/api/sqlite//_table/departments",
        "/api/v2/sqlite/_table/..departments",
    ] {
        assert_eq!(callers.status((Ann, spelled)).await, 429, "{spelled}");
    }
    let tunnelled = callers
        .ann
        .with("X-HTTP-Method", "GET")
        .post(DEPARTMENTS, &json!({}))
        .await;
    assert_eq!(tunnelled.status, 429);
}
