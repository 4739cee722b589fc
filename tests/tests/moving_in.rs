//! `dreamwright import`: the original's system database, made here from its tables, and packages.

use kit::program::binary;
use kit::{Engine, Program, Server};
use scenarios::world::{KEY, TOKEN};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// The original's key, and secrets that were encrypted with it: `Original-Db-Password` and `Original-Lookup`.
const APP_KEY: &str = "base64:BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";
const DB_PASSWORD: &str = "eyJpdiI6ICJDUWtKQ1FrSkNRa0pDUWtKQ1FrSkNRPT0iLCAidmFsdWUiOiAiczQ3a200QlBhOCtoc2JTdDIzWlVpdW1iQU4xWGpoRUFpajRyTEkrK1VKcz0iLCAibWFjIjogImE0MTJmNWMyMmUyNzBkMTJmN2JhNzc5ZWQ3ZmYyOWE4ZDQ1N2UyMzk2MGIyMzE5MWYzZDk2NGFlYmEyYzJlMjgiLCAidGFnIjogIiJ9";
const LOOKUP: &str = "eyJpdiI6ICJDUWtKQ1FrSkNRa0pDUWtKQ1FrSkNRPT0iLCAidmFsdWUiOiAiNFl5WVpBS2ZFMUVWaEwrSXJlcnVnM3BUWVZPNklqTUlOSDE3QXU1S1ljMD0iLCAibWFjIjogIjM5YjdjNmRlNWRiZGIzMmI4MGYzOWZlOTI5NzFiYWI4M2Y0MDI0YzEzMzUzNGIwODg2NmMyMjg0N2NhMDY2MzciLCAidGFnIjogIiJ9";
const KEY_OF_APP: &str = "0f0e0d0c0b0a09080706050403020100f0e0d0c0b0a090807060504030201000";
/// bcrypt of `Original-Password-99`.
const HASH: &str = "$2y$04$abcdefghijklmnopqrstuupHGA/4/6V2U8I5wwjpZm5N1feWy2cQ.";

