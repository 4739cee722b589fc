//! What this instance asks a provider itself, behind the back of the browser.

use bytes::Bytes;
use contract::{Problem, Value};
use outbound::Trust;
use reqwest::header::ACCEPT;
use reqwest::{Client, RequestBuilder, StatusCode};
use std::time::Duration;

/// The longest answer that is read. Key sets and profiles are a few kilobytes.
const MOST: u64 = 512 * 1024;
/// Somebody is waiting in front of a browser.
const PATIENCE: Duration = Duration::from_secs(15);

/// A client for the servers of one provider. Answers are bounded in size and time, and redirects are refusals: the
/// credentials that go with a question are for the address that is configured.
pub(crate) struct Backchannel {
    client: Client,
}

impl Backchannel {
    /// Does not connect.
    pub(crate) fn new() -> Result<Backchannel, Problem> {
        let client = outbound::configured(Trust::Public)?.timeout(PATIENCE).build();
        Ok(Backchannel {
            client: client.map_err(Problem::internal)?,
        })
    }

    /// Whether a server answers at all.
    pub(crate) async fn reach(&self, address: &str) -> Result<(), Problem> {
        self.client.get(address).send().await.map(drop).map_err(away)
    }

    /// A question for a resource.
    pub(crate) fn get(&self, address: &str) -> RequestBuilder {
        self.client.get(address)
    }

    /// A question that carries values.
    pub(crate) fn post(&self, address: &str) -> RequestBuilder {
        self.client.post(address)
    }
}

/// Asks, and reads the answer as JSON.
pub(crate) async fn json(question: RequestBuilder) -> Result<Value, Problem> {
    let body = body(question.header(ACCEPT, "application/json")).await?;
    serde_json::from_slice(&body).map_err(unreadable)
}

/// Asks, and reads the whole answer.
///
/// Fails with 503 when the server cannot be reached, is not ready, or answers what cannot be read; with 401 when it
/// refuses. None of its words reach the caller or the log: they may hold what was sent.
pub(crate) async fn body(question: RequestBuilder) -> Result<Bytes, Problem> {
    let answer = question.send().await.map_err(away)?;
    match answer.status() {
        status if status.is_success() => outbound::read(answer, MOST).await.map_err(unreadable),
        status if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
            Err(refused().with_source(format!("it answered {status}")))
        }
        status => Err(Problem::unavailable("The login provider is not ready.")
            .with_source(format!("it answered {status}"))),
    }
}

/// 503. The address of a question may hold a proof of who asks, and is not logged.
fn away(error: reqwest::Error) -> Problem {
    Problem::unavailable("The login provider cannot be reached.").with_source(error.without_url())
}

/// 401: the provider did not vouch for anybody.
pub(crate) fn refused() -> Problem {
    Problem::unauthorized("The login provider refused the login.")
}

/// 503: it answered something else than its kind of server does.
pub(crate) fn unreadable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    Problem::unavailable("The login provider's answer cannot be read.").with_source(cause)
}
