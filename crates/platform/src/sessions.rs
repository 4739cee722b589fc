//! Logins and session tokens. (Signatures first; bodies follow.)

use contract::{Caller, Problem, Value};

/// A login as it was sent.
#[derive(Debug, Clone, Copy)]
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
}

/// Logins and session tokens.
pub struct Sessions {}

impl Sessions {
    /// Logs in and gives the session object. 400 missing word, 401 wrong credentials, 403 role not active.
    pub async fn login(&self, _login: Login<'_>) -> Result<Value, Problem> {
        unimplemented!()
    }

    /// Ends the caller's session, if there is one. `{"success":true}` is the caller's business.
    pub async fn logout(&self, _caller: &Caller) -> Result<(), Problem> {
        unimplemented!()
    }

    /// A new token for an old one (`caller.session`, which PUT on the session endpoints leaves unchecked), and its
    /// session object. 401 `Token refresh failed. …`.
    pub async fn refresh(&self, _caller: &Caller, _administrator: bool, _issuer: &str) -> Result<Value, Problem> {
        unimplemented!()
    }

    /// The session object of the caller's own session. Without one: 404 on the administrators' endpoint, else 401.
    pub async fn view(&self, _caller: &Caller, _administrator: bool) -> Result<Value, Problem> {
        unimplemented!()
    }

    /// Sets a new password after checking the old one and ends all sessions of the user. 400 when the old one is
    /// wrong. Who wants `session_token` in the reply calls [`Sessions::issue`] afterwards.
    pub async fn change_password(&self, _user: i64, _old: &str, _new: &str) -> Result<(), Problem> {
        unimplemented!()
    }

    /// A token for a user who has just proven who they are (password reset, registration).
    pub async fn issue(&self, _user: i64, _issuer: &str) -> Result<String, Problem> {
        unimplemented!()
    }
}
