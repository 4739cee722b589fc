//! The engine of cache services: keys and values over HTTP, whatever keeps them in the end.
//!
//! Invariants: knows no protocol and no vendor. A [`Store`] gets keys of 1 to [`LONGEST_KEY`] bytes of any text and
//! values of JSON, up to [`LARGEST_VALUE`] bytes each; it shows a service nothing but its own. What a call touches
//! beside its own path is permitted by itself.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod config;
mod endpoints;
mod payload;
mod service;

pub use config::{DEFAULT_TTL, number, text};
pub use service::CacheService;

use async_trait::async_trait;
use bytes::Bytes;
use contract::Problem;
use std::time::Duration;

/// Most bytes of a key.
pub const LONGEST_KEY: usize = 1024;
/// Most bytes of a value as JSON.
pub const LARGEST_VALUE: usize = 4 << 20;

/// A key and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// JSON.
    pub value: Bytes,
}

/// How long an entry is kept at most; `None` has no end.
pub type Life = Option<Duration>;

/// What keeps the entries of one service. Every function answers within seconds: 503 when a server does not answer,
/// 413 for what is larger than the store can keep, and never a server's own words. Any entry may be gone at any time.
#[async_trait]
pub trait Store: Send + Sync {
    /// The value of a key.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Problem>;

    /// The value of a key, which is gone afterwards. Of several who take at once, one should get it.
    async fn take(&self, key: &str) -> Result<Option<Bytes>, Problem>;

    /// Stores entries over those that are there.
    async fn put(&self, entries: &[Entry], life: Life) -> Result<(), Problem>;

    /// Stores entries where none of their keys has a value. Otherwise nothing is stored, and the keys are given that
    /// have one.
    async fn add(&self, entries: &[Entry], life: Life) -> Result<Vec<String>, Problem>;

    /// Forgets a key; tells whether it had a value.
    async fn remove(&self, key: &str) -> Result<bool, Problem>;

    /// Up to `most` keys, in no order. 501 where the store cannot tell.
    async fn keys(&self, most: usize) -> Result<Vec<String>, Problem>;

    /// Forgets everything.
    async fn clear(&self) -> Result<(), Problem>;

    /// Whether it works right now.
    async fn check(&self) -> Result<(), Problem>;
}
