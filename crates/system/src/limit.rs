//! `limit` and `limit_cache`: writing rate limits, and what their counters stand at.

use crate::answer::{chosen, list, success};
use crate::read::{Absent, Reading, as_read};
use crate::write::Writing;
use contract::{Map, Problem, Request, Response, Settings, Value, truthy, word};
use platform::{LimitState, Platform};
use records::batch::{Batch, OnFailure};
use records::ident::{Ident, no_records, records_of};
use serde_json::json;
use store::{Entity, Period};

/// The relation that shows the counters of a limit beside it.
const COUNTERS: &str = "limit_cache_by_limit_id";

/// A read of limits, with their counters where those are asked for.
pub(crate) struct Limits<'a> {
    pub(crate) platform: &'a Platform,
    pub(crate) writing: Writing<'a>,
}

impl Limits<'_> {
    /// `GET`.
    pub(crate) async fn read(&self, id: Option<i64>) -> Result<Response, Problem> {
        let (request, counters) = without_counters(self.writing.request);
        let reading = Reading::of(self.writing.face, &request, Absent::All)?;
        let mut response = match id {
            Some(id) => Response::value(reading.one(self.writing.engine, &id.to_string()).await?),
            None => reading.list(self.writing.engine).await?,
        };
        if counters && let contract::Body::Value(body) = &mut response.body {
            self.add_counters(body).await?;
        }
        Ok(response)
    }

    /// `POST`: all limits or none. The original answers 200.
    pub(crate) async fn create(&self) -> Result<Response, Problem> {
        let settings = self.writing.settings;
        let records = records_of(self.writing.request, settings).filter(|records| !records.is_empty());
        let records = records.ok_or_else(|| no_records(settings))?;
        let tx = self.writing.begin().await?;
        let mut ids = Vec::with_capacity(records.len());
        for record in &records {
            let record = record
                .as_object()
                .ok_or_else(|| Problem::bad_request("The request contains no valid record fields."))?;
            ids.push(tx.create(Entity::Limit, record).await?);
        }
        tx.commit().await?;
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.push(self.row(id).await?);
        }
        Ok(Response::value(list(self.writing.request, settings, rows)))
    }

    /// `PUT` and `PATCH`. A limit that counts something else now, or was exceeded and has another rate, begins anew.
    pub(crate) async fn update(&self, id: Option<i64>) -> Result<Response, Problem> {
        let before = self.states().await?;
        let answer = match id {
            Some(id) => self.writing.update_one(id).await.map_err(missing),
            None => self.writing.update().await,
        };
        // What was changed before a failure counts as well.
        let (Some(before), Some(after)) = (before, self.states().await?) else {
            return answer;
        };
        for old in &before {
            let same = after.iter().find(|new| (new.id, &new.key) == (old.id, &old.key));
            if same.is_none_or(|new| old.locked && new.max != old.max) {
                self.forget(old.id).await;
            }
        }
        answer
    }

    /// `DELETE`, with the counters.
    pub(crate) async fn delete(&self, id: Option<i64>) -> Result<Response, Problem> {
        let before = self.states().await?;
        let answer = match id {
            Some(id) => self.writing.delete_one(id).await,
            None => self.writing.delete().await,
        };
        let (Some(before), Some(after)) = (before, self.states().await?) else {
            return answer;
        };
        for old in before
            .iter()
            .filter(|old| !after.iter().any(|new| new.id == old.id))
        {
            self.forget(old.id).await;
        }
        answer
    }

    /// The counters; none when they cannot be reached: limits can still be changed then.
    async fn states(&self) -> Result<Option<Vec<LimitState>>, Problem> {
        match self.platform.limit_states().await {
            Err(problem) if problem.kind == contract::Kind::Unavailable => {
                tracing::warn!(cause = ?problem.source, "a limit is changed without its counters: {problem}");
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// The change is made already, so counters that cannot be reached are only logged.
    async fn forget(&self, limit: i64) {
        if let Err(problem) = self.platform.reset_limit(Some(limit)).await {
            tracing::warn!(limit, cause = ?problem.source, "the counters of a limit were not reset: {problem}");
        }
    }

    async fn row(&self, id: i64) -> Result<Value, Problem> {
        let (request, counters) = without_counters(self.writing.request);
        let reading = Reading::of(self.writing.face, &as_read(&request), Absent::Identifier)?;
        let mut row = reading.one(self.writing.engine, &id.to_string()).await?;
        if counters {
            self.add_counters(&mut row).await?;
        }
        Ok(row)
    }

    async fn add_counters(&self, body: &mut Value) -> Result<(), Problem> {
        let states = self.platform.limit_states().await?;
        let wrapper = &self.writing.settings.resource_wrapper;
        let rows: Vec<&mut Value> = match body {
            Value::Array(rows) => rows.iter_mut().collect(),
            Value::Object(map) if map.get(wrapper).is_some_and(Value::is_array) => map
                .get_mut(wrapper)
                .and_then(Value::as_array_mut)
                .into_iter()
                .flatten()
                .collect(),
            one => vec![one],
        };
        for row in rows.into_iter().filter_map(Value::as_object_mut) {
            let id = row.get("id").and_then(Value::as_i64);
            let own = states.iter().filter(|state| Some(state.id) == id).map(entry);
            row.insert(COUNTERS.into(), Value::Array(own.collect()));
        }
        Ok(())
    }
}

/// The request without the relation that no table holds, and whether it was asked for.
pub(crate) fn without_counters(request: &Request) -> (Request, bool) {
    let mut request = request.clone();
    let mut asked = false;
    for (name, value) in &mut request.params.0 {
        if word::RELATED.names().any(|n| n == name) {
            let kept: Vec<&str> = value
                .split(',')
                .filter(|part| {
                    let counters = part.trim() == COUNTERS;
                    asked |= counters;
                    !counters
                })
                .collect();
            *value = kept.join(",");
        }
    }
    if asked {
        request
            .params
            .0
            .retain(|(name, value)| !(value.is_empty() && word::RELATED.names().any(|n| n == name)));
    }
    (request, asked)
}

/// An unknown limit is answered as the original does: the code says 404, the status 400.
fn missing(mut problem: Problem) -> Problem {
    if problem.kind == contract::Kind::NotFound {
        problem.kind = contract::Kind::BadRequest;
        return problem.with_code(404);
    }
    problem
}

fn entry(state: &LimitState) -> Value {
    json!({
        "id": state.id,
        "key": state.key,
        "max": state.max,
        "attempts": state.attempts,
        "remaining": state.remaining,
    })
}

/// Periods are stored as numbers and shown as names.
pub(crate) fn show_period(row: &mut Map<String, Value>) {
    if let Some(value) = row.get_mut("period")
        && let Some(period) = value.as_i64().and_then(Period::of)
    {
        *value = period.name().into();
    }
}

/// `GET limit_cache[/{id}]`.
pub(crate) async fn counters(
    platform: &Platform,
    request: &Request,
    id: Option<&str>,
) -> Result<Response, Problem> {
    let states = platform.limit_states().await?;
    let find = |id: &str| {
        let number = id.trim().parse::<i64>().ok();
        states.iter().find(|state| Some(state.id) == number)
    };
    if let Some(id) = id {
        let state = find(id).ok_or_else(|| unknown(id))?;
        return Ok(Response::value(chosen(request, entry(state))));
    }
    let entries = match request.list(&word::IDS) {
        None => states.iter().map(entry).collect(),
        Some(ids) => {
            let mut batch = Batch::new(OnFailure::of(request)?);
            for id in &ids {
                let found = find(id).map(entry).ok_or_else(|| unknown(id));
                if !batch.push(found) {
                    break;
                }
            }
            batch.finish("retrieved", platform.settings())?
        }
    };
    let entries = entries.into_iter().map(|entry| chosen(request, entry)).collect();
    Ok(Response::value(list(request, platform.settings(), entries)))
}

/// `DELETE limit_cache[/{id}]`: whoever was refused may call again.
pub(crate) async fn reset(
    platform: &Platform,
    request: &Request,
    id: Option<&str>,
) -> Result<Response, Problem> {
    let known = platform.limit_states().await?;
    let number = |id: &str| {
        let number = id.trim().parse::<i64>().ok();
        number
            .filter(|id| known.iter().any(|state| state.id == *id))
            .ok_or_else(|| unknown(id))
    };
    if let Some(id) = id {
        let id = number(id)?;
        platform.reset_limit(Some(id)).await?;
        return Ok(Response::value(json!({"id": id})));
    }
    let Some(ids) = named(request, platform.settings()) else {
        let all = |name: &str| request.params.get(name).is_some_and(truthy);
        if all("allow_delete") || all("force") {
            platform.reset_limit(None).await?;
            return Ok(success());
        }
        return Err(Problem::bad_request(
            "No filter or records given for delete request.",
        ));
    };
    let mut batch = Batch::new(OnFailure::of(request)?);
    for id in &ids {
        let done = match number(id) {
            Ok(id) => platform.reset_limit(Some(id)).await.map(|()| json!({"id": id})),
            Err(problem) => Err(problem),
        };
        if !batch.push(done) {
            break;
        }
    }
    let gone = batch.finish("deleted", platform.settings())?;
    Ok(Response::value(list(request, platform.settings(), gone)))
}

/// The limits named in `ids` or in a list of records.
fn named(request: &Request, settings: &Settings) -> Option<Vec<String>> {
    if let Some(ids) = request.list(&word::IDS).filter(|ids| !ids.is_empty()) {
        return Some(ids);
    }
    let records = records_of(request, settings).filter(|records| !records.is_empty())?;
    let id = |record: Value| match record {
        Value::Object(mut record) => Ident::from_json(record.remove("id").unwrap_or_default()).label(),
        other => Ident::from_json(other).label(),
    };
    Some(records.into_iter().map(id).collect())
}

fn unknown(id: &str) -> Problem {
    Problem::not_found(format!("Record with identifier '{id}' not found."))
}
