//! The entries of one cache service on a server.

use crate::script;
use crate::server::{Address, Server};
use async_trait::async_trait;
use bytes::Bytes;
use caching::{Entry, Life, Store};
use contract::{Outage, Problem};
use redis_client::Script;
use std::time::Duration;

/// Longest wait for an answer about entries.
const PATIENCE: Duration = Duration::from_secs(2);

/// The entries of a service in Redis.
pub(crate) struct RedisCache {
    server: Server,
    /// What its keys begin with.
    prefix: String,
    store: Script,
}

impl RedisCache {
    /// Does not connect. 400 when the address cannot be used.
    pub(crate) fn new(address: &Address, prefix: String) -> Result<RedisCache, Problem> {
        let server = Server::new(address, PATIENCE);
        Ok(RedisCache {
            server: server.map_err(|e| {
                Problem::bad_request("The address of the Redis cache cannot be used.").with_source(e)
            })?,
            prefix,
            store: Script::new(script::STORE),
        })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Stores entries; with `only_new` only where none of their keys exists, and gives the places of those that do,
    /// counted from one.
    async fn store(&self, entries: &[Entry], life: Life, only_new: bool) -> Result<Vec<usize>, Problem> {
        let milliseconds = life.map_or(0, |life| u64::try_from(life.as_millis()).unwrap_or(u64::MAX));
        let mut call = self.store.arg(milliseconds);
        call.arg(u8::from(only_new));
        for entry in entries {
            call.key(self.key(&entry.key));
            call.arg(&entry.value[..]);
        }
        let mut connection = self.server.connection();
        let stored = self.server.patiently(call.invoke_async(&mut connection)).await;
        stored.map_err(problem)
    }

    /// One command on one key.
    async fn on<T: redis_client::FromRedisValue>(&self, name: &str, key: &str) -> Result<T, Problem> {
        let mut command = redis_client::cmd(name);
        command.arg(self.key(key));
        let mut connection = self.server.connection();
        let answer = self.server.patiently(command.query_async(&mut connection)).await;
        answer.map_err(problem)
    }
}

fn problem(outage: Outage) -> Problem {
    Problem::unavailable("The cache server cannot be reached or is not ready.").with_source(outage)
}

#[async_trait]
impl Store for RedisCache {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        let found: Option<Vec<u8>> = self.on("GET", key).await?;
        Ok(found.map(Bytes::from))
    }

    async fn take(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        let found: Option<Vec<u8>> = self.on("GETDEL", key).await?;
        Ok(found.map(Bytes::from))
    }

    async fn put(&self, entries: &[Entry], life: Life) -> Result<(), Problem> {
        self.store(entries, life, false).await.map(drop)
    }

    async fn add(&self, entries: &[Entry], life: Life) -> Result<Vec<String>, Problem> {
        let existing = self.store(entries, life, true).await?;
        let entries = existing
            .into_iter()
            .filter_map(|at| entries.get(at.checked_sub(1)?));
        Ok(entries.map(|entry| entry.key.clone()).collect())
    }

    async fn remove(&self, key: &str) -> Result<bool, Problem> {
        let removed: i64 = self.on("UNLINK", key).await?;
        Ok(removed > 0)
    }

    async fn keys(&self, most: usize) -> Result<Vec<String>, Problem> {
        let keys = self.server.keys(&self.prefix, "*", most).await.map_err(problem)?;
        let own = keys.iter().filter_map(|key| key.strip_prefix(&self.prefix));
        Ok(own.map(str::to_owned).collect())
    }

    async fn clear(&self) -> Result<(), Problem> {
        let keys = self
            .server
            .keys(&self.prefix, "*", usize::MAX)
            .await
            .map_err(problem)?;
        self.server.remove(&keys).await.map_err(problem)
    }

    async fn check(&self) -> Result<(), Problem> {
        let mut connection = self.server.connection();
        let ping = redis_client::cmd("PING");
        let answer = self
            .server
            .patiently(ping.query_async::<()>(&mut connection))
            .await;
        answer.map_err(problem)
    }
}
