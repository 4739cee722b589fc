//! Redis: counters of rate limits that several nodes share.
//!
//! Invariants: one round trip counts a call on all its counters, each atomically, in a script that runs on the server;
//! so the counts are exact whatever the number of nodes. Nothing waits longer than [`PATIENCE`]; after a failure the
//! server is left alone for [`PAUSE`], so that an outage costs a call next to nothing. Keys end by themselves.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod script;

use async_trait::async_trait;
use contract::{Count, Counter, Counters, Outage, Settings};
use parking_lot::Mutex;
use redis_client::aio::{ConnectionManager, ConnectionManagerConfig};
use redis_client::{
    AsyncIter, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisConnectionInfo, RedisError, Script,
};
use std::future::Future;
use std::time::{Duration, Instant};

/// Longest wait for an answer.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// How long a server that did not answer is left alone.
pub const PAUSE: Duration = Duration::from_millis(250);
/// Counters that are read, and keys that are removed, at once.
const PORTION: usize = 500;

/// Counters in Redis.
pub struct RedisCounters {
    manager: ConnectionManager,
    prefix: String,
    hit: Script,
    read: Script,
    /// Until when nothing is tried.
    away_until: Mutex<Option<Instant>>,
}

impl RedisCounters {
    /// Counters as the settings say. Connects at the first use, not here; must be called inside a runtime. The error
    /// is one sentence about the settings.
    pub fn new(settings: &Settings) -> Result<RedisCounters, String> {
        let wrong = |e: RedisError| format!("The settings LIMIT_CACHE_… cannot be used: {e}.");
        let host = settings.limit_cache_host.clone();
        let port = u16::try_from(settings.limit_cache_port).unwrap_or(6379);
        let address = if settings.limit_cache_tls {
            ConnectionAddr::TcpTls {
                host,
                port,
                insecure: false,
                tls_params: None,
            }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let mut login = RedisConnectionInfo::default()
            .set_db(i64::try_from(settings.limit_cache_database).unwrap_or_default());
        if let Some(user) = &settings.limit_cache_username {
            login = login.set_username(user);
        }
        if let Some(password) = &settings.limit_cache_password {
            login = login.set_password(password);
        }
        let info = address
            .into_connection_info()
            .map_err(wrong)?
            .set_redis_settings(login);
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let client = Client::open(info).map_err(wrong)?;
        Ok(RedisCounters {
            manager: ConnectionManager::new_lazy_with_config(client, config).map_err(wrong)?,
            prefix: settings.limit_cache_prefix.clone(),
            hit: Script::new(script::HIT),
            read: Script::new(script::READ),
            away_until: Mutex::new(None),
        })
    }

    fn key(&self, counter: &Counter) -> String {
        format!("{}:limit:{}:{}", self.prefix, counter.limit, counter.key)
    }

    /// Runs one of the scripts on counters: three numbers come back for each.
    async fn run(&self, script: &Script, counters: &[Counter]) -> Result<Vec<Count>, Outage> {
        if counters.is_empty() {
            return Ok(Vec::new());
        }
        let mut call = script.prepare_invoke();
        for counter in counters {
            call.key(self.key(counter));
            call.arg(counter.rate);
            call.arg(u64::try_from(counter.period.as_millis()).unwrap_or(u64::MAX));
        }
        let mut connection = self.manager.clone();
        let numbers: Vec<i64> = self.patiently(call.invoke_async(&mut connection)).await?;
        let unsigned = |n: i64| u64::try_from(n).unwrap_or_default();
        let counts: Vec<Count> = numbers
            .chunks_exact(3)
            .map(|n| Count {
                attempts: unsigned(n[0]),
                locked: n[1] != 0,
                locks: n[1] == 2,
                left: Duration::from_millis(unsigned(n[2])),
            })
            .collect();
        match counts.len() == counters.len() {
            true => Ok(counts),
            false => Err(Outage(
                "the server answered with something else than counts".into(),
            )),
        }
    }

    /// Waits for an answer, but not for long, and not at all while the server is left alone.
    async fn patiently<T>(&self, work: impl Future<Output = Result<T, RedisError>>) -> Result<T, Outage> {
        if self.away_until.lock().is_some_and(|until| Instant::now() < until) {
            return Err(Outage("the server did not answer just before".into()));
        }
        let failed = match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(done)) => {
                *self.away_until.lock() = None;
                return Ok(done);
            }
            Ok(Err(error)) => error,
            Err(_) => RedisError::from((ErrorKind::Io, "no answer in time")),
        };
        *self.away_until.lock() = Some(Instant::now() + PAUSE);
        Err(Outage(failed.to_string()))
    }
}

#[async_trait]
impl Counters for RedisCounters {
    async fn hit(&self, counters: &[Counter]) -> Result<Vec<Count>, Outage> {
        self.run(&self.hit, counters).await
    }

    async fn read(&self, counters: &[Counter]) -> Result<Vec<Count>, Outage> {
        let mut counts = Vec::with_capacity(counters.len());
        for portion in counters.chunks(PORTION) {
            counts.extend(self.run(&self.read, portion).await?);
        }
        Ok(counts)
    }

    async fn reset(&self, limit: Option<i64>) -> Result<(), Outage> {
        let which = limit.map_or_else(|| "*".to_owned(), |id| format!("{id}:*"));
        let pattern = format!("{}:limit:{which}", literally(&self.prefix));
        let mut connection = self.manager.clone();
        let keys = self
            .patiently(async {
                let mut keys: Vec<String> = Vec::new();
                let options = redis_client::ScanOptions::default()
                    .with_pattern(&pattern)
                    .with_count(1000);
                let mut found: AsyncIter<'_, String> =
                    redis_client::AsyncCommands::scan_options(&mut connection, options).await?;
                while let Some(key) = found.next_item().await {
                    keys.push(key?);
                }
                Ok(keys)
            })
            .await?;
        for portion in keys.chunks(PORTION) {
            let mut connection = self.manager.clone();
            let command = redis_client::cmd("UNLINK").arg(portion).to_owned();
            self.patiently(async move { command.query_async::<i64>(&mut connection).await })
                .await?;
        }
        Ok(())
    }
}

/// Text as a pattern that matches itself alone.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\*?[]^".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_no_pattern() {
        assert_eq!(literally("a*[b]"), "a\\*\\[b\\]");
        assert_eq!(literally("dreamwright"), "dreamwright");
    }
}
