//! Open registration.

use crate::answer::{issuer, sent, sent_flag, success};
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
    if service
        .config
        .get("open_reg_email_service_id")
        .is_some_and(|id| !id.is_null())
    {
        return Err(Problem::not_implemented(
            "Registration is set to be confirmed by e-mail, and there is no e-mail service that could send the code.",
        ));
    }
    let mut record = record(request)?;
    roles(platform, &service, &mut record).await?;
    let tx = platform.store().begin(None).await?;
    let id = tx
        .create(Entity::User, &record)
        .await
        .map_err(|p| failed(p, record.contains_key("username")))?;
    tx.commit().await?;
    if !sent_flag(request, "login") {
        return Ok(success());
    }
    let token = platform.sessions().issue(id, &issuer(request)).await?;
    Ok(Response::value(json!({"success": true, "session_token": token})))
}

/// The new user as it was sent, names made from the e-mail address where they are missing.
fn record(request: &Request) -> Result<Map<String, Value>, Problem> {
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
        (None, _) => refuse("password", "The password field is required."),
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
    record.insert("password".into(), password.unwrap_or_default().into());
    Ok(record)
}

/// A registered user has the configured role for every app.
async fn roles(
    platform: &Platform,
    service: &ServiceRow,
    record: &mut Map<String, Value>,
) -> Result<(), Problem> {
    let Some(role) = service.config.get("open_reg_role_id").and_then(Value::as_i64) else {
        return Ok(());
    };
    let policy = platform.store().policy().await?;
    if !policy.roles.iter().any(|r| r.id == role) {
        return Ok(());
    }
    let rows = policy
        .apps
        .iter()
        .map(|app| json!({"app_id": app.id, "role_id": role}))
        .collect();
    record.insert("user_to_app_to_role_by_user_id".into(), Value::Array(rows));
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
