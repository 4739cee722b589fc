//! Services that ask a directory for a name and a password.

use crate::{Admission, Identity};
use async_trait::async_trait;
use contract::{Caller, Endpoint, Operation, Origin, Problem, Request, Response, Service, Tried};

/// What knows names and passwords: a directory.
#[async_trait]
pub trait Directory: Send + Sync {
    /// Proves who somebody is. 401 `Invalid username and password provided.` when name or password are wrong, 503 when
    /// the directory is away. Neither is ever empty.
    async fn authenticate(&self, username: &str, password: &str) -> Result<Identity, Problem>;

    /// What of it can be read through the service.
    fn endpoints(&self) -> &'static [Endpoint] {
        &[]
    }

    /// Answers a call of [`Directory::endpoints`].
    async fn read(&self, operation: &Operation, _request: &Request) -> Result<Response, Problem> {
        Err(Problem::not_found(format!(
            "Resource '{}' not found.",
            operation.endpoint.path
        )))
    }

    /// Whether it answers right now.
    async fn check(&self) -> Result<(), Problem>;

    /// The same for those who set it up; see [`Service::try_connection`].
    async fn try_connection(&self) -> Result<Tried, Problem> {
        self.check().await.map(|()| Tried::default())
    }
}

/// A service over a directory. Logins come to it through `user/session`.
pub struct DirectoryService {
    directory: Box<dyn Directory>,
    admission: Admission,
}

impl DirectoryService {
    /// A service that lets these in.
    pub fn new(directory: Box<dyn Directory>, admission: Admission) -> DirectoryService {
        DirectoryService { directory, admission }
    }

    /// Whom it lets in.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// See [`Directory::authenticate`]. 400 when name or password are empty: a directory takes an empty password for
    /// somebody who does not want to log in, and says yes.
    pub async fn authenticate(&self, username: &str, password: &str) -> Result<Identity, Problem> {
        if username.trim().is_empty() || password.is_empty() {
            return Err(missing());
        }
        self.directory.authenticate(username.trim(), password).await
    }
}

/// `No username and/or password provided.`
pub fn missing() -> Problem {
    Problem::bad_request("No username and/or password provided.")
}

#[async_trait]
impl Service for DirectoryService {
    fn endpoints(&self) -> &'static [Endpoint] {
        self.directory.endpoints()
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        self.directory.read(&operation, &request).await
    }

    async fn check(&self) -> Result<(), Problem> {
        self.directory.check().await
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        self.directory.try_connection().await
    }
}
