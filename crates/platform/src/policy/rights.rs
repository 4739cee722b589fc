//! The rights of one caller: the only implementation of [`Access`].

use super::{Role, ServiceNames, refusal};
use contract::{Access, Origin, Verb, Verbs, Verdict};
use std::sync::Arc;

/// What a request brought along, for the words of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Evidence {
    /// An API key was sent, known or not.
    pub key: bool,
    /// A session token or good Basic credentials were sent.
    pub session: bool,
}

/// The rights of one caller.
#[derive(Debug)]
pub struct Rights {
    /// An administrator without role assignments: everything, without filters.
    full: bool,
    /// The role that applies, active or not.
    role: Option<Arc<Role>>,
    /// Whether a user is known.
    user: bool,
    evidence: Evidence,
    names: Arc<ServiceNames>,
}

impl Rights {
    /// Rights of an unrestricted administrator.
    pub(crate) fn full(names: &Arc<ServiceNames>) -> Rights {
        let evidence = Evidence {
            key: false,
            session: true,
        };
        Rights {
            full: true,
            role: None,
            user: true,
            evidence,
            names: Arc::clone(names),
        }
    }

    /// Rights through a role, or none without one.
    pub(crate) fn of_role(
        role: Option<Arc<Role>>,
        user: bool,
        evidence: Evidence,
        names: &Arc<ServiceNames>,
    ) -> Rights {
        Rights {
            full: false,
            role,
            user,
            evidence,
            names: Arc::clone(names),
        }
    }

    /// Whether these are the rights of an unrestricted administrator.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// The role that applies, active or not.
    pub(crate) fn role(&self) -> Option<&Role> {
        self.role.as_deref()
    }

    fn active(&self) -> Option<&Role> {
        self.role.as_deref().filter(|role| role.is_active)
    }
}

impl Access for Rights {
    fn verdict(&self, service: i64, component: &str, verb: Verb, origin: &Origin) -> Verdict {
        if self.verbs(service, component, origin).contains(verb) {
            let filter = self
                .active()
                .and_then(|role| role.filter(service, component, verb, origin));
            return Verdict::Allow { filter };
        }
        Verdict::Deny(match &self.role {
            None if !self.full => refusal::without_role(self.evidence, origin),
            Some(role) if !role.is_active => refusal::role_inactive(),
            _ if !self.user => refusal::not_authenticated(),
            _ => refusal::not_allowed(verb, component, self.names.get(&service).map(|s| s.name.as_str())),
        })
    }

    fn verbs(&self, service: i64, component: &str, origin: &Origin) -> Verbs {
        match self.active() {
            _ if self.full => Verbs::ALL,
            Some(role) => role.verbs(service, component, origin),
            None => Verbs::default(),
        }
    }

    fn reach(&self, service: i64, form: &str, origin: &Origin) -> Verbs {
        match self.active() {
            _ if self.full => Verbs::ALL,
            Some(role) => role.reach(service, form, origin),
            None => Verbs::default(),
        }
    }

    fn is_unrestricted(&self) -> bool {
        self.full
    }

    fn touches(&self, service: i64) -> bool {
        self.full || self.active().is_some_and(|role| role.touches(service))
    }
}
