//! Users as login and sessions need them, and the writes that login makes.

use crate::password;
use crate::rows::{Assignment, UserRow};
use crate::statements::Row;
use crate::store::Store;
use crate::write::StoreTx;
use crate::{CodeCheck, Entity, LOGIN_SERVICES, confirmation, values};
use contract::{Map, Problem, Value};
use sql::{BinaryOp, Expr, Scalar};

/// The first administrator.
#[derive(Clone, Default)]
pub struct NewAdmin {
    /// E-mail.
    pub email: String,
    /// Password, at least 16 characters.
    pub password: String,
    /// Display name; made of the others when absent.
    pub name: Option<String>,
    /// Login name; the e-mail when absent.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

const USER: &[&str] = &[
    "id",
    "name",
    "username",
    "first_name",
    "last_name",
    "email",
    "phone",
    "is_sys_admin",
    "is_active",
    "last_login_date",
    "password",
    "token_epoch",
    "security_question",
    "default_app_id",
    "adldap",
    "oauth_provider",
    "saml",
];

impl Store {
    /// A user or administrator.
    pub async fn user(&self, id: i64) -> Result<Option<UserRow>, Problem> {
        self.user_where(Expr::eq("id", id)).await
    }

    /// A user or administrator by e-mail or login name, without case.
    pub async fn user_by_login(&self, by_username: bool, text: &str) -> Result<Option<UserRow>, Problem> {
        let column = if by_username { "username_key" } else { "email_key" };
        self.user_where(Expr::eq(column, text.to_lowercase())).await
    }

    async fn user_where(&self, filter: Expr) -> Result<Option<UserRow>, Problem> {
        let statements = self.statements();
        let Some(row) = statements.first("user", USER, filter).await? else {
            return Ok(None);
        };
        let mut user = user(&row);
        let columns = &["id", "app_id", "role_id"];
        let rows = statements
            .find("user_to_app_to_role", columns, Some(Expr::eq("user_id", user.id)))
            .await?;
        user.assignments = rows
            .iter()
            .filter_map(|r| {
                Some(Assignment {
                    app_id: r.int("app_id")?,
                    role_id: r.int("role_id")?,
                })
            })
            .collect();
        Ok(Some(user))
    }

    /// Whether an active administrator exists.
    pub async fn admin_exists(&self) -> Result<bool, Problem> {
        let active = Expr::And(vec![Expr::eq("is_sys_admin", true), Expr::eq("is_active", true)]);
        Ok(self.statements().count("user", Some(active)).await? > 0)
    }

    /// Creates the first administrator. Fails with 400 for bad input, and with 409 when an active one exists, also
    /// when two calls race.
    pub async fn create_first_admin(&self, admin: NewAdmin) -> Result<i64, Problem> {
        let mut record = Map::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                record.insert(name.into(), Value::String(value));
            }
        };
        put("email", Some(admin.email));
        put("password", Some(admin.password));
        put("name", admin.name);
        put("username", admin.username);
        put("first_name", admin.first_name);
        put("last_name", admin.last_name);
        put("phone", admin.phone);
        if record.get("password").is_none_or(|p| p == "") {
            let mut errors = values::FieldErrors::default();
            errors.add("password", values::required("password"));
            errors.check()?;
        }
        let tx = self.begin(None).await?;
        if tx.other_admins(None).await? > 0 {
            return Err(Problem::new(
                contract::Kind::Conflict,
                "This instance has an administrator already.",
            ));
        }
        let id = tx.create(Entity::Admin, &record).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Notes a login (`YYYY-MM-DD hh:mm:ss`), which also closes an open confirmation code. Does not raise the
    /// generation.
    pub async fn touch_last_login(&self, id: i64, at: &str) -> Result<(), Problem> {
        let set = vec![
            ("last_login_date", Expr::Bind(at.into())),
            ("confirm_code", Expr::Bind(Scalar::Null)),
            ("confirmed", Expr::Bind(true.into())),
        ];
        let statements = self.statements();
        statements.update("user", set, Expr::eq("id", id)).await?;
        confirmation::close(&statements, id).await
    }

    /// Replaces an outdated hash by a better one of the same password. Sessions stay; the generation is not raised.
    /// A hash that is not outdated stays too: the password was changed in the meantime.
    pub async fn upgrade_password_hash(&self, id: i64, hash: &str) -> Result<(), Problem> {
        let current = Expr::Like {
            expr: Box::new(Expr::column("password")),
            pattern: format!("{}%", password::current_prefix()),
            negated: true,
        };
        let outdated = Expr::And(vec![Expr::eq("id", id), current]);
        self.statements()
            .update("user", vec![("password", Expr::Bind(hash.into()))], outdated)
            .await?;
        Ok(())
    }

