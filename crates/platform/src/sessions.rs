//! Logins and session tokens.

mod attempts;
mod basic;
mod keys;
mod token;

pub use attempts::Attempt;
pub use keys::{PemPair, TokenKeys};
pub(crate) use token::{Claims, TokenFault};

use crate::current::Current;
use crate::generation::{Generation, User};
use attempts::Turns;
use basic::RightCredentials;
use chrono::{DateTime, Utc};
use contract::{Caller, Problem, RoleFacts, Value};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use store::password::{self, Check};
use store::rows::UserRow;
use token::Signer;

/// A login as it was sent.
#[derive(Clone, Copy)]
pub struct Login<'a> {
    /// E-mail or login name, by `DF_LOGIN_ATTRIBUTE`. Empty when none was sent: 400 with the documented sentence.
    pub login: &'a str,
    /// Password; empty when none was sent.
    pub password: &'a str,
    /// Whether this is the administrators' endpoint. Users cannot log in there, nor administrators at the other.
    pub administrator: bool,
    /// `remember_me`.
    pub remember: bool,
    /// The app whose key came with the request (`request.caller.app`), for the role in the reply.
    pub app: Option<i64>,
    /// URL of the login request.
    pub issuer: &'a str,
    /// Where the login comes from.
    pub peer: Option<IpAddr>,
}

/// How a session is opened for somebody who has proven who they are.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// `remember_me`.
    pub remember: bool,
    /// The app whose key came with the request (`request.caller.app`), for the role in the reply.
    pub app: Option<i64>,
    /// URL of the request.
    pub issuer: &'a str,
}

/// Logins and session tokens.
pub struct Sessions {
    current: Arc<Current>,
    signer: Signer,
    right: RightCredentials,
    turns: Arc<Turns>,
    host: String,
}

impl Sessions {
    pub(crate) fn new(current: Arc<Current>, keys: TokenKeys) -> Result<Sessions, Problem> {
        Ok(Sessions {
            current,
            signer: Signer::new(keys),
            right: RightCredentials::new()?,
            turns: Arc::default(),
            host: host_name(),
        })
    }

    /// Logs in and gives the session object.
    ///
    /// 400 when login or password is empty. 429 after many failures from the same address. 401 for wrong credentials, an inactive user or the wrong endpoint, all
    /// with the same words and the same work. 403 when the role for the app is not active.
    pub async fn login(&self, login: Login<'_>) -> Result<Value, Problem> {
        let settings = &self.current.settings;
        if login.login.is_empty() {
            return Err(Problem::bad_request(format!(
                "Login request is missing required {}.",
                settings.login_attribute
            )));
        }
        if login.password.is_empty() {
            return Err(Problem::bad_request(
                "Login request is missing required password.",
            ));
        }
        let refused = || Problem::unauthorized("Invalid credentials supplied.");
        let found = self.prove(login.login, login.password, login.peer).await?;
        let row = found
            .filter(|row| row.is_active && row.is_sys_admin == login.administrator)
            .ok_or_else(refused)?;
        let entry = Entry {
            remember: login.remember,
            app: login.app,
            issuer: login.issuer,
        };
        self.open(row, entry).await
    }

    /// Opens a session for a user whom a login service has proven, and gives the session object. 401 when there is no
    /// such user, it is inactive, or it is not a login service's. 403 when the role for the app is not active.
    pub async fn enter(&self, user: i64, entry: Entry<'_>) -> Result<Value, Problem> {
        let row = self.current.store.user(user).await?;
        let row = row
            .filter(|row| row.is_active && row.login_service.is_some())
            .ok_or_else(|| Problem::unauthorized("Invalid credentials supplied."))?;
        self.open(row, entry).await
    }

