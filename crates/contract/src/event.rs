//! What log services are told of calls.

use crate::{Body, Map, Operation, Payload, Problem, Request, Response, Value};
use serde_json::json;

/// Most bytes of a body that an event holds; of a longer one it holds nothing.
pub const LONGEST_CONTENT: usize = 16 << 10;
/// What stands for a secret.
pub const REDACTED: &str = "***REDACTED***";
/// Names of members whose values are secrets, in lower case.
const SECRETS: &[&str] = &[
    "authorization",
    "cookie",
    "set-cookie",
    "x-dreamfactory-session-token",
    "x-dreamfactory-api-key",
    "x-mcp-internal-key",
    "session_token",
    "session_id",
    "api_key",
    "password",
    "current_password",
    "new_password",
    "old_password",
    "security_answer",
    "confirm_code",
    "secret",
    "client_secret",
    "access_token",
    "refresh_token",
    "id_token",
    "token",
];
/// Deepest nesting of a body that is looked through; what lies deeper is left out.
const DEEPEST: usize = 32;

/// A call as log services are told of it: two objects, `_event` and `_platform`, without secrets.
#[derive(Debug, Clone, Default)]
pub struct CallEvent {
    /// `request`, `resource` and, of calls that were answered, `response`.
    pub event: Map<String, Value>,
    /// `config` and `session`.
    pub platform: Map<String, Value>,
}

/// The names of a call's event: with the endpoint's placeholders, and with what they stood for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventNames {
    /// `db._table.{table_name}.get`.
    pub general: String,
    /// `db._table.employees.get`.
    pub special: String,
}

impl EventNames {
    /// The names of a call.
    pub fn of(service: &str, operation: &Operation, path: &str) -> EventNames {
        let verb = operation.verb.as_str().to_ascii_lowercase();
        let name = |path: &str| {
            let segments = path.split('/').filter(|segment| !segment.is_empty());
            let mut name = service.to_owned();
            for segment in segments {
                name.push('.');
                name.push_str(segment);
            }
            format!("{name}.{verb}")
        };
        EventNames {
            general: name(&operation.endpoint.path.replace("*}", "}")),
            special: name(path),
        }
    }

    /// Whether a name means this event. A `*` in it stands for anything; case does not count.
    pub fn fit(&self, pattern: &str) -> bool {
        let pattern = pattern.trim().to_ascii_lowercase();
        [&self.general, &self.special]
            .iter()
            .any(|name| fits(&pattern, &name.to_ascii_lowercase()))
    }
}

/// Whether a text fits a pattern: its parts between the stars follow one another in the text.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

/// A service that is told of the calls of others: that of logs. What it does with them must not be waited for.
pub trait EventLog: Send + Sync {
    /// Whether it wants to be told of an event.
    fn wants(&self, names: &EventNames) -> bool;

    /// Takes an event that it wants. Must not block, and cannot fail: nobody who calls is concerned.
    fn take(&self, names: &EventNames, event: &CallEvent);
}

impl CallEvent {
    /// What a request says. `resource` is what it is about in the service.
    pub fn of(request: &Request, resource: &str) -> CallEvent {
        let content = content(&request.payload);
        let payload = content.as_ref().map_or(Value::Null, |text| {
            let parsed = serde_json::from_str(text).unwrap_or_else(|_| json!(text));
            redacted(&parsed, DEEPEST)
        });
        let service = request.service.name.as_str();
        let texts = |pairs: &[(String, String)]| -> Value {
            let pairs = pairs.iter().map(|(name, value)| (name.clone(), json!(value)));
            redacted(&Value::Object(pairs.collect()), DEEPEST)
        };
        let event = json!({
            "request": {
                "content": content.map(|_| plain(&payload)),
                "content_type": request.header("content-type"),
                "headers": texts(&request.headers),
                "parameters": texts(&request.params.0),
                "method": request.verb.as_str(),
                "payload": payload,
                "uri": format!("/api/v2/{service}/{}", request.path).trim_end_matches('/'),
                "service": service,
                "resource": request.path,
            },
            "resource": resource,
        });
        let caller = &request.caller;
        let platform = json!({
            "config": {"api_version": "2.0", "license": "OPEN SOURCE", "is_managed": false},
            "session": {
                "user": caller.user.as_deref().map(|user| json!({
                    "id": user.id,
                    "username": user.username,
                    "display_name": user.name,
                    "first_name": user.first_name,
                    "last_name": user.last_name,
                    "email": user.email,
                    "is_sys_admin": user.is_sys_admin,
                })),
                "api_key": caller.app.as_ref().map(|_| REDACTED),
            },
        });
        CallEvent {
            event: object(event),
            platform: object(platform),
        }
    }

