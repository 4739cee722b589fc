//! Secrets of the system are reached by nobody: not by fields, conditions, orders, groups, relations, other forms of
//! answers, documents, errors, the audit or the log.
#![allow(clippy::unwrap_used)]

use kit::{Answer, Client, Start};
use scenarios::world::{KEY, PASSWORD, World, grant, log_in};
use serde_json::{Value, json};

const SECRET: &str = "s3cret-of-a-service";
const PRIVATE: &str = "s3cret-of-a-lookup";
const ANSWER: &str = "s3cret-answer";

/// What must never be told: these texts, and the forms in which hashes and sealed values are kept.
const NEVER: &[&str] = &[
    SECRET,
    PRIVATE,
    ANSWER,
    PASSWORD,
    "$argon2",
    "$2y$",
    "token_epoch",
    "key_check",
    "code_hash",
    "remember_token",
    "name_key",
    "email_key",
];

struct Case {
    world: World,
    /// A delegate who may do everything with the system but what only administrators may.
    delegate: Client,
    /// The key of an app whose role may more than the delegate's.
    powerful: String,
}

async fn case() -> Case {
    let world = World::start(
        Vec::new(),
        Start {
            environment: vec![("APP_LOG_LEVEL".into(), "debug".into())],
            ..Start::default()
        },
    )
    .await;
    let config = json!({"host": "127.0.0.1", "port": 1, "username": "u", "password": SECRET});
    world
        .create(
            "service",
            json!({"name": "vault", "type": "smtp_email", "is_active": true, "config": config}),
        )
        .await;
    world
        .create(
            "lookup",
            json!({"name": "hidden", "value": PRIVATE, "private": true}),
        )
        .await;
    let user = json!({"email": "ann@example.com", "name": "Ann", "password": PASSWORD,
        "security_question": "Pet?", "security_answer": ANSWER,
        "lookup_by_user_id": [{"name": "own", "value": PRIVATE, "private": true}]});
    world.create("user", user).await;
    let system = world.role("delegate", &[grant(1, "*", 31, json!([]))]).await;
    let delegate = world.key("delegate", &system).await;
    let all = json!({"service_id": null, "component": "*", "verb_mask": 31, "requestor_mask": 3});
    let everything = world.role("everything", &[all]).await;
    let app = json!({"name": "powerful", "type": 0, "is_active": true, "role_id": everything});
    let powerful = world.create("app", app).await["api_key"]
        .as_str()
        .unwrap()
        .to_owned();
    Case {
        world,
        delegate,
        powerful,
    }
}

fn check(answer: &Answer, path: &str, never: &[&str]) {
    let text = answer.text();
    // A refusal may repeat what was asked for.
    for secret in never.iter().filter(|secret| !path.contains(**secret)) {
        assert!(!text.contains(secret), "{path} tells {secret}: {text}");
    }
    assert!(answer.status < 500, "{path} answers {}: {text}", answer.status);
}

const RESOURCES: &[&str] = &[
    "admin",
    "app",
    "audit",
    "cors",
    "custom",
    "email_template",
    "event_script",
    "limit",
    "lookup",
    "role",
    "scheduler",
    "service",
    "user",
];

/// Columns and tables behind the faces that are no fields or relations of theirs.
const COLUMNS: &[&str] = &[
    "password",
    "security_answer",
    "confirm_code",
    "token_epoch",
    "secrets",
    "config",
    "email_key",
    "name_key",
    "remember_token",
];
const TABLES: &[&str] = &[
    "revoked_token_by_user_id",
    "confirmation_by_user_id",
    "login_attempt",
    "instance",
    "schema_migration",
    "token_map_by_user_id",
];

