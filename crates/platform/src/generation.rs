//! One generation of the instance: the policy snapshot, its services, and what was learnt while it was current.
//!
//! A generation is swapped as a whole. Users, callers and checked tokens are remembered inside it, so that a change
//! of any of them is seen at once; services that did not change live on in the next.

use crate::policy::{App, Evidence, Rights, Role, Snapshot};
use contract::{Caller, Map, PoolState, Service, ServiceRef, SessionFacts, Settings, UserFacts, Value};
use hashbrown::HashMap;
use parking_lot::RwLock;
use std::hash::Hash;
use std::sync::{Arc, OnceLock};
use store::rows::{PolicyRows, UserRow};

/// Entries after which a memory is emptied; it fills again with what is in use.
const MEMORY: usize = 10_000;

/// A user of this generation.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) facts: Arc<UserFacts>,
    pub(crate) row: UserRow,
}

/// A session token whose signature and owner have been checked in this generation.
#[derive(Debug)]
pub(crate) struct CheckedToken {
    pub(crate) user: Arc<User>,
    pub(crate) session: Arc<SessionFacts>,
    pub(crate) jti: Box<str>,
    pub(crate) not_before: i64,
}

/// A service that runs, or will at its first call.
pub(crate) struct Running {
    pub(crate) reference: Arc<ServiceRef>,
    pub(crate) kind: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) built: OnceLock<Arc<dyn Service>>,
}

/// Who a caller is, as far as rights depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Identity {
    user: Option<i64>,
    app: Option<i64>,
    evidence: Evidence,
}

/// One generation of the instance.
pub(crate) struct Generation {
    snapshot: Snapshot,
    running: HashMap<i64, Arc<Running>>,
    users: RwLock<HashMap<i64, Arc<User>>>,
    tokens: RwLock<HashMap<Box<str>, Arc<CheckedToken>>>,
    callers: RwLock<HashMap<Identity, Caller>>,
    /// Ids of the services that are told of calls.
    logs: OnceLock<Box<[i64]>>,
}

impl Generation {
    /// Builds a generation from rows. Services whose name, type and configuration are as in `previous` are kept.
    pub(crate) fn new(rows: &PolicyRows, previous: Option<&Generation>, settings: &Settings) -> Generation {
        let snapshot = Snapshot::new(rows, settings);
        let mut running = HashMap::with_capacity(rows.services.len());
        for (row, facts) in rows.services.iter().zip(snapshot.services()) {
            let config = snapshot.lookups().fill(&row.config, settings);
            let same = |old: &&Arc<Running>| {
                old.reference == facts.reference && old.kind == row.kind && old.config == config
            };
            let kept = previous
                .and_then(|p| p.running.get(&row.id))
                .filter(same)
                .cloned();
            let service = kept.unwrap_or_else(|| {
                let reference = Arc::clone(&facts.reference);
                Arc::new(Running {
                    reference,
                    kind: row.kind.clone(),
                    config,
                    built: OnceLock::new(),
                })
            });
            running.insert(row.id, service);
        }
        Generation {
            snapshot,
            running,
            users: RwLock::default(),
            tokens: RwLock::default(),
            callers: RwLock::default(),
            logs: OnceLock::new(),
        }
    }

    /// The services that are told of calls; `is_log` says of a type whether they are, and is asked once.
    pub(crate) fn logs(&self, is_log: impl Fn(&str) -> bool) -> &[i64] {
        self.logs.get_or_init(|| {
            let found = self.running.iter().filter(|(_, running)| is_log(&running.kind));
            found.map(|(id, _)| *id).collect()
        })
    }

    /// The policy.
    pub(crate) fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    pub(crate) fn running(&self, id: i64) -> Option<&Arc<Running>> {
        self.running.get(&id)
    }

    /// Lets the services that were built forget what they keep of the world outside.
    pub(crate) fn forget(&self) {
        for service in self.running.values().filter_map(|running| running.built.get()) {
            service.forget();
        }
    }

    /// The connections of the services that were built, by name.
    pub(crate) fn pools(&self) -> impl Iterator<Item = (&str, PoolState)> {
        let mut running: Vec<&Arc<Running>> = self.running.values().collect();
        running.sort_by_key(|r| r.reference.id);
        running
            .into_iter()
            .filter_map(|r| Some((r.reference.name.as_str(), r.built.get()?.pool()?)))
    }