    async fn open(&self, mut row: UserRow, entry: Entry<'_>) -> Result<Value, Problem> {
        let settings = &self.current.settings;
        let generation = self.current.get().await?;
        let now = Utc::now();
        row.last_login_date = Some(date(now.timestamp()));
        let user = generation.remember_user(row);
        let role = role_of(&generation, &user, entry.app)?;
        if let Err(problem) = self
            .current
            .store
            .touch_last_login(user.row.id, &date(now.timestamp()))
            .await
        {
            tracing::warn!(user = user.row.id, source = ?problem.source, "the time of a login could not be noted");
        }
        let forever = entry.remember && settings.allow_forever_sessions;
        let claims = self.claims(&user.row, forever, entry.issuer, now.timestamp(), now.timestamp())?;
        self.object(
            &user.row,
            Some((&self.signer.sign(&claims)?, claims.exp)),
            role.as_deref(),
        )
    }

    /// Ends the caller's session; without one there is nothing to do.
    pub async fn logout(&self, caller: &Caller) -> Result<(), Problem> {
        let Some(session) = &caller.session else {
            return Ok(());
        };
        match self.signer.read(&session.token) {
            Ok(claims) => self.end(&claims).await,
            // The pipeline has checked it; only an unchecked token of a refresh can be bad, and ends by itself.
            Err(_) => Ok(()),
        }
    }

    /// A new token for the caller's old one, and its session object. The old one ends. Works until the refresh time
    /// has passed since login and no longer, whether the token itself has expired (PUT on the session endpoints lets it
    /// through unchecked) or not. 401 `Token refresh failed. …` otherwise.
    pub async fn refresh(
        &self,
        caller: &Caller,
        administrator: bool,
        issuer: &str,
    ) -> Result<Value, Problem> {
        let failed =
            |fault: TokenFault| Problem::unauthorized(format!("Token refresh failed. {}", fault.reason()));
        let token = caller.session.as_ref().map_or("", |s| s.token.as_str());
        let old = self.signer.read(token).map_err(failed)?;
        let now = Utc::now().timestamp();
        if self.current.is_revoked(&old.jti) {
            return Err(failed(TokenFault::Revoked));
        }
        if now >= self.refresh_end(&old) {
            return Err(failed(TokenFault::NotRefreshable));
        }
        let generation = self.current.get().await?;
        let row = self
            .current
            .store
            .user(old.user_id)
            .await?
            .ok_or_else(|| failed(TokenFault::User))?;
        old.belongs_to(&row).map_err(failed)?;
        if !row.is_active {
            return Err(Problem::forbidden("User is not active."));
        }
        if administrator && !is_administrator(&row) {
            return Err(not_authorized());
        }
        let user = generation.remember_user(row);
        let role = role_of(&generation, &user, caller.app.as_ref().map(|a| a.id))?;
        self.end(&old).await?;
        // The refresh time goes on from the login, except for sessions without end.
        let begun = if old.forever { now } else { old.iat };
        let claims = self.claims(&user.row, old.forever, issuer, begun, now)?;
        self.object(
            &user.row,
            Some((&self.signer.sign(&claims)?, claims.exp)),
            role.as_deref(),
        )
    }

    /// The session object of the caller's own session.
    ///
    /// Without one: 404 on the administrators' endpoint, else 401. On the administrators' endpoint, 401 for everybody
    /// but unrestricted administrators.
    pub async fn view(&self, caller: &Caller, administrator: bool) -> Result<Value, Problem> {
        let nobody = || {
            if administrator {
                Problem::not_found("No user session found.")
            } else {
                Problem::unauthorized("There is no valid session for the current request.")
            }
        };
        let id = caller.user.as_ref().ok_or_else(nobody)?.id;
        // From the store: the time of the last login does not make a new generation.
        let row = self.current.store.user(id).await?.ok_or_else(nobody)?;
        if administrator && !is_administrator(&row) {
            return Err(not_authorized());
        }
        let token = caller.session.as_ref().map(|s| (s.token.as_str(), s.expires));
        self.object(&row, token, caller.role.as_deref())
    }

