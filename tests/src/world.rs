//! A running program with the demonstration data in every database that is installed here, and what tests make
//! of it through the system API: services, roles, keys, users.

use kit::{Client, Database, Program, Server, Start};
use serde_json::{Value, json};
use std::path::Path;

/// Header of an API key.
pub const KEY: &str = "X-DreamFactory-API-Key";
/// Header of a session token.
pub const TOKEN: &str = "X-DreamFactory-Session-Token";
/// A password that is long enough.
pub const PASSWORD: &str = "Long-Enough-Passw0rd";

/// A service over a database with the demonstration data.
pub struct Base {
    /// Name of the service, which is also its type: `sqlite`, `pgsql`, `mysql`.
    pub service: &'static str,
    /// Id of the service.
    pub id: i64,
    /// The database behind it; none for SQLite.
    pub database: Option<Database>,
}

/// The program and its databases.
pub struct World {
    /// The program.
    pub program: Program,
    /// A client of the first administrator.
    pub admin: Client,
    /// A service for each kind of database that is installed here.
    pub bases: Vec<Base>,
}

impl World {
    /// Starts the program and makes a service over each database. `servers` are those to use; a test that stops
    /// them brings its own.
    pub async fn start(servers: Vec<Server>, start: Start) -> World {
        let program = Program::with(start);
        let admin = program.admin().await;
        let mut world = World {
            program,
            admin,
            bases: Vec::new(),
        };
        load_sqlite(&world.program.databases().join("demo.sqlite"));
        world
            .add("sqlite", json!({"database": "demo.sqlite"}), None)
            .await;
        for server in servers {
            let service = server.engine().service_type();
            let database = server.database("demo");
            database.load(&crate::golden::folder().join(format!("fixtures/{service}.sql")));
            world.over(service, database).await;
        }
        world
    }

    /// Starts without database servers, and with more in the program's environment.
    pub async fn with(environment: &[(&str, &str)]) -> World {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let start = Start {
            environment: environment.iter().map(owned).collect(),
            ..Start::default()
        };
        World::start(Vec::new(), start).await
    }

    /// Starts with the servers that all tests of this process share.
    pub async fn shared() -> World {
        World::start(
            [kit::postgres(), kit::mariadb()].into_iter().flatten().collect(),
            Start::default(),
        )
        .await
    }

    /// Makes a service of a type, named like it, over a database.
    pub async fn over(&mut self, service: &'static str, database: Database) {
        let config = json!({"host": database.host(), "port": database.port(), "database": database.name(),
                            "username": database.user(), "password": database.password()});
        self.add(service, config, Some(database)).await;
    }

    /// The service of a type.
    pub fn base(&self, service: &str) -> Option<&Base> {
        self.bases.iter().find(|base| base.service == service)
    }

    async fn add(&mut self, service: &'static str, config: Value, database: Option<Database>) {
        let made =
            json!({"name": service, "label": service, "type": service, "is_active": true, "config": config});
        let id = self.create("service", made).await["id"]
            .as_i64()
            .expect("a service has an id");
        self.bases.push(Base {
            service,
            id,
            database,
        });
    }

    /// Makes an object of the system, and panics with the answer when it cannot be made.
    pub async fn create(&self, resource: &str, object: Value) -> Value {
        let path = format!("/api/v2/system/{resource}?fields=*");
        let answer = self.admin.post(&path, &json!({ "resource": [object] })).await;
        let made = answer.json().pointer("/resource/0").cloned();
        made.filter(|_| answer.status < 300).unwrap_or_else(|| {
            panic!(
                "POST {path} {object} answered {}: {}",
                answer.status,
                answer.text()
            )
        })
    }

    /// A role with these grants; its id.
    pub async fn role(&self, name: &str, grants: &[Value]) -> Value {
        let role = json!({"name": name, "is_active": true, "role_service_access_by_role_id": grants});
        self.create("role", role).await["id"].clone()
    }

    /// A client with an API key of this role (null for none).
    pub async fn key(&self, name: &str, role: &Value) -> Client {
        let app = json!({"name": name, "type": 0, "is_active": true, "role_id": role});
        let made = self.create("app", app).await;
        self.program
            .client()
            .with(KEY, made["api_key"].as_str().expect("an app has a key"))
    }

    /// A client logged in as a new user who has no role anywhere.
    pub async fn user(&self, name: &str) -> Client {
        let email = format!("{name}@example.com");
        let user = json!({"name": name, "email": email, "password": PASSWORD, "is_active": true});
        self.create("user", user).await;
        log_in(&self.program.client(), "user/session", &email, PASSWORD).await
    }

    /// A client logged in anew as the first administrator.
    pub async fn another_admin_session(&self) -> Client {
        use kit::program::{ADMIN_EMAIL, ADMIN_PASSWORD};
        log_in(
            &self.program.client(),
            "system/admin/session",
            ADMIN_EMAIL,
            ADMIN_PASSWORD,
        )
        .await
    }
}

/// A client logged in at a session endpoint, such as `user/session`; panics with the answer when that is refused.
pub async fn log_in(client: &Client, path: &str, email: &str, password: &str) -> Client {
    let answer = client
        .post(
            &format!("/api/v2/{path}"),
            &json!({"email": email, "password": password}),
        )
        .await;
    let token = answer.json()["session_token"].as_str().map(String::from);
    client.with(
        TOKEN,
        &token.unwrap_or_else(|| panic!("login answered {}: {}", answer.status, answer.text())),
    )
}

/// One row of a role's access.
pub fn grant(service: i64, component: &str, verbs: u8, filters: Value) -> Value {
    json!({"service_id": service, "component": component, "verb_mask": verbs, "requestor_mask": 3,
           "filters": filters, "filter_op": "AND"})
}

/// Loads the demonstration data into a SQLite file.
pub fn load_sqlite(file: &Path) {
    let text = std::fs::read_to_string(crate::golden::folder().join("fixtures/sqlite.sql"))
        .expect("the fixture is there");
    let connection = rusqlite::Connection::open(file).expect("the data folder can be written");
    connection
        .busy_timeout(std::time::Duration::from_secs(20))
        .expect("a timeout can be set");
    connection
        .execute_batch(&format!("PRAGMA synchronous=OFF;\n{text}"))
        .expect("the fixture is valid");
}
