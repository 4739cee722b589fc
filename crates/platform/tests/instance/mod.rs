//! A platform over a real system database, with services that tell what they were called with.

#![allow(dead_code, reason = "each test binary uses its own part")]

use async_trait::async_trait;
use contract::{
    Body, Caller, ConfigField, ConfigKind, ConfigSpec, Endpoint, Format, Map, Method, Operation, Origin,
    Params, Payload, Problem, Request, Response, Service, ServiceType, Settings, Value, Verb,
};
use platform::{Incoming, Login, Platform};
use records::SqlSource;
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use store::{Ddl, Entity, NewAdmin, Store};
use tempfile::TempDir;

pub const ADMIN: (&str, &str) = ("admin@example.com", "Admin-Passw0rd-1234");
pub const USER: (&str, &str) = ("ann@example.com", "Ann-Lee-Passw0rd-12");

const fn method(verb: Verb) -> Method {
    Method::new(verb, "", "", &[])
}

static READ: &[Method] = &[method(Verb::Get)];
static SESSION: &[Method] = &[
    method(Verb::Get),
    method(Verb::Post),
    method(Verb::Put),
    method(Verb::Delete),
];

static TABLES: &[Endpoint] = &[
    Endpoint {
        name: "root",
        path: "",
        methods: READ,
    },
    Endpoint {
        name: "tables",
        path: "_table",
        methods: READ,
    },
    Endpoint {
        name: "records",
        path: "_table/{table_name}",
        methods: &[method(Verb::Get), method(Verb::Post)],
    },
    Endpoint {
        name: "record",
        path: "_table/{table_name}/{id}",
        methods: READ,
    },
    Endpoint {
        name: "schemas",
        path: "_schema",
        methods: READ,
    },
];

static SYSTEM: &[Endpoint] = &[
    Endpoint {
        name: "session",
        path: "admin/session",
        methods: SESSION,
    },
    Endpoint {
        name: "user",
        path: "user",
        methods: READ,
    },
];

static USERS: &[Endpoint] = &[Endpoint {
    name: "session",
    path: "session",
    methods: SESSION,
}];

/// Answers with what it was called with.
struct Echo {
    config: Map<String, Value>,
    number: usize,
}

#[async_trait]
impl Service for Echo {
    fn endpoints(&self) -> &'static [Endpoint] {
        TABLES
    }

    async fn names(&self, _: &contract::Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let filter = match operation.capture("table_name") {
            "" => None,
            table => request.permit(&format!("_table/{table}"), request.verb)?,
        };
        Ok(Response::value(json!({
            "endpoint": operation.endpoint.name,
            "path": request.path,
            "headers": request.headers.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "params": request.params.0.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "user": request.caller.user.as_ref().map(|u| u.id),
            "role": request.caller.role.as_ref().map(|r| r.name.clone()),
            "filter": filter.map(|f| f.conditions[0].name.clone()),
            "region": request.caller.lookup("region"),
            "config": self.config,
            "instance": self.number,
        })))
    }

    async fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

/// The session endpoints, as thin as the real ones.
struct SessionEndpoints {
    platform: Weak<Platform>,
    administrator: bool,
}

#[async_trait]
impl Service for SessionEndpoints {
    fn endpoints(&self) -> &'static [Endpoint] {
        if self.administrator { SYSTEM } else { USERS }
    }

    async fn names(&self, _: &contract::Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        if operation.endpoint.name == "user" {
            return Ok(Response::value(json!({"resource": []})));
        }
        let platform = self.platform.upgrade().unwrap();
        let sessions = platform.sessions();
        let caller = &request.caller;
        let text = |name: &str| {
            request
                .object()
                .and_then(|o| o.get(name))
                .and_then(Value::as_str)
                .unwrap_or("")
        };
        let value = match operation.verb {
            Verb::Post => {
                let login = Login {
                    peer: None,
                    login: text("email"),
                    password: text("password"),
                    administrator: self.administrator,
                    remember: false,
                    app: caller.app.as_ref().map(|a| a.id),
                    issuer: "http://localhost/session",
                };
                sessions.login(login).await?
            }
            Verb::Put => {
                sessions
                    .refresh(caller, self.administrator, "http://localhost/session")
                    .await?
            }
            Verb::Delete => {
                sessions.logout(caller).await?;
                json!({"success": true})
            }
            _ => sessions.view(caller, self.administrator).await?,
        };
        Ok(Response::value(value))
    }

    async fn check(&self) -> Result<(), Problem> {
        Ok(())
    }
}

const ECHO_FIELDS: &[ConfigField] = &[ConfigField::optional(
    "host",
    "Host",
    ConfigKind::Text,
    "Any text.",
)];

static ECHO_GROUPS: &[&[ConfigField]] = &[ECHO_FIELDS];
const ECHO_CONFIG: ConfigSpec = ConfigSpec { groups: ECHO_GROUPS };

fn types(platform: &Weak<Platform>) -> Vec<ServiceType> {
    let built = Arc::new(AtomicUsize::new(0));
    let kind = |name: &'static str, build: contract::ServiceFactory| ServiceType {
        name,
        label: name,
        group: if name == "echo" { "Database" } else { "System" },
        description: "",
        singleton: false,
        subscription: None,
        config: ECHO_CONFIG,
        build,
    };
    let session = |administrator: bool| -> contract::ServiceFactory {
        let platform = Weak::clone(platform);
        Arc::new(move |_| {
            Ok(Arc::new(SessionEndpoints {
                platform: Weak::clone(&platform),
                administrator,
            }))
        })
    };
    vec![
        kind("system", session(true)),
        kind("user", session(false)),
        kind(
            "echo",
            Arc::new(move |context| {
                let number = built.fetch_add(1, Ordering::Relaxed);
                Ok(Arc::new(Echo {
                    config: context.config,
                    number,
                }))
            }),
        ),
    ]
}