    /// Sets a new password after checking the old one, and ends all sessions of the user.
    ///
    /// 400 when the old one is wrong, or when the store does not take the new one. Who wants a `session_token` in the
    /// reply calls [`Sessions::issue`] afterwards.
    pub async fn change_password(
        &self,
        user: i64,
        old: &str,
        new: &str,
        peer: Option<IpAddr>,
    ) -> Result<(), Problem> {
        let row = self.current.store.user(user).await?;
        let row = row.ok_or_else(|| Problem::not_found("User not found."))?;
        self.prove_again(&row, old, peer).await?;
        self.current.store.change_password(user, new).await
    }

    /// Refuses with 400 when this is not the password of a user who is logged in. Counted like a login: an open session
    /// must not be a way to guess its password.
    pub async fn prove_again(
        &self,
        user: &UserRow,
        password: &str,
        peer: Option<IpAddr>,
    ) -> Result<(), Problem> {
        let attempt = self.admit(self.login_of(user).unwrap_or_default(), peer).await?;
        if password::check(user.password_hash.clone(), password.to_owned()).await? == Check::Wrong {
            attempt.failed().await?;
            return Err(Problem::bad_request("The password supplied does not match."));
        }
        attempt.succeeded().await;
        Ok(())
    }

    /// Begins an attempt to prove who somebody is, after a delay where many have failed. 429 when this address has
    /// failed too often.
    pub async fn admit(&self, login: &str, peer: Option<IpAddr>) -> Result<Attempt, Problem> {
        let (attempt, delay) = Attempt::begin(&self.current.store, &self.turns, login, peer).await?;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        Ok(attempt)
    }

    /// A token for a user who has just proven who they are: password reset, registration, changed e-mail address.
    /// 404 when there is no such user, 403 when inactive.
    pub async fn issue(&self, user: i64, issuer: &str) -> Result<String, Problem> {
        let row = self.current.store.user(user).await?;
        let row = row.ok_or_else(|| Problem::not_found("User not found."))?;
        if !row.is_active {
            return Err(Problem::forbidden("User is not active."));
        }
        let now = Utc::now().timestamp();
        self.signer.sign(&self.claims(&row, false, issuer, now, now)?)
    }

    /// The user of Basic credentials; the same refusal whatever is wrong with them.
    pub(crate) async fn check_basic(
        &self,
        generation: &Generation,
        login: &str,
        password: &str,
        peer: Option<IpAddr>,
    ) -> Result<Arc<User>, Problem> {
        if let Some((id, hash)) = self.right.find(login, password)
            && let Some(user) = self.current.user(generation, id).await?
            && user.row.is_active
            && user.row.password_hash.as_deref() == Some(hash.as_str())
            && self.answers_to(&user.row, login)
        {
            return Ok(user);
        }
        let proven = self.prove(login, password, peer).await?;
        let row = proven
            .filter(|row| row.is_active)
            .ok_or_else(Sessions::basic_refused)?;
        if let Some(hash) = &row.password_hash {
            self.right.remember(login, password, row.id, hash);
        }
        Ok(generation.remember_user(row))
    }

    pub(crate) fn basic_refused() -> Problem {
        Problem::unauthorized("Unauthorized. User credentials did not match.")
    }

    /// The claims of a token with a good signature.
    pub(crate) fn read(&self, token: &str) -> Result<Claims, TokenFault> {
        self.signer.read(token)
    }

    /// The user whose login and password these are. As much work for an unknown login as for a known one. A hash of
    /// an older kind is renewed.
    async fn prove(
        &self,
        login: &str,
        password: &str,
        peer: Option<IpAddr>,
    ) -> Result<Option<UserRow>, Problem> {
        let attempt = self.admit(login, peer).await?;
        let found = self
            .current
            .store
            .user_by_login(self.by_username(), login)
            .await?;
        // Who logs in elsewhere has no password here, whatever is stored.
        let found = found.filter(|row| row.login_service.is_none());
        let hash = found.as_ref().and_then(|row| row.password_hash.clone());
        let check = password::check(hash, password.to_owned()).await?;
        let Some(mut row) = found.filter(|_| check != Check::Wrong) else {
            attempt.failed().await?;
            return Ok(None);
        };
        attempt.succeeded().await;
        if check == Check::Outdated {
            let hash = password::hash(password.to_owned()).await?;
            match self.current.store.upgrade_password_hash(row.id, &hash).await {
                Ok(()) => row.password_hash = Some(hash),
                Err(problem) => {
                    tracing::warn!(user = row.id, source = ?problem.source, "a password hash could not be renewed");
                }
            }
        }
        Ok(Some(row))
    }

