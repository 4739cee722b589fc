//! The platform's front. (Signatures first; bodies follow.)

use crate::{Incoming, Listener, Sessions};
use contract::{Caller, Problem, Response, Service, ServiceType, Settings, Value};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use store::Store;

/// The platform: policy, services, sessions and the pipeline.
pub struct Platform {}

impl Platform {
    /// Loads the first snapshot. `types` is called once with a reference for those service types that need the
    /// platform itself (`system`, `user`, `api_docs`); keep it weak.
    pub async fn start(
        _store: Arc<Store>,
        _types: impl FnOnce(&Weak<Platform>) -> Vec<ServiceType>,
        _settings: Arc<Settings>,
        _data: PathBuf,
        _jwt_secret: Vec<u8>,
    ) -> Result<Arc<Platform>, Problem> {
        unimplemented!()
    }

    /// Adds a listener to every call from now on.
    pub fn listen(&self, _listener: Arc<dyn Listener>) {
        unimplemented!()
    }

    /// A call from a door: identify, locate, permit, meter, before, call, after, record.
    pub async fn run(&self, _incoming: Incoming) -> Result<Response, Problem> {
        unimplemented!()
    }

    /// The same for a caller who is already known: calls of scripts, jobs and tools.
    pub async fn run_as(&self, _caller: Caller, _incoming: Incoming) -> Result<Response, Problem> {
        unimplemented!()
    }

    /// `GET /api/v2`: the services that the caller may touch and the service types. `incoming.service` is ignored.
    pub async fn index(&self, _incoming: Incoming) -> Result<Response, Problem> {
        unimplemented!()
    }

    /// `GET /status`, without credentials. `base_url` becomes `uri`.
    pub async fn status(&self, _base_url: &str) -> Result<Value, Problem> {
        unimplemented!()
    }

    /// Whether calls can be answered right now: the system database is reachable.
    pub async fn ready(&self) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Looks for writes of other nodes. The program calls it every few seconds when several nodes share a database.
    pub async fn poll(&self) -> Result<(), Problem> {
        unimplemented!()
    }

    /// Logins and session tokens, for the session endpoints.
    pub fn sessions(&self) -> &Sessions {
        unimplemented!()
    }

    /// The store.
    pub fn store(&self) -> &Arc<Store> {
        unimplemented!()
    }

    /// The instance's settings.
    pub fn settings(&self) -> &Arc<Settings> {
        unimplemented!()
    }

    /// All installed service types, in the order given at start.
    pub fn types(&self) -> &[ServiceType] {
        unimplemented!()
    }

    /// A running service by name, for documents, `names` and the connection test; calls go through
    /// [`Platform::run_as`]. 404 when unknown, 403 when deactivated, 500 when its type is not installed.
    pub async fn service(&self, _name: &str) -> Result<Arc<dyn Service>, Problem> {
        unimplemented!()
    }
}
