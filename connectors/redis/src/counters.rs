//! Counters of rate limits that several nodes share.

use crate::script;
use crate::server::{Address, Server};
use async_trait::async_trait;
use contract::{Count, Counter, Counters, Outage, Settings};
use redis_client::{RedisError, Script};
use std::time::Duration;

/// Longest wait for an answer about counters.
pub const PATIENCE: Duration = Duration::from_millis(500);
/// Counters that are read at once.
const PORTION: usize = 500;

/// Counters in Redis.
pub struct RedisCounters {
    server: Server,
    prefix: String,
    hit: Script,
    read: Script,
}

impl RedisCounters {
    /// Counters as the settings say. Connects at the first use, not here; must be called inside a runtime. The error
    /// is one sentence about the settings.
    pub fn new(settings: &Settings) -> Result<RedisCounters, String> {
        let wrong = |e: RedisError| format!("The settings LIMIT_CACHE_… cannot be used: {e}.");
        let address = Address {
            host: settings.limit_cache_host.clone(),
            port: u16::try_from(settings.limit_cache_port).unwrap_or(6379),
            tls: settings.limit_cache_tls,
            database: i64::try_from(settings.limit_cache_database).unwrap_or_default(),
            username: settings.limit_cache_username.clone(),
            password: settings.limit_cache_password.clone(),
        };
        Ok(RedisCounters {
            server: Server::new(&address, PATIENCE).map_err(wrong)?,
            prefix: settings.limit_cache_prefix.clone(),
            hit: Script::new(script::HIT),
            read: Script::new(script::READ),
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
        let mut connection = self.server.connection();
        let numbers: Vec<i64> = self.server.patiently(call.invoke_async(&mut connection)).await?;
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
        let rest = limit.map_or_else(|| "*".to_owned(), |id| format!("{id}:*"));
        let begin = format!("{}:limit:", self.prefix);
        let keys = self.server.keys(&begin, &rest, usize::MAX).await?;
        self.server.remove(&keys).await
    }
}
