//! A system database of an earlier version opens with this program, and keeps every row and every secret.
#![allow(clippy::unwrap_used)]

use kit::program::ADMIN_EMAIL;
use kit::{Program, Start};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use scenarios::world::{KEY, log_in};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Written by the programs of those versions; see their heads.
const VERSION_20: &str = include_str!("../upgrade/version-20.sql");
const VERSION_50: &str = include_str!("../upgrade/version-50.sql");
const VERSION_60: &str = include_str!("../upgrade/version-60.sql");

/// Tables by the version that brought them, besides those of the first.
const LATER: &[(i64, &[&str])] = &[
    (
        2,
        &[
            "system_custom",
            "user_custom",
            "cors",
            "email_template",
            "event_script",
            "confirmation",
        ],
    ),
    (10, &["limit"]),
    (11, &["audit"]),
    (
        20,
        &[
            "db_table_extras",
            "db_field_extras",
            "db_relationship_extras",
            "db_virtual_relationship",
        ],
    ),
    (30, &["login_attempt"]),
    (40, &["scheduler_task", "task_log"]),
    (50, &[]),
    (
        60,
        &["login_begun", "login_identity", "oauth_token_map", "role_adldap"],
    ),
];

/// Indexes of tables that came with an earlier version.
const LATER_INDEXES: &[(i64, &str)] = &[(50, "audit_record_id")];

/// What changes by itself: marks of migrations, and the number that every write raises.
const LIVELY: &[&str] = &["schema_migration", "instance", "sqlite_sequence", "audit"];

type Rows = BTreeMap<String, Vec<Vec<Cell>>>;

/// Everything in a database, by table.
fn rows(file: &Path) -> Rows {
    let database = Connection::open(file).unwrap();
    let mut names = database
        .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
        .unwrap();
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let all = |name: &str| {
        let mut rows = database.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let width = rows.column_count();
        let read = rows.query_map([], |row| (0..width).map(|column| row.get(column)).collect());
        read.unwrap().map(Result::unwrap).collect()
    };
    names.into_iter().map(|name| (name.clone(), all(&name))).collect()
}

