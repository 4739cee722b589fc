//! Pages for people that are made here: the landing page, and what the form of [`crate::setup`] stands on.

use crate::write::answer::{Bodied, whole};
use bytes::Bytes;
use contract::{Params, Settings};
use http::{HeaderValue, Response, header};
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

/// A page of these few, which needs no script and nothing from elsewhere.
pub(crate) fn page(status: u16, title: &str, body: &str) -> Response<Bodied> {
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

/// Text as it may stand in HTML, also between quotes.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#039;")
}