    /// Sets a new password, ends all sessions of the user (raises `token_epoch`) and closes an open confirmation
    /// code. The least length is the caller's matter, because the original asks for none here; an empty password
    /// is refused.
    pub async fn change_password(&self, id: i64, password: &str) -> Result<(), Problem> {
        let hash = hash_of(password).await?;
        let tx = self.begin(Some(id)).await?;
        tx.set_password(id, hash).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The same, if this is the code that is open for the user. The code is used up with the change.
    pub async fn change_password_by_code(
        &self,
        id: i64,
        code: &str,
        password: &str,
    ) -> Result<CodeCheck, Problem> {
        let check = self.check_code(id, code).await?;
        if check != CodeCheck::Right {
            return Ok(check);
        }
        let hash = hash_of(password).await?;
        let tx = self.begin(Some(id)).await?;
        if !tx.use_code(id, code).await? {
            tx.rollback().await?;
            return Ok(CodeCheck::Wrong);
        }
        tx.set_password(id, hash).await?;
        tx.commit().await?;
        Ok(CodeCheck::Right)
    }

    /// The hash of the answer to a user's security question; `None` when there is no such user, or no answer.
    pub async fn answer_hash(&self, id: i64) -> Result<Option<String>, Problem> {
        let row = self
            .statements()
            .first("user", &["id", "security_answer"], Expr::eq("id", id))
            .await?;
        Ok(row.and_then(|row| row.text("security_answer")))
    }

    /// Refuses a token until it would have expired anyway. Does not raise the generation: this process keeps the
    /// set it checks in memory.
    pub async fn revoke(&self, jti: &str, user_id: i64, expires_at: i64) -> Result<(), Problem> {
        let statements = self.statements();
        if statements
            .count("revoked_token", Some(Expr::eq("jti", jti)))
            .await?
            > 0
        {
            return Ok(());
        }
        let row = vec![
            ("jti", jti.into()),
            ("user_id", user_id.into()),
            ("expires_at", expires_at.into()),
        ];
        match statements.put("revoked_token", row).await {
            // Two logouts with one token at the same moment: it is revoked, which is all that was asked.
            Err(problem) if problem.status() == 400 => Ok(()),
            other => other,
        }
    }

    /// Forgets refused tokens that have expired at `now` (Unix seconds) anyway.
    pub async fn forget_expired_tokens(&self, now: i64) -> Result<(), Problem> {
        let past = Expr::Binary(
            Box::new(Expr::column("expires_at")),
            BinaryOp::Lt,
            Box::new(Expr::Bind(Scalar::Int(now))),
        );
        self.statements().delete("revoked_token", past).await?;
        Ok(())
    }

    /// The refused tokens that have not expired at `now` (Unix seconds).
    pub async fn revoked(&self, now: i64) -> Result<Vec<String>, Problem> {
        let statements = self.statements();
        let open = Expr::Binary(
            Box::new(Expr::column("expires_at")),
            BinaryOp::Ge,
            Box::new(Expr::Bind(Scalar::Int(now))),
        );
        Ok(statements
            .find("revoked_token", &["jti"], Some(open))
            .await?
            .iter()
            .map(|r| r.string("jti"))
            .collect())
    }
}

impl StoreTx {
    pub(crate) async fn set_password(&self, id: i64, hash: String) -> Result<(), Problem> {
        let statements = self.statements();
        let row = statements
            .first("user", &["id", "token_epoch"], Expr::eq("id", id))
            .await?;
        let row = row.ok_or_else(|| Problem::not_found("User not found."))?;
        let set = vec![
            ("password", Expr::Bind(hash.into())),
            ("confirm_code", Expr::Bind(Scalar::Null)),
            ("confirmed", Expr::Bind(true.into())),
            (
                "token_epoch",
                Expr::Bind(Scalar::Int(row.int("token_epoch").unwrap_or(0) + 1)),
            ),
            ("last_modified_date", Expr::Bind(crate::clock::stamp().into())),
        ];
        let before = self.audit_view(Entity::User, id).await?;
        statements.update("user", set, Expr::eq("id", id)).await?;
        confirmation::close(&statements, id).await?;
        self.note_updated(Entity::User, id, before).await
    }
}

async fn hash_of(password: &str) -> Result<String, Problem> {
    if password.is_empty() {
        return Err(Problem::bad_request("Missing new password for reset."));
    }
    password::hash(password.to_owned()).await
}

fn user(row: &Row) -> UserRow {
    UserRow {
        id: row.int("id").unwrap_or_default(),
        name: row.string("name"),
        username: row.text("username"),
        first_name: row.text("first_name"),
        last_name: row.text("last_name"),
        email: row.string("email"),
        phone: row.text("phone"),
        is_sys_admin: row.flag("is_sys_admin"),
        is_active: row.flag("is_active"),
        last_login_date: row.text("last_login_date"),
        password_hash: row.text("password"),
        token_epoch: row.int("token_epoch").unwrap_or_default(),
        login_service: LOGIN_SERVICES
            .iter()
            .find_map(|column| row.text(column).filter(|name| !name.is_empty())),
        security_question: row.text("security_question"),
        default_app_id: row.int("default_app_id"),
        assignments: Vec::new(),
    }
}
