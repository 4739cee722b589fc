//! What a provider of repositories can do, and how it fails.

use crate::place::Place;
use async_trait::async_trait;
use bytes::Bytes;
use contract::{Problem, Value};

/// Why a provider did not do what it should.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It answered so. Clients are told its status and its sentence.
    Answered {
        /// HTTP status.
        status: u16,
        /// What it said.
        message: String,
    },
    /// It did not answer, or not as it should; or what was asked for cannot be asked.
    Problem(Problem),
}

impl Failure {
    /// Whether it says that there is no such thing.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Failure::Answered { status: 404, .. })
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(problem)
    }
}

/// What lies at a place, in the provider's own words.
#[derive(Debug)]
pub(crate) enum Found {
    /// A folder: what is in it.
    Folder(Vec<Value>),
    /// A file: what is known of it.
    File(Value),
}

/// A provider, and whose repositories are read.
#[async_trait]
pub(crate) trait Provider: Send + Sync {
    /// One page of the repositories, the first being 1. Each has a `name`.
    async fn repositories(&self, page: u64, per_page: u64) -> Result<Vec<Value>, Failure>;

    /// The branch of a repository that is meant where none is named.
    async fn default_branch(&self, repository: &str) -> Result<String, Failure>;

    /// What lies at a place.
    async fn find(&self, place: Place<'_>) -> Result<Found, Failure>;

    /// The content of a file that was found at a place.
    async fn content(&self, place: Place<'_>, file: &Value) -> Result<Bytes, Failure>;
}
