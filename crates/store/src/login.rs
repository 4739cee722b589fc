//! Logins at login services: what was begun, whose account is whose, and what a provider gave.
//!
//! Nothing here raises the generation, except for the users and roles that a login makes.

use crate::schema::Type::{Integer, Name, Text};
use crate::schema::{Table, key, may, must};
use crate::statements::compared;
use crate::write::StoreTx;
use crate::{Entity, Store};
use chrono::Utc;
use contract::{Map, Problem, Value};
use serde_json::json;
use sha2::{Digest, Sha256};
use sql::{BinaryOp, Expr, Scalar};
use std::collections::{HashMap, HashSet};

const BEGUN: &str = "login_begun";
const OWNER: &str = "login_identity";
const TOKENS: &str = "oauth_token_map";
pub(crate) const GROUPS: &str = "role_adldap";

/// Where what a login began with is kept; bound into what is sealed.
const BEGUN_PLACE: &str = "login_begun.content";
const TOKEN_PLACE: &str = "oauth_token_map.token";
const RESPONSE_PLACE: &str = "oauth_token_map.response";

pub(crate) const TABLES: &[Table] = &[
    Table {
        name: BEGUN,
        columns: &[
            must("digest", Name),
            must("service_id", Integer),
            must("content", Text),
            must("ends_at", Integer),
        ],
        audited: false,
        indexes: &[(true, &["digest"]), (false, &["ends_at"])],
    },
    Table {
        name: OWNER,
        columns: &[must("user_id", Integer), must("digest", Name)],
        audited: false,
        indexes: &[(true, &["user_id"])],
    },
    Table {
        name: TOKENS,
        columns: &[
            key(),
            must("user_id", Integer),
            must("service_id", Integer),
            may("token", Text),
            may("response", Text),
        ],
        audited: false,
        indexes: &[(false, &["user_id"]), (false, &["service_id"])],
    },
    Table {
        name: GROUPS,
        columns: &[
            key(),
            must("role_id", Integer),
            must("dn", Text),
            must("dn_key", Name),
        ],
        audited: false,
        indexes: &[(false, &["role_id"]), (false, &["dn_key"])],
    },
];

/// Somebody whom a login service knows, as a user.
#[derive(Debug, Clone)]
pub struct Shadow<'a> {
    /// The column of a user that tells where they log in, of [`crate::LOGIN_SERVICES`].
    pub column: &'static str,
    /// What stands there.
    pub provider: &'a str,
    /// What the provider calls them.
    pub subject: &'a str,
    /// E-mail address by which the user is found; made of the service's name, so that nobody else has it.
    pub email: &'a str,
    /// Attributes of a new user: names.
    pub names: Map<String, Value>,
    /// Login name of the user, and the name in the directory; `None` for those who are known by e-mail alone.
    pub directory: Option<(&'a str, &'a str)>,
    /// Whether a new one may be made.
    pub may_be_new: bool,
    /// Whether the user is an administrator.
    pub is_admin: bool,
}

/// Why somebody is not let in who has proven who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotIn {
    /// They were never here, and no new ones are let in.
    New,
    /// The user of their address is somebody else's: one with a password, of another provider, or of another account.
    Taken,
    /// The user is not active.
    Inactive,
}

/// Which roles a login gives.
#[derive(Debug, Clone, Default)]
pub struct LoginRoles {
    /// Whether all that the user has goes first.
    pub anew: bool,
    /// For every app without one.
    pub default: Option<i64>,
    /// For single apps, as app and role, whatever is there.
    pub apps: Vec<(i64, i64)>,
}

fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl Store {
    /// Keeps what a login at a service was begun with, for so many seconds. Only its digest stands for `state`.
    pub async fn keep_begun(
        &self,
        service: i64,
        state: &str,
        content: &str,
        seconds: u64,
    ) -> Result<(), Problem> {
        let now = Utc::now().timestamp();
        let statements = self.statements();
        statements
            .delete(BEGUN, compared("ends_at", BinaryOp::Lt, now))
            .await?;
        let ends = now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        let row = vec![
            ("digest", Scalar::from(digest(state))),
            ("service_id", Scalar::Int(service)),
            ("content", self.0.cipher.seal(BEGUN_PLACE, content)?.into()),
            ("ends_at", Scalar::Int(ends)),
        ];
        statements.put(BEGUN, row).await
    }

    /// Takes what a login at a service was begun with. Of several who ask, on whatever node, one gets it. `None` when
    /// nothing was begun with this service, or it is over.
    pub async fn take_begun(&self, service: i64, state: &str) -> Result<Option<String>, Problem> {
        let this = Expr::And(vec![
            Expr::eq("digest", digest(state)),
            Expr::eq("service_id", service),
        ]);
        let statements = self.statements();
        let columns = &["digest", "content", "ends_at"];
        let Some(row) = statements.first(BEGUN, columns, this.clone()).await? else {
            return Ok(None);
        };
        if statements.delete(BEGUN, this).await? == 0 || row.int("ends_at") < Some(Utc::now().timestamp()) {
            return Ok(None);
        }
        self.0.cipher.open(BEGUN_PLACE, &row.string("content")).map(Some)
    }

    /// The service with which this was begun.
    pub async fn service_of_begun(&self, state: &str) -> Result<Option<i64>, Problem> {
        let columns = &["digest", "service_id"];
        let row = self
            .statements()
            .first(BEGUN, columns, Expr::eq("digest", digest(state)))
            .await?;
        Ok(row.and_then(|row| row.int("service_id")))
    }

    /// Keeps what a provider gave for a user's account there, in place of what it gave before.
    pub async fn put_oauth_token(
        &self,
        user: i64,
        service: i64,
        token: &str,
        response: &Value,
    ) -> Result<(), Problem> {
        let cipher = &self.0.cipher;
        let (token, response) = (
            cipher.seal(TOKEN_PLACE, token)?,
            cipher.seal(RESPONSE_PLACE, &response.to_string())?,
        );
        let statements = self.statements();
        let this = Expr::And(vec![Expr::eq("user_id", user), Expr::eq("service_id", service)]);
        let set = vec![
            ("token", Expr::Bind(token.clone().into())),
            ("response", Expr::Bind(response.clone().into())),
        ];
        if statements.update(TOKENS, set, this).await? > 0 {
            return Ok(());
        }
        let row = vec![
            ("user_id", Scalar::Int(user)),
            ("service_id", Scalar::Int(service)),
            ("token", token.into()),
            ("response", response.into()),
        ];
        statements.insert(TOKENS, row).await.map(|_| ())
    }

    /// The role of the first of these groups (distinguished names) that has one.
    pub async fn role_of_groups(&self, groups: &[String]) -> Result<Option<i64>, Problem> {
        if groups.is_empty() {
            return Ok(None);
        }
        let keys: Vec<String> = groups.iter().map(|dn| dn_key(dn)).collect();
        let these = Expr::In {
            expr: Box::new(Expr::column("dn_key")),
            values: keys.iter().map(|key| Scalar::from(key.as_str())).collect(),
            negated: false,
        };
        let rows = self
            .statements()
            .find(GROUPS, &["id", "role_id", "dn_key"], Some(these))
            .await?;
        let mut roles: HashMap<String, i64> = HashMap::new();
        for row in rows {
            roles
                .entry(row.string("dn_key"))
                .or_insert(row.int("role_id").unwrap_or_default());
        }
        Ok(keys.iter().find_map(|key| roles.get(key).copied()))
    }
}

/// A distinguished name as it is compared: without case, and without blanks beside its separators.
pub(crate) fn dn_key(dn: &str) -> String {
    let parts: Vec<String> = dn
        .split(',')
        .map(|part| match part.split_once('=') {
            Some((name, value)) => format!("{}={}", name.trim(), value.trim()).to_lowercase(),
            None => part.trim().to_lowercase(),
        })
        .collect();
    parts.join(",")
}

impl StoreTx {
    /// The user of somebody whom a login service knows, made when there is none. Whether something was written, too.
    ///
    /// A user is only theirs who bears the same provider's mark; once the provider's name for the account is known,
    /// nobody with another name gets in by the same address.
    pub async fn shadow(&self, shadow: &Shadow<'_>) -> Result<Result<(i64, bool), NotIn>, Problem> {
        let statements = self.statements();
        let columns = &[
            "id",
            "is_active",
            "is_sys_admin",
            "username",
            "ldap_username",
            "adldap",
            "oauth_provider",
            "saml",
        ];
        let this = Expr::eq("email_key", shadow.email.to_lowercase());
        let Some(row) = statements.first("user", columns, this).await? else {
            return self.new_shadow(shadow).await;
        };
        let id = row.int("id").unwrap_or_default();
        let is_theirs = row.text(shadow.column).as_deref() == Some(shadow.provider);
        if !is_theirs || row.flag("is_sys_admin") != shadow.is_admin {
            return Ok(Err(NotIn::Taken));
        }
        if !row.flag("is_active") {
            return Ok(Err(NotIn::Inactive));
        }
        let owner = statements
            .first(OWNER, &["user_id", "digest"], Expr::eq("user_id", id))
            .await?;
        let written = match owner {
            Some(owner) if owner.string("digest") != digest(shadow.subject) => return Ok(Err(NotIn::Taken)),
            Some(_) => false,
            // Brought over from elsewhere: whoever comes first is the one.
            None => {
                self.own_shadow(id, shadow.subject).await?;
                true
            }
        };
        let named = match shadow.directory {
            Some((username, name))
                if row.text("ldap_username").as_deref() != Some(name)
                    || row.string("username").to_lowercase() != username.to_lowercase() =>
            {
                self.name_of_directory(id, username, name).await?;
                true
            }
            _ => false,
        };
        Ok(Ok((id, written || named)))
    }

