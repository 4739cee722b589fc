//! Login services: from somebody whom another system knows to a user of this instance, whatever that system is.
//!
//! A connector implements [`Directory`] (name and password are asked of a directory) or [`Provider`] (the browser is
//! sent elsewhere and comes back) and hands it to [`DirectoryService`] or [`ProviderService`]. What becomes of an
//! [`Identity`] (user, roles, session) is decided in one place behind [`Accounts`].
//!
//! Invariants: knows no protocol, no vendor and no database. Who somebody is comes from the login service's server
//! alone, never from a parameter of the call. What was begun is ended once, within its time, and a browser is only led
//! on with a session if it is the one that began. Browsers are led to addresses of the configuration, or to hosts that
//! it allows.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod admission;
mod attempt;
mod config;
mod directory;
mod landing;
mod provider;

pub use admission::{Admission, GroupRoles};
pub use attempt::Attempt;
pub use config::{ALLOW_NEW_USERS, APP_ROLE_MAP, DEFAULT_ROLE, ICON_CLASS};
pub use directory::{Directory, DirectoryService, missing};
pub use landing::{redirect, with_parameter};
pub use provider::{Provider, ProviderService, callback, state};

use async_trait::async_trait;
use contract::{Map, Problem, Request, ServiceRef, ServiceType, Value};

/// Group of the service types that send browsers to a provider and get them back.
pub const OAUTH: &str = "OAuth";
/// Group of the service types that ask a directory for a name and a password.
pub const LDAP: &str = "LDAP";
/// Group of the service types that others begin a login with.
pub const SSO: &str = "SSO";

/// How people log in with the services of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// By a button that leads to a provider: `user/session?service=…`.
    Provider,
    /// By a name and a password, sent to `user/session` with the service.
    Directory,
    /// By a button that leads to `{service}/sso`.
    Assertion,
}

impl Login {
    /// How people log in with services of this type; `None` when that is not begun here. The group of a type says it;
    /// of single sign-on only what has a button, and so an icon.
    pub fn of(kind: &ServiceType) -> Option<Login> {
        match kind.group {
            OAUTH => Some(Login::Provider),
            LDAP => Some(Login::Directory),
            SSO => kind
                .config
                .fields()
                .any(|field| field.name == ICON_CLASS.name)
                .then_some(Login::Assertion),
            _ => None,
        }
    }
}

/// Which column of a user tells where they log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `oauth_provider`.
    OauthProvider,
    /// `adldap`.
    Adldap,
    /// `saml`.
    Saml,
}

/// What a login service knows of somebody who logged in. Only what the service's server has proven.
#[derive(Clone, Default)]
pub struct Identity {
    /// What the provider calls them, and nobody else ever: a number, `sub`, a name in a directory.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// What they are called, where there is no name.
    pub nickname: Option<String>,
    /// First name, where the provider tells it; else it is made of the name.
    pub first_name: Option<String>,
    /// Last name, in the same way.
    pub last_name: Option<String>,
    /// E-mail address, where the provider tells one.
    pub email: Option<String>,
    /// Where there is no e-mail address, the domain of the one that is made up; else the service's name with `.com`.
    pub domain: Option<String>,
    /// Name with which they logged in at a directory; `None` for those who never sent one.
    pub username: Option<String>,
    /// The groups that they are in, as the roles of the configuration name them, the one that counts most first.
    pub groups: Vec<String>,
    /// What the answer of a login tells besides: `oauth_token`, `id_token`, `groupMembership`.
    pub shown: Map<String, Value>,
    /// What is kept in `oauth_token_map`.
    pub token: Option<Token>,
}

/// What a provider gave for an account there.
#[derive(Clone)]
pub struct Token {
    /// The access token.
    pub token: String,
    /// The provider's answer as it came.
    pub response: Value,
}

/// What a login service needs of the instance. `system` implements it.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Keeps what was begun with a service for [`Attempt`]'s time. Other nodes see it.
    async fn keep(&self, service: &ServiceRef, attempt: &Attempt) -> Result<(), Problem>;

    /// Takes what was begun with a service, so that nobody can take it again. 401 `Invalid state` when nothing was,
    /// it is over, or it was begun with another service.
    async fn take(&self, service: &ServiceRef, state: &str) -> Result<Attempt, Problem>;

    /// Finds or makes the user of an identity, gives them their roles and opens a session: the object that a login
    /// answers. 401 when the user is inactive, or new and no new ones are let in.
    async fn log_in(
        &self,
        request: &Request,
        admission: &Admission,
        identity: Identity,
    ) -> Result<Map<String, Value>, Problem>;
}
