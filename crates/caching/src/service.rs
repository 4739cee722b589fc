//! A cache service: what each call does to the store.

use crate::endpoints::{AS_ACCESS_LIST, AS_LIST, CLEAR, DEFAULT, ENDPOINTS, FOREVER, TTL};
use crate::{Entry, Life, Store, config, payload};
use async_trait::async_trait;
use bytes::Bytes;
use contract::{
    BuildContext, Caller, Endpoint, Map, Operation, Origin, Problem, Request, Response, Service, Settings,
    Value, Verb, Verdict,
};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// Most seconds of a life that ends: ten years.
const LONGEST_LIFE: i64 = 10 * 365 * 24 * 3600;
/// Most keys of a list.
const MOST_LISTED: usize = 10_000;
/// Life of an entry when nothing says anything.
const USUAL_LIFE: i64 = 300;
/// Component of a role that stands for all keys.
const EVERYTHING: &str = "*";

/// A cache service over a store.
pub struct CacheService {
    store: Box<dyn Store>,
    settings: Arc<Settings>,
    default_life: Life,
}

impl CacheService {
    /// A service over a store; `default_ttl` is read from the configuration. 400 when it makes no sense.
    pub fn new(context: &BuildContext, store: Box<dyn Store>) -> Result<CacheService, Problem> {
        let seconds = config::number(&context.config, config::DEFAULT_TTL.name).unwrap_or(USUAL_LIFE);
        Ok(CacheService {
            store,
            settings: Arc::clone(&context.settings),
            default_life: life(seconds)?,
        })
    }

    async fn read(&self, key: &str, request: &Request) -> Result<Response, Problem> {
        let value = if request.flag(&CLEAR) {
            request.permit(key, Verb::Delete)?;
            self.store.take(key).await?
        } else {
            self.store.get(key).await?
        };
        let default = request.text(&DEFAULT).filter(|text| !text.is_empty());
        match (value, default) {
            (Some(value), _) => Ok(Response::value(parsed(&value)?)),
            (None, Some(default)) => Ok(Response::value(json!(default))),
            (None, None) => Err(Problem::not_found(format!("No value found for key '{key}'."))),
        }
    }

    async fn write(&self, key: &str, request: &Request) -> Result<Response, Problem> {
        let value = payload::value(&request.payload)?;
        let entry = payload::entry(key, &value)?;
        let life = self.life(request)?;
        let is_new = request.verb == Verb::Post;
        if !is_new {
            self.store.put(&[entry], life).await?;
        } else if !self.store.add(&[entry], life).await?.is_empty() {
            return Err(Problem::bad_request(format!(
                "Key '{key}' already exists in cache. Use PUT to update existing key."
            )));
        }
        let answer = Value::Object(Map::from_iter([(key.to_owned(), value)]));
        Ok(match is_new {
            true => Response::created(answer),
            false => Response::value(answer),
        })
    }

    async fn write_many(&self, request: &Request) -> Result<Response, Problem> {
        let entries = payload::entries(&request.payload)?;
        for Entry { key, .. } in &entries {
            request.permit(key, request.verb)?;
        }
        let life = self.life(request)?;
        if request.verb != Verb::Post {
            self.store.put(&entries, life).await?;
            return Ok(success(true));
        }
        let existing = self.store.add(&entries, life).await?;
        match existing.is_empty() {
            true => Ok(Response::created(json!({"success": true}))),
            false => Err(Problem::bad_request(format!(
                "Nothing was stored in cache. One or more key(s) already exists ({})",
                existing.join(",")
            ))),
        }
    }

    /// The keys that the caller may read.
    async fn list(&self, request: &Request) -> Result<Response, Problem> {
        let mut keys = if request.flag(&AS_ACCESS_LIST) {
            vec![String::new(), EVERYTHING.to_owned()]
        } else {
            let mut keys = self.store.keys(MOST_LISTED).await?;
            keys.retain(|key| may_read(request, key));
            keys
        };
        keys.sort_unstable();
        let plain = request.flag(&AS_LIST) || request.flag(&AS_ACCESS_LIST);
        let entries: Value = match plain {
            true => keys.into_iter().map(Value::String).collect(),
            false => keys.into_iter().map(|key| json!({"key": key})).collect(),
        };
        Ok(Response::value(match request.wrapper(&self.settings) {
            Some(wrapper) => Value::Object(Map::from_iter([(wrapper.to_owned(), entries)])),
            None => entries,
        }))
    }

    async fn flush(&self, request: &Request) -> Result<Response, Problem> {
        request.permit(EVERYTHING, Verb::Delete)?;
        self.store.clear().await?;
        Ok(success(true))
    }

    /// How long a call wants its values to be kept.
    fn life(&self, request: &Request) -> Result<Life, Problem> {
        if request.flag(&FOREVER) {
            return Ok(None);
        }
        let Some(text) = request.text(&TTL).filter(|text| !text.trim().is_empty()) else {
            return Ok(self.default_life);
        };
        match text.trim().parse() {
            Ok(-1) => Ok(self.default_life),
            Ok(seconds) => life(seconds),
            Err(_) => Err(unusable_life()),
        }
    }
}

fn life(seconds: i64) -> Result<Life, Problem> {
    match seconds {
        0 => Ok(None),
        1..=LONGEST_LIFE => Ok(Some(Duration::from_secs(seconds.unsigned_abs()))),
        _ => Err(unusable_life()),
    }
}

fn unusable_life() -> Problem {
    Problem::bad_request(format!(
        "The time to live must be a number of seconds up to {LONGEST_LIFE}, or 0 for ever."
    ))
}

fn success(done: bool) -> Response {
    Response::value(json!({ "success": done }))
}

fn may_read(request: &Request, key: &str) -> bool {
    let (caller, service) = (&request.caller, request.service.id);
    matches!(
        caller.verdict(service, key, Verb::Get, &request.origin),
        Verdict::Allow { .. }
    )
}

/// What was stored; somebody else may have written to the server.
fn parsed(value: &Bytes) -> Result<Value, Problem> {
    serde_json::from_slice(value).map_err(|e| {
        Problem::unavailable("The cache holds something under this key that no cache service stored.")
            .with_source(e)
    })
}

#[async_trait]
impl Service for CacheService {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        // Listing keys is a search of the whole store on some servers.
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let key = operation.capture("key_name");
        if operation.endpoint.name == "key" {
            payload::checked(key)?;
        }
        match (operation.endpoint.name, operation.verb) {
            ("key", Verb::Get) => self.read(key, &request).await,
            ("key", Verb::Delete) => Ok(success(self.store.remove(key).await?)),
            ("key", _) => self.write(key, &request).await,
            (_, Verb::Get) => self.list(&request).await,
            (_, Verb::Delete) => self.flush(&request).await,
            _ => self.write_many(&request).await,
        }
    }

    async fn check(&self) -> Result<(), Problem> {
        self.store.check().await
    }
}