/// The program on a database that this text makes.
fn started_on(text: &str) -> (Program, Rows) {
    let environment = [
        ("APP_KEY", "base64:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
        ("JWT_SECRET", "the secret of the upgrade fixture"),
        ("DW_AUDIT_DAYS", "36500"),
    ];
    let mut program = Program::with(Start {
        environment: environment.map(|(n, v)| (n.to_owned(), v.to_owned())).into(),
        without_admin: true,
        ..Start::default()
    });
    program.end("TERM");
    let file = program.data().join("system.sqlite");
    for part in ["", "-wal", "-shm"] {
        // The journal is gone after a clean end.
        let _ = std::fs::remove_file(program.data().join(format!("system.sqlite{part}")));
    }
    Connection::open(&file).unwrap().execute_batch(text).unwrap();
    let before = rows(&file);
    program.restart("TERM");
    (program, before)
}

fn assert_kept(program: &Program, before: &Rows) {
    let after = rows(&program.data().join("system.sqlite"));
    for (table, rows) in before
        .iter()
        .filter(|(table, _)| !LIVELY.contains(&table.as_str()))
    {
        assert_eq!(after.get(table), Some(rows), "{table}");
    }
    assert!(after["audit"].len() >= before.get("audit").map_or(0, Vec::len));
}

/// Opens a fixture, and checks that everything in it is there and good.
async fn keeps_everything(fixture: &str) -> (Program, Rows) {
    let (program, before) = started_on(fixture);
    let empty: BTreeSet<&String> = before
        .iter()
        .filter(|(_, rows)| rows.is_empty())
        .map(|(t, _)| t)
        .collect();
    assert!(empty.is_empty(), "the fixture has no row of {empty:?}");
    assert_kept(&program, &before);

    // Passwords, secrets and keys are still good.
    let client = program.client();
    let admin = log_in(
        &client,
        "system/admin/session",
        ADMIN_EMAIL,
        "a-long-enough-password",
    )
    .await;
    log_in(
        &client,
        "user/session",
        "ann@example.com",
        "another-long-password",
    )
    .await;
    let vault = admin.get("/api/v2/system/service?filter=name=vault").await.json();
    assert_eq!(vault["resource"][0]["config"]["host"], "db.example.com");
    assert_eq!(vault["resource"][0]["config"]["password"], "**********");
    let lookups = admin.get("/api/v2/system/lookup?order=name").await.json();
    assert_eq!(lookups["resource"][0]["value"], "the public value");
    assert_eq!(lookups["resource"][1]["value"], "**********");
    let app = admin
        .get("/api/v2/system/app?filter=name%3D%27shop%20app%27")
        .await
        .json();
    let keyed = client.with(KEY, app["resource"][0]["api_key"].as_str().unwrap());
    let tables = keyed.get("/api/v2/shop/_table").await;
    assert_eq!(tables.status, 200, "{}", tables.text());
    let limits = admin.get("/api/v2/system/limit").await.json();
    assert_eq!(limits["resource"][0]["period"], "minute");
    (program, before)
}

#[tokio::test]
async fn a_database_of_version_20_keeps_everything() {
    let (program, _) = keeps_everything(VERSION_20).await;
    // What this version brought works: a failed login is counted.
    let wrong = json!({"email": ADMIN_EMAIL, "password": "wrong"});
    let refused = program
        .client()
        .post("/api/v2/system/admin/session", &wrong)
        .await;
    assert_eq!(refused.status, 401);
    assert!(!rows(&program.data().join("system.sqlite"))["login_attempt"].is_empty());
}

#[tokio::test]
async fn a_database_of_version_50_keeps_everything() {
    let (program, _) = keeps_everything(VERSION_50).await;
    // What came since is there, and empty.
    let after = rows(&program.data().join("system.sqlite"));
    assert!(after["login_begun"].is_empty() && after["role_adldap"].is_empty());
}

#[tokio::test]
async fn a_database_of_the_newest_version_keeps_everything() {
    let (program, before) = keeps_everything(VERSION_60).await;
    let after = rows(&program.data().join("system.sqlite"));
    assert_eq!(
        after["schema_migration"], before["schema_migration"],
        "a migration came since: add a fixture that this version's program wrote"
    );
    let admin = log_in(
        &program.client(),
        "system/admin/session",
        ADMIN_EMAIL,
        "a-long-enough-password",
    )
    .await;
    let tasks = admin
        .get("/api/v2/system/scheduler?related=task_log_by_task_id")
        .await
        .json();
    assert_eq!(tasks["resource"][0]["name"], "nightly");
    assert_eq!(tasks["resource"][0]["task_log_by_task_id"]["status_code"], 404);
}

#[tokio::test]
async fn databases_of_all_earlier_versions_open() {
    let all: Vec<i64> = std::iter::once(1)
        .chain(LATER.iter().map(|(number, _)| *number))
        .collect();
    for version in &all[..all.len() - 1] {
        let newer = LATER.iter().filter(|(number, _)| number > version);
        let drops: String = newer
            .flat_map(|(_, tables)| *tables)
            .map(|table| format!("DROP TABLE \"{table}\";"))
            .collect();
        let newer = LATER_INDEXES.iter().filter(|(number, _)| number > version);
        let drops: String = newer
            .map(|(_, index)| format!("DROP INDEX IF EXISTS \"{index}\";"))
            .chain([drops])
            .collect();
        let forget = format!("DELETE FROM schema_migration WHERE number > {version};");
        let (program, before) = started_on(&format!("{VERSION_60}\n{drops}{forget}"));
        assert_kept(&program, &before);
        let client = program.client();
        let admin = log_in(
            &client,
            "system/admin/session",
            ADMIN_EMAIL,
            "a-long-enough-password",
        )
        .await;
        for resource in [
            "service",
            "role",
            "app",
            "user",
            "custom",
            "cors",
            "email_template",
            "limit",
            "audit",
            "scheduler",
        ] {
            let answer = admin.get(&format!("/api/v2/system/{resource}")).await;
            assert_eq!(
                answer.status,
                200,
                "{resource} from version {version}: {}",
                answer.text()
            );
        }
        let templates = admin.get("/api/v2/system/email_template").await.json();
        let count = templates["resource"].as_array().map(Vec::len);
        assert_eq!(
            count,
            Some(if *version < 2 { 3 } else { 4 }),
            "from version {version}"
        );
    }
}
