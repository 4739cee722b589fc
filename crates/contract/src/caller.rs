//! Who is calling. Never optional: nobody is a caller too.

use crate::{Origin, Problem, Verb, Verbs};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// What is known of the user behind a call.
#[derive(Debug, Clone, Default)]
pub struct UserFacts {
    /// Primary key.
    pub id: i64,
    /// Display name.
    pub name: String,
    /// Login name.
    pub username: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Whether this is an administrator.
    pub is_sys_admin: bool,
    /// `YYYY-MM-DD hh:mm:ss`, UTC.
    pub last_login_date: Option<String>,
}

/// What is known of the app behind a call (an app is an API key).
#[derive(Debug, Clone, Default)]
pub struct AppFacts {
    /// Primary key.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// The key itself; `{app.api_key}` may be used in filters.
    pub api_key: String,
}

/// What is known of the role that a call is made with.
#[derive(Debug, Clone, Default)]
pub struct RoleFacts {
    /// Primary key.
    pub id: i64,
    /// Unique name.
    pub name: String,
}

/// The session token that a call came with.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    /// The token itself.
    pub token: String,
    /// Unix seconds at which it expires.
    pub expires: i64,
}

/// One condition of a role's row filter, as the administrator wrote it. `{…}` lookups are not yet replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowCondition {
    /// Field name.
    pub name: String,
    /// Operator word or sign, as in the filter language.
    pub operator: String,
    /// Value as text; ignored by the null tests.
    pub value: String,
}

/// A role's row filter on a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowFilter {
    /// The conditions; empty means no filter.
    pub conditions: Vec<RowCondition>,
    /// Whether one condition is enough (`filter_op` OR).
    pub any: bool,
}

/// What policy says of one verb on one component.
#[derive(Debug)]
pub enum Verdict {
    /// Allowed, on the rows that the filter lets through.
    Allow {
        /// The row filter, if the winning grant has one.
        filter: Option<Arc<RowFilter>>,
    },
    /// Refused, with the answer for the caller.
    Deny(Problem),
}

/// The rights of a caller. Implemented by the platform's policy alone; a pure function of an immutable snapshot.
pub trait Access: Send + Sync {
    /// Decides one call: the front gate of the pipeline. `component` has no slash at either end; empty is the
    /// service's root.
    fn verdict(&self, service: i64, component: &str, verb: Verb, origin: &Origin) -> Verdict;

    /// The verbs allowed on a component, for lists that leave out what the caller cannot see.
    fn verbs(&self, service: i64, component: &str, origin: &Origin) -> Verbs;

    /// The verbs allowed on some component of a form: a path of an endpoint table, placeholders included. For
    /// documents, which show a path when the caller may use it for anything.
    fn reach(&self, service: i64, form: &str, origin: &Origin) -> Verbs;

    /// Whether any grant names this service (or all services).
    fn touches(&self, service: i64) -> bool;

    /// Whether nothing is refused: an administrator who is bound to no role. Rate limits do not count those.
    fn is_unrestricted(&self) -> bool {
        false
    }
}

struct NoAccess;

impl Access for NoAccess {
    fn verdict(&self, _: i64, _: &str, _: Verb, _: &Origin) -> Verdict {
        Verdict::Deny(Problem::unauthorized("Unauthorized. User is not authenticated."))
    }

    fn verbs(&self, _: i64, _: &str, _: &Origin) -> Verbs {
        Verbs::default()
    }

    fn reach(&self, _: i64, _: &str, _: &Origin) -> Verbs {
        Verbs::default()
    }

    fn touches(&self, _: i64) -> bool {
        false
    }
}

/// Who is calling, and what they may do.
#[derive(Clone)]
pub struct Caller {
    /// The user, when one is logged in.
    pub user: Option<Arc<UserFacts>>,
    /// The app, when a known API key was sent.
    pub app: Option<Arc<AppFacts>>,
    /// The role that applies; none for nobody and for unrestricted administrators.
    pub role: Option<Arc<RoleFacts>>,
    /// The session token, when one was sent.
    pub session: Option<Arc<SessionFacts>>,
    /// Lookup keys of this caller (public ones), already overlaid: system, app, role, user. Names in lower case.
    pub lookups: Arc<HashMap<String, String>>,
    access: Arc<dyn Access>,
}

