//! Policy: who may do what, as pure functions of one immutable snapshot of the system database.
//!
//! Nothing here waits, reads a clock or remembers a call. Rights are made here and nowhere else.

pub(crate) mod explain;
mod open;
mod reach;
mod refusal;
mod rights;
mod role;
pub(crate) mod tabs;
#[cfg(test)]
mod tests;

pub(crate) use open::is_login;
pub use open::is_open;
pub use rights::{Evidence, Rights};
pub use role::Role;

use crate::cors::Cors;
use crate::limits::Limits;
use crate::lookup::Lookups;
use contract::{AppFacts, ServiceRef, Settings};
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::rows::{PolicyRows, ServiceRow};

/// An app: an API key.
#[derive(Debug)]
pub struct App {
    /// What services may know of it.
    pub facts: Arc<AppFacts>,
    /// Inactive apps answer 403.
    pub is_active: bool,
    /// Default role.
    pub role_id: Option<i64>,
}

/// A service as policy knows it. Its configuration is not here.
#[derive(Debug)]
pub struct ServiceFacts {
    /// Id and name.
    pub reference: Arc<ServiceRef>,
    /// Label for people.
    pub label: String,
    /// Description for people.
    pub description: Option<String>,
    /// Inactive services answer 403.
    pub is_active: bool,
    /// Name of the service type.
    pub kind: String,
}

/// Names of services by id, for refusals.
pub(crate) type ServiceNames = HashMap<i64, Arc<ServiceRef>>;

/// Everything that decides calls, indexed.
#[derive(Debug)]
pub struct Snapshot {
    services: Vec<ServiceFacts>,
    by_name: HashMap<String, usize>,
    names: Arc<ServiceNames>,
    apps: HashMap<i64, App>,
    by_key: HashMap<[u8; 32], i64>,
    roles: HashMap<i64, Arc<Role>>,
    lookups: Lookups,
    cors: Cors,
    limits: Limits,
}

impl Snapshot {
    /// Indexes the rows. Services keep their order; of two with names that differ in case only, the first is found.
    pub fn new(rows: &PolicyRows, settings: &Settings) -> Snapshot {
        let services: Vec<ServiceFacts> = rows.services.iter().map(ServiceFacts::new).collect();
        let mut by_name = HashMap::with_capacity(services.len());
        for (index, service) in services.iter().enumerate() {
            by_name
                .entry(service.reference.name.to_lowercase())
                .or_insert(index);
        }
        let names = services
            .iter()
            .map(|s| (s.reference.id, Arc::clone(&s.reference)))
            .collect();
        let mut apps = HashMap::with_capacity(rows.apps.len());
        let mut by_key = HashMap::with_capacity(rows.apps.len());
        for row in &rows.apps {
            if !row.api_key.is_empty() {
                by_key.insert(digest(&row.api_key), row.id);
            }
            let facts = AppFacts {
                id: row.id,
                name: row.name.clone(),
                api_key: row.api_key.clone(),
            };
            apps.insert(
                row.id,
                App {
                    facts: Arc::new(facts),
                    is_active: row.is_active,
                    role_id: row.role_id,
                },
            );
        }
        let roles = rows
            .roles
            .iter()
            .map(|row| (row.id, Arc::new(Role::new(row))))
            .collect();
        let lookups = Lookups::new(&rows.lookups, settings);
        Snapshot {
            services,
            by_name,
            names: Arc::new(names),
            apps,
            by_key,
            roles,
            lookups,
            cors: Cors::new(&rows.cors),
            limits: Limits::new(&rows.limits),
        }
    }

    /// The service of a name, compared without case.
    pub fn service(&self, name: &str) -> Option<&ServiceFacts> {
        let index = match self.by_name.get(name) {
            Some(index) => *index,
            None => *self.by_name.get(&name.to_lowercase())?,
        };
        self.services.get(index)
    }

    /// A service by id.
    pub fn service_by_id(&self, id: i64) -> Option<&ServiceFacts> {
        self.services.iter().find(|facts| facts.reference.id == id)
    }

    /// All services, in id order.
    pub fn services(&self) -> &[ServiceFacts] {
        &self.services
    }

    /// The app of a key. Keys are looked up by their digest, so that the time of the search tells nothing of them.
    pub fn app_by_key(&self, key: &str) -> Option<&App> {
        self.apps.get(self.by_key.get(&digest(key))?)
    }

    /// An app by id.
    pub fn app(&self, id: i64) -> Option<&App> {
        self.apps.get(&id)
    }

    /// A role by id.
    pub fn role(&self, id: i64) -> Option<&Arc<Role>> {
        self.roles.get(&id)
    }

    /// Rules for calls from other origins.
    pub(crate) fn cors(&self) -> &Cors {
        &self.cors
    }

    /// All apps, in no order.
    pub(crate) fn apps(&self) -> impl Iterator<Item = &App> {
        self.apps.values()
    }

    /// All roles, in no order.
    pub(crate) fn roles(&self) -> impl Iterator<Item = &Arc<Role>> {
        self.roles.values()
    }

    /// Lookup keys.
    pub(crate) fn lookups(&self) -> &Lookups {
        &self.lookups
    }

    /// Rate limits.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Names of services, shared with the rights made from this snapshot.
    pub(crate) fn names(&self) -> &Arc<ServiceNames> {
        &self.names
    }
}

impl ServiceFacts {
    fn new(row: &ServiceRow) -> ServiceFacts {
        ServiceFacts {
            reference: Arc::new(ServiceRef {
                id: row.id,
                name: row.name.clone(),
            }),
            label: row.label.clone(),
            description: row.description.clone(),
            is_active: row.is_active,
            kind: row.kind.clone(),
        }
    }
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
