//! A server, spoken to with little patience.

use contract::Outage;
use parking_lot::Mutex;
use redis_client::aio::{ConnectionManager, ConnectionManagerConfig};
use redis_client::{Client, ConnectionAddr, ErrorKind, IntoConnectionInfo, RedisConnectionInfo, RedisError};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How long a server that did not answer is left alone.
pub const PAUSE: Duration = Duration::from_millis(250);
/// Keys that are removed at once.
const PORTION: usize = 500;
/// Keys that the server looks at in one step of a search.
const STEP: usize = 1000;
/// Longest search for keys.
const LONGEST_SEARCH: Duration = Duration::from_secs(10);

/// Where a server is, and how to log in.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) tls: bool,
    pub(crate) database: i64,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
}

/// A server. One connection is shared by all calls, and made anew when it is gone.
pub(crate) struct Server {
    manager: ConnectionManager,
    patience: Duration,
    /// Until when nothing is tried.
    away_until: Mutex<Option<Instant>>,
}

impl Server {
    /// A server that is waited for as long as `patience`. Connects at the first use, not here; must be called inside a
    /// runtime.
    pub(crate) fn new(address: &Address, patience: Duration) -> Result<Server, RedisError> {
        let (host, port) = (address.host.clone(), address.port);
        let place = if address.tls {
            ConnectionAddr::TcpTls {
                host,
                port,
                insecure: false,
                tls_params: None,
            }
        } else {
            ConnectionAddr::Tcp(host, port)
        };
        let mut login = RedisConnectionInfo::default().set_db(address.database);
        if let Some(user) = &address.username {
            login = login.set_username(user);
        }
        if let Some(password) = &address.password {
            login = login.set_password(password);
        }
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(patience))
            .set_response_timeout(Some(patience));
        let client = Client::open(place.into_connection_info()?.set_redis_settings(login))?;
        Ok(Server {
            manager: ConnectionManager::new_lazy_with_config(client, config)?,
            patience,
            away_until: Mutex::new(None),
        })
    }

    /// The connection, for [`Server::patiently`].
    pub(crate) fn connection(&self) -> ConnectionManager {
        self.manager.clone()
    }

    /// Waits for an answer, but not for long, and not at all while the server is left alone.
    pub(crate) async fn patiently<T>(
        &self,
        work: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, Outage> {
        if self.away_until.lock().is_some_and(|until| Instant::now() < until) {
            return Err(Outage("the server did not answer just before".into()));
        }
        let failed = match tokio::time::timeout(self.patience, work).await {
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

    /// Up to `most` keys that begin with a text and go on as a pattern says.
    pub(crate) async fn keys(&self, begin: &str, rest: &str, most: usize) -> Result<Vec<String>, Outage> {
        let pattern = format!("{}{rest}", literally(begin));
        let began = Instant::now();
        // A search tells some keys twice.
        let mut found: HashSet<String> = HashSet::new();
        let mut cursor: u64 = 0;
        loop {
            let mut step = redis_client::cmd("SCAN");
            step.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(STEP);
            let mut connection = self.connection();
            let (next, keys): (u64, Vec<String>) = self.patiently(step.query_async(&mut connection)).await?;
            found.extend(keys);
            if next == 0 || found.len() >= most {
                return Ok(found.into_iter().take(most).collect());
            }
            if began.elapsed() > LONGEST_SEARCH {
                return Err(Outage("the server holds too many keys to be searched".into()));
            }
            cursor = next;
        }
    }

    /// Removes keys.
    pub(crate) async fn remove(&self, keys: &[String]) -> Result<(), Outage> {
        for portion in keys.chunks(PORTION) {
            let mut connection = self.connection();
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