/// The tables of the original that hold an instance's content, with rows. Written so that every database takes it.
fn original() -> Vec<String> {
    let dates = "created_date VARCHAR(40), last_modified_date VARCHAR(40), created_by_id INTEGER, last_modified_by_id INTEGER";
    let connection = json!({"host": "db.example.com", "port": "3306", "database": "crm", "username": "crm",
                            "password": DB_PASSWORD});
    let mut statements: Vec<String> = [
        "service (id INTEGER, name VARCHAR(40), label VARCHAR(80), description VARCHAR(255), is_active INTEGER, \
         type VARCHAR(40), mutable INTEGER, deletable INTEGER, config TEXT",
        "service_doc (service_id INTEGER, format INTEGER, content TEXT",
        "sql_db_config (service_id INTEGER, connection TEXT, options TEXT, attributes TEXT, statements TEXT",
        "service_cache_config (service_id INTEGER, cache_enabled INTEGER, cache_ttl INTEGER",
        "role (id INTEGER, name VARCHAR(64), description VARCHAR(255), is_active INTEGER, redirect_uri VARCHAR(255)",
        "role_service_access (id INTEGER, role_id INTEGER, service_id INTEGER, component VARCHAR(255), \
         verb_mask INTEGER, requestor_mask INTEGER, filters TEXT, filter_op VARCHAR(32)",
        "app (id INTEGER, name VARCHAR(64), api_key VARCHAR(255), description VARCHAR(255), is_active INTEGER, \
         type INTEGER, path TEXT, url TEXT, storage_service_id INTEGER, storage_container VARCHAR(255), \
         requires_fullscreen INTEGER, allow_fullscreen_toggle INTEGER, toggle_location VARCHAR(64), role_id INTEGER",
        "@user@ (id INTEGER, name VARCHAR(255), username VARCHAR(255), first_name VARCHAR(255), \
         last_name VARCHAR(255), email VARCHAR(255), password VARCHAR(60), is_sys_admin INTEGER, is_active INTEGER, \
         confirm_code VARCHAR(255), default_app_id INTEGER, oauth_provider VARCHAR(50), adldap VARCHAR(50)",
        "user_to_app_to_role (id INTEGER, user_id INTEGER, app_id INTEGER, role_id INTEGER",
        "lookup (id INTEGER, app_id INTEGER, role_id INTEGER, user_id INTEGER, name VARCHAR(255), value TEXT, \
         private INTEGER, description TEXT",
        "cors_config (id INTEGER, path VARCHAR(255), description VARCHAR(255), origin VARCHAR(255), header TEXT, \
         method INTEGER, max_age INTEGER, enabled INTEGER",
        "email_template (id INTEGER, name VARCHAR(64), subject VARCHAR(80), body_html TEXT",
        "event_script (id INTEGER, name VARCHAR(80), type VARCHAR(40), is_active INTEGER, content TEXT, config TEXT",
        "limits (id INTEGER, type VARCHAR(64), key_text VARCHAR(255), rate INTEGER, period INTEGER, user_id INTEGER, \
         role_id INTEGER, service_id INTEGER, name VARCHAR(255), is_active INTEGER",
        "db_table_extras (id INTEGER, service_id INTEGER, @table@ VARCHAR(128), alias VARCHAR(128), label VARCHAR(128)",
        "db_virtual_relationship (id INTEGER, type VARCHAR(40), service_id INTEGER, @table@ VARCHAR(128), \
         field VARCHAR(128), ref_service_id INTEGER, ref_table VARCHAR(128), ref_field VARCHAR(128)",
        "scheduler_tasks (id INTEGER, name VARCHAR(64), description VARCHAR(255), is_active INTEGER, \
         service_id INTEGER, component VARCHAR(255), verb_mask INTEGER, frequency INTEGER, payload TEXT, app_id INTEGER",
        "scheduled_thing (id INTEGER, name VARCHAR(64)",
    ]
    .iter()
    .map(|table| format!("CREATE TABLE {table}, {dates})"))
    .collect();
    let row = |table: &str, columns: &str, values: String| {
        format!("INSERT INTO {table} ({columns}) VALUES ({values})")
    };
    statements.extend([
        row(
            "service",
            "id, name, label, is_active, type, mutable, deletable",
            "1, 'system', 'System Management', 1, 'system', 0, 0".into(),
        ),
        row(
            "service",
            "id, name, label, is_active, type, mutable, deletable",
            "20, 'crm', 'CRM', 1, 'mysql', 1, 1".into(),
        ),
        row(
            "service",
            "id, name, label, is_active, type, mutable, deletable",
            "21, 'beam', 'Beam', 1, 'hologram', 1, 1".into(),
        ),
        row("sql_db_config", "service_id, connection", format!("20, '{connection}'")),
        row("service_cache_config", "service_id, cache_enabled, cache_ttl", "20, 1, 60".into()),
        row("role", "id, name, is_active, redirect_uri", "5, 'seller', 1, 'https://crm.example.com'".into()),
        row(
            "role_service_access",
            "id, role_id, service_id, component, verb_mask, requestor_mask, filters, filter_op",
            "1, 5, 20, '_table/lead/*', 1, 1, '[{\"name\":\"region\",\"operator\":\"=\",\"value\":\"north\"}]', 'AND'"
                .into(),
        ),
        row(
            "app",
            "id, name, api_key, is_active, type, role_id",
            format!("9, 'sales', '{KEY_OF_APP}', 1, 0, 5"),
        ),
        row(
            "@user@",
            "id, name, username, email, password, is_sys_admin, is_active, confirm_code",
            format!("1, 'Boss', 'boss@example.com', 'boss@example.com', '{HASH}', 1, 1, 'y'"),
        ),
        row(
            "@user@",
            "id, name, username, email, password, is_sys_admin, is_active, confirm_code",
            format!("2, 'Sal', 'sal@example.com', 'sal@example.com', '{HASH}', 0, 1, null"),
        ),
        row(
            "@user@",
            "id, name, username, email, is_sys_admin, is_active, confirm_code, oauth_provider",
            "3, 'New', 'new@example.com', 'new@example.com', 0, 1, 'abc', 'github'".into(),
        ),
        row("user_to_app_to_role", "id, user_id, app_id, role_id", "1, 2, 9, 5".into()),
        row("lookup", "id, name, value, private", format!("1, 'secret', '{LOOKUP}', 1")),
        row("lookup", "id, role_id, name, value, private", "2, 5, 'region', 'north', 0".into()),
        row("cors_config", "id, path, origin, method, max_age, enabled", "1, '*', '*', 3, 60, 1".into()),
        row("email_template", "id, name, subject", "7, 'Hi', 'Hello'".into()),
        row("event_script", "id, name, type, is_active, content", "1, 'crm.get.pre_process', 'php', 1, 'return 1;'".into()),
        row("event_script", "id, name, type, is_active, content", "2, 'crm.post.pre_process', 'v8js', 1, 'x'".into()),
        row(
            "limits",
            "id, type, key_text, rate, period, service_id, name, is_active",
            "1, 'instance.service', 'k', 10, 1, 20, 'crm limit', 1".into(),
        ),
        row("db_table_extras", "id, service_id, @table@, alias", "1, 20, 'lead', 'prospect'".into()),
        row(
            "db_virtual_relationship",
            "id, type, service_id, @table@, field, ref_service_id, ref_table, ref_field",
            "1, 'has_many', 20, 'lead', 'id', 20, 'call', 'lead_id'".into(),
        ),
        row(
            "scheduler_tasks",
            "id, name, is_active, service_id, component, verb_mask, frequency, payload, app_id",
            "1, 'nightly', 1, 20, '_table/lead', 16, 60, '{\"filter\": \"old=true\"}', 9".into(),
        ),
        row(
            "scheduler_tasks",
            "id, name, is_active, service_id, verb_mask, frequency, app_id",
            "2, 'lost', 1, 20, 1, 5, 77".into(),
        ),
        row("scheduled_thing", "id, name", "1, 'nightly'".into()),
    ]);
    statements
}

