//! What can be written into the system's records, by whom, and what cannot.

use kit::{Answer, Client, Program};
use scenarios::furnished::create;
use scenarios::world::KEY;
use serde_json::{Value, json};

async fn patch(client: &Client, path: &str, record: Value) -> Answer {
    client
        .call("PATCH", &format!("/api/v2/system/{path}"), Some(&record))
        .await
}

/// A client with the key of an app whose role has these grants.
async fn keyed(program: &Program, admin: &Client, name: &str, grants: Value) -> Client {
    let role = json!({"name": name, "is_active": true, "role_service_access_by_role_id": grants});
    let role = create(admin, "role", role).await;
    let app = json!({"name": name, "is_active": true, "role_id": role});
    let app = create(admin, "app", app).await;
    let made = admin.get(&format!("/api/v2/system/app/{app}")).await.json();
    program
        .client()
        .with(KEY, made["api_key"].as_str().unwrap_or_default())
}

fn grant(component: &str, filters: Value) -> Value {
    json!({"service_id": 1, "component": component, "verb_mask": 31, "requestor_mask": 3, "filters": filters})
}

#[tokio::test]
async fn a_new_record_cannot_bring_along_what_it_leads_to() {
    let program = Program::start();
    let admin = program.admin().await;
    for (resource, record) in [
        ("app", json!({"name": "a", "role_by_role_id": {"name": "new"}})),
        (
            "role",
            json!({"name": "a", "service_by_role_service_access": [{"name": "new"}]}),
        ),
        ("role", json!({"name": "a", "user_by_created_by_id": {"id": 1}})),
        (
            "user",
            json!({"email": "a@example.com", "app_by_default_app_id": {"name": "new"}}),
        ),
    ] {
        let path = format!("/api/v2/system/{resource}");
        let refused = admin.post(&path, &json!({"resource": [record]})).await;
        assert_eq!(refused.status, 501, "{resource}: {}", refused.text());
    }
    // Nothing to lead to is nothing to make, and a change leaves out what it cannot write.
    let app = create(&admin, "app", json!({"name": "a", "role_by_role_id": null})).await;
    let changed = json!({"description": "d", "role_by_role_id": {"name": "new"}});
    assert_eq!(patch(&admin, &format!("app/{app}"), changed).await.status, 200);
    let role = create(&admin, "role", json!({"name": "r"})).await;
    let changed = json!({"app_by_role_id": [{"id": app, "role_id": null}]});
    assert_eq!(patch(&admin, &format!("role/{role}"), changed).await.status, 200);
    let left = admin.get(&format!("/api/v2/system/app/{app}")).await;
    assert_eq!((left.status, &left.json()["name"]), (200, &json!("a")));
    let roles = admin.get("/api/v2/system/role?fields=name").await.json();
    assert_eq!(roles, json!({"resource": [{"name": "r"}]}));
}

#[tokio::test]
async fn a_grant_with_a_row_filter_reads_what_it_shows_and_writes_nothing() {
    let program = Program::start();
    let admin = program.admin().await;
    let own = json!([{"name": "name", "operator": "=", "value": "mine"}]);
    let cases = [
        ("lookup", json!({"name": "mine"}), json!({"name": "other"})),
        ("custom", json!({"name": "mine"}), json!({"name": "other"})),
        ("role", json!({"name": "mine"}), json!({"name": "other"})),
        (
            "limit",
            json!({"name": "mine", "type": "instance", "rate": 9, "period": "day"}),
            json!({"name": "other", "type": "instance", "rate": 9, "period": "hour"}),
        ),
    ];
    for (resource, mine, other) in cases {
        create(&admin, resource, mine).await;
        create(&admin, resource, other.clone()).await;
        let grants = json!([grant(&format!("{resource}/*"), own.clone())]);
        let client = keyed(&program, &admin, &format!("by {resource}"), grants).await;
        let path = format!("/api/v2/system/{resource}");
        let seen = client.get(&format!("{path}?fields=name")).await.json();
        assert_eq!(seen["resource"].as_array().map(Vec::len), Some(1), "{seen}");
        assert_eq!(seen["resource"][0]["name"], "mine");
        for (verb, place, body) in [
            ("PATCH", "/2", json!({"description": "taken"})),
            (
                "PATCH",
                "?ids=1,2",
                json!({"resource": [{"description": "taken"}]}),
            ),
            (
                "PATCH",
                "?filter=name%20is%20not%20null",
                json!({"resource": [{"description": "taken"}]}),
            ),
            (
                "PUT",
                "",
                json!({"resource": [{"id": 2, "name": "other", "description": "taken"}]}),
            ),
            ("DELETE", "/other", Value::Null),
            ("DELETE", "?force=true", Value::Null),
            ("POST", "", json!({"resource": [other]})),
        ] {
            let body = Some(&body).filter(|body| !body.is_null());
            let refused = client.call(verb, &format!("{path}{place}"), body).await;
            let known = refused.status == 403 || (refused.status == 404 && place == "/other");
            assert!(known, "{resource} {verb} {place}: {}", refused.text());
        }
        let count = admin.get(&format!("{path}?count_only=true")).await.json();
        assert!(
            count.as_i64().is_some_and(|count| count >= 2),
            "{resource}: {count}"
        );
    }
}

