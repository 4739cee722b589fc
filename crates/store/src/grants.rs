//! Who may do what and what is private, as a transaction sees it: for judging a write by what it would change.

use crate::policy;
use crate::rows::AccessRow;
use crate::write::StoreTx;
use contract::Problem;
use sql::Expr;
use std::collections::{HashMap, HashSet};

/// All grants, and who has them.
#[derive(Clone, Default)]
pub struct Grants {
    /// Rows of roles by their id: the role, and what is granted.
    pub access: HashMap<i64, (i64, AccessRow)>,
    /// Whether roles are active, by id.
    pub roles: HashMap<i64, bool>,
    /// Default roles of apps, by app.
    pub apps: HashMap<i64, i64>,
    /// Keys of apps, by app.
    pub keys: HashMap<i64, String>,
    /// Roles of users, by user and app.
    pub users: HashMap<(i64, i64), i64>,
    /// Groups of directories whose members get a role, by their rows: the group and the role.
    pub groups: HashMap<i64, (String, i64)>,
    /// Administrators, with a role or without.
    pub admins: HashSet<i64>,
    /// Types and stored configurations of services, by id: some say who gets in, and with which roles.
    pub services: HashMap<i64, (String, String)>,
    /// Sealed values of lookups by id, and whether they are private.
    pub lookups: HashMap<i64, (bool, String)>,
}

impl Grants {
    /// What a role grants.
    pub fn of_role(&self, role: i64) -> impl Iterator<Item = &AccessRow> {
        self.access
            .values()
            .filter(move |(owner, _)| *owner == role)
            .map(|(_, row)| row)
    }
}

impl StoreTx {
    /// All grants as they are now, this transaction's own writes included.
    pub async fn grants(&self) -> Result<Grants, Problem> {
        let statements = self.statements();
        let mut grants = Grants::default();
        for row in statements
            .find("role_service_access", policy::ACCESS, None)
            .await?
        {
            let (id, role) = (row.int("id"), row.int("role_id"));
            if let Some((id, role)) = id.zip(role) {
                grants.access.insert(id, (role, policy::access(&row)?));
            }
        }
        for row in statements.find("role", &["id", "is_active"], None).await? {
            grants
                .roles
                .insert(row.int("id").unwrap_or_default(), row.flag("is_active"));
        }
        for row in statements
            .find("app", &["id", "role_id", "api_key"], None)
            .await?
        {
            let Some(app) = row.int("id") else { continue };
            grants.keys.insert(app, row.string("api_key"));
            if let Some(role) = row.int("role_id") {
                grants.apps.insert(app, role);
            }
        }
        let columns = &["id", "user_id", "app_id", "role_id"];
        for row in statements.find("user_to_app_to_role", columns, None).await? {
            if let (Some(user), Some(app), Some(role)) =
                (row.int("user_id"), row.int("app_id"), row.int("role_id"))
            {
                grants.users.insert((user, app), role);
            }
        }
        let columns = &["id", "dn_key", "role_id"];
        for row in statements.find(crate::login::GROUPS, columns, None).await? {
            if let Some((id, role)) = row.int("id").zip(row.int("role_id")) {
                grants.groups.insert(id, (row.string("dn_key"), role));
            }
        }
        let admins = Some(Expr::eq("is_sys_admin", true));
        let admins = statements.find("user", &["id"], admins).await?;
        grants.admins = admins.iter().filter_map(|row| row.int("id")).collect();
        let columns = &["id", "type", "config", "secrets"];
        for row in statements.find("service", columns, None).await? {
            let Some(id) = row.int("id") else { continue };
            let config = format!("{}\n{}", row.string("config"), row.string("secrets"));
            grants.services.insert(id, (row.string("type"), config));
        }
        let columns = &["id", "private", "value"];
        for row in statements.find("lookup", columns, None).await? {
            if let Some((id, value)) = row.int("id").zip(row.text("value")) {
                grants.lookups.insert(id, (row.flag("private"), value));
            }
        }
        Ok(grants)
    }

    /// Active administrators without a role, besides one.
    pub(crate) async fn other_unrestricted(&self, but: Option<i64>) -> Result<usize, Problem> {
        let statements = self.statements();
        let active = Expr::And(vec![Expr::eq("is_sys_admin", true), Expr::eq("is_active", true)]);
        let admins = statements.find("user", &["id"], Some(active)).await?;
        let bound = statements
            .find("user_to_app_to_role", &["id", "user_id"], None)
            .await?;
        let is_bound = |id| bound.iter().any(|row| row.int("user_id") == Some(id));
        let ids = admins.iter().filter_map(|row| row.int("id"));
        Ok(ids.filter(|id| Some(*id) != but && !is_bound(*id)).count())
    }
}
