//! Records as they are stored, and bringing records over from elsewhere.
//!
//! What a package, a folder of files or another instance holds is read and written inside a [`StoreTx`], so that what
//! was compared is still true when it is written. Secrets are in clear here: nothing of this may reach an answer.

use crate::entity::{Entity, Fallback, Kind};
use crate::limit::Period;
use crate::statements::Row;
use crate::store::Store;
use crate::write::{LOOKUP_PLACE, StoreTx};
use crate::{config, values};
use contract::{ConfigSpec, Map, Problem, Value};
use serde_json::json;
use sql::{Expr, Scalar};

/// How hashes begin that a login can be checked against.
const HASHES: [&str; 4] = ["$argon2", "$2y$", "$2a$", "$2b$"];

/// Longest text that is taken for a hash.
const LONGEST_HASH: usize = 500;

const SERVICE: &[&str] = &[
    "id",
    "name",
    "label",
    "description",
    "is_active",
    "type",
    "deletable",
    "config",
    "secrets",
];
const SERVICE_DOC: &[&str] = &["id", "service_id", "format", "content"];
const ROLE: &[&str] = &["id", "name", "description", "is_active"];
const APP: &[&str] = &[
    "id",
    "name",
    "api_key",
    "description",
    "is_active",
    "type",
    "path",
    "url",
    "storage_service_id",
    "storage_container",
    "requires_fullscreen",
    "allow_fullscreen_toggle",
    "toggle_location",
    "role_id",
];
const USER: &[&str] = &[
    "id",
    "name",
    "username",
    "ldap_username",
    "first_name",
    "last_name",
    "email",
    "password",
    "is_active",
    "phone",
    "security_question",
    "security_answer",
    "default_app_id",
    "is_sys_admin",
    "adldap",
    "oauth_provider",
    "saml",
];

/// The columns of a user that say which login service made the account. No client writes them.
pub const LOGIN_SERVICES: [&str; 3] = ["adldap", "oauth_provider", "saml"];
const LOOKUP: &[&str] = &[
    "id",
    "app_id",
    "role_id",
    "user_id",
    "name",
    "value",
    "private",
    "description",
];
const CUSTOM: &[&str] = &["id", "name", "value"];
const USER_CUSTOM: &[&str] = &["id", "user_id", "name", "value"];
const CORS: &[&str] = &[
    "id",
    "path",
    "description",
    "origin",
    "header",
    "exposed_header",
    "method",
    "max_age",
    "supports_credentials",
    "enabled",
];
const EVENT_SCRIPT: &[&str] = &[
    "id",
    "name",
    "type",
    "is_active",
    "allow_event_modification",
    "content",
    "config",
    "storage_service_id",
    "storage_path",
    "scm_repository",
    "scm_reference",
];

impl Entity {
    /// All that is stored of a record, but not who wrote it and when.
    fn stored(self) -> &'static [&'static str] {
        match self {
            Entity::Service => SERVICE,
            Entity::ServiceDoc => SERVICE_DOC,
            Entity::Role => ROLE,
            Entity::Access => crate::policy::ACCESS,
            Entity::Group => self.shape().columns,
            Entity::App => APP,
            Entity::Admin | Entity::User => USER,
            Entity::Assignment => self.shape().columns,
            Entity::Lookup => LOOKUP,
            Entity::Custom => CUSTOM,
            Entity::UserCustom => USER_CUSTOM,
            Entity::Cors => CORS,
            Entity::EmailTemplate => crate::template::COLUMNS,
            Entity::EventScript => EVENT_SCRIPT,
            Entity::Limit => crate::limit::STORED,
            Entity::Task => crate::scheduler::STORED,
        }
    }

    /// The values of attributes that a new record is not given; those that are null, or decided by a rule, are left
    /// out.
    pub fn defaults(self) -> Map<String, Value> {
        let attributes = self.shape().attributes.iter();
        let value = |fallback| match fallback {
            Fallback::Null | Fallback::Rule => None,
            Fallback::Flag(flag) => Some(json!(flag)),
            Fallback::Int(number) => Some(json!(number)),
            Fallback::Text(text) => Some(json!(text)),
        };
        attributes
            .filter_map(|a| Some((a.name.to_owned(), value(a.fallback)?)))
            .collect()
    }
}

impl Store {
    /// The configuration of a service type; `None` when this build does not have it.
    pub fn config_spec(&self, kind: &str) -> Option<ConfigSpec> {
        self.0.types.config(kind)
    }
}

