//! The few pages for people: the landing page and the form for the first administrator.

use crate::read::body;
use crate::write::answer::{Bodied, whole};
use crate::{FirstAdministrator, NewAdministrator};
use bytes::Bytes;
use contract::{Kind, Params, Payload, Problem, Settings, Value};
use http::{HeaderValue, Method, Response, header};
use serde_json::json;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}\
    label{display:block;margin:.7rem 0}input{display:block;width:100%;padding:.4rem;font:inherit;box-sizing:border-box}\
    button{font:inherit;padding:.5rem 1.2rem;margin-top:1rem}.wrong{color:#a00}";

/// `/`: what this is and where to go, as HTML for browsers and JSON for others. A page of the settings takes its place
/// for browsers; a session token goes along, as login providers send it here.
pub(crate) fn landing(settings: &Settings, version: &str, html: bool, params: &Params) -> Response<Bodied> {
    if let Some(page) = settings.landing_page.as_deref().filter(|_| html) {
        return lead(page, params.get("session_token"));
    }
    let api = format!("/{}/v2", settings.api_route_prefix.trim_matches('/'));
    let docs = format!("{api}/api_docs");
    if !html {
        let value = json!({"name": settings.app_name, "version": version, "api": api, "docs": docs});
        return whole(200, "application/json", value.to_string());
    }
    let name = escaped(&settings.app_name);
    page(
        200,
        &name,
        &format!(
            "<h1>{name}</h1><p>Version {}. The API answers under <a href=\"{api}\"><code>{api}</code></a>; its OpenAPI \
             document is <a href=\"{docs}\"><code>{docs}</code></a>.</p>",
            escaped(version)
        ),
    )
}

/// Leads to a page. A page that cannot stand in a header is a mistake of the settings; `/` stays empty then.
fn lead(page: &str, token: Option<&str>) -> Response<Bodied> {
    let target = match token {
        None => page.to_owned(),
        Some(token) => {
            let joint = if page.contains('?') { '&' } else { '?' };
            let token = percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC);
            format!("{page}{joint}session_token={token}")
        }
    };
    let mut response = whole(302, "text/html; charset=utf-8", Bytes::new());
    if let Ok(target) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(header::LOCATION, target);
    }
    response
}

/// `/setup`: GET shows the form, POST creates the first administrator and leads to `/`. Whatever is wrong with the
/// token, the page does not exist.
pub(crate) async fn setup(
    method: &Method,
    params: &Params,
    form: Option<(&str, Bytes)>,
    first: Option<&dyn FirstAdministrator>,
    settings: &Settings,
) -> Result<Response<Bodied>, Problem> {
    let nowhere = || Problem::not_found("There is nothing at this address.");
    let first = first.ok_or_else(nowhere)?;
    let token = params.get("token").unwrap_or("");
    if *method != Method::POST {
        return match first.admits(token).await {
            true => Ok(form_page(200, token, None, &Payload::None)),
            false => Err(nowhere()),
        };
    }
    let (media, bytes) = form.unwrap_or(("", Bytes::new()));
    let payload = body::parse(media, bytes, settings).await?;
    let field = |name: &str| match &payload {
        Payload::Value(value) => value
            .get(name)
            .and_then(Value::as_str)
            .filter(|t| !t.is_empty())
            .map(str::to_owned),
        _ => None,
    };
    let token = field("token").unwrap_or_else(|| token.to_owned());
    if !first.admits(&token).await {
        return Err(nowhere());
    }
    if field("password") != field("password_confirmation") {
        return Ok(form_page(
            400,
            &token,
            Some("The two passwords are not the same."),
            &payload,
        ));
    }
    let administrator = NewAdministrator {
        email: field("email").unwrap_or_default(),
        password: field("password").unwrap_or_default(),
        name: field("name"),
        username: field("username"),
        first_name: field("first_name"),
        last_name: field("last_name"),
        phone: field("phone"),
    };
    match first.create(&token, administrator).await {
        Ok(()) => {
            let mut response = whole(302, "", Bytes::new());
            response
                .headers_mut()
                .insert(header::LOCATION, HeaderValue::from_static("/"));
            Ok(response)
        }
        Err(problem) if problem.kind == Kind::BadRequest => {
            Ok(form_page(400, &token, Some(&explained(&problem)), &payload))
        }
        Err(problem) => Err(problem),
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

fn page(status: u16, title: &str, body: &str) -> Response<Bodied> {
    let html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style>{body}</html>"
    );
    let mut response = whole(status, "text/html; charset=UTF-8", html);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#039;")
}