/// Quotes the names that are words of SQL.
fn script(quote: char) -> String {
    let named = |text: String| {
        text.replace("@user@", &format!("{quote}user{quote}"))
            .replace("@table@", &format!("{quote}table{quote}"))
    };
    original()
        .into_iter()
        .map(|statement| named(statement) + ";\n")
        .collect()
}

fn import(data: &Path, arguments: &[&str], key: Option<&str>) -> (bool, String) {
    let mut command = Command::new(binary());
    command.arg("import").arg("--data").arg(data).args(arguments);
    for name in ["APP_KEY", "DW_ORIGINAL_APP_KEY", "DB_CONNECTION"] {
        command.env_remove(name);
    }
    command.envs(key.map(|key| ("DW_ORIGINAL_APP_KEY", key)));
    let output = command.output().expect("the program can be started");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

async fn found(program: &Program, path: &str) -> Value {
    let answer = program.admin().await.get(&format!("/api/v2/system/{path}")).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()["resource"][0].clone()
}

/// Checks that everything came over, and that the report tells what did not.
async fn check(program: &Program, report: &str) {
    for part in [
        "The role 'seller' was created.",
        "The service 'beam' is of the type 'hologram'",
        "1 rows of the table 'scheduled_thing' did not come over",
        "The user 'new@example.com' has not confirmed the account",
        "There is no script type 'v8js'.",
        "1 rows of the table 'role' have a 'redirect_uri', which has no place here",
        "The scheduled task 'lost' refers to something that is not there (app_id 77)",
    ] {
        assert!(report.contains(part), "the report lacks '{part}': {report}");
    }
    assert!(
        !report.contains("Original-Db-Password") && !report.contains(HASH),
        "{report}"
    );
    let client = program.client();
    let login = json!({"email": "boss@example.com", "password": "Original-Password-99"});
    let answer = client.post("/api/v2/system/admin/session", &login).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let login = json!({"email": "sal@example.com", "password": "Original-Password-99"});
    let answer = client.post("/api/v2/user/session", &login).await;
    let token = answer.json()["session_token"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    // A running server looks twice a second for what others wrote.
    let keyed = client.with(KEY, KEY_OF_APP).with(TOKEN, &token);
    let began = Instant::now();
    while keyed.get("/api/v2/user/session").await.json()["role"] != "seller" {
        assert!(
            began.elapsed() < Duration::from_secs(10),
            "the key or the role did not come over"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let service = found(program, "service?filter=name%3Dcrm&fields=*").await;
    assert_eq!(service["config"]["host"], "db.example.com");
    assert_eq!(
        (&service["config"]["port"], &service["config"]["cache_ttl"]),
        (&json!(3306), &json!(60))
    );
    assert_eq!(service["config"]["password"], "**********");
    let role = found(
        program,
        "role?related=role_service_access_by_role_id,lookup_by_role_id",
    )
    .await;
    let access = &role["role_service_access_by_role_id"][0];
    assert_eq!(
        (&access["component"], &access["filters"][0]["value"]),
        (&json!("_table/lead/*"), &json!("north"))
    );
    assert_eq!(access["service_id"], service["id"]);
    assert_eq!(role["lookup_by_role_id"][0]["value"], "north");
    assert_eq!(found(program, "cors").await["method"], json!(["GET", "POST"]));
    assert_eq!(found(program, "limit").await["period"], "hour");
    let task = found(program, "scheduler?related=service_by_service_id").await;
    assert_eq!(
        (&task["name"], &task["verb"], &task["frequency"]),
        (&json!("nightly"), &json!("DELETE"), &json!(60))
    );
    assert_eq!(task["service_by_service_id"]["name"], "crm");
    assert!(
        task["app_id"].is_i64(),
        "the task would run with all rights: {task}"
    );
    let user = found(program, "user?filter=email%3Dnew@example.com").await;
    assert_eq!(user["oauth_provider"], "github");
    assert_eq!(
        found(program, "event_script").await["name"],
        "crm.get.pre_process"
    );
    assert_eq!(
        found(program, "email_template?filter=name%3DHi").await["subject"],
        "Hello"
    );
}

/// What of the secrets came over: a package shows them to the administrator who makes it.
async fn check_secrets(program: &Program) {
    let admin = program.admin().await;
    let package = admin
        .post("/api/v2/system/package", &json!({"download": true}))
        .await;
    let mut archive = zip::ZipArchive::new(Cursor::new(package.body)).expect("it is a zip archive");
    for (file, secret) in [
        ("system/service.json", "Original-Db-Password"),
        ("system/lookup.json", "Original-Lookup"),
    ] {
        let mut text = String::new();
        let entry = archive
            .by_name(file)
            .map(|mut entry| entry.read_to_string(&mut text));
        assert!(entry.is_ok() && text.contains(secret), "{file}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sqlite_file_of_the_original_moves_in() {
    let program = Program::start();
    let place = tempfile::tempdir().expect("a temporary folder can be made");
    let file = place.path().join("dreamfactory.sqlite");
    let source = rusqlite::Connection::open(&file).expect("the file can be made");
    source
        .execute_batch(&script('"'))
        .expect("the tables can be made");
    drop(source);
    let before = std::fs::read(&file).expect("the file can be read");
    let path = file.display().to_string();

    let (ok, dry) = import(&program.data(), &["--dry-run", &path], Some(APP_KEY));
    assert!(ok && dry.contains("+ role 'seller'"), "{dry}");
    assert!(program.admin().await.get("/api/v2/system/role").await.json()["resource"] == json!([]));
    let (ok, report) = import(&program.data(), &[&path], Some(APP_KEY));
    assert!(ok, "{report}");
    check(&program, &report).await;
    check_secrets(&program).await;
    assert_eq!(
        std::fs::read(&file).expect("the file can be read"),
        before,
        "the source was changed"
    );

    let (ok, again) = import(&program.data(), &[&path], Some(APP_KEY));
    assert!(
        ok && again.contains("The role 'seller' exists already"),
        "{again}"
    );
    let (ok, again) = import(&program.data(), &["--overwrite", &path], Some(APP_KEY));
    // The logins above have replaced the hashes, which come back; nothing else differs.
    let changed = [
        "was created",
        "The role",
        "The service 'crm'",
        "The app",
        "The limit",
    ];
    assert!(ok && !changed.iter().any(|part| again.contains(part)), "{again}");

    // Without the key everything but the secrets comes over.
    let bare = Program::start();
    let (ok, report) = import(&bare.data(), &[&path], None);
    assert!(ok && report.contains("there was no APP_KEY"), "{report}");
    let (ok, report) = import(&bare.data(), &["--overwrite", &path], Some(&"x".repeat(32)));
    assert!(ok && report.contains("the APP_KEY is another one"), "{report}");
    let (ok, refusal) = import(&bare.data(), &[&path], Some("short"));
    assert!(!ok && refusal.contains("APP_KEY"), "{refusal}");
    let (ok, refusal) = import(
        &bare.data(),
        &[&program.data().join("system.sqlite").display().to_string()],
        None,
    );
    assert!(!ok || refusal.contains("did not come over"), "{refusal}");
}

async fn from_server(engine: Engine, scheme: &str, quote: char) {
    let Some(server) = Server::own(engine) else { return };
    let database = server.database("original");
    let file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    std::fs::write(file.path(), script(quote)).expect("the file can be written");
    database.load(file.path());
    let address = format!(
        "{scheme}://{}:{}@{}:{}/{}",
        database.user(),
        database.password(),
        database.host(),
        database.port(),
        database.name()
    );
    let program = Program::start();
    let (ok, report) = import(&program.data(), &[&address], Some(APP_KEY));
    assert!(ok, "{report}");
    check(&program, &report).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_database_of_the_original_moves_in() {
    from_server(Engine::Postgres, "postgres", '"').await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_database_of_the_original_moves_in() {
    from_server(Engine::MariaDb, "mysql", '`').await;
}
