//! `health`: how this node and its services do.

use crate::delegation::is_unrestricted;
use contract::{Problem, Request, Response, Value, word};
use platform::{Platform, ServiceHealth, State, time_text};
use serde_json::json;
use std::time::SystemTime;

/// Answers `GET health`.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let service = request.text(&word::SERVICE).filter(|name| !name.is_empty());
    let services = platform
        .health(service.as_deref(), request.flag(&word::CHECK))
        .await?;
    let mut instance = instance(platform).await;
    if is_unrestricted(&request.caller) {
        instance["settings"] = settings(platform);
    }
    Ok(Response::value(json!({
        "date": time_text(SystemTime::now()),
        "instance": instance,
        "services": services.iter().map(shown).collect::<Vec<Value>>(),
    })))
}

fn shown(service: &ServiceHealth) -> Value {
    let course = &service.course;
    let mut shown = json!({
        "id": service.id,
        "name": service.name,
        "type": service.kind,
        "state": service.state.as_str(),
        "checked_date": service.checked.map(time_text),
        "last_success_date": course.success.map(time_text),
        "last_error": course.failure.as_ref().map(|failure| &failure.message),
        "last_error_date": course.failure.as_ref().map(|failure| time_text(failure.at)),
        "pool": service.pool.map(|pool| json!({"open": pool.open, "in_use": pool.in_use, "most": pool.most})),
    });
    if let Value::Object(members) = &mut shown {
        members.extend(course.hour.clone());
    }
    shown["error_rate"] = json!(error_rate(&shown));
    shown
}

/// The share of the last hour's calls that failed by our fault or a server's; null without calls.
fn error_rate(shown: &Value) -> Option<f64> {
    let number = |name: &str| shown[name].as_f64();
    let (errors, requests) = (number("server_errors")?, number("requests")?);
    (requests > 0.0).then(|| (errors / requests * 1e4).round() / 1e4)
}

async fn instance(platform: &Platform) -> Value {
    let process = platform.process();
    let is_up = platform.ready().await.is_ok();
    let state = if is_up { State::Up } else { State::Failing };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "os": std::env::consts::OS,
        "machine": std::env::consts::ARCH,
        "started_date": time_text(process.started),
        "uptime_seconds": process.uptime,
        "memory_bytes": process.memory,
        "threads": process.threads,
        "open_files": process.files,
        "cpu_seconds": process.cpu_seconds,
        "system_database": {
            "type": platform.store().dialect().name(),
            "state": state.as_str(),
            "generation": platform.store().generation(),
        },
    })
}

/// The settings that are not the default. What may hold secrets is masked.
fn settings(platform: &Platform) -> Value {
    let changed = platform.settings().changed().into_iter();
    let shown = changed.map(|(variable, value)| {
        json!({
            "name": variable.name,
            "value": value,
            "default": variable.default,
            "description": variable.meaning,
        })
    });
    shown.collect()
}