impl Caller {
    /// Nobody: no user, no app, no rights.
    pub fn nobody() -> Caller {
        Caller {
            user: None,
            app: None,
            role: None,
            session: None,
            lookups: Arc::default(),
            access: Arc::new(NoAccess),
        }
    }

    /// A caller with rights. Only the platform's policy calls this, with its own [`Access`].
    pub fn with_access(access: Arc<dyn Access>) -> Caller {
        Caller {
            access,
            ..Caller::nobody()
        }
    }

    /// See [`Access::verdict`].
    pub fn verdict(&self, service: i64, component: &str, verb: Verb, origin: &Origin) -> Verdict {
        self.access.verdict(service, component, verb, origin)
    }

    /// Checks a component *inside* a service (a table, a related table) and gives its row filter. Refusals have
    /// the words that clients expect from a service rather than from the front gate.
    pub fn permit(
        &self,
        service: (i64, &str),
        component: &str,
        verb: Verb,
        origin: &Origin,
    ) -> Result<Option<Arc<RowFilter>>, Problem> {
        match self.access.verdict(service.0, component, verb, origin) {
            Verdict::Allow { filter } => Ok(filter),
            Verdict::Deny(_) => Err(Problem::forbidden(format!(
                "{verb} access to component '{component}' of service '{}' is not allowed by this user's role.",
                service.1
            ))),
        }
    }

    /// See [`Access::verbs`].
    pub fn verbs(&self, service: i64, component: &str, origin: &Origin) -> Verbs {
        self.access.verbs(service, component, origin)
    }

    /// See [`Access::reach`].
    pub fn reach(&self, service: i64, form: &str, origin: &Origin) -> Verbs {
        self.access.reach(service, form, origin)
    }

    /// See [`Access::touches`].
    pub fn touches(&self, service: i64) -> bool {
        self.access.touches(service)
    }

    /// See [`Access::is_unrestricted`].
    pub fn is_unrestricted(&self) -> bool {
        self.access.is_unrestricted()
    }

    /// The value of a lookup name in text that the caller or a role wrote: built-ins of the session first, then
    /// the public lookup keys. `None` leaves the text as it is.
    pub fn lookup(&self, name: &str) -> Option<String> {
        let lower = name.to_ascii_lowercase();
        if let Some((group, key)) = lower.split_once('.') {
            let found = match group {
                "user" => self.user.as_deref().and_then(|u| match key {
                    "id" => Some(u.id.to_string()),
                    "name" | "display_name" => Some(u.name.clone()),
                    "username" => u.username.clone(),
                    "first_name" => u.first_name.clone(),
                    "last_name" => u.last_name.clone(),
                    "email" => Some(u.email.clone()),
                    "is_sys_admin" => Some(i32::from(u.is_sys_admin).to_string()),
                    "last_login_date" => u.last_login_date.clone(),
                    _ => None,
                }),
                "role" => self.role.as_deref().and_then(|r| match key {
                    "id" => Some(r.id.to_string()),
                    "name" => Some(r.name.clone()),
                    _ => None,
                }),
                "app" => self.app.as_deref().and_then(|a| match key {
                    "id" => Some(a.id.to_string()),
                    "api_key" => Some(a.api_key.clone()),
                    "name" => Some(a.name.clone()),
                    _ => None,
                }),
                "session" => self.session.as_deref().and_then(|s| match key {
                    "id" | "token" => Some(s.token.clone()),
                    _ => None,
                }),
                _ => None,
            };
            if found.is_some() {
                return found;
            }
        }
        self.lookups.get(&lower).cloned()
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("user", &self.user.as_ref().map(|u| u.id))
            .field("app", &self.app.as_ref().map(|a| a.id))
            .field("role", &self.role.as_ref().map(|r| r.id))
            .finish_non_exhaustive()
    }
}
