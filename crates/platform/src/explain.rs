//! `explain=access`: for any request, what would decide it. Nothing is run and nothing is counted.
//!
//! Only administrators without a role may ask, also on behalf of others: `explain_role`, `explain_key` and
//! `explain_user` take an id or a name (of a user the e-mail or the login name; of a key the key itself or its app). A
//! body may bring a role along that nobody has stored: see [`crate::proposed`].

use crate::current::Current;
use crate::generation::{Generation, User};
use crate::limits::{Limit, Metered, enforced};
use crate::policy::explain::{Question, refused};
use crate::policy::{App, Evidence, Rights, Role};
use crate::{Incoming, Platform, proposed};
use contract::{Caller, Counter, Params, Problem, Response, Value};
use serde_json::json;
use std::sync::Arc;

/// Whether a call asks for its explanation instead of its answer.
pub(crate) fn is_asked(params: &Params) -> bool {
    params
        .get("explain")
        .is_some_and(|what| what.eq_ignore_ascii_case("access"))
}

/// On whose behalf is asked.
struct Subject {
    user: Option<Arc<User>>,
    rights: Rights,
    app: Option<i64>,
    role: Option<Arc<Role>>,
    role_from: &'static str,
    refusal: Option<Problem>,
}

impl Platform {
    pub(crate) async fn explain(
        &self,
        generation: &Generation,
        caller: &Caller,
        call: &Incoming,
    ) -> Result<Response, Problem> {
        if !caller.is_unrestricted() {
            return Err(Problem::forbidden(
                "Only an administrator without a role may ask for an explanation.",
            ));
        }
        let proposed = proposed::role(&call.payload)?.map(Arc::new);
        let subject = subject(&self.current, generation, caller, &call.params, proposed).await?;
        let located = generation.snapshot().service(&call.service);
        let question = Question {
            service: located.map_or(0, |facts| facts.reference.id),
            name: located.map_or(call.service.as_str(), |facts| facts.reference.name.as_str()),
            kind: located.map_or("", |facts| facts.kind.as_str()),
            path: &call.path,
            verb: call.verb,
            origin: &call.origin,
        };
        let mut access = match &subject.refusal {
            Some(problem) => refused(problem),
            None => subject.rights.explain(&question),
        };
        if let Some(table) = inner(&call.path)
            && subject.refusal.is_none()
        {
            // A service asks again for what a path begins with, such as the table of a record.
            let inside = Question {
                path: table,
                ..question
            };
            access["inside"] = json!({"component": table, "access": subject.rights.explain(&inside)});
        }
        Ok(Response::value(json!({"explain": {
            "request": {"verb": call.verb.as_str(), "service": question.name, "path": call.path},
            "service": located.map(|facts| json!({
                "id": facts.reference.id, "type": facts.kind, "is_active": facts.is_active,
            })),
            "caller": {
                "user": subject.user.as_ref().map(|u| json!({"id": u.row.id, "email": u.row.email, "is_sys_admin": u.row.is_sys_admin})),
                "app": subject.app,
                "role": subject.role.as_ref().map(|r| json!({"id": r.facts.id, "name": r.facts.name, "is_active": r.is_active})),
                "role_from": subject.role_from,
                "tabs": self.explain_tabs(generation, &subject),
            },
            "access": access,
            "limits": self.explain_limits(generation, &subject, question.service, call).await?,
        }})))
    }

    /// What a restricted administrator is restricted to; null for all others.
    fn explain_tabs(&self, generation: &Generation, subject: &Subject) -> Value {
        let administrator = subject.user.as_ref().is_some_and(|user| user.row.is_sys_admin);
        match subject.role.as_ref().filter(|_| administrator) {
            Some(role) => json!(self.tabs_of(role, generation.snapshot())),
            None => Value::Null,
        }
    }

    /// The limits that would count the call, and what they stand at.
    async fn explain_limits(
        &self,
        generation: &Generation,
        subject: &Subject,
        service: i64,
        call: &Incoming,
    ) -> Result<Value, Problem> {
        if subject.rights.is_full() {
            return Ok(json!([]));
        }
        let metered = Metered {
            user: subject.user.as_ref().map(|u| u.row.id),
            role: subject.role.as_ref().map(|r| r.facts.id),
            service: Some(service).filter(|id| *id != 0),
            verb: call.verb,
            path: &call.path,
        };
        let found = generation.snapshot().limits().matching(&metered);
        let counters: Vec<Counter> = found.iter().map(|limit| limit.counter(metered.user)).collect();
        let counts = self.meter.read(&counters).await?;
        let one = |((limit, counter), count): ((&Arc<Limit>, &Counter), contract::Count)| {
            let full = count.locked || count.attempts >= counter.rate;
            let enforced = enforced(limit, &found);
            json!({
                "id": limit.row.id, "name": limit.row.name, "key": &*counter.key, "max": counter.rate,
                "attempts": count.attempts, "enforced": enforced, "refuses": full && enforced,
            })
        };
        Ok(found.iter().zip(&counters).zip(counts).map(one).collect())
    }
}

