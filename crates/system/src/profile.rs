//! A user's own data.

use crate::answer::{issuer, no_session, success};
use contract::{Map, Problem, Request, Response, Value, Verb};
use platform::Platform;
use serde_json::json;
use store::{Entity, UserRow};

/// What users may change of themselves.
const OWN: [&str; 9] = [
    "username",
    "first_name",
    "last_name",
    "name",
    "email",
    "phone",
    "security_question",
    "security_answer",
    "default_app_id",
];

/// Answers `admin/profile` and `profile`.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let missing = || match request.verb {
        Verb::Get => no_session(),
        _ => Problem::not_found("No user session found."),
    };
    let id = request.caller.user.as_ref().ok_or_else(missing)?.id;
    let user = platform.store().user(id).await?.ok_or_else(missing)?;
    match request.verb {
        Verb::Get => Ok(Response::value(shown(&user))),
        _ => change(platform, request, &user).await,
    }
}

fn shown(user: &UserRow) -> Value {
    json!({
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "name": user.name,
        "email": user.email,
        "phone": user.phone,
        "security_question": user.security_question,
        "default_app_id": user.default_app_id,
        "oauth_provider": "",
        "adldap": "",
    })
}

async fn change(platform: &Platform, request: &Request, user: &UserRow) -> Result<Response, Problem> {
    let empty = Map::new();
    let sent = request.object().unwrap_or(&empty);
    let own = sent
        .iter()
        .filter(|(name, value)| OWN.contains(&name.as_str()) && !value.is_null());
    let record: Map<String, Value> = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    let new_email = record
        .get("email")
        .and_then(Value::as_str)
        .is_some_and(|email| email != user.email);
    if new_email {
        // Who holds an open session must not be able to take the account along.
        let current = sent
            .get("current_password")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if current.is_empty() {
            return Err(Problem::bad_request("Current Password required to change email"));
        }
        platform
            .sessions()
            .prove_again(user, current, request.peer)
            .await?;
    }
    let entity = if user.is_sys_admin {
        Entity::Admin
    } else {
        Entity::User
    };
    let tx = platform.store().begin(Some(user.id)).await?;
    tx.update(entity, user.id, &record).await?;
    tx.commit().await?;
    if !new_email {
        return Ok(success());
    }
    // Tokens are bound to the address: the old one is worth nothing any more.
    let token = platform.sessions().issue(user.id, &issuer(request)).await?;
    Ok(Response::value(json!({"success": true, "session_token": token})))
}