#[tokio::test]
async fn no_way_of_asking_leads_to_a_secret() {
    let case = case().await;
    let delegate_never: Vec<&str> = NEVER.iter().copied().chain([case.powerful.as_str()]).collect();
    let askers = [(&case.world.admin, NEVER), (&case.delegate, &delegate_never[..])];
    for (client, never) in askers {
        for resource in RESOURCES {
            let base = format!("/api/v2/system/{resource}");
            let mut paths: Vec<String> = [
                "",
                "?fields=*",
                "?include_schema=true&include_count=true",
                "?as_list=true",
            ]
            .iter()
            .map(|query| format!("{base}{query}"))
            .collect();
            for column in COLUMNS {
                paths.extend([
                    format!("{base}?fields={column}"),
                    format!("{base}?fields=*,{column}"),
                    format!("{base}?filter={column}%20like%20%27%25%27"),
                    format!("{base}?filter={column}%20is%20not%20null"),
                    format!("{base}?order={column}"),
                    format!("{base}?group={column}&fields={column}"),
                    format!("{base}?as_list=true&id_field={column}"),
                    format!("{base}?ids=x&id_field={column}"),
                ]);
            }
            paths.extend(TABLES.iter().map(|table| format!("{base}?related={table}")));
            for path in paths {
                check(&client.get(&path).await, &path, never);
            }
            for form in ["text/csv", "application/xml", "application/x-ndjson"] {
                check(
                    &client.with("Accept", form).get(&base).await,
                    &format!("{base} as {form}"),
                    never,
                );
            }
            let answer = client.call("OPTIONS", &base, None).await;
            check(&answer, &format!("OPTIONS {base}"), never);
        }
        for table in TABLES {
            let name = table.split("_by_").next().unwrap();
            let answer = client.get(&format!("/api/v2/system/{name}")).await;
            assert_eq!(answer.status, 404, "{name}: {}", answer.text());
        }
        everything_related(client, never).await;
    }
    assert_no_secret_in(&case.world.program.log(), &delegate_never);
}

