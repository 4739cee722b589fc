//! The entries of one service on a server.

use crate::key;
use crate::pool::Pool;
use async_memcached::{AsciiProtocol, Client, Error, ErrorKind, Status};
use async_trait::async_trait;
use bytes::Bytes;
use caching::{Entry, Life, Store};
use contract::{Kind, Problem};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longest life that the server takes as seconds from now; a longer one is a moment.
const LONGEST_RELATIVE: Duration = Duration::from_secs(30 * 24 * 3600);
/// Most bytes of a value that a server takes, unless it is set up otherwise.
const LARGEST: &str = "A value for Memcached may be about one megabyte long at most.";

/// What became of entries that were to be stored.
enum Stored {
    All,
    /// Keys that have a value already.
    Existing(Vec<String>),
    /// One is larger than the server keeps.
    TooLarge,
}

/// The entries of a service in Memcached.
pub(crate) struct Memcached {
    pub(crate) pool: Pool,
    /// What its keys begin with.
    pub(crate) prefix: String,
}

impl Memcached {
    fn epoch_key(&self) -> String {
        format!("{}epoch", self.prefix)
    }

    /// The key on the server, in the epoch that the server knows of.
    async fn key(&self, client: &mut Client, key: &str) -> Result<String, Error> {
        Ok(key::full(&self.prefix, &self.epoch(client).await?, key))
    }

    /// The word of the present epoch. The first who asks begins one.
    async fn epoch(&self, client: &mut Client) -> Result<String, Error> {
        if let Some(epoch) = self.known_epoch(client).await? {
            return Ok(epoch);
        }
        let new = random_word();
        match client.add(self.epoch_key(), new.as_str(), None, None).await {
            Ok(()) => Ok(new),
            // Somebody else was faster.
            Err(Error::Protocol(Status::NotStored)) => Ok(self.known_epoch(client).await?.unwrap_or(new)),
            Err(error) => Err(error),
        }
    }

    async fn known_epoch(&self, client: &mut Client) -> Result<Option<String>, Error> {
        let found = read(client, &self.epoch_key()).await?;
        // Nobody else writes there; still, only a word of ours goes into a key.
        let word = found.and_then(|bytes| String::from_utf8(bytes.into()).ok());
        Ok(word.filter(|word| word.len() == WORD && word.bytes().all(|b| b.is_ascii_hexdigit())))
    }

    async fn replace(&self, client: &mut Client, entries: &[Entry], ends: i64) -> Result<Stored, Error> {
        let epoch = self.epoch(client).await?;
        for entry in entries {
            let key = key::full(&self.prefix, &epoch, &entry.key);
            match client.set(&key, &entry.value[..], Some(ends), None).await {
                Err(error) if is_too_large(&error) => return Ok(Stored::TooLarge),
                done => done?,
            }
        }
        Ok(Stored::All)
    }

    /// The server stores one after the other; what it has stored is taken back when a later one fails.
    async fn create(&self, client: &mut Client, entries: &[Entry], ends: i64) -> Result<Stored, Error> {
        let epoch = self.epoch(client).await?;
        let full = |entry: &Entry| key::full(&self.prefix, &epoch, &entry.key);
        let mut existing = Vec::new();
        for entry in entries.iter().filter(|_| entries.len() > 1) {
            if read(client, &full(entry)).await?.is_some() {
                existing.push(entry.key.clone());
            }
        }
        if !existing.is_empty() {
            return Ok(Stored::Existing(existing));
        }
        for (index, entry) in entries.iter().enumerate() {
            let failed = match client.add(full(entry), &entry.value[..], Some(ends), None).await {
                Ok(()) => continue,
                Err(Error::Protocol(Status::NotStored)) => Stored::Existing(vec![entry.key.clone()]),
                Err(error) if is_too_large(&error) => Stored::TooLarge,
                Err(error) => return Err(error),
            };
            for stored in &entries[..index] {
                delete(client, &full(stored)).await?;
            }
            return Ok(failed);
        }
        Ok(Stored::All)
    }
}

/// Letters of an epoch's word.
const WORD: usize = 16;