    fn by_username(&self) -> bool {
        self.current.settings.login_attribute == "username"
    }

    /// What a user logs in with.
    fn login_of<'u>(&self, row: &'u UserRow) -> Option<&'u str> {
        match self.by_username() {
            true => row.username.as_deref(),
            false => Some(&row.email),
        }
    }

    fn answers_to(&self, row: &UserRow, login: &str) -> bool {
        self.login_of(row)
            .is_some_and(|own| own.to_lowercase() == login.to_lowercase())
    }

    fn claims(
        &self,
        row: &UserRow,
        forever: bool,
        issuer: &str,
        begun: i64,
        now: i64,
    ) -> Result<Claims, Problem> {
        Ok(Claims {
            sub: token::subject(&row.email),
            user_id: row.id,
            forever,
            iss: issuer.to_owned(),
            iat: begun,
            nbf: now,
            exp: now + seconds(self.current.settings.jwt_ttl),
            jti: token::token_id()?,
            epoch: row.token_epoch,
            told: token::told(&self.current.settings, row),
        })
    }

    fn refresh_end(&self, claims: &Claims) -> i64 {
        claims
            .iat
            .saturating_add(seconds(self.current.settings.jwt_refresh_ttl))
    }

    /// Ends one token, for as long as it could be used or refreshed.
    async fn end(&self, claims: &Claims) -> Result<(), Problem> {
        let until = claims.exp.max(self.refresh_end(claims));
        self.current.revoke(&claims.jti, claims.user_id, until).await
    }

    fn object(
        &self,
        row: &UserRow,
        token: Option<(&str, i64)>,
        role: Option<&RoleFacts>,
    ) -> Result<Value, Problem> {
        let mut object = json!({
            "session_token": token.map(|(t, _)| t),
            "session_id": token.map(|(t, _)| t),
            "id": row.id,
            "name": row.name,
            "first_name": row.first_name,
            "last_name": row.last_name,
            "email": row.email,
            "is_sys_admin": row.is_sys_admin,
            "last_login_date": row.last_login_date,
            "host": self.host,
            "token_expiry_date": token.map(|(_, expires)| date(expires)),
        });
        if let Some(role) = role {
            object["role"] = json!(role.name);
            object["role_id"] = json!(role.id);
        }
        Ok(object)
    }
}

/// The role of a user's session with an app; 403 when it is switched off. Unrestricted administrators have none.
fn role_of(
    generation: &Generation,
    user: &User,
    app: Option<i64>,
) -> Result<Option<Arc<RoleFacts>>, Problem> {
    if is_administrator(&user.row) {
        return Ok(None);
    }
    let app = app.and_then(|id| generation.snapshot().app(id));
    match generation
        .role_id(Some(user), app)
        .and_then(|id| generation.snapshot().role(id))
    {
        Some(role) if !role.is_active => Err(Problem::forbidden("Role is not active.")),
        role => Ok(role.map(|r| Arc::clone(&r.facts))),
    }
}

/// An administrator with role assignments counts as an ordinary user.
fn is_administrator(row: &UserRow) -> bool {
    row.is_sys_admin && row.assignments.is_empty()
}

fn not_authorized() -> Problem {
    Problem::unauthorized("You are not authorized to perform this action.")
}

fn seconds(minutes: u64) -> i64 {
    i64::try_from(minutes.saturating_mul(60)).unwrap_or(i64::MAX)
}

/// `YYYY-MM-DD hh:mm:ss`, UTC.
fn date(unix: i64) -> String {
    DateTime::<Utc>::from_timestamp(unix, 0)
        .unwrap_or_default()
        .format("%Y-%m-%d %H:%M:%S")
        .to_string()
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("HOSTNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".into())
}
