//! `/setup`: the first administrator, by a form or, for the console, by JSON.

use crate::pages::{escaped, page};
use crate::read::body;
use crate::write::answer::{Bodied, whole};
use crate::write::wanted::Shape;
use crate::{FirstAdministrator, NewAdministrator};
use bytes::Bytes;
use contract::{Kind, Params, Payload, Problem, Settings, Value};
use http::{HeaderValue, Response, header};
use serde_json::json;

/// Shows the form. Whatever is wrong with the token, the page does not exist.
pub(crate) async fn show(
    params: &Params,
    first: Option<&dyn FirstAdministrator>,
) -> Result<Response<Bodied>, Problem> {
    let token = params.get("token").unwrap_or("");
    let first = first.ok_or_else(nowhere)?;
    match first.admits(token).await {
        true => Ok(form_page(200, token, None, &Payload::None)),
        false => Err(nowhere()),
    }
}

/// Creates the first administrator. JSON is answered with 201 and the profile or with the envelope, a form with the
/// way to `/` or with the form again. Whatever is wrong with the token, there is nothing here.
pub(crate) async fn create(
    params: &Params,
    (media, bytes): (&str, Bytes),
    first: Option<&dyn FirstAdministrator>,
    settings: &Settings,
) -> Result<Response<Bodied>, Problem> {
    let first = first.ok_or_else(nowhere)?;
    let payload = body::parse(media, bytes, settings).await?;
    let token = field(&payload, "token").unwrap_or_else(|| params.get("token").unwrap_or("").to_owned());
    if !first.admits(&token).await {
        return Err(nowhere());
    }
    let is_json = media.to_ascii_lowercase().contains("json");
    let made = match same_passwords(&payload, is_json) {
        Ok(()) => first.create(&token, administrator(&payload)).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(profile) if is_json => Ok(whole(201, Shape::Json.media(), profile.to_string())),
        Ok(_) => {
            let mut response = whole(302, "", Bytes::new());
            let headers = response.headers_mut();
            headers.insert(header::LOCATION, HeaderValue::from_static("/"));
            Ok(response)
        }
        Err(problem) if problem.kind == Kind::BadRequest && !is_json => {
            Ok(form_page(400, &token, Some(&explained(&problem)), &payload))
        }
        Err(problem) => Err(problem),
    }
}

fn nowhere() -> Problem {
    Problem::not_found("There is nothing at this address.")
}

/// A text that was sent and is not empty.
fn field(payload: &Payload, name: &str) -> Option<String> {
    let Payload::Value(value) = payload else {
        return None;
    };
    let text = value.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A form repeats the password; a program may, and then they must be the same as well.
fn same_passwords(payload: &Payload, is_json: bool) -> Result<(), Problem> {
    let again = field(payload, "password_confirmation");
    if (is_json && again.is_none()) || again == field(payload, "password") {
        return Ok(());
    }
    let sentence = "The two passwords are not the same.";
    Err(Problem::bad_request(sentence).with_context(json!({"password_confirmation": [sentence]})))
}

fn administrator(payload: &Payload) -> NewAdministrator {
    let field = |name: &str| field(payload, name);
    NewAdministrator {
        email: field("email").unwrap_or_default(),
        password: field("password").unwrap_or_default(),
        name: field("name"),
        username: field("username"),
        first_name: field("first_name"),
        last_name: field("last_name"),
        phone: field("phone"),
    }
}

/// The message, and below it what the context says of single fields.
fn explained(problem: &Problem) -> String {
    let details = problem
        .context
        .as_ref()
        .and_then(|context| context.as_object())
        .into_iter()
        .flatten();
    let lines = details
        .flat_map(|(_, messages)| messages.as_array().into_iter().flatten())
        .filter_map(Value::as_str);
    let mut text = problem.message.clone();
    for line in lines.filter(|line| !problem.message.contains(line)) {
        text.push(' ');
        text.push_str(line);
    }
    text
}

const FIELDS: [(&str, &str, &str); 8] = [
    ("email", "E-mail", "type=email required autofocus"),
    (
        "password",
        "Password (at least 16 characters)",
        "type=password required minlength=16 autocomplete=new-password",
    ),
    (
        "password_confirmation",
        "Password again",
        "type=password required minlength=16 autocomplete=new-password",
    ),
    ("first_name", "First name", ""),
    ("last_name", "Last name", ""),
    ("name", "Display name", ""),
    ("username", "Login name (if not the e-mail)", ""),
    ("phone", "Telephone", "type=tel maxlength=32"),
];

fn form_page(status: u16, token: &str, wrong: Option<&str>, sent: &Payload) -> Response<Bodied> {
    let mut html = String::from("<h1>First administrator</h1>");
    if let Some(wrong) = wrong {
        html.push_str(&format!("<p class=wrong>{}</p>", escaped(wrong)));
    }
    html.push_str(&format!(
        "<form method=post action=/setup><input type=hidden name=token value=\"{}\">",
        escaped(token)
    ));
    for (name, label, attributes) in FIELDS {
        let value = match sent {
            Payload::Value(value) if !name.starts_with("password") => value.get(name).and_then(Value::as_str),
            _ => None,
        };
        let value = escaped(value.unwrap_or(""));
        html.push_str(&format!(
            "<label>{label}<input name={name} {attributes} value=\"{value}\"></label>"
        ));
    }
    html.push_str("<button>Create</button></form>");
    page(status, "First administrator", &html)
}
