//! Open registration.

use crate::answer::{issuer, sent, sent_flag, success};
use crate::mail::{CodeMail, Purpose};
use contract::{Map, Problem, Request, Response, Value};
use platform::Platform;
use serde_json::json;
use store::{Entity, ServiceRow};

/// Answers `POST register`.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let service = platform.store().service(request.service.id).await?;
    let closed = || Problem::forbidden("Open Registration is not enabled.");
    let service = service.ok_or_else(closed)?;
    if service
        .config
        .get("allow_open_registration")
        .and_then(Value::as_bool)
        != Some(true)
    {
        return Err(closed());
    }
    let by_mail = CodeMail::configured(&service, Purpose::Registration);
    let mut record = record(request, by_mail.is_none())?;
    roles(platform, &service, &mut record).await?;
    let tx = platform.store().begin(None).await?;
    let id = tx
        .create(Entity::User, &record)
        .await
        .map_err(|p| failed(p, record.contains_key("username")))?;
    tx.commit().await?;
    if let Some(way) = by_mail {
        confirm(platform, &way, id).await?;
        return Ok(match sent_flag(request, "login") {
            true => Response::value(json!({"success": true, "confirmation_required": true})),
            false => success(),
        });
    }
    if !sent_flag(request, "login") {
        return Ok(success());
    }
    let token = platform.sessions().issue(id, &issuer(request)).await?;
    Ok(Response::value(json!({"success": true, "session_token": token})))
}

/// Sends the code of a new user. Who cannot be reached is not kept: the address is free for another attempt.
async fn confirm(platform: &Platform, way: &CodeMail, id: i64) -> Result<(), Problem> {
    let store = platform.store();
    let Some(user) = store.user(id).await? else {
        return Ok(());
    };
    let Err(problem) = way.send(platform, &user, None).await else {
        return Ok(());
    };
    let tx = store.begin(None).await?;
    tx.delete(Entity::User, id).await?;
    tx.commit().await?;
    Err(Problem {
        message: format!(
            "Registration failed, because the e-mail could not be sent. {}",
            problem.message
        ),
        ..problem
    })
}

/// The new user as it was sent, names made from the e-mail address where they are missing. Without a password of its
/// own the account waits for its code.
fn record(request: &Request, with_password: bool) -> Result<Map<String, Value>, Problem> {
    let mut errors = Map::new();
    let mut refuse = |field: &str, message: &str| {
        errors.insert(field.to_owned(), json!([message]));
    };
    let email = sent(request, "email");
    let password = sent(request, "password").or_else(|| sent(request, "new_password"));
    if email.is_none() {
        refuse("email", "The email field is required.");
    }
    match (&password, sent(request, "password_confirmation")) {
        (None, _) if with_password => refuse("password", "The password field is required."),
        (Some(password), Some(again)) if *password != again => {
            refuse("password", "The password field confirmation does not match.");
        }
        _ => {}
    }
    if !errors.is_empty() {
        return Err(Problem::bad_request("Validation failed").with_context(Value::Object(errors)));
    }
    let email = email.unwrap_or_default();
    let local = email.split('@').next().unwrap_or_default();
    let (first, last) = local.split_once('.').unwrap_or((local, local));
    let mut record = Map::new();
    for name in [
        "name",
        "username",
        "phone",
        "security_question",
        "security_answer",
    ] {
        if let Some(text) = sent(request, name) {
            record.insert(name.to_owned(), text.into());
        }
    }
    let or = |name: &str, made: &str| sent(request, name).unwrap_or_else(|| made.to_owned());
    record.insert("first_name".into(), or("first_name", first).into());
    record.insert("last_name".into(), or("last_name", last).into());
    record.insert("email".into(), email.into());
    if let Some(password) = password.filter(|_| with_password) {
        record.insert("password".into(), password.into());
    }
    Ok(record)
}

/// A registered user has the configured role for every app, or the one that is configured for this app.
async fn roles(
    platform: &Platform,
    service: &ServiceRow,
    record: &mut Map<String, Value>,
) -> Result<(), Problem> {
    let policy = platform.store().policy().await?;
    let known = |id: &i64| policy.roles.iter().any(|role| role.id == *id);
    let default = service.config.get("open_reg_role_id").and_then(Value::as_i64);
    let map = service.config.get("app_role_map").and_then(Value::as_array);
    let of_app = |app: i64| {
        let rows = map.into_iter().flatten();
        let mut own = rows.filter(|row| row["app_id"].as_i64() == Some(app));
        own.find_map(|row| row["role_id"].as_i64())
    };
    let rows: Vec<Value> = policy
        .apps
        .iter()
        .filter_map(|app| Some((app.id, of_app(app.id).or(default).filter(known)?)))
        .map(|(app, role)| json!({"app_id": app, "role_id": role}))
        .collect();
    if !rows.is_empty() {
        record.insert("user_to_app_to_role_by_user_id".into(), Value::Array(rows));
    }
    Ok(())
}

/// The store's refusal in the words of registration. Who sent no user name is told of the address it was made of.
fn failed(mut problem: Problem, has_username: bool) -> Problem {
    let Some(context) = problem.context.as_deref_mut().and_then(Value::as_object_mut) else {
        return problem;
    };
    if !has_username && let Some(messages) = context.shift_remove("username") {
        let text = messages.to_string().replace("username", "email");
        let messages = serde_json::from_str(&text).unwrap_or(messages);
        context.entry("email").or_insert(messages);
    }
    problem.message = "Validation failed".to_owned();
    problem
}