/// The first two segments of a path that goes on after them.
fn inner(path: &str) -> Option<&str> {
    let (end, _) = path.match_indices('/').nth(1)?;
    path.get(..end)
}

async fn subject(
    current: &Current,
    generation: &Generation,
    caller: &Caller,
    params: &Params,
    proposed: Option<Arc<Role>>,
) -> Result<Subject, Problem> {
    let sent = |name: &str| params.get(name).map(str::trim).filter(|t| !t.is_empty());
    let (role, key, user) = (sent("explain_role"), sent("explain_key"), sent("explain_user"));
    if proposed.is_some() && role.is_some() {
        return Err(Problem::bad_request(
            "Ask for one role: the one in the body, or the one named in the parameters.",
        ));
    }
    let alone = proposed.is_none() && role.is_none() && key.is_none() && user.is_none();
    let user = match (user, &caller.user) {
        (Some(text), _) => Some(find_user(current, generation, text).await?),
        (None, Some(own)) if alone => current.user(generation, own.id).await?,
        _ => None,
    };
    let app = key.map(|text| find_app(generation, text)).transpose()?;
    let named = role.map(|text| find_role(generation, text)).transpose()?.cloned();
    let role_from = match proposed.is_some() {
        true => "proposed in the question",
        false => "named in the question",
    };
    let asked = proposed.or(named);
    let refusal = match (&user, app) {
        (Some(user), _) if !user.row.is_active => Some(Problem::forbidden("User is not active.")),
        (_, Some(app)) if !app.is_active => Some(Problem::forbidden("App is not active.")),
        _ => None,
    };
    let evidence = Evidence {
        key: app.is_some() || asked.is_some(),
        session: user.is_some(),
    };
    let names = generation.snapshot().names();
    let (rights, role, role_from) = match asked {
        Some(role) => {
            let rights = Rights::of_role(Some(Arc::clone(&role)), user.is_some(), evidence, names);
            (rights, Some(role), role_from)
        }
        None => {
            let (rights, role) = generation.rights(user.as_deref(), app, evidence);
            let from = found_by(user.as_deref(), app, role.is_some(), &rights);
            (rights, role, from)
        }
    };
    Ok(Subject {
        user,
        rights,
        app: app.map(|app| app.facts.id),
        role,
        role_from,
        refusal,
    })
}

fn found_by(user: Option<&User>, app: Option<&App>, found: bool, rights: &Rights) -> &'static str {
    let own = |user: &User, app: &App| user.row.assignments.iter().any(|a| a.app_id == app.facts.id);
    match (user, app) {
        _ if rights.is_full() => "none is needed: an administrator without roles",
        (_, None) => "none: without a key there is no role",
        (Some(user), Some(app)) if own(user, app) => "the user's role for this app",
        (_, Some(_)) if found => "the default role of the app",
        (_, Some(_)) => "none: the app has no default role",
    }
}

async fn find_user(current: &Current, generation: &Generation, text: &str) -> Result<Arc<User>, Problem> {
    let by_id = match text.parse() {
        Ok(id) => current.user(generation, id).await?,
        Err(_) => None,
    };
    if let Some(user) = by_id {
        return Ok(user);
    }
    for by_username in [false, true] {
        if let Some(row) = current.store.user_by_login(by_username, text).await? {
            return Ok(generation.remember_user(row));
        }
    }
    Err(Problem::not_found("There is no such user to explain for."))
}

fn find_app<'g>(generation: &'g Generation, text: &str) -> Result<&'g App, Problem> {
    let snapshot = generation.snapshot();
    let by_id = || text.parse().ok().and_then(|id| snapshot.app(id));
    snapshot
        .app_by_key(text)
        .or_else(by_id)
        .or_else(|| {
            snapshot
                .apps()
                .find(|app| app.facts.name.eq_ignore_ascii_case(text))
        })
        .ok_or_else(|| Problem::not_found("There is no such app or key to explain for."))
}

fn find_role<'g>(generation: &'g Generation, text: &str) -> Result<&'g Arc<Role>, Problem> {
    let snapshot = generation.snapshot();
    let by_id = text.parse().ok().and_then(|id| snapshot.role(id));
    by_id
        .or_else(|| {
            snapshot
                .roles()
                .find(|role| role.facts.name.eq_ignore_ascii_case(text))
        })
        .ok_or_else(|| Problem::not_found("There is no such role to explain for."))
}
