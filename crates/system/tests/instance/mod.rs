//! An instance on a real database, called through the platform's pipeline as a door would.
#![allow(dead_code, reason = "not every file of tests uses everything")]

use contract::{Body, Format, Origin, Params, Payload, Problem, Settings, Value, Verb};
use platform::{Incoming, Platform};
use records::SqlSource;
use serde_json::json;
use sqlite::{Open, Sqlite};
use std::path::Path;
use std::sync::{Arc, Weak};
use store::{Ddl, NewAdmin, Store};

pub const PASSWORD: &str = "a-long-enough-password";

pub struct Instance {
    folder: tempfile::TempDir,
    pub platform: Arc<Platform>,
    pub admin: String,
}

fn types(platform: &Weak<Platform>) -> Vec<contract::ServiceType> {
    let mut types = system::types(platform);
    types.push(sqlite::service_type());
    types.extend(smtp::service_types(&system::surroundings(platform)));
    types
}

async fn open(folder: &Path) -> Store {
    let database = Sqlite::open(Open::new(folder.join("system.sqlite"))).unwrap();
    let dialect = database.dialect();
    let specs = Arc::new(types(&Weak::new()));
    Store::open(Arc::new(database), dialect, Ddl::FLEXIBLE, [3; 32], specs)
        .await
        .unwrap()
}

async fn start(store: Store, folder: &Path) -> Arc<Platform> {
    let settings = Arc::new(Settings::default());
    let keys = platform::TokenKeys::secret("HS256", b"a secret of the tests");
    Platform::start(Arc::new(store), types, settings, folder.to_owned(), keys)
        .await
        .unwrap()
}

/// Status and body of an answer, whether it is a refusal or not.
pub type Answer = (u16, Value);

impl Instance {
    pub async fn new() -> Instance {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let admin = NewAdmin {
            email: "admin@example.com".into(),
            password: PASSWORD.into(),
            first_name: Some("Oracle".into()),
            last_name: Some("Admin".into()),
            ..NewAdmin::default()
        };
        store.create_first_admin(admin).await.unwrap();
        let platform = start(store, folder.path()).await;
        let mut instance = Instance {
            folder,
            platform,
            admin: String::new(),
        };
        let login = json!({"email": "admin@example.com", "password": PASSWORD});
        let (status, session) = instance
            .anonymous(Verb::Post, "system/admin/session", login)
            .await;
        assert_eq!(status, 200, "{session}");
        instance.admin = session["session_token"].as_str().unwrap().to_owned();
        instance
    }

    /// Another node on the same system database.
    pub async fn second_node(&self) -> Arc<Platform> {
        start(open(self.folder.path()).await, self.folder.path()).await
    }

    /// A call with headers. `target` is `service/path?query`, the query not encoded.
    pub async fn call(&self, verb: Verb, target: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (service, path) = path.split_once('/').unwrap_or((path, ""));
        let pair = |p: &str| {
            let (name, value) = p.split_once('=').unwrap_or((p, ""));
            (name.to_owned(), value.to_owned())
        };
        let incoming = Incoming {
            verb,
            service: service.into(),
            path: path.into(),
            trailing_slash: false,
            params: Params(query.split('&').filter(|p| !p.is_empty()).map(pair).collect()),
            headers: headers
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            payload: if body.is_null() {
                Payload::None
            } else {
                Payload::Value(body)
            },
            origin: Origin::Api,
            format: Format::Json,
            base_url: "http://localhost".into(),
            peer: None,
        };
        match self.platform.run(incoming).await {
            Ok(response) => (response.status, value(response.body)),
            Err(problem) => (problem.status(), envelope(&problem)),
        }
    }

    pub async fn anonymous(&self, verb: Verb, target: &str, body: Value) -> Answer {
        self.call(verb, target, &[], body).await
    }

    /// As the administrator.
    pub async fn admin(&self, verb: Verb, target: &str, body: Value) -> Answer {
        self.call(
            verb,
            target,
            &[("x-dreamfactory-session-token", &self.admin)],
            body,
        )
        .await
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.admin(Verb::Get, target, Value::Null).await
    }

    /// Creates a record and gives it whole.
    pub async fn create(&self, face: &str, record: Value, related: &str) -> Value {
        let related = if related.is_empty() {
            String::new()
        } else {
            format!("&related={related}")
        };
        let target = format!("system/{face}?fields=*{related}");
        let (status, body) = self
            .admin(Verb::Post, &target, json!({"resource": [record]}))
            .await;
        assert_eq!(status, 201, "{body}");
        body["resource"][0].clone()
    }

    /// A user with a role on `system` that grants these components, and the headers to call with.
    pub async fn delegate(&self, components: &[(&str, u8)]) -> Vec<(&'static str, String)> {
        let access: Vec<Value> = components
            .iter()
            .map(|(c, mask)| json!({"service_id": 1, "component": c, "verb_mask": mask, "requestor_mask": 3}))
            .collect();
        let role = json!({"name": "delegate", "is_active": true, "role_service_access_by_role_id": access});
        let role = self.create("role", role, "").await["id"].clone();
        let app = self
            .create("app", json!({"name": "delegated", "is_active": true}), "")
            .await;
        let rows = "user_to_app_to_role_by_user_id";
        let user = json!({"email": "delegate@example.com", "password": PASSWORD,
            rows: [{"app_id": app["id"], "role_id": role}]});
        self.create("user", user, "").await;
        let login = json!({"email": "delegate@example.com", "password": PASSWORD});
        let (_, session) = self.anonymous(Verb::Post, "user/session", login).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        vec![
            ("x-dreamfactory-session-token", text(&session["session_token"])),
            ("x-dreamfactory-api-key", text(&app["api_key"])),
        ]
    }
}

fn envelope(problem: &Problem) -> Value {
    problem.to_envelope()
}

fn value(body: Body) -> Value {
    match body {
        Body::Value(value) => value,
        Body::Json(bytes) => serde_json::from_slice(&bytes).unwrap(),
        Body::Empty => Value::Null,
        other => panic!("an unexpected body: {other:?}"),
    }
}

/// The sentence of a refusal.
pub fn message(answer: &Answer) -> &str {
    answer.1["error"]["message"].as_str().unwrap_or_default()
}
