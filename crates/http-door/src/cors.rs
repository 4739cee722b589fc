//! Calls from pages of other origins. What is allowed is decided inside; here it becomes headers.

use crate::door::text;
use crate::inside::Inside;
use crate::write::answer::{self, Bodied};
use crate::write::wanted::Wanted;
use bytes::Bytes;
use contract::{Kind, Problem, Settings};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, header};
use platform::{CrossOrigin, CrossOriginAnswer};
use query::parameters::percent_decoded;

async fn ask(inside: &dyn Inside, parts: &Parts, preflight: bool) -> Result<CrossOriginAnswer, Problem> {
    // As the services see it: an encoded letter must not lead to another row.
    let path = percent_decoded(parts.uri.path())?;
    let asked = |name: HeaderName| text(&parts.headers, &name).filter(|_| preflight);
    inside
        .cross_origin(CrossOrigin {
            path: &path,
            origin: text(&parts.headers, &header::ORIGIN),
            method: asked(header::ACCESS_CONTROL_REQUEST_METHOD),
            headers: asked(header::ACCESS_CONTROL_REQUEST_HEADERS),
        })
        .await
}

fn add(told: CrossOriginAnswer, headers: &mut HeaderMap) {
    for (name, value) in told.headers {
        // Values come from rows and from the request's own headers; what cannot be a header is left out.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.append(HeaderName::from_static(name), value);
        }
    }
}

/// Answers a preflight, before anybody is identified: 204 when the verb is allowed, else 405.
pub(crate) async fn preflight(
    inside: &dyn Inside,
    parts: &Parts,
    wanted: &Wanted,
    settings: &Settings,
) -> Result<Response<Bodied>, Problem> {
    let told = ask(inside, parts, true).await?;
    let mut response = match told.allowed {
        true => answer::whole(204, "", Bytes::new()),
        false => {
            let refusal = Problem::new(Kind::MethodNotAllowed, "Method not allowed");
            answer::problem(&refusal, Some(wanted), settings)
        }
    };
    add(told, response.headers_mut());
    Ok(response)
}

/// Adds what a page may know to the answer of an ordinary call, whatever the answer is.
pub(crate) async fn tell(inside: &dyn Inside, settings: &Settings, parts: &Parts, headers: &mut HeaderMap) {
    let prefix = settings.api_route_prefix.trim_matches('/');
    let is_api = parts
        .uri
        .path()
        .trim_start_matches('/')
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if !is_api || !parts.headers.contains_key(header::ORIGIN) {
        return;
    }
    // When the rules cannot be read, the call has failed for the same reason, and its answer says so.
    if let Ok(told) = ask(inside, parts, false).await {
        add(told, headers);
    }
}
