//! The services, roles, apps and the user that the pairs expect, made through the system API.

use super::place::Variables;
use kit::{Client, Database};
use serde_json::{Value, json};

const USER_EMAIL: &str = "golden.user@example.com";
const USER_PASSWORD: &str = "Golden-User-Passw0rd";
const TOKEN: &str = "X-DreamFactory-Session-Token";
const KEY: &str = "X-DreamFactory-API-Key";
const GRANTS: &str = "role_service_access_by_role_id";
const USER_ROLES: &str = "user_to_app_to_role_by_user_id";

/// Where a service finds its database.
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) database: String,
    pub(super) user: String,
    pub(super) password: String,
}

impl Place {
    /// The place of a database, or one where nothing listens.
    pub(super) fn of(database: Option<&Database>) -> Place {
        Place {
            host: "127.0.0.1".into(),
            port: database.map_or(1, Database::port),
            database: database.map_or("employees_demo", Database::name).into(),
            user: kit::Server::USER.into(),
            password: kit::Server::PASSWORD.into(),
        }
    }

    fn config(&self) -> Value {
        json!({"host": self.host, "port": self.port, "database": self.database, "username": self.user,
               "password": self.password, "max_records": 1000})
    }
}

/// The logged-in set-up and its placeholder values.
pub struct Session {
    client: Client,
    /// Values of the placeholders.
    pub variables: Variables,
}