/// A platform and its database.
pub struct Instance {
    pub platform: Arc<Platform>,
    pub store: Arc<Store>,
    _folder: TempDir,
}

impl Instance {
    /// A fresh instance with an administrator, nothing else.
    pub async fn fresh() -> Instance {
        Instance::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Instance {
        let folder = tempfile::tempdir().unwrap();
        let database = sqlite::Sqlite::lazy(sqlite::Open::new(folder.path().join("system.sqlite")));
        let dialect = database.dialect();
        let known = Arc::new(types(&Weak::new()));
        let store = Store::open(Arc::new(database), dialect, Ddl::FLEXIBLE, [7; 32], known)
            .await
            .unwrap();
        let admin = NewAdmin {
            email: ADMIN.0.into(),
            password: ADMIN.1.into(),
            ..NewAdmin::default()
        };
        store.create_first_admin(admin).await.unwrap();
        let store = Arc::new(store);
        let data = folder.path().to_owned();
        let platform = Platform::start(
            Arc::clone(&store),
            types,
            Arc::new(settings),
            data,
            platform::TokenKeys::secret("HS256", b"secret"),
        )
        .await
        .unwrap();
        Instance {
            platform,
            store,
            _folder: folder,
        }
    }

    /// Creates a record in a write of its own and gives its id.
    pub async fn create(&self, entity: Entity, record: Value) -> i64 {
        let tx = self.store.begin(None).await.unwrap();
        let id = tx.create(entity, record.as_object().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Changes a record in a write of its own.
    pub async fn update(&self, entity: Entity, id: i64, record: Value) {
        let tx = self.store.begin(None).await.unwrap();
        tx.update(entity, id, record.as_object().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A service `data` of type `echo`.
    pub async fn echo(&self, name: &str) -> i64 {
        let record =
            json!({"name": name, "label": name, "type": "echo", "is_active": true, "config": {"host": "h"}});
        self.create(Entity::Service, record).await
    }

    /// A role with grants `(service, component, verb_mask, filtered field)`.
    pub async fn role(&self, name: &str, grants: &[(i64, &str, u8, Option<&str>)]) -> i64 {
        let grants: Vec<Value> = grants
            .iter()
            .map(|(service, component, verbs, field)| {
                let filters: Vec<Value> = field
                    .iter()
                    .map(|f| json!({"name": f, "operator": "=", "value": "1"}))
                    .collect();
                json!({"service_id": service, "component": component, "verb_mask": verbs, "requestor_mask": 3,
                       "filters": filters, "filter_op": "AND"})
            })
            .collect();
        let record = json!({"name": name, "is_active": true, "role_service_access_by_role_id": grants});
        self.create(Entity::Role, record).await
    }

    /// An app with a default role; its id and key.
    pub async fn app(&self, name: &str, role: Option<i64>) -> (i64, String) {
        let key = format!("{:0>64}", name.replace('_', "0"));
        let record = json!({"name": name, "is_active": true, "role_id": role, "api_key": key});
        (self.create(Entity::App, record).await, key)
    }

    /// The user [`USER`] with roles by app.
    pub async fn user(&self, roles: &[(i64, i64)]) -> i64 {
        let roles: Vec<Value> = roles
            .iter()
            .map(|(app, role)| json!({"app_id": app, "role_id": role}))
            .collect();
        let record = json!({
            "name": "Ann Lee", "first_name": "Ann", "last_name": "Lee", "email": USER.0, "password": USER.1,
            "is_active": true, "user_to_app_to_role_by_user_id": roles,
        });
        self.create(Entity::User, record).await
    }

    /// Runs a call and gives status and body; for a refusal, its message.
    pub async fn answer(&self, call: Incoming) -> (u16, Value) {
        answer(self.platform.run(call).await)
    }

    /// Logs in and gives the session object.
    pub async fn login(&self, service: &str, who: (&str, &str), headers: &[(&str, &str)]) -> (u16, Value) {
        let mut call = call(Verb::Post, service, headers);
        call.payload = Payload::Value(json!({"email": who.0, "password": who.1}));
        self.answer(call).await
    }

    /// A session token of the administrator.
    pub async fn admin_token(&self) -> String {
        token(&self.login("system/admin/session", ADMIN, &[]).await)
    }
}

pub fn token(session: &(u16, Value)) -> String {
    session.1["session_token"]
        .as_str()
        .unwrap_or_else(|| panic!("no session: {session:?}"))
        .to_owned()
}

pub fn answer(result: Result<Response, Problem>) -> (u16, Value) {
    match result {
        Ok(Response {
            status,
            body: Body::Value(value),
            ..
        }) => (status, value),
        Ok(other) => panic!("a value was expected: {other:?}"),
        Err(problem) => (problem.status(), json!(problem.message)),
    }
}

/// A call of `service/path` with headers.
pub fn call(verb: Verb, target: &str, headers: &[(&str, &str)]) -> Incoming {
    let (service, path) = target.split_once('/').unwrap_or((target, ""));
    Incoming {
        verb,
        service: service.into(),
        path: path.into(),
        trailing_slash: false,
        params: Params::default(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        payload: Payload::None,
        origin: Origin::Api,
        format: Format::Json,
        base_url: "http://localhost".into(),
        peer: None,
    }
}

pub const KEY: &str = "x-dreamfactory-api-key";
pub const TOKEN: &str = "x-dreamfactory-session-token";
