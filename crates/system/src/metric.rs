//! `metric`: how calls went on this node, for charts.

use contract::{Problem, Request, Response, Value, word};
use platform::{Platform, Span, time_text};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Answers `GET metric`.
pub(crate) async fn answer(platform: &Platform, request: &Request) -> Result<Response, Problem> {
    let range = request.text(&word::RANGE).unwrap_or_default();
    let span = match range.trim() {
        "" | "hour" => Span::Hour,
        "day" => Span::Day,
        _ => return Err(Problem::bad_request("'range' must be 'hour' or 'day'.")),
    };
    let service = request.text(&word::SERVICE).filter(|name| !name.is_empty());
    let charts = platform.charts(span, service.as_deref()).await?;
    let names = app_names(platform).await?;
    let apps = charts
        .apps
        .iter()
        .map(|(id, statuses)| app(*id, statuses, &names));
    Ok(Response::value(json!({
        "since": time_text(charts.since),
        "range": if span == Span::Hour { "hour" } else { "day" },
        "step_seconds": span.step(),
        "service": service,
        "points": charts.points,
        "services": charts.services,
        "apps": apps.collect::<Vec<Value>>(),
    })))
}

async fn app_names(platform: &Platform) -> Result<HashMap<i64, String>, Problem> {
    let apps = platform.store().policy().await?.apps;
    Ok(apps.into_iter().map(|app| (app.id, app.name)).collect())
}

/// The calls of an app since the start; an app that was deleted has no name any more, and calls without a key no app.
fn app(id: Option<i64>, statuses: &BTreeMap<u16, u64>, names: &HashMap<i64, String>) -> Value {
    let by_status: BTreeMap<String, u64> = statuses.iter().map(|(s, n)| (s.to_string(), *n)).collect();
    json!({
        "app_id": id,
        "app_name": id.and_then(|id| names.get(&id)),
        "requests": statuses.values().sum::<u64>(),
        "statuses": by_status,
    })
}