    /// Adds how the call was answered. Of a body that comes in pieces there is nothing to tell.
    pub fn answered(&mut self, answer: &Result<Response, Problem>) {
        let (status, media, content) = match answer {
            Ok(response) => {
                let (media, content) = told(&response.body);
                (response.status, media, content)
            }
            Err(problem) => (
                problem.status(),
                Some("application/json"),
                json!({"error": {"message": problem.message}}),
            ),
        };
        let response = json!({"status_code": status, "content_type": media, "content": content});
        self.event.insert("response".into(), response);
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The text of a body, when there is one and it is not too long.
fn content(payload: &Payload) -> Option<String> {
    let text = match payload {
        Payload::Value(value) => value.to_string(),
        Payload::Text(text) => text.clone(),
        Payload::Form(form) => Value::Object(form.fields.clone()).to_string(),
        Payload::None | Payload::Records(_) | Payload::Bytes(_) => return None,
    };
    (text.len() <= LONGEST_CONTENT).then_some(text)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn told(body: &Body) -> (Option<&str>, Value) {
    const JSON: Option<&str> = Some("application/json");
    match body {
        Body::Empty => (None, Value::Null),
        Body::Value(value) if value.to_string().len() <= LONGEST_CONTENT => (JSON, redacted(value, DEEPEST)),
        Body::Json(bytes) if bytes.len() <= LONGEST_CONTENT => {
            let value = serde_json::from_slice(bytes).unwrap_or_default();
            (JSON, redacted(&value, DEEPEST))
        }
        Body::Value(_) | Body::Json(_) | Body::JsonStream(_) => (JSON, Value::Null),
        Body::Bytes { media, .. } | Body::Stream { media, .. } => (Some(media), Value::Null),
    }
}

/// A value without its secrets, at any depth.
fn redacted(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) if depth == 0 => Value::Null,
        Value::Object(members) => {
            let hide = |name: &str| SECRETS.iter().any(|secret| secret.eq_ignore_ascii_case(name));
            let shown = members.iter().map(|(name, value)| {
                let value = match hide(name) && !value.is_null() {
                    true => json!(REDACTED),
                    false => redacted(value, depth - 1),
                };
                (name.clone(), value)
            });
            Value::Object(shown.collect())
        }
        Value::Array(list) => list.iter().map(|one| redacted(one, depth - 1)).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Endpoint, Verb};

    static RECORDS: Endpoint = Endpoint {
        name: "records",
        path: "_table/{table_name*}",
        methods: &[],
    };

    #[test]
    fn names_fit_in_general_in_special_and_by_stars() {
        let operation = Operation {
            endpoint: &RECORDS,
            verb: Verb::Get,
            captures: Vec::new(),
        };
        let names = EventNames::of("db", &operation, "_table/Staff");
        assert_eq!(names.general, "db._table.{table_name}.get");
        assert_eq!(names.special, "db._table.Staff.get");
        for pattern in [
            "db._table.{table_name}.get",
            "db._table.staff.get",
            "db.*",
            "*.get",
            "db.*.staff.*",
            "*",
        ] {
            assert!(names.fit(pattern), "{pattern}");
        }
        for pattern in ["", "db", "db.*.post", "d._table.staff.get", "*.staff.staff.*"] {
            assert!(!names.fit(pattern), "{pattern}");
        }
    }

    #[test]
    fn secrets_are_nowhere() {
        let value = json!({"a": [{"Password": "p", "n": 1}], "API_KEY": "k", "session_token": null});
        let expected =
            json!({"a": [{"Password": REDACTED, "n": 1}], "API_KEY": REDACTED, "session_token": null});
        assert_eq!(redacted(&value, DEEPEST), expected);
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert!(redacted(&deep, DEEPEST).to_string().len() < 100);
    }
}
