//! Connections to a server.

use async_memcached::{Client, Error};
use contract::Problem;
use parking_lot::Mutex;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Longest wait for a call, the connection included.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
/// Most connections that are open.
const MOST_OPEN: usize = 16;
/// Most connections that are kept for the next call.
const MOST_IDLE: usize = 4;
/// How long after its use a connection is taken for a living one.
const SURE: Duration = Duration::from_millis(500);

/// Connections to one server. Connects when it must.
pub(crate) struct Pool {
    address: String,
    idle: Mutex<Vec<(Client, Instant)>>,
    places: Semaphore,
}

impl Pool {
    /// Refuses with 400 what is no host or port.
    pub(crate) fn new(host: &str, port: i64) -> Result<Pool, Problem> {
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if host.is_empty() || !host.chars().all(is_host) {
            return Err(Problem::bad_request(
                "The host of a Memcached cache must be a name or an IPv4 address.",
            ));
        }
        if !(1..=65_535).contains(&port) {
            return Err(Problem::bad_request(
                "The port of a Memcached cache must be from 1 to 65535.",
            ));
        }
        Ok(Pool {
            address: format!("tcp://{host}:{port}"),
            idle: Mutex::new(Vec::new()),
            places: Semaphore::new(MOST_OPEN),
        })
    }

    /// A connection that nobody else uses, which goes back when it is dropped.
    pub(crate) async fn connection(&self) -> Result<Connection<'_>, Error> {
        let place = self.places.acquire().await.map_err(|_| Error::ConnectionClosed)?;
        let client = match self.living().await {
            Some(client) => client,
            None => Client::new(&self.address).await?,
        };
        Ok(Connection {
            client: Some(client),
            pool: self,
            _place: place,
        })
    }

    /// One that was kept. The server may have closed it meanwhile, so it is asked unless it was used just before.
    async fn living(&self) -> Option<Client> {
        loop {
            let (mut client, since) = self.idle.lock().pop()?;
            if since.elapsed() < SURE || client.version().await.is_ok() {
                return Some(client);
            }
        }
    }

    /// Waits for work on a connection, but not for long.
    pub(crate) async fn patiently<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Problem> {
        match tokio::time::timeout(PATIENCE, work).await {
            Ok(done) => done.map_err(|error| away().with_source(error)),
            Err(_) => Err(away()),
        }
    }
}

/// A connection in use.
pub(crate) struct Connection<'p> {
    /// There until it is dropped.
    client: Option<Client>,
    pool: &'p Pool,
    _place: SemaphorePermit<'p>,
}

impl Connection<'_> {
    pub(crate) fn client(&mut self) -> &mut Client {
        self.client
            .as_mut()
            .expect("it is taken when this is dropped, and not before")
    }
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        // A call that was given up leaves its connection closed.
        if let Some(client) = self.client.take().filter(|client| !client.is_closed()) {
            let mut idle = self.pool.idle.lock();
            if idle.len() < MOST_IDLE {
                idle.push((client, Instant::now()));
            }
        }
    }
}

fn away() -> Problem {
    Problem::unavailable("The cache server cannot be reached or is not ready.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_address_is_refused() {
        for (host, port) in [
            ("", 1),
            ("a b", 1),
            ("a\r\nb", 1),
            ("u@h", 1),
            ("h/p", 1),
            ("h", 0),
            ("h", 65_536),
        ] {
            assert!(Pool::new(host, port).is_err(), "{host}:{port}");
        }
        assert!(Pool::new("cache-1.example.com", 11_211).is_ok());
    }
}