fn random_word() -> String {
    let mut bytes = [0_u8; WORD / 2];
    // Without randomness from the system, the time tells epochs apart.
    if getrandom::fill(&mut bytes).is_err() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        bytes = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX).to_be_bytes();
    }
    hex::encode(bytes)
}

/// A life as the server takes it: 0 has no end.
fn expiration(life: Life) -> i64 {
    let seconds = |duration: Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match life {
        None => 0,
        Some(life) if life <= LONGEST_RELATIVE => seconds(life),
        Some(life) => {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            seconds(now.saturating_add(life))
        }
    }
}

fn is_too_large(error: &Error) -> bool {
    matches!(error, Error::Protocol(Status::Error(ErrorKind::Server(text))) if text.contains("too large"))
}

async fn read(client: &mut Client, key: &str) -> Result<Option<Bytes>, Error> {
    let found = client.get(key).await?;
    Ok(found.and_then(|value| value.data).map(Bytes::from))
}

/// Deletes a key; tells whether it was there.
async fn delete(client: &mut Client, key: &str) -> Result<bool, Error> {
    match client.delete(key).await {
        Ok(()) => Ok(true),
        Err(Error::Protocol(Status::NotFound)) => Ok(false),
        Err(error) => Err(error),
    }
}

#[async_trait]
impl Store for Memcached {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        self.pool
            .patiently(async {
                let mut connection = self.pool.connection().await?;
                let client = connection.client();
                let key = self.key(client, key).await?;
                read(client, &key).await
            })
            .await
    }

    async fn take(&self, key: &str) -> Result<Option<Bytes>, Problem> {
        self.pool
            .patiently(async {
                let mut connection = self.pool.connection().await?;
                let client = connection.client();
                let key = self.key(client, key).await?;
                let found = read(client, &key).await?;
                // Who deletes it has taken it.
                let taken = found.is_some() && delete(client, &key).await?;
                Ok(found.filter(|_| taken))
            })
            .await
    }

    async fn put(&self, entries: &[Entry], life: Life) -> Result<(), Problem> {
        let ends = expiration(life);
        let stored = self
            .pool
            .patiently(async {
                self.replace(self.pool.connection().await?.client(), entries, ends)
                    .await
            })
            .await?;
        match stored {
            Stored::TooLarge => Err(Problem::new(Kind::TooLarge, LARGEST)),
            Stored::All | Stored::Existing(_) => Ok(()),
        }
    }

    async fn add(&self, entries: &[Entry], life: Life) -> Result<Vec<String>, Problem> {
        let ends = expiration(life);
        let stored = self
            .pool
            .patiently(async {
                self.create(self.pool.connection().await?.client(), entries, ends)
                    .await
            })
            .await?;
        match stored {
            Stored::All => Ok(Vec::new()),
            Stored::Existing(keys) => Ok(keys),
            Stored::TooLarge => Err(Problem::new(Kind::TooLarge, LARGEST)),
        }
    }

    async fn remove(&self, key: &str) -> Result<bool, Problem> {
        self.pool
            .patiently(async {
                let mut connection = self.pool.connection().await?;
                let client = connection.client();
                let key = self.key(client, key).await?;
                delete(client, &key).await
            })
            .await
    }

    async fn keys(&self, _: usize) -> Result<Vec<String>, Problem> {
        Err(Problem::not_implemented(
            "Memcached does not tell which keys it holds.",
        ))
    }

    async fn clear(&self) -> Result<(), Problem> {
        self.pool
            .patiently(async {
                let mut connection = self.pool.connection().await?;
                let client = connection.client();
                let word = random_word();
                client.set(self.epoch_key(), word.as_str(), None, None).await
            })
            .await
    }

    async fn check(&self) -> Result<(), Problem> {
        self.pool
            .patiently(async { self.pool.connection().await?.client().version().await.map(drop) })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lives_are_moments() {
        assert_eq!(expiration(None), 0);
        assert_eq!(expiration(Some(Duration::from_secs(300))), 300);
        assert_eq!(expiration(Some(LONGEST_RELATIVE)), 2_592_000);
        assert!(expiration(Some(LONGEST_RELATIVE + Duration::from_secs(1))) > 1_700_000_000);
    }
}
