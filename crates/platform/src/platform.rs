//! The platform's front.

use crate::activity::{Activity, PastCall, Wanted};
use crate::audit::Refusals;
use crate::current::Current;
use crate::limits::Meter;
use crate::metrics::Metrics;
use crate::pipeline::unknown_service;
use crate::record::{CallLog, Listener, Listeners};
use crate::{Sessions, TokenKeys};
use contract::{Problem, Service, ServiceType, Settings, Value};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use store::Store;

/// The platform: policy, services, sessions and the pipeline.
pub struct Platform {
    pub(crate) current: Arc<Current>,
    pub(crate) sessions: Sessions,
    pub(crate) listeners: Listeners,
    pub(crate) meter: Meter,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) activity: Activity,
    pub(crate) data: PathBuf,
    /// Itself, for what its services are given.
    pub(crate) me: Weak<Platform>,
    types: Vec<ServiceType>,
}

impl Platform {
    /// Loads the first generation. `types` is called once, with a reference for those service types that need the
    /// platform itself (`system`, `user`, `api_docs`); it must stay weak, or the platform is never dropped.
    pub async fn start(
        store: Arc<Store>,
        types: impl FnOnce(&Weak<Platform>) -> Vec<ServiceType>,
        settings: Arc<Settings>,
        data: PathBuf,
        token_keys: TokenKeys,
    ) -> Result<Arc<Platform>, Problem> {
        let current = Arc::new(Current::load(store, settings).await?);
        let sessions = Sessions::new(Arc::clone(&current), token_keys)?;
        let listeners = Listeners::default();
        let meter = Meter::new(current.settings.limit_outage == "closed");
        listeners.add(Arc::new(CallLog));
        let metrics = Arc::new(Metrics::default());
        listeners.add(Arc::clone(&metrics) as Arc<dyn Listener>);
        let activity = Activity::new(current.settings.request_log);
        let days = current.settings.audit_days;
        current.store.keep_audit(days > 0);
        if days > 0 {
            listeners.add(Arc::new(Refusals::start(Arc::clone(&current.store), days)));
        }
        Ok(Arc::new_cyclic(|platform| {
            let types = types(platform);
            Platform {
                current,
                sessions,
                listeners,
                meter,
                metrics,
                activity,
                data,
                me: platform.clone(),
                types,
            }
        }))
    }

    /// Adds a listener to every call from now on.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.listeners.add(listener);
    }

    /// `GET /status`, without credentials. `base_url` becomes `uri`.
    pub async fn status(&self, base_url: &str) -> Result<Value, Problem> {
        let counts = self.store().counts().await?;
        Ok(json!({
            "uri": base_url,
            "managed": false,
            "dist": self.settings().install,
            "demo": false,
            "version": env!("CARGO_PKG_VERSION"),
            "license": "OPEN SOURCE",
            "host_os": host_os(),
            "last_admin_login": counts.last_admin_login,
            "resources": {
                "app": counts.app,
                "admin": counts.admin,
                "user": counts.user,
                "service": counts.service,
                "role": counts.role,
            },
        }))
    }

    /// The latest calls of this node that are wanted, the latest first, and the id of the latest of all.
    pub fn past_calls(&self, wanted: &Wanted) -> (Vec<PastCall>, u64) {
        self.activity.read(wanted)
    }

    /// Whether calls can be answered right now: the system database is reachable.
    pub async fn ready(&self) -> Result<(), Problem> {
        self.store().check().await
    }

    /// Looks for writes and logouts of other nodes. The program calls it every few seconds when several nodes share
    /// a system database.
    pub async fn poll(&self) -> Result<(), Problem> {
        let known = self.store().generation();
        if self.store().poll_generation().await? > known {
            // What another process changed may be what services keep in memory, such as the extras of tables.
            self.current.get().await?.forget();
        }
        self.current.load_revoked().await?;
        self.current.forget_expired_tokens().await
    }

    /// Logins and session tokens, for the session endpoints.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The store.
    pub fn store(&self) -> &Arc<Store> {
        &self.current.store
    }

    /// The instance's settings.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.current.settings
    }

    /// The folder of the instance's data.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// All installed service types, in the order given at start.
    pub fn types(&self) -> &[ServiceType] {
        &self.types
    }

    /// A running service by name, for documents, `names` and the connection test; calls go through
    /// [`Platform::run_as`]. 404 when unknown, 403 when deactivated, 500 when its type is not installed.
    pub async fn service(&self, name: &str) -> Result<Arc<dyn Service>, Problem> {
        let generation = self.current.get().await?;
        let facts = generation
            .snapshot()
            .service(name)
            .ok_or_else(|| unknown_service(name))?;
        self.started(&generation, facts)
    }
}

/// The operating system's name as people write it.
fn host_os() -> &'static str {
    match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "Darwin",
        "windows" => "Windows",
        other => other,
    }
}
