//! Signatures first; bodies follow.

use crate::{PolicyRows, UserRow};
use contract::Problem;
use std::sync::Arc;

/// How column types are written in the system database.
#[derive(Debug, Clone, Copy)]
pub struct Ddl {}

/// What the store must know of service types.
pub trait ServiceTypes: Send + Sync {
    /// The keys of a type's configuration that are encrypted at rest.
    fn secrets(&self, kind: &str) -> Vec<&'static str>;
}

/// The first administrator.
#[derive(Debug, Clone, Default)]
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

/// Numbers for the public status.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// Apps.
    pub app: i64,
    /// Administrators.
    pub admin: i64,
    /// Users that are no administrators.
    pub user: i64,
    /// Services.
    pub service: i64,
    /// Roles.
    pub role: i64,
    /// `YYYY-MM-DD hh:mm:ss` of the last login of an administrator.
    pub last_admin_login: Option<String>,
}

/// The system database. Cheap to clone.
#[derive(Clone)]
pub struct Store {}

impl Store {
    /// Migrates, seeds at the first start.
    pub async fn open(
        _driver: Arc<dyn driver::Driver>,
        _dialect: &'static dyn sql::Dialect,
        _ddl: Ddl,
        _key: [u8; 32],
        _types: Arc<dyn ServiceTypes>,
    ) -> Result<Store, Problem> {
        unimplemented!()
    }

    /// The generation that this process knows of: raised by every committed write of policy.
    pub fn generation(&self) -> i64 {
        unimplemented!()
    }

    /// Reads the generation from the database, for writes of other nodes, and publishes it.
    pub async fn poll_generation(&self) -> Result<i64, Problem> {
        unimplemented!()
    }

    /// Everything that decides calls, in one transaction.
    pub async fn policy(&self) -> Result<PolicyRows, Problem> {
        unimplemented!()
    }

    /// A user or administrator.
    pub async fn user(&self, _id: i64) -> Result<Option<UserRow>, Problem> {
        unimplemented!()
    }

    /// A user or administrator by e-mail or login name, without case.
    pub async fn user_by_login(&self, _by_username: bool, _text: &str) -> Result<Option<UserRow>, Problem> {
        unimplemented!()
    }

    /// Whether an active administrator exists.
    pub async fn admin_exists(&self) -> Result<bool, Problem> {
        unimplemented!()
    }

    /// Creates the first administrator; 400 when one exists, or for bad input.
    pub async fn create_first_admin(&self, _admin: NewAdmin) -> Result<i64, Problem> {
        unimplemented!()
    }

    /// Notes a login (`YYYY-MM-DD hh:mm:ss`). Does not raise the generation.
    pub async fn touch_last_login(&self, _id: i64, _at: &str) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Replaces a hash by a better one of the same password. Sessions stay; does not raise the generation.
    pub async fn upgrade_password_hash(&self, _id: i64, _hash: &str) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Sets a new password (checked for length, hashed) and ends all sessions of the user: raises `token_epoch`.
    pub async fn change_password(&self, _id: i64, _password: &str) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Refuses a token until it would have expired anyway. Does not raise the generation: the caller keeps its own set.
    pub async fn revoke(&self, _jti: &str, _user_id: i64, _expires_at: i64) -> Result<(), Problem> {
        unimplemented!()
    }

    /// The refused tokens that have not expired; forgets the others.
    pub async fn revoked(&self, _now: i64) -> Result<Vec<String>, Problem> {
        unimplemented!()
    }

    /// Numbers for the public status.
    pub async fn counts(&self) -> Result<Counts, Problem> {
        unimplemented!()
    }
}