impl StoreTx {
    /// The store that this writes to.
    pub fn of_store(&self) -> &Store {
        self.store()
    }

    /// All rows of an entity's table in id order, with their ids, references and children's owners; of services the
    /// whole configuration, and of users the hashes. Administrators and users are rows of one table, told apart by
    /// `is_sys_admin`, and lookups of all owners are given.
    pub async fn rows(&self, entity: Entity) -> Result<Vec<Map<String, Value>>, Problem> {
        let rows = self
            .statements()
            .find(entity.table(), entity.stored(), None)
            .await?;
        rows.iter().map(|row| self.record(entity, row)).collect()
    }

    fn record(&self, entity: Entity, row: &Row) -> Result<Map<String, Value>, Problem> {
        let cipher = &self.store().0.cipher;
        let attributes = entity.shape().attributes;
        let mut record = Map::new();
        for column in entity.stored() {
            let attribute = attributes.iter().find(|a| a.name == *column);
            let value = match (entity, *column) {
                (Entity::Service, "secrets") => continue,
                (Entity::Service, "config") => {
                    let spec = self.store().config_spec(&row.string("type"));
                    Value::Object(config::open(cipher, spec, row)?)
                }
                (Entity::Lookup, "value") => match row.text(column) {
                    Some(sealed) => json!(cipher.open(LOOKUP_PLACE, &sealed)?),
                    None => Value::Null,
                },
                (Entity::Limit, "period") => json!(row.int(column).and_then(Period::of).map(Period::name)),
                (_, "is_sys_admin" | "deletable") => json!(row.flag(column)),
                _ => cell(attribute.map(|a| a.kind), row.cell(column)),
            };
            record.insert((*column).to_owned(), value);
        }
        Ok(record)
    }

    /// Gives a user the hashes of a password and of an answer to the security question that were made elsewhere; what
    /// is `None` stays. A new password ends the user's sessions. 400 when a text is no hash that a login can be
    /// checked against.
    pub async fn set_hashes(
        &self,
        user: i64,
        password: Option<&str>,
        answer: Option<&str>,
    ) -> Result<(), Problem> {
        if ![password, answer].into_iter().flatten().all(is_hash) {
            return Err(Problem::bad_request(
                "A password hash must be one of argon2 or bcrypt, as '$argon2id$…' or '$2y$…'.",
            ));
        }
        if let Some(answer) = answer {
            let before = self.audit_view(Entity::User, user).await?;
            let set = vec![("security_answer", Expr::Bind(answer.into()))];
            self.statements()
                .update("user", set, Expr::eq("id", user))
                .await?;
            self.note_updated(Entity::User, user, before).await?;
        }
        match password {
            Some(hash) => self.set_password(user, hash.to_owned()).await,
            None => Ok(()),
        }
    }

    /// Says which login service made a user's account elsewhere, by a column of [`LOGIN_SERVICES`]; others are passed
    /// over.
    pub async fn set_login_service(
        &self,
        user: i64,
        column: &str,
        service: Option<&str>,
    ) -> Result<(), Problem> {
        let Some(column) = LOGIN_SERVICES.into_iter().find(|known| *known == column) else {
            return Ok(());
        };
        let before = self.audit_view(Entity::User, user).await?;
        let value = service.map_or(Scalar::Null, Scalar::from);
        self.statements()
            .update("user", vec![(column, Expr::Bind(value))], Expr::eq("id", user))
            .await?;
        self.note_updated(Entity::User, user, before).await
    }
}

/// Whether a text is a hash that a login can be checked against.
pub fn is_hash(text: &str) -> bool {
    HASHES.iter().any(|start| text.starts_with(start)) && text.len() <= LONGEST_HASH
}

/// A cell as a record shows it.
fn cell(kind: Option<Kind>, cell: &Scalar) -> Value {
    let text = || cell.to_text().unwrap_or_default();
    match (kind, cell) {
        (_, Scalar::Null) => Value::Null,
        (Some(Kind::Flag), _) => json!(cell.to_int().is_some_and(|n| n != 0)),
        (Some(Kind::Json), _) => serde_json::from_str(&text()).unwrap_or_default(),
        (Some(Kind::Open | Kind::List), _) => values::opened(&text()),
        (Some(Kind::Int | Kind::Verbs) | None, _) => match cell.to_int() {
            Some(number) => json!(number),
            None => json!(text()),
        },
        (Some(Kind::Text(_) | Kind::Cut(_)), _) => json!(text()),
    }
}