#[tokio::test]
async fn who_is_bound_by_a_role_opens_no_private_lookup() {
    let program = Program::start();
    let admin = program.admin().await;
    let hidden = json!({"name": "hidden", "value": "s3cret", "private": true});
    let lookup = create(&admin, "lookup", hidden.clone()).await;
    let role = create(
        &admin,
        "role",
        json!({"name": "owner", "lookup_by_role_id": [hidden]}),
    )
    .await;
    let grants = json!([grant("lookup/*", json!([])), grant("role/*", json!([]))]);
    let delegate = keyed(&program, &admin, "delegate", grants).await;
    let of_role = delegate
        .get(&format!("/api/v2/system/role/{role}?related=lookup_by_role_id"))
        .await;
    assert!(!of_role.text().contains("s3cret"));
    let inner = of_role.json()["lookup_by_role_id"][0]["id"].clone();
    let other = create(&admin, "role", json!({"name": "other"})).await;
    let nested = |entry: Value| json!({"lookup_by_role_id": [entry]});
    for (path, record) in [
        (format!("lookup/{lookup}?fields=*"), json!({"private": false})),
        (
            format!("lookup/{lookup}?fields=*"),
            json!({"private": 0, "value": "**********"}),
        ),
        (
            format!("role/{role}?related=lookup_by_role_id"),
            nested(json!({"id": inner, "private": false})),
        ),
        (
            format!("role/{role}?related=lookup_by_role_id"),
            nested(json!({"name": "HIDDEN", "private": false})),
        ),
        (
            format!("role/{role}?related=lookup_by_role_id"),
            nested(json!({"id": inner, "role_id": other, "private": false})),
        ),
    ] {
        let refused = patch(&delegate, &path, record.clone()).await;
        assert_eq!(refused.status, 403, "{record}: {}", refused.text());
        assert!(!refused.text().contains("s3cret"));
    }
    let another = patch(
        &delegate,
        &format!("lookup/{lookup}?fields=value"),
        json!({"private": false, "value": "open"}),
    )
    .await;
    assert_eq!(another.json()["value"], "open", "{}", another.text());
    let shown = patch(
        &admin,
        &format!("role/{role}?related=lookup_by_role_id"),
        nested(json!({"id": inner, "private": false})),
    )
    .await;
    assert_eq!(shown.json()["lookup_by_role_id"][0]["value"], "s3cret");
}

#[tokio::test]
async fn values_are_taken_as_clients_send_them() {
    let program = Program::start();
    let admin = program.admin().await;
    let template = json!({"name": "t", "to": "a@b.c", "cc": "a@b.c, d@e.f", "bcc": "\"D, A\" <a@b.c>",
        "attachment": "one.txt,two.txt"});
    let made = create(&admin, "email_template", template).await;
    let read = admin
        .get(&format!(
            "/api/v2/system/email_template/{made}?fields=to,cc,bcc,attachment"
        ))
        .await
        .json();
    assert_eq!(
        read,
        json!({"to": "a@b.c", "cc": ["a@b.c", "d@e.f"], "bcc": "\"D, A\" <a@b.c>", "attachment": ["one.txt", "two.txt"]})
    );
    let long = json!({"resource": [{"name": "n".repeat(65)}]});
    let refused = admin.post("/api/v2/system/email_template", &long).await.json();
    let told = refused.pointer("/error/context/resource/0/context/name");
    assert_eq!(told.and_then(Value::as_array).map(Vec::len), Some(1), "{refused}");
    // A name that is there is not lost.
    let refused = patch(&admin, "admin/1", json!({"name": ""})).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    let script = json!({"resource": [{"type": "nodejs", "content": "x"}]});
    let made = admin
        .post("/api/v2/system/event_script/db.get.pre_process", &script)
        .await;
    assert_eq!(
        (made.status, made.json()),
        (201, json!({"name": "db.get.pre_process"}))
    );
}