    pub(crate) fn known_user(&self, id: i64) -> Option<Arc<User>> {
        self.users.read().get(&id).cloned()
    }

    pub(crate) fn remember_user(&self, row: UserRow) -> Arc<User> {
        let user = Arc::new(User {
            facts: Arc::new(facts(&row)),
            row,
        });
        remember(&self.users, user.row.id, Arc::clone(&user));
        user
    }

    pub(crate) fn known_token(&self, token: &str) -> Option<Arc<CheckedToken>> {
        self.tokens.read().get(token).cloned()
    }

    pub(crate) fn remember_token(&self, token: CheckedToken) -> Arc<CheckedToken> {
        let token = Arc::new(token);
        remember(
            &self.tokens,
            token.session.token.as_str().into(),
            Arc::clone(&token),
        );
        token
    }

    /// The caller that these credentials make, with the rights of this generation.
    pub(crate) fn caller(
        &self,
        user: Option<&User>,
        app: Option<&App>,
        evidence: Evidence,
        session: Option<Arc<SessionFacts>>,
    ) -> Caller {
        let identity = Identity {
            user: user.map(|u| u.row.id),
            app: app.map(|a| a.facts.id),
            evidence,
        };
        let known = self.callers.read().get(&identity).cloned();
        let mut caller = known.unwrap_or_else(|| {
            let caller = self.make_caller(user, app, evidence);
            remember(&self.callers, identity, caller.clone());
            caller
        });
        caller.session = session;
        caller
    }

    fn make_caller(&self, user: Option<&User>, app: Option<&App>, evidence: Evidence) -> Caller {
        let (rights, role) = self.rights(user, app, evidence);
        let facts = role.map(|r| Arc::clone(&r.facts));
        let app_id = app.map(|a| a.facts.id);
        let lookups =
            self.snapshot
                .lookups()
                .overlay(app_id, facts.as_ref().map(|r| r.id), user.map(|u| u.row.id));
        let mut caller = Caller::with_access(Arc::new(rights));
        caller.user = user.map(|u| Arc::clone(&u.facts));
        caller.app = app.map(|a| Arc::clone(&a.facts));
        caller.role = facts;
        caller.lookups = lookups;
        caller
    }

    /// The rights that these credentials give, and the role that they come from.
    pub(crate) fn rights(
        &self,
        user: Option<&User>,
        app: Option<&App>,
        evidence: Evidence,
    ) -> (Rights, Option<Arc<Role>>) {
        let names = self.snapshot.names();
        if user.is_some_and(|u| u.row.is_sys_admin && u.row.assignments.is_empty()) {
            return (Rights::full(names), None);
        }
        let role = self
            .role_id(user, app)
            .and_then(|id| self.snapshot.role(id))
            .cloned();
        let rights = Rights::of_role(role.clone(), user.is_some(), evidence, names);
        (rights, role)
    }

    /// The role of a user for an app: the user's own for it, else the app's. A user without a key has none.
    ///
    /// The original, when the user has no role for *this* app, takes one that was given for any other app. That hands
    /// out rights that nobody granted, so it is left out: the app's default role applies.
    pub(crate) fn role_id(&self, user: Option<&User>, app: Option<&App>) -> Option<i64> {
        let app = app?;
        let own = user.and_then(|u| u.row.assignments.iter().find(|a| a.app_id == app.facts.id));
        own.map(|a| a.role_id).or(app.role_id)
    }
}

fn remember<K: Eq + Hash, V>(memory: &RwLock<HashMap<K, V>>, key: K, value: V) {
    let mut memory = memory.write();
    if memory.len() >= MEMORY {
        memory.clear();
    }
    memory.insert(key, value);
}

fn facts(row: &UserRow) -> UserFacts {
    UserFacts {
        id: row.id,
        name: row.name.clone(),
        username: row.username.clone(),
        first_name: row.first_name.clone(),
        last_name: row.last_name.clone(),
        email: row.email.clone(),
        is_sys_admin: row.is_sys_admin,
        last_login_date: row.last_login_date.clone(),
    }
}
