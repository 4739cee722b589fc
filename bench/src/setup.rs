//! Servers, data and the program with its services, role and key.

use crate::shape::{FILTER, PLENTY};
use kit::{Client, Program};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A database under measurement.
pub(crate) struct Target {
    /// Name for people.
    pub(crate) label: String,
    /// Name of the service.
    pub(crate) service: &'static str,
    /// What the bare driver connects to.
    pub(crate) place: String,
}

/// Everything that runs during a measurement.
pub(crate) struct Stage {
    /// The program.
    pub(crate) program: Program,
    /// The databases.
    pub(crate) databases: Vec<Target>,
    /// A client with the API key of the role.
    pub(crate) client: Client,
    /// Memory of the program before it has answered anything but its readiness.
    pub(crate) idle: u64,
    /// From start to first answer: on an empty folder but for the administrator, and again on a used one.
    pub(crate) starts: [Duration; 2],
}

fn fixture(name: &str) -> PathBuf {
    kit::workspace().join("tests/golden/fixtures").join(name)
}

impl Stage {
    /// Starts everything. `only` names databases; empty means all that are installed.
    pub(crate) async fn set(only: &[String]) -> Result<Stage, String> {
        let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
        let mut program = Program::start();
        let first = program.ready_after();
        program.restart("TERM");
        let starts = [first, program.ready_after()];
        let idle = program.memory();
        let admin = program.admin().await;
        let mut databases = Vec::new();
        let mut services = Vec::new();
        if wanted("sqlite") {
            let file = program.databases().join("bench.sqlite");
            load_sqlite(&file).map_err(|e| e.to_string())?;
            let config = json!({"database": "bench.sqlite", "max_records": 1000});
            services.push(create(&admin, "service", service("sqlite", "sqlite", config)).await?);
            let label = format!("SQLite {}", rusqlite::version());
            databases.push(Target {
                label,
                service: "sqlite",
                place: file.display().to_string(),
            });
        }
        let servers = [("postgres", "pgsql"), ("mariadb", "mysql")];
        for (name, kind) in servers.into_iter().filter(|(name, _)| wanted(name)) {
            let Some(server) = (if name == "postgres" {
                kit::postgres()
            } else {
                kit::mariadb()
            }) else {
                continue;
            };
            let database = server.database("bench");
            database.load(&fixture(&format!("{kind}.sql")));
            let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                "username": database.user(), "password": database.password(), "max_records": 1000});
            services.push(create(&admin, "service", service(kind, kind, config)).await?);
            let version = database.run("SELECT VERSION()").trim().to_owned();
            let label = match name {
                "postgres" => version.split(" on ").next().unwrap_or("PostgreSQL").to_owned(),
                _ => format!("MariaDB {}", version.split('-').next().unwrap_or_default()),
            };
            databases.push(Target {
                label,
                service: kind,
                place: database.url(),
            });
        }
        let grants: Value = services.iter().flat_map(|made| grants(&made["id"])).collect();
        let role = json!({"name": "bench", "is_active": true, "role_service_access_by_role_id": grants});
        let role = create(&admin, "role", role).await?;
        let app = json!({"name": "bench", "type": 0, "is_active": true, "role_id": role["id"]});
        let app = create(&admin, "app", app).await?;
        let key = app["api_key"].as_str().ok_or("the app has no key")?;
        let client = program.client().with("X-DreamFactory-API-Key", key);
        Ok(Stage {
            program,
            databases,
            client,
            idle,
            starts,
        })
    }
}

fn load_sqlite(file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let connection = rusqlite::Connection::open(file)?;
    connection.execute_batch("PRAGMA synchronous=OFF;")?;
    connection.execute_batch(&std::fs::read_to_string(fixture("sqlite.sql"))?)?;
    // Kept in the file: the bare driver and the program find the same journal.
    connection.execute_batch("PRAGMA journal_mode=WAL;")?;
    Ok(())
}

fn service(name: &str, kind: &str, config: Value) -> Value {
    json!({"name": name, "label": name, "type": kind, "is_active": true, "config": config})
}

/// Every table under measurement, each with a row filter that lets its rows through.
fn grants(service: &Value) -> Vec<Value> {
    let tables = [
        ("employees", "emp_no", FILTER),
        ("salaries", "emp_no", FILTER),
        ("supplies", "quantity", PLENTY),
    ];
    let grant = |(table, field, value): (&str, &str, i32)| {
        json!({"service_id": service, "component": format!("_table/{table}/*"), "verb_mask": 31, "requestor_mask": 3,
               "filters": [{"name": field, "operator": ">", "value": value.to_string()}], "filter_op": "AND"})
    };
    tables.map(grant).into()
}

async fn create(admin: &Client, resource: &str, object: Value) -> Result<Value, String> {
    let path = format!("/api/v2/system/{resource}?fields=*");
    let answer = admin.post(&path, &json!({ "resource": [object] })).await;
    match answer.json().pointer("/resource/0") {
        Some(made) if answer.status < 300 => Ok(made.clone()),
        _ => Err(format!(
            "POST {path} answered {}: {}",
            answer.status,
            answer.text()
        )),
    }
}
