//! Credentials → caller.
//!
//! An ordinary call with a key, or with a token that has been seen in this generation, is identified from memory:
//! no signature, no store.

use crate::Incoming;
use crate::credentials::{Credentials, TokenUse};
use crate::current::Current;
use crate::generation::{CheckedToken, Generation, User};
use crate::policy::Evidence;
use crate::sessions::{Sessions, TokenFault};
use contract::{Caller, Problem, SessionFacts};
use std::sync::Arc;

/// Seconds by which the clocks of nodes may differ.
const CLOCK_SKEW: i64 = 60;

/// Finds out who is calling. A bad token refuses the call, whatever is called; an unknown key is no key.
pub(crate) async fn identify(
    current: &Current,
    sessions: &Sessions,
    generation: &Generation,
    call: &Incoming,
) -> Result<Caller, Problem> {
    let sent = Credentials::of(call);
    let mut session = None;
    let mut user = None;
    match (sent.token_use, sent.token, &sent.basic) {
        (TokenUse::Checked, Some(token), _) => {
            let checked = check_token(current, sessions, generation, token).await?;
            session = Some(Arc::clone(&checked.session));
            user = Some(Arc::clone(&checked.user));
        }
        (TokenUse::Unchecked, Some(token), _) => {
            session = Some(Arc::new(SessionFacts {
                token: token.to_owned(),
                expires: 0,
            }));
        }
        (_, _, Some(basic)) => {
            let (login, password) = basic.as_ref().ok_or_else(Sessions::basic_refused)?;
            // Here and below in a place of its own: what is rare takes no room in every call.
            let checked = Box::pin(sessions.check_basic(generation, login, password, call.peer));
            user = Some(checked.await?);
        }
        _ => {}
    }
    let app = sent.key.and_then(|key| generation.snapshot().app_by_key(key));
    if app.is_some_and(|app| !app.is_active) {
        return Err(Problem::forbidden("App is not active."));
    }
    let evidence = Evidence {
        key: sent.key.is_some(),
        session: user.is_some(),
    };
    Ok(generation.caller(user.as_deref(), app, evidence, session))
}

async fn check_token(
    current: &Current,
    sessions: &Sessions,
    generation: &Generation,
    token: &str,
) -> Result<Arc<CheckedToken>, Problem> {
    let now = chrono::Utc::now().timestamp();
    let checked = match generation.known_token(token) {
        Some(checked) => checked,
        None => Box::pin(first_check(current, sessions, generation, token)).await?,
    };
    let fault = if current.is_revoked(&checked.jti) {
        Some(TokenFault::Revoked)
    } else if now >= checked.session.expires {
        Some(TokenFault::Expired)
    } else if now + CLOCK_SKEW < checked.not_before {
        Some(TokenFault::NotYet)
    } else if !checked.user.row.is_active {
        return Err(Problem::forbidden("User is not active."));
    } else {
        None
    };
    fault.map_or(Ok(checked), |fault| Err(fault.refusal()))
}

/// Checks the signature and that the token is still the user's.
async fn first_check(
    current: &Current,
    sessions: &Sessions,
    generation: &Generation,
    token: &str,
) -> Result<Arc<CheckedToken>, Problem> {
    let claims = sessions.read(token).map_err(|fault| fault.refusal())?;
    let found = current.user(generation, claims.user_id).await?;
    // Before the user's state: a token that was ended says so, even when its user is gone by now.
    if current.is_revoked(&claims.jti) {
        return Err(TokenFault::Revoked.refusal());
    }
    let user: Arc<User> = found.ok_or_else(|| Problem::not_found("User not found."))?;
    claims.belongs_to(&user.row).map_err(|fault| fault.refusal())?;
    let session = Arc::new(SessionFacts {
        token: token.to_owned(),
        expires: claims.exp,
    });
    let jti = claims.jti.into_boxed_str();
    Ok(generation.remember_token(CheckedToken {
        user,
        session,
        jti,
        not_before: claims.nbf,
    }))
}
