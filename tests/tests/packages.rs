//! Packages over HTTP: what is exported comes in elsewhere, secured or not; what is no package is refused.

use kit::{Client, Program};
use scenarios::furnished::{
    self, APP_KEY, LOOKUP_SECRET, SERVICE_SECRET, check_secrets, described, furnish, upload,
};
use scenarios::world::KEY;
use scenarios::zipped;
use serde_json::{Value, json};

const PACKAGE: &str = "/api/v2/system/package";

/// The tables that the package brings along with the instance's own content.
fn everything() -> Value {
    let all: serde_json::Map<String, Value> = [
        "role",
        "service",
        "app",
        "user",
        "admin",
        "custom",
        "cors",
        "email_template",
        "lookup",
        "limit",
        "event_script",
        "scheduler",
    ]
    .iter()
    .map(|kind| ((*kind).to_owned(), json!(true)))
    .collect();
    json!({"service": {"system": all, "stock": {"_schema": ["item", "person"], "_table": ["person", "item"]}}})
}

async fn export(admin: &Client, body: &Value) -> Vec<u8> {
    let answer = admin.post(PACKAGE, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(
        (&told["success"], &told["is_public"]),
        (&json!(true), &json!(false))
    );
    let path = told["path"].as_str().unwrap_or_default().to_owned();
    let path = &path[path.find("/api/").expect("the path is an address of the API")..];
    let file = admin.get(path).await;
    assert_eq!(
        (file.status, file.header("content-type")),
        (200, "application/zip")
    );
    file.body
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

fn archive(entries: &[(&str, Value)]) -> Vec<u8> {
    let texts = entries
        .iter()
        .map(|(name, content)| (*name, content.to_string().into_bytes()));
    zipped::archive(&texts.collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_goes_through_a_package_whole() {
    let (from, to) = (Program::start(), Program::start());
    furnish(&from).await;
    let package = export(&from.admin().await, &everything()).await;
    let admin = to.admin().await;
    let answer = upload(&admin, &[("overwrite", "true")], &package).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["success"], true, "{told}");
    assert_eq!(told["log"]["error"], json!([]));
    for secret in [SERVICE_SECRET, LOOKUP_SECRET, APP_KEY, "$argon2"] {
        assert!(!answer.text().contains(secret), "the answer tells '{secret}'");
    }
    assert_eq!(described(&to).await, described(&from).await);
    check_secrets(&to).await;
    // The administrator's password came along, which ended the session.
    let admin = to.admin().await;
    let people = admin
        .get("/api/v2/stock/_table/person?related=item_by_owner")
        .await;
    let people = people.json();
    assert_eq!(people["resource"].as_array().map(Vec::len), Some(2), "{people}");
    let again = upload(&admin, &[("overwrite", "true")], &package).await;
    assert_eq!(
        (again.status, &again.json()["success"]),
        (200, &json!(true)),
        "{}",
        again.text()
    );
    assert_eq!(described(&to).await, described(&from).await);
    // The secrets are in the second instance's own keeping: it can hand them on.
    let second = export(&admin, &json!({"service": {"system": {"service": ["shop"]}}})).await;
    let third = Program::start();
    let answer = upload(&third.admin().await, &[], &second).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_package_needs_its_password() {
    let (from, to) = (Program::start(), Program::start());
    furnish(&from).await;
    let admin = from.admin().await;
    for (password, status) in [(json!(""), 400), (json!("short"), 400)] {
        let answer = admin
            .post(PACKAGE, &json!({"secured": true, "password": password}))
            .await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let body = json!({"secured": true, "password": "a passphrase", "storage": {"filename": "own.zip"}});
    let package = export(&admin, &body).await;
    for secret in [SERVICE_SECRET, LOOKUP_SECRET, APP_KEY] {
        assert!(!contains(&package, secret));
    }
    let target = to.admin().await;
    for fields in [&[][..], &[("password", "another one")]] {
        let answer = upload(&target, fields, &package).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.message().contains("valid password"), "{}", answer.text());
    }
    let answer = upload(&target, &[("password", "a passphrase")], &package).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(target.get("/api/v2/system/role/1").await.json()["name"], "Reader");
    // Kept until it is removed.
    assert_eq!(
        admin
            .call("DELETE", &format!("{PACKAGE}/own.zip"), None)
            .await
            .status,
        200
    );
    assert_eq!(admin.get(&format!("{PACKAGE}/own.zip")).await.status, 404);
    assert_eq!(
        admin.get(&format!("{PACKAGE}/..%2Fkeys%2Fapp_key")).await.status,
        404
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_lists_what_there_is() {
    let program = Program::start();
    furnish(&program).await;
    let admin = program.admin().await;
    let manifest = admin.get(PACKAGE).await.json();
    assert_eq!(
        (&manifest["version"], &manifest["secured"]),
        (&json!("0.1"), &json!(false))
    );
    let system = &manifest["service"]["system"];
    assert_eq!(system["role"], json!(["Reader"]));
    assert_eq!(system["cors"], json!([1]));
    assert_eq!(system["user"][0]["email"], furnished::USER.0);
    let stock = &manifest["service"]["stock"];
    assert_eq!(
        (&stock["reachable"], &stock["_table"]),
        (&json!(true), &json!(["item", "person"]))
    );
    let own = admin.get(&format!("{PACKAGE}?system_only=true")).await.json();
    assert!(own["service"]["stock"].is_null());
    // The manifest itself is a valid order.
    let package = export(&admin, &manifest).await;
    assert!(package.starts_with(b"PK"));
    for (body, status) in [
        (json!({"service": {"system": {}}}), 400),
        (json!({"service": {"system": {"role": ["nobody"]}}}), 404),
        (json!({"service": {"system": {"nonsense": ["x"]}}}), 400),
        (json!({"service": {"stock": {"_proc": ["x"]}}}), 501),
        (json!({"storage": {"filename": "../../evil.zip"}}), 400),
        (json!({"import_url": "http://169.254.169.254/latest"}), 400),
        (json!({"files": "no base64!"}), 400),
    ] {
        let answer = admin.post(PACKAGE, &body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
    }
    let filtered = json!({"service": {"system": {"app": {"filter": "name=mobile"}}}, "download": true});
    let answer = admin.post(PACKAGE, &filtered).await;
    assert_eq!(answer.header("content-type"), "application/zip");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_without_a_role_may() {
    let program = Program::start();
    furnish(&program).await;
    let admin = program.admin().await;
    let role = furnished::create(
        &admin,
        "role",
        json!({"name": "all", "is_active": true, "role_service_access_by_role_id": [
            {"service_id": null, "component": "*", "verb_mask": 31, "requestor_mask": 3}]}),
    )
    .await;
    furnished::create(
        &admin,
        "app",
        json!({"name": "all", "is_active": true, "role_id": role, "api_key": "b".repeat(64)}),
    )
    .await;
    let keyed = program.client().with(KEY, &"b".repeat(64));
    assert_eq!(keyed.get("/api/v2/system/role").await.status, 200);
    for answer in [
        keyed.get(PACKAGE).await,
        keyed.post(PACKAGE, &json!({})).await,
        keyed.get(&format!("{PACKAGE}/x.zip")).await,
        upload(&keyed, &[], b"PK").await,
    ] {
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
    assert_eq!(program.client().get(PACKAGE).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_of_the_original_come_in_and_say_what_does_not() {
    let program = Program::start();
    let admin = program.admin().await;
    let hash = "$2y$10$abcdefghijklmnopqrstuuXo0nJm1Zx1l0cS3v8p2dYf8G8c1cZ5S";
    let package = archive(&[
        (
            "package.json",
            json!({"version": "0.1", "df_version": "4.9.0", "secured": false, "service": {}}),
        ),
        (
            "system/service.json",
            json!([{"id": 40, "name": "crm", "label": "CRM", "is_active": true, "type": "mysql", "mutable": true,
                    "config": {"service_id": 40, "host": "h", "database": "d", "username": "u", "password": "p"},
                    "service_doc_by_service_id": null, "created_date": "2020-01-01 00:00:00"},
                   {"id": 41, "name": "odd", "is_active": true, "type": "hologram", "config": {"beam": "b"}},
                   {"id": 42, "name": "bad name!", "type": "mysql", "config": {}}]),
        ),
        (
            "system/role.json",
            json!([{"id": 9, "name": "crm reader", "is_active": true, "role_service_access_by_role_id": [
                {"id": 1, "role_id": 9, "service_id": 40, "component": "*", "verb_mask": 1, "requestor_mask": 3,
                 "filters": [], "filter_op": "AND"},
                {"id": 2, "role_id": 9, "service_id": 77, "component": "*", "verb_mask": 31, "requestor_mask": 3}]}]),
        ),
        (
            "system/user.json",
            json!({"resource": [{"id": 5, "email": "old@example.com", "name": "Old", "password": hash,
                                 "username": "old@example.com", "is_active": true}]}),
        ),
        ("system/robot.json", json!([])),
        ("files/logo.png", json!("x")),
    ]);
    let answer = upload(&admin, &[], &package).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["success"], false, "{told}");
    let said = |list: &str, part: &str| {
        let lines = told["log"][list].as_array().cloned().unwrap_or_default();
        assert!(
            lines
                .iter()
                .any(|line| line.as_str().is_some_and(|line| line.contains(part))),
            "no {list} tells of '{part}': {told}"
        );
    };
    said("error", "bad name!");
    said("warning", "service_id 77");
    said("warning", "hologram");
    said("notice", "One file was put into 'files'.");
    said("warning", "robot");
    said("notice", "The role 'crm reader' was created.");
    let role = admin
        .get("/api/v2/system/role?filter=name%3D%27crm%20reader%27&related=role_service_access_by_role_id")
        .await
        .json();
    let access = role["resource"][0]["role_service_access_by_role_id"]
        .as_array()
        .cloned();
    assert_eq!(
        access.map(|rows| rows.len()),
        Some(1),
        "a grant without its service came over: {role}"
    );
    // What is there already is left alone without overwrite.
    let again = upload(&admin, &[], &package).await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert!(again.text().contains("exists already"));
    let audit = admin.get("/api/v2/system/audit?filter=resource%3Drole").await;
    assert!(audit.text().contains("crm reader"), "{}", audit.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_package_is_refused() {
    let program = Program::start();
    let admin = program.admin().await;
    let traversal = archive(&[("package.json", json!({})), ("../../system/evil.json", json!([]))]);
    let empty = archive(&[("readme.txt", json!("x"))]);
    let broken = archive(&[
        ("package.json", json!({})),
        ("system/role.json", json!("nonsense")),
    ]);
    for (bytes, status) in [
        (&b"PK\x03\x04garbage"[..], 400),
        (b"", 400),
        (&traversal, 400),
        (&empty, 400),
        (&broken, 200),
    ] {
        let answer = upload(&admin, &[], bytes).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let raw = admin
        .send(
            "POST",
            PACKAGE,
            &[("Content-Type", "application/zip")],
            Some(&broken),
        )
        .await;
    assert_eq!(raw.map(|answer| answer.status).ok(), Some(200));
    assert_eq!(
        admin.get("/api/v2/system/role").await.json()["resource"],
        json!([])
    );
}
