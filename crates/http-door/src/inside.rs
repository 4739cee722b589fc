//! What lies behind the door.

use async_trait::async_trait;
use contract::{Problem, Response, Value, Verb};
use platform::{CrossOrigin, CrossOriginAnswer, Incoming, Platform};

/// What lies behind the door: the platform, or a stand-in for it in tests of the door itself.
#[async_trait]
pub trait Inside: Send + Sync {
    /// Answers a call to a service, and logs what goes wrong, under the id in the call's `x-request-id`. Problems of
    /// the other functions are logged by the door.
    async fn run(&self, incoming: Incoming) -> Result<Response, Problem>;

    /// Answers with the list of services; the call's service and path are empty.
    async fn index(&self, incoming: Incoming) -> Result<Response, Problem>;

    /// The public status.
    async fn status(&self, base_url: &str) -> Result<Value, Problem>;

    /// Whether calls can be answered right now.
    async fn ready(&self) -> Result<(), Problem>;

    /// Whether a service wants bodies of calls with this verb as they were sent.
    async fn takes_bytes(&self, _service: &str, _verb: Verb) -> bool {
        false
    }

    /// Reads what a service makes public; nobody asks for credentials. `None` where no service publishes anything.
    async fn published(&self, _incoming: Incoming) -> Option<Result<Response, Problem>> {
        None
    }

    /// What a browser is told of a call from a page of another origin. Nothing is allowed where nobody says so.
    async fn cross_origin(&self, _question: CrossOrigin<'_>) -> Result<CrossOriginAnswer, Problem> {
        Ok(CrossOriginAnswer::default())
    }
}

#[async_trait]
impl Inside for Platform {
    async fn run(&self, incoming: Incoming) -> Result<Response, Problem> {
        Platform::run(self, incoming).await
    }

    async fn index(&self, incoming: Incoming) -> Result<Response, Problem> {
        Platform::index(self, incoming).await
    }

    async fn status(&self, base_url: &str) -> Result<Value, Problem> {
        Platform::status(self, base_url).await
    }

    async fn ready(&self) -> Result<(), Problem> {
        Platform::ready(self).await
    }

    async fn takes_bytes(&self, service: &str, verb: Verb) -> bool {
        Platform::takes_bytes(self, service, verb).await
    }

    async fn published(&self, incoming: Incoming) -> Option<Result<Response, Problem>> {
        Platform::published(self, incoming).await
    }

    async fn cross_origin(&self, question: CrossOrigin<'_>) -> Result<CrossOriginAnswer, Problem> {
        Platform::cross_origin(self, question).await
    }
}

/// What the first administrator is made of: the form's or the console's fields.
#[derive(Clone, Default)]
pub struct NewAdministrator {
    /// E-mail.
    pub email: String,
    /// Password; when it was sent twice, both were equal.
    pub password: String,
    /// Display name.
    pub name: Option<String>,
    /// Login name.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
}

/// Who decides about the one-time link under `/setup`.
#[async_trait]
pub trait FirstAdministrator: Send + Sync {
    /// Whether this token opens the form right now: it is the one that was printed, it has not been used, and
    /// there is no administrator yet.
    async fn admits(&self, token: &str) -> bool;

    /// Creates the administrator, uses the token up and returns the new profile. Fails with 400 for bad input (the
    /// token stays), with 404 when the token does not open the form.
    async fn create(&self, token: &str, administrator: NewAdministrator) -> Result<Value, Problem>;
}
