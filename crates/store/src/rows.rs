//! The rows that make up an instance's policy and identity, as the rest of the house sees them.

use contract::{Map, Value};

/// A service.
#[derive(Debug, Clone)]
pub struct ServiceRow {
    /// Primary key.
    pub id: i64,
    /// Unique name in paths.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// Description for people.
    pub description: Option<String>,
    /// Inactive services answer 403.
    pub is_active: bool,
    /// Name of the service type.
    pub kind: String,
    /// Configuration with secrets in clear. Never leaves the server.
    pub config: Map<String, Value>,
}

/// A role.
#[derive(Debug, Clone)]
pub struct RoleRow {
    /// Primary key.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// Inactive roles refuse everything.
    pub is_active: bool,
    /// What it grants.
    pub access: Vec<AccessRow>,
}

/// One grant of a role.
#[derive(Debug, Clone)]
pub struct AccessRow {
    /// Primary key.
    pub id: i64,
    /// Service; `None` is all services.
    pub service_id: Option<i64>,
    /// Component as written, slashes at the ends included; empty is the root.
    pub component: String,
    /// Verb bits.
    pub verb_mask: u8,
    /// Requestor bits: API 1, script 2.
    pub requestor_mask: u8,
    /// Row filter as stored: `[{"name","operator","value"}]`.
    pub filters: Vec<contract::RowCondition>,
    /// `OR` instead of `AND`.
    pub any: bool,
}

/// An app: an API key.
#[derive(Debug, Clone)]
pub struct AppRow {
    /// Primary key.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// The key.
    pub api_key: String,
    /// Inactive apps answer 403.
    pub is_active: bool,
    /// Default role.
    pub role_id: Option<i64>,
}

/// A user or administrator, without anything secret but the hash that login needs.
#[derive(Debug, Clone)]
pub struct UserRow {
    /// Primary key.
    pub id: i64,
    /// Display name.
    pub name: String,
    /// Login name.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address, unique without case.
    pub email: String,
    /// Telephone.
    pub phone: Option<String>,
    /// Whether this is an administrator.
    pub is_sys_admin: bool,
    /// Inactive users cannot log in, and their tokens are refused.
    pub is_active: bool,
    /// `YYYY-MM-DD hh:mm:ss`, UTC.
    pub last_login_date: Option<String>,
    /// Stored password hash (argon2id, or bcrypt brought over); `None` when no password is set.
    pub password_hash: Option<String>,
    /// Raised by everything that ends this user's sessions (new password, deactivation). A token carries the
    /// number that was current when it was made, and is refused when the two differ.
    pub token_epoch: i64,
    /// The login service that made the account: nobody logs in to it with a password.
    pub login_service: Option<String>,
    /// Security question.
    pub security_question: Option<String>,
    /// App that a console opens with.
    pub default_app_id: Option<i64>,
    /// Role by app: rows of `user_to_app_to_role`, in id order.
    pub assignments: Vec<Assignment>,
}

/// Which role a user has for an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    /// App.
    pub app_id: i64,
    /// Role.
    pub role_id: i64,
}

/// A lookup key of the system, an app, a role or a user.
#[derive(Debug, Clone)]
pub struct LookupRow {
    /// Name.
    pub name: String,
    /// Value in clear.
    pub value: Option<String>,
    /// Private values are only put into service configurations.
    pub private: bool,
    /// Owner: app.
    pub app_id: Option<i64>,
    /// Owner: role.
    pub role_id: Option<i64>,
    /// Owner: user.
    pub user_id: Option<i64>,
}

/// A rule for calls from pages of other origins.
#[derive(Debug, Clone)]
pub struct CorsRow {
    /// Primary key.
    pub id: i64,
    /// Paths that it is for: `*` stands for any text; after a `^` a regular expression.
    pub path: String,
    /// Origins between commas.
    pub origin: String,
    /// Allowed request headers between commas.
    pub header: String,
    /// Response headers that a page may read, between commas.
    pub exposed_header: String,
    /// Bits of the allowed verbs.
    pub method: i64,
    /// Seconds for which a browser may keep the answer.
    pub max_age: i64,
    /// Whether credentials may be sent along.
    pub supports_credentials: bool,
}

/// Everything that decides calls, read in one transaction.
#[derive(Debug, Clone, Default)]
pub struct PolicyRows {
    /// The generation these rows belong to.
    pub generation: i64,
    /// Services in id order.
    pub services: Vec<ServiceRow>,
    /// Roles.
    pub roles: Vec<RoleRow>,
    /// Apps.
    pub apps: Vec<AppRow>,
    /// Lookup keys.
    pub lookups: Vec<LookupRow>,
    /// Rules for calls from other origins that are switched on, in id order.
    pub cors: Vec<CorsRow>,
    /// Active rate limits in id order.
    pub limits: Vec<crate::LimitRow>,
}
