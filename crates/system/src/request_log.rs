//! `request_log`: the latest calls of this node.

use crate::answer::{chosen, list};
use contract::{Origin, Problem, Request, Response, Value, Verb, Word, word};
use platform::{PastCall, Platform, Wanted, time_text};
use serde_json::json;
use std::time::Duration;

/// Calls in an answer when nothing is said of it, and at most.
const USUAL: i64 = 100;
const MOST: i64 = 500;

/// Answers `GET request_log`. The latest of all is told beside the list, so that the next request asks for what came
/// after it.
pub(crate) fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let (calls, last) = platform.past_calls(&wanted(request)?);
    let entries = calls.iter().map(|call| chosen(request, shown(call)));
    let mut body = list(request, platform.settings(), entries.collect());
    if let Value::Object(body) = &mut body {
        body.insert(
            "meta".into(),
            json!({"last_id": last, "kept": platform.settings().request_log}),
        );
    }
    Ok(Response::value(body))
}

fn wanted(request: &Request) -> Result<Wanted, Problem> {
    let text = |word: &Word| {
        request
            .text(word)
            .filter(|t| !t.is_empty())
            .map(|t| t.into_owned())
    };
    let verb = match text(&word::VERB) {
        Some(name) => Some(Verb::parse(&name).ok_or_else(|| bad("verb", "a verb, such as GET"))?),
        None => None,
    };
    let status = match text(&word::STATUS) {
        Some(text) => Some(statuses(&text).ok_or_else(|| bad("status", "a status, such as 404 or 5xx"))?),
        None => None,
    };
    let least = number(request, &word::MIN_MS)?.and_then(|least| u64::try_from(least).ok());
    let limit = number(request, &word::LIMIT)?.unwrap_or(USUAL).clamp(1, MOST);
    Ok(Wanted {
        since: number(request, &word::SINCE_ID)?.and_then(|id| u64::try_from(id).ok()),
        service: text(&word::SERVICE),
        verb,
        status,
        user: number(request, &word::USER_ID)?,
        app: number(request, &word::APP_ID)?,
        role: number(request, &word::ROLE_ID)?,
        path: text(&word::PATH),
        slower_than: least.map(Duration::from_millis),
        limit: usize::try_from(limit).unwrap_or(1),
    })
}

fn number(request: &Request, word: &'static Word) -> Result<Option<i64>, Problem> {
    match request.text(word).filter(|text| !text.trim().is_empty()) {
        None => Ok(None),
        Some(text) => match text.trim().parse() {
            Ok(number) => Ok(Some(number)),
            Err(_) => Err(bad(word.name, "a whole number")),
        },
    }
}

/// `404`, or `4xx` for a whole class.
fn statuses(text: &str) -> Option<(u16, u16)> {
    let class = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX"));
    match class {
        Some(class) => match class.parse::<u16>().ok()? {
            class @ 1..=5 => Some((class * 100, class * 100 + 99)),
            _ => None,
        },
        None => text.parse().ok().map(|status| (status, status)),
    }
}

fn bad(name: &str, wanted: &str) -> Problem {
    Problem::bad_request(format!("'{name}' must be {wanted}."))
}

fn shown(call: &PastCall) -> Value {
    let milliseconds = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
    let origin = match call.origin {
        Origin::Api => "api",
        Origin::Script { .. } => "script",
        Origin::Job => "job",
        Origin::Tool => "tool",
    };
    json!({
        "id": call.id,
        "date": time_text(call.at),
        "verb": call.verb.as_str(),
        "service": call.target.service(),
        "path": call.target.below(),
        "status": call.status,
        "duration_ms": milliseconds(call.duration),
        "gate_ms": call.gate.map(milliseconds),
        "user_id": call.user.as_ref().map(|user| user.id),
        "user_email": call.user.as_ref().map(|user| &user.email),
        "app_id": call.app.as_ref().map(|app| app.id),
        "app_name": call.app.as_ref().map(|app| &app.name),
        "role_id": call.role.as_ref().map(|role| role.id),
        "role_name": call.role.as_ref().map(|role| &role.name),
        "address": call.peer.map(|peer| peer.to_string()),
        "origin": origin,
        "request_id": call.request,
        "message": call.message,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_or_a_class() {
        assert_eq!(statuses("404"), Some((404, 404)));
        assert_eq!(statuses("5xx"), Some((500, 599)));
        assert_eq!(statuses("4XX"), Some((400, 499)));
        for bad in ["9xx", "xx", "many", "-1", ""] {
            assert_eq!(statuses(bad), None, "{bad}");
        }
    }
}
