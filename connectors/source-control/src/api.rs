//! Asking a provider's API.

use crate::provider::Failure;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contract::{Kind, Problem, Value};
use outbound::{Trust, Unreadable};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, Url};

/// Largest list or description of a file that is read.
const MOST_JSON: u64 = 64 * 1024 * 1024;
/// Largest file.
const MOST_FILE: u64 = 100 * 1024 * 1024;
/// Largest text of a refusal.
const MOST_REFUSAL: u64 = 64 * 1024;
/// A repository that was renamed, or moved on the same server, leads there.
const MOST_REDIRECTS: usize = 3;

/// A provider's API and what opens it.
pub(crate) struct Api {
    client: Client,
    base: Url,
}

/// The header by which a provider is told who asks.
pub(crate) fn secret(name: HeaderName, value: &str) -> Result<HeaderMap, Problem> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| Problem::bad_request("The token has signs in it that no token has."))?;
    value.set_sensitive(true);
    Ok(HeaderMap::from_iter([(name, value)]))
}

/// The header of a token that whoever bears it may use; none for an empty one.
pub(crate) fn bearer(token: &str) -> Result<HeaderMap, Problem> {
    match token {
        "" => Ok(HeaderMap::new()),
        token => secret(AUTHORIZATION, &format!("Bearer {token}")),
    }
}

impl Api {
    /// Does not connect. Fails with 400 when the address is none of the web.
    pub(crate) fn new(address: &str, headers: HeaderMap) -> Result<Api, Problem> {
        let wrong =
            || Problem::bad_request("The base URL must be an address such as https://gitlab.com/api/v4/.");
        let base = Url::parse(address).map_err(|_| wrong())?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() || base.query().is_some() {
            return Err(wrong());
        }
        let client = outbound::configured(Trust::Public)?
            .default_headers(headers)
            .redirect(outbound::same_server(MOST_REDIRECTS))
            .build()
            .map_err(Problem::internal)?;
        Ok(Api { client, base })
    }

    /// JSON at a path, whose parts are encoded, slashes in them included.
    pub(crate) async fn json<'p>(
        &self,
        path: impl IntoIterator<Item = &'p str>,
        query: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let answer = self.ask(path, query, "application/json").await?;
        let bytes = outbound::read(answer, MOST_JSON).await.map_err(unreadable)?;
        serde_json::from_slice(&bytes).map_err(|e| {
            Problem::unavailable("The provider's answer cannot be read.")
                .with_source(e)
                .into()
        })
    }

    /// Bytes at a path.
    pub(crate) async fn bytes<'p>(
        &self,
        path: impl IntoIterator<Item = &'p str>,
        query: &[(&str, &str)],
        media: &str,
    ) -> Result<Bytes, Failure> {
        let answer = self.ask(path, query, media).await?;
        outbound::read(answer, MOST_FILE)
            .await
            .map_err(|e| unreadable(e).into())
    }

    async fn ask<'p>(
        &self,
        path: impl IntoIterator<Item = &'p str>,
        query: &[(&str, &str)],
        media: &str,
    ) -> Result<Response, Failure> {
        let mut url = self.base.clone();
        if let Ok(mut parts) = url.path_segments_mut() {
            parts.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let answer = self.client.get(url).header(ACCEPT, media).send().await;
        let answer = answer.map_err(unanswered)?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let said = outbound::read(answer, MOST_REFUSAL).await.unwrap_or_default();
        let message = message(&said);
        Err(Failure::Answered {
            status: status.as_u16(),
            message: message.unwrap_or_else(|| status.canonical_reason().unwrap_or_default().to_owned()),
        })
    }
}

/// The sentence in a refusal: each provider has another place for it.
fn message(said: &[u8]) -> Option<String> {
    let said: Value = serde_json::from_slice(said).ok()?;
    let places = ["/message", "/error/message", "/error_description", "/error"];
    let text = places.iter().find_map(|place| said.pointer(place)?.as_str());
    text.map(str::to_owned)
}

fn unanswered(error: reqwest::Error) -> Problem {
    match error.is_timeout() {
        true => Problem::new(Kind::Timeout, "The provider did not answer in time."),
        false => Problem::unavailable("The provider cannot be reached."),
    }
    .with_source(error.without_url())
}

fn unreadable(error: Unreadable) -> Problem {
    match &error {
        Unreadable::TooLong(_) => Problem::new(Kind::TooLarge, "The provider's answer is too large."),
        Unreadable::Broken(_) => Problem::unavailable("The provider's answer broke off."),
    }
    .with_source(error)
}

/// The content that a description of a file holds in base64, which may stand in lines; `None` where it holds none.
pub(crate) fn inline_content(file: &Value) -> Option<Bytes> {
    let is_base64 = file.get("encoding").and_then(Value::as_str) == Some("base64");
    let content = file
        .get("content")
        .and_then(Value::as_str)
        .filter(|_| is_base64)?;
    let content: String = content.split_whitespace().collect();
    STANDARD.decode(content).ok().map(Bytes::from)
}

/// The list at a member of an answer, or the answer itself where it is a list.
pub(crate) fn list(answer: Value, member: &str) -> Vec<Value> {
    match answer {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove(member) {
            Some(Value::Array(list)) => list,
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