/// Follows every relation that a resource names, two steps far, and every member of what is found.
async fn everything_related(client: &Client, never: &[&str]) {
    for resource in RESOURCES.iter().filter(|resource| **resource != "audit") {
        let schema = client
            .get(&format!("/api/v2/system/{resource}?include_schema=true&limit=1"))
            .await
            .json();
        let relations = schema["meta"]["schema"]["related"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let names: Vec<&str> = relations
            .iter()
            .filter_map(|relation| relation["name"].as_str())
            .collect();
        assert!(
            !names.is_empty()
                || ["cors", "custom", "email_template", "event_script", "lookup"].contains(resource)
        );
        for name in names {
            for columns in ["*", "password", "api_key", "value", "config"] {
                let path = format!("/api/v2/system/{resource}?related={name}&{name}.fields={columns}");
                check(&client.get(&path).await, &path, never);
            }
        }
    }
}

fn assert_no_secret_in(log: &str, never: &[&str]) {
    for secret in never
        .iter()
        .filter(|secret| !["name_key", "email_key"].contains(*secret))
    {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}

#[tokio::test]
async fn errors_and_the_audit_do_not_repeat_what_was_sent() {
    let case = case().await;
    let admin = &case.world.admin;
    let sent =
        json!({"resource": [{"email": "bob@example.com", "password": "s3cret-too-short", "username": "x"}]});
    let refused = admin.post("/api/v2/system/user", &sent).await;
    assert_eq!(refused.status, 400);
    check(&refused, "POST user", &["s3cret-too-short"]);
    let wrong = json!({"email": "ann@example.com", "password": "s3cret-wrong"});
    let refused = case
        .world
        .program
        .client()
        .post("/api/v2/user/session", &wrong)
        .await;
    check(&refused, "POST session", &["s3cret-wrong"]);
    let changed = json!({"config": {"password": "s3cret-second"}});
    let service = admin.get("/api/v2/system/service?filter=name=vault").await.json();
    let path = format!("/api/v2/system/service/{}", service["resource"][0]["id"]);
    assert_eq!(admin.call("PATCH", &path, Some(&changed)).await.status, 200);
    let audit = admin.get("/api/v2/system/audit?limit=1000").await;
    let never: Vec<&str> = NEVER
        .iter()
        .copied()
        .chain(["s3cret", case.powerful.as_str()])
        .collect();
    check(&audit, "audit", &never);
    assert!(audit.text().contains("vault"));
    assert!(!case.world.program.log().contains("s3cret"));
}

#[tokio::test]
async fn a_key_is_shown_to_delegates_where_it_opens_no_more_than_they_have() {
    let case = case().await;
    let apps = case
        .delegate
        .get("/api/v2/system/app?fields=id,name,api_key")
        .await
        .json();
    let key = |name: &str| {
        let apps = apps["resource"].as_array().unwrap();
        let app = apps.iter().find(|app| app["name"] == name).unwrap();
        (app["id"].clone(), app["api_key"].clone())
    };
    assert_eq!(key("powerful").1, "**********");
    assert_ne!(key("delegate").1, "**********");
    assert_ne!(key("admin").1, "**********", "without a role it opens nothing");
    for question in [
        format!("filter=api_key%3D%27{}%27", case.powerful),
        "filter=api_key%20like%20%27a%25%27".to_owned(),
        "order=api_key".to_owned(),
        "group=api_key".to_owned(),
    ] {
        let answer = case.delegate.get(&format!("/api/v2/system/app?{question}")).await;
        assert_eq!(answer.status, 400, "{question}: {}", answer.text());
    }
    // Nor can a key that the delegate knows take its place.
    let path = format!("/api/v2/system/app/{}", key("powerful").0);
    let own = json!({"api_key": "0123456789abcdef".repeat(4)});
    assert_eq!(case.delegate.call("PATCH", &path, Some(&own)).await.status, 403);
    let again = case
        .delegate
        .call("PATCH", &format!("{path}?regenerate=true&fields=*"), None)
        .await;
    assert!(
        again.status >= 400 || again.json()["api_key"] == "**********",
        "{}",
        again.text()
    );
    let seen = case.world.admin.get(&path).await.json();
    assert_eq!(seen["api_key"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn a_user_sees_nothing_of_others() {
    let case = case().await;
    let client = case.world.program.client();
    let user = log_in(&client, "user/session", "ann@example.com", PASSWORD).await;
    for path in [
        "user/profile",
        "user/session",
        "user/custom",
        "system/environment",
    ] {
        let answer = user.get(&format!("/api/v2/{path}")).await;
        let never: Vec<&str> = NEVER
            .iter()
            .copied()
            .chain([case.powerful.as_str(), "admin@example.com"])
            .collect();
        check(&answer, path, &never);
    }
    let path = "/api/v2/system/user?explain=access&explain_role=everything";
    assert_eq!(user.with(KEY, &case.powerful).get(path).await.status, 403);
    let told = case
        .world
        .admin
        .get("/api/v2/system/app?explain=access&explain_key=powerful")
        .await;
    check(&told, "explain", NEVER);
    assert!(!told.text().contains(&case.powerful));
    assert_ne!(told.json()["explain"], Value::Null);
}

#[tokio::test]
async fn no_option_of_a_relation_tells_what_a_secret_is_like() {
    let case = case().await;
    let never: Vec<&str> = NEVER.iter().copied().chain([case.powerful.as_str()]).collect();
    let relations = [
        ("role", "app_by_role_id"),
        ("role", "lookup_by_role_id"),
        ("role", "user_by_user_to_app_to_role"),
        ("service", "app_by_storage_service_id"),
        ("user", "app_by_default_app_id"),
        ("user", "lookup_by_user_id"),
        ("app", "user_by_default_app_id"),
        ("app", "service_by_storage_service_id"),
    ];
    for (resource, relation) in relations {
        let base = format!("/api/v2/system/{resource}?related={relation}&{relation}");
        for column in COLUMNS.iter().copied().chain(["api_key", "value"]) {
            for option in [
                format!(".fields={column}"),
                format!(".filter={column}%20like%20%27a%25%27"),
                format!(".filter={column}%20%3E%20%27m%27"),
                format!(".order={column}%20desc&{relation}.limit=1"),
                format!(".group={column}"),
                format!("_filter={column}%20is%20not%20null"),
            ] {
                let path = format!("{base}{option}");
                let answer = case.delegate.get(&path).await;
                check(&answer, &path, &never);
                // Sealed values of lookups are columns, and like nothing that was sent.
                let compares = option.contains("filter") || option.contains("order");
                if compares && column != "value" && option.starts_with('.') {
                    assert_eq!(answer.status, 400, "{path}: {}", answer.text());
                }
            }
        }
    }
    for path in [
        "lookup?filter=value%20like%20%27s3cret%25%27",
        "lookup?filter=value%3D%27s3cret-of-a-lookup%27",
        "user?related=lookup_by_user_id&lookup_by_user_id.filter=value%20like%20%27s3cret%25%27&fields=id",
    ] {
        for client in [&case.world.admin, &case.delegate] {
            let answer = client.get(&format!("/api/v2/system/{path}")).await;
            check(&answer, path, NEVER);
            assert!(
                !answer.text().contains("\"name\""),
                "{path} finds: {}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn writes_and_exports_answer_no_secret() {
    let case = case().await;
    let admin = &case.world.admin;
    let never: Vec<&str> = NEVER.iter().copied().chain(["s3cret", "Second-"]).collect();
    let lookups = json!([{"name": "l", "value": "s3cret-nested", "private": true}]);
    let service = json!({"name": "second", "type": "pgsql", "config": {"host": "h", "database": "d", "password": "s3cret-2"}});
    let user = json!({"email": "bob@example.com", "password": "Second-Long-Passw0rd", "security_question": "?",
        "security_answer": "s3cret-answer-2", "lookup_by_user_id": lookups});
    let writes = [
        ("service", service, "service_doc_by_service_id"),
        ("user", user, "lookup_by_user_id,user_by_created_by_id"),
        (
            "role",
            json!({"name": "r", "lookup_by_role_id": lookups}),
            "lookup_by_role_id",
        ),
        (
            "app",
            json!({"name": "a", "lookup_by_app_id": lookups}),
            "lookup_by_app_id",
        ),
        (
            "lookup",
            json!({"name": "l", "value": "s3cret-3", "private": true}),
            "user_by_created_by_id",
        ),
    ];
    for (resource, record, related) in writes {
        let base = format!("/api/v2/system/{resource}");
        let query = format!("?fields=*&related={related}");
        let made = admin
            .post(&format!("{base}{query}"), &json!({"resource": [record]}))
            .await;
        assert_eq!(made.status, 201, "{resource}: {}", made.text());
        check(&made, resource, &never);
        let id = made.json()["resource"][0]["id"].clone();
        let again = admin
            .post(&format!("{base}{query}"), &json!({"resource": [record]}))
            .await;
        assert_eq!(again.status, 400);
        check(&again, resource, &never);
        // What cannot be shown is refused before anything is written.
        let count = format!("{base}?count_only=true");
        let before = admin.get(&count).await.json();
        for wish in [
            "fields=password",
            "fields=secrets",
            "related=confirmation_by_user_id",
        ] {
            let mut other = record.clone();
            other["name"] = json!("other");
            other["email"] = json!("other@example.com");
            let refused = admin
                .post(&format!("{base}?{wish}"), &json!({"resource": [other]}))
                .await;
            assert_eq!(refused.status, 400, "{resource} {wish}: {}", refused.text());
            check(&refused, wish, &never);
            let refused = admin.call("DELETE", &format!("{base}/{id}?{wish}"), None).await;
            assert_eq!(refused.status, 400, "{resource} {wish}: {}", refused.text());
        }
        assert_eq!(admin.get(&count).await.json(), before, "{resource}");
        let gone = admin.call("DELETE", &format!("{base}/{id}{query}"), None).await;
        assert_eq!(gone.status, 200, "{}", gone.text());
        check(&gone, resource, &never);
    }
    for path in [
        "system/service?file=services.csv",
        "system/user?file=users.csv&fields=*&related=lookup_by_user_id",
        "system/lookup?file=lookups.xml",
        "system/config_package",
        "system/package",
        "system/_spec",
        "api_docs/system",
        "api_docs/user",
        "system/environment",
        "system/metric",
        "system/health",
        "system/cache?fields=*",
        "system/event",
        "system/app/1?pkg=true&service=vault",
    ] {
        let answer = admin.get(&format!("/api/v2/{path}")).await;
        // Documents describe what a client sends, by name.
        let told: Vec<&str> = never
            .iter()
            .copied()
            .filter(|secret| secret.contains('-') || secret.contains('$'))
            .collect();
        check(&answer, path, &told);
    }
}

#[tokio::test]
async fn what_is_kept_of_calls_holds_no_credentials() {
    let case = case().await;
    let client = case.world.program.client();
    let key = &case.powerful;
    let session = json!({"email": "ann@example.com", "password": PASSWORD});
    let token = client.post("/api/v2/user/session", &session).await.json()["session_token"].clone();
    let token = token.as_str().unwrap();
    for path in [
        format!("/api/v2/system/role?api_key={key}"),
        format!("/api/v2/system/role?api_key={key}&session_token={token}"),
        format!("/api/v2/system/environment?session_token={token}"),
        format!("/api/v2/nosuch?session_token={token}"),
    ] {
        client.get(&path).await;
    }
    let signature = token.rsplit('.').next().unwrap();
    let admin = &case.world.admin;
    for path in ["request_log", "audit?limit=1000", "metric", "limit_cache"] {
        let told = admin.get(&format!("/api/v2/system/{path}")).await;
        assert_eq!(told.status, 200, "{path}: {}", told.text());
        assert!(!told.text().contains(key.as_str()), "{path} tells a key");
        assert!(!told.text().contains(signature), "{path} tells a session");
    }
    let log = case.world.program.log();
    assert!(!log.contains(key.as_str()) && !log.contains(signature));
}
