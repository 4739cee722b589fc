//! Shapes of answers that more than one handler gives.

use contract::{Problem, Request, Response, Settings, Value, word};
use serde_json::json;

/// `{"success":true}`.
pub(crate) fn success() -> Response {
    Response::value(json!({"success": true}))
}

/// A list, wrapped as the request wants it.
pub(crate) fn list(request: &Request, settings: &Settings, entries: Vec<Value>) -> Value {
    request.wrapped(entries, settings)
}

/// The members of an entry that `fields` asks for; everything when it asks for nothing.
pub(crate) fn chosen(request: &Request, entry: Value) -> Value {
    let fields = request
        .list(&word::FIELDS)
        .filter(|f| !f.is_empty() && !f.iter().any(|n| n == "*"));
    match (fields, entry) {
        (Some(fields), Value::Object(entry)) => {
            let kept = entry
                .into_iter()
                .filter(|(key, _)| fields.iter().any(|f| f.eq_ignore_ascii_case(key)));
            Value::Object(kept.collect())
        }
        (_, entry) => entry,
    }
}

/// A value that a client may send in the body or, failing that, as a parameter. Empty text counts as absent.
pub(crate) fn sent(request: &Request, name: &str) -> Option<String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    let in_body = request.object().and_then(|body| body.get(name)).and_then(text);
    in_body
        .or_else(|| request.params.get(name).map(str::to_owned))
        .filter(|t| !t.is_empty())
}

/// A yes-or-no that may stand in the body or among the parameters.
pub(crate) fn sent_flag(request: &Request, name: &str) -> bool {
    sent(request, name).is_some_and(|text| contract::truthy(&text))
}

/// The URL under which this request came, for the tokens that it makes.
pub(crate) fn issuer(request: &Request) -> String {
    format!(
        "{}/api/v2/{}/{}",
        request.base_url.trim_end_matches('/'),
        request.service.name,
        request.path
    )
}

/// `There is no valid session for the current request.`
pub(crate) fn no_session() -> Problem {
    Problem::unauthorized("There is no valid session for the current request.")
}