impl Session {
    /// Logs in as the first administrator.
    pub async fn open(client: &Client, email: &str, password: &str) -> Result<Session, String> {
        let mut session = Session {
            client: client.clone(),
            variables: Variables::new(),
        };
        session.set("admin_email", email);
        session.set("admin_password", password);
        session.set("base", format!("http://{}", client.address()));
        session.set("user_email", USER_EMAIL);
        session.set("user_password", USER_PASSWORD);
        session.log_in_admin().await?;
        Ok(session)
    }

    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.variables.insert(name.to_owned(), value.into());
    }

    fn get(&self, name: &str) -> Value {
        self.variables.get(name).cloned().unwrap_or_default()
    }

    fn text(&self, name: &str) -> String {
        self.get(name).as_str().unwrap_or_default().to_owned()
    }

    /// Makes everything the pairs expect, in the order in which the recordings did.
    pub(super) async fn prepare(&mut self, mysql: Place, pgsql: Place, sqlite: &str) -> Result<(), String> {
        let mut pg = pgsql.config();
        pg["schema"] = "public".into();
        let lite = json!({"database": sqlite, "max_records": 1000});
        self.service("mysql", "mysql", "MySQL demo", mysql.config())
            .await?;
        self.service("pgsql", "pgsql", "PostgreSQL demo", pg).await?;
        self.service("sqlite", "sqlite", "SQLite demo", lite).await?;
        // File services come with a later part of the product; the pairs that need one fail until then.
        let files = json!({"container": "golden_files"});
        if self
            .service("gfiles", "local_file", "Golden files", files)
            .await
            .is_err()
        {
            self.set("service_gfiles", Value::Null);
        }
        self.roles().await?;
        self.apps().await?;
        self.user().await
    }

    async fn service(&mut self, name: &str, kind: &str, label: &str, config: Value) -> Result<(), String> {
        let service = json!({"name": name, "label": label, "description": "golden", "is_active": true,
                             "type": kind, "config": config});
        let made = self.create("service", service, "").await?;
        self.set(&format!("service_{name}"), made["id"].clone());
        Ok(())
    }

    async fn roles(&mut self) -> Result<(), String> {
        let (mysql, files) = (self.get("service_mysql"), self.get("service_gfiles"));
        let files_grant = match files.is_null() {
            false => grant(&files, "*", 1, 1, json!([])),
            true => grant(&mysql, "_none/*", 1, 1, json!([])),
        };
        let plenty = json!([{"name": "quantity", "operator": ">", "value": "5"}]);
        let women = json!([{"name": "gender", "operator": "=", "value": "F"},
                           {"name": "last_name", "operator": "starts with", "value": "K"}]);
        let reader = json!([
            grant(&mysql, "_table/departments/*", 1, 3, json!([])),
            grant(&mysql, "_table/supplies/*", 31, 3, plenty),
            grant(&mysql, "_table/employees/*", 1, 3, women),
            grant(&mysql, "_schema/departments", 1, 3, json!([])),
            files_grant,
        ]);
        let services = ["mysql", "pgsql", "sqlite", "gfiles"].map(|n| self.get(&format!("service_{n}")));
        let full: Value = services
            .iter()
            .filter(|id| !id.is_null())
            .map(|id| grant(id, "*", 31, 3, json!([])))
            .collect();
        let roles = [
            ("reader", "reads some of mysql", Some(reader)),
            ("full", "everything in the three databases", Some(full)),
            ("inactive", "inactive", None),
        ];
        for (name, about, grants) in roles {
            let mut role = json!({"name": format!("golden_{name}"), "description": about, "is_active": grants.is_some()});
            let related = if grants.is_some() { GRANTS } else { "" };
            if let Some(grants) = grants {
                role[GRANTS] = grants;
            }
            let made = self.create("role", role, related).await?;
            self.set(&format!("role_{name}"), made["id"].clone());
        }
        Ok(())
    }

    async fn apps(&mut self) -> Result<(), String> {
        let (reader, full) = (self.get("role_reader"), self.get("role_full"));
        let apps = [
            ("app", "api_key", &reader, true),
            ("full_app", "api_key_full", &full, true),
            ("norole_app", "api_key_norole", &Value::Null, true),
            ("inactive_app", "api_key_inactive", &full, false),
        ];
        for (name, key, role, active) in apps {
            let app = json!({"name": format!("golden_{name}"), "description": "golden", "is_active": active, "type": 0,
                             "role_id": role});
            let made = self.create("app", app, "").await?;
            self.set(&format!("app_{name}"), made["id"].clone());
            self.set(key, made["api_key"].clone());
        }
        Ok(())
    }

    async fn user(&mut self) -> Result<(), String> {
        let roles = json!([{"app_id": self.get("app_norole_app"), "role_id": self.get("role_full")},
                           {"app_id": self.get("app_app"), "role_id": self.get("role_reader")}]);
        let user = json!({"name": "Golden User", "first_name": "Golden", "last_name": "User", "email": USER_EMAIL,
                          "password": USER_PASSWORD, "is_active": true, USER_ROLES: roles});
        let made = self.create("user", user, USER_ROLES).await?;
        self.set("user_id", made["id"].clone());
        self.log_in_user().await
    }

    async fn create(&self, resource: &str, object: Value, related: &str) -> Result<Value, String> {
        let related = if related.is_empty() {
            String::new()
        } else {
            format!("&related={related}")
        };
        let path = format!("/api/v2/system/{resource}?fields=*{related}");
        let answer = self.admin().post(&path, &json!({ "resource": [object] })).await;
        let made = answer
            .json()
            .pointer("/resource/0")
            .cloned()
            .filter(|made| !made["id"].is_null());
        match made.filter(|_| answer.status < 300) {
            Some(made) => Ok(made),
            None => Err(format!(
                "set-up: POST {path} {object} answered {}: {}",
                answer.status,
                answer.text()
            )),
        }
    }

    /// The client with the administrator's token.
    pub fn admin(&self) -> Client {
        self.client.with(TOKEN, &self.text("admin_token"))
    }

    async fn log_in_admin(&mut self) -> Result<(), String> {
        let login = json!({"email": self.get("admin_email"), "password": self.get("admin_password")});
        let body = log_in(&self.client, "/api/v2/system/admin/session", &login).await?;
        self.set("admin_token", body["session_token"].clone());
        self.set("admin_id", body["id"].clone());
        Ok(())
    }

    async fn log_in_user(&mut self) -> Result<(), String> {
        let client = self.client.with(KEY, &self.text("api_key_norole"));
        let login = json!({"email": USER_EMAIL, "password": USER_PASSWORD});
        let body = log_in(&client, "/api/v2/user/session", &login).await?;
        self.set("user_token", body["session_token"].clone());
        Ok(())
    }

    /// Logs in again when an area has ended a session.
    pub(super) async fn keep_logged_in(&mut self) -> Result<(), String> {
        if self.admin().get("/api/v2/system/admin/session").await.status != 200 {
            self.log_in_admin().await?;
        }
        let user = self
            .client
            .with(TOKEN, &self.text("user_token"))
            .with(KEY, &self.text("api_key_norole"));
        if user.get("/api/v2/user/session").await.status != 200 {
            self.log_in_user().await?;
        }
        Ok(())
    }

    /// Makes the program forget what it knows of the databases.
    pub(super) async fn forget(&self) {
        self.admin().call("DELETE", "/api/v2/system/cache", None).await;
    }
}

async fn log_in(client: &Client, path: &str, login: &Value) -> Result<Value, String> {
    let answer = client.post(path, login).await;
    match answer.status {
        200 => Ok(answer.json()),
        status => Err(format!(
            "set-up: login at {path} answered {status}: {}",
            answer.text()
        )),
    }
}

fn grant(service: &Value, component: &str, verbs: u32, requestors: u32, filters: Value) -> Value {
    json!({"service_id": service, "component": component, "verb_mask": verbs, "requestor_mask": requestors,
           "filters": filters, "filter_op": "AND"})
}
