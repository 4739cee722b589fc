//! Whom a service lets in, and with which roles.

use crate::Column;
use contract::{BuildContext, Map, ServiceRef, Value};
use std::sync::Arc;

/// How groups lead to roles.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum GroupRoles {
    /// They do not.
    #[default]
    None,
    /// By the distinguished names that roles have (`role_adldap`). Like a default role it only fills gaps.
    OfDirectory,
    /// By this list of groups and roles, which decides anew at every login.
    Listed(Vec<(String, i64)>),
}

/// Whom a service lets in, and with which roles: what its configuration says of that.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The service. Its name is part of its users' addresses.
    pub service: Arc<ServiceRef>,
    /// The column of a user that tells where they log in.
    pub column: Column,
    /// What stands there: `github`, `ldap`, …
    pub provider: &'static str,
    /// Role for every app for which a user has none.
    pub default_role: Option<i64>,
    /// Roles for single apps, as app and role: they replace what a user has.
    pub app_roles: Vec<(i64, i64)>,
    /// Whether somebody who was never here gets a user.
    pub allow_new_users: bool,
    /// How groups lead to roles.
    pub groups: GroupRoles,
    /// Whether those whom it lets in are administrators. They get no roles.
    pub administrators: bool,
}

impl Admission {
    /// Reads the common fields of a configuration: [`crate::DEFAULT_ROLE`], [`crate::APP_ROLE_MAP`],
    /// [`crate::ALLOW_NEW_USERS`]. Groups lead to no roles; who has such a field sets `groups`.
    pub fn new(context: &BuildContext, column: Column, provider: &'static str) -> Admission {
        let config = &context.config;
        let id = |map: &Map<String, Value>, name: &str| map.get(name).and_then(Value::as_i64);
        let rows = config.get("app_role_map").and_then(Value::as_array);
        let app_roles = rows.into_iter().flatten().filter_map(Value::as_object);
        Admission {
            service: Arc::clone(&context.service),
            column,
            provider,
            default_role: id(config, "default_role"),
            app_roles: app_roles
                .filter_map(|row| Some((id(row, "app_id")?, id(row, "role_id")?)))
                .collect(),
            allow_new_users: config.get("allow_new_users") != Some(&Value::Bool(false)),
            groups: GroupRoles::None,
            administrators: false,
        }
    }
}