    async fn new_shadow(&self, shadow: &Shadow<'_>) -> Result<Result<(i64, bool), NotIn>, Problem> {
        if !shadow.may_be_new {
            return Ok(Err(NotIn::New));
        }
        let entity = match shadow.is_admin {
            true => Entity::Admin,
            false => Entity::User,
        };
        let mut record = shadow.names.clone();
        record.insert("email".into(), shadow.email.into());
        record.insert("is_active".into(), true.into());
        let id = self.create(entity, &record).await?;
        self.set_login_service(id, shadow.column, Some(shadow.provider))
            .await?;
        if let Some((username, name)) = shadow.directory {
            self.name_of_directory(id, username, name).await?;
        }
        self.own_shadow(id, shadow.subject).await?;
        Ok(Ok((id, true)))
    }

    async fn own_shadow(&self, user: i64, subject: &str) -> Result<(), Problem> {
        let row = vec![("user_id", Scalar::Int(user)), ("digest", digest(subject).into())];
        self.statements().put(OWNER, row).await
    }

    /// Sets the names of a directory's user, which follow no rule of ours. A login name that another has already stays
    /// as it is.
    async fn name_of_directory(&self, id: i64, username: &str, name: &str) -> Result<(), Problem> {
        let before = self.audit_view(Entity::User, id).await?;
        let mut set = vec![("ldap_username", Expr::Bind(name.into()))];
        let others = Expr::And(vec![
            Expr::eq("username_key", username.to_lowercase()),
            crate::rules::differs(id),
        ]);
        let statements = self.statements();
        if statements.count("user", Some(others)).await? == 0 {
            set.push(("username", Expr::Bind(username.into())));
            set.push(("username_key", Expr::Bind(username.to_lowercase().into())));
        }
        statements.update("user", set, Expr::eq("id", id)).await?;
        self.note_updated(Entity::User, id, before).await
    }

    /// Gives a user the roles of a login; whether something was written. Roles and apps that are gone are passed over.
    pub async fn give_login_roles(&self, user: i64, roles: &LoginRoles) -> Result<bool, Problem> {
        let statements = self.statements();
        let ids = async |table: &str| -> Result<HashSet<i64>, Problem> {
            let rows = statements.find(table, &["id"], None).await?;
            Ok(rows.iter().filter_map(|row| row.int("id")).collect())
        };
        let (known_apps, known_roles) = (ids("app").await?, ids("role").await?);
        let rows = statements
            .find(
                "user_to_app_to_role",
                &["id", "app_id", "role_id"],
                Some(Expr::eq("user_id", user)),
            )
            .await?;
        let has: HashMap<i64, (i64, i64)> = rows
            .iter()
            .filter_map(|row| Some((row.int("app_id")?, (row.int("id")?, row.int("role_id")?))))
            .collect();
        let mut wanted: HashMap<i64, i64> = match roles.anew {
            true => HashMap::new(),
            false => has.iter().map(|(app, (_, role))| (*app, *role)).collect(),
        };
        for app in &known_apps {
            if let Some(role) = roles.default {
                wanted.entry(*app).or_insert(role);
            }
        }
        wanted.extend(roles.apps.iter().copied());
        wanted.retain(|app, role| known_apps.contains(app) && known_roles.contains(role));
        let mut children: Vec<Value> = Vec::new();
        for (app, role) in &wanted {
            match has.get(app) {
                Some((_, now)) if now == role => {}
                Some((id, _)) => children.push(json!({"id": id, "app_id": app, "role_id": role})),
                None => children.push(json!({"app_id": app, "role_id": role})),
            }
        }
        let gone = has.iter().filter(|(app, _)| !wanted.contains_key(app));
        children.extend(gone.map(|(_, (id, _))| json!({"id": id, "user_id": null})));
        if children.is_empty() {
            return Ok(false);
        }
        let record = Map::from_iter([(
            "user_to_app_to_role_by_user_id".to_owned(),
            Value::Array(children),
        )]);
        self.update(Entity::User, user, &record).await?;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinguished_names_are_compared_without_case_and_blanks() {
        assert_eq!(dn_key("CN=Staff, OU = Groups,dc=Ex"), "cn=staff,ou=groups,dc=ex");
    }
}
