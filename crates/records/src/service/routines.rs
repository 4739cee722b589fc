//! Stored procedures and functions: `_proc` and `_func`.

use super::DatabaseService;
use super::tables::{chosen, narrowed, wrapped};
use crate::Backend;
use crate::filter::replace_lookups;
use crate::routines::arguments::{Sent, split};
use crate::routines::shape::{self, Wish};
use crate::routines::{Call, Routine, RoutineKind, Routines, describe};
use crate::sql_backend::problem;
use contract::{Operation, Problem, Request, Response, Value, Verb, Verbs, word};
use driver::{Fault, FaultKind};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;

/// Names kept at most; beyond, the cache begins anew.
const KEPT: usize = 2000;

/// The routines of one name.
type Overloads = Arc<Vec<Routine>>;

/// What was read of a database's routines, kept until the schema is known to have changed.
#[derive(Default)]
pub(super) struct RoutineCatalogue {
    lists: RwLock<HashMap<RoutineKind, Arc<Vec<String>>>>,
    /// By the name that was asked for.
    described: RwLock<HashMap<(RoutineKind, String), Overloads>>,
}

impl RoutineCatalogue {
    /// Forgets everything; it is read anew when needed.
    pub(super) fn forget(&self) {
        self.lists.write().clear();
        self.described.write().clear();
    }

    /// The names of all routines of a kind, in natural order.
    async fn names(&self, backend: &dyn Backend, kind: RoutineKind) -> Result<Arc<Vec<String>>, Problem> {
        if let Some(list) = self.lists.read().get(&kind) {
            return Ok(list.clone());
        }
        let Some(routines) = backend.routines() else {
            return Ok(Arc::default());
        };
        let mut list = routines
            .list(kind)
            .await
            .map_err(|f| problem(f, routines.product()))?;
        list.sort_by_cached_key(|name| super::catalogue::natural(name));
        list.dedup();
        let list = Arc::new(list);
        self.lists.write().insert(kind, list.clone());
        Ok(list)
    }

    /// The routines of a name, or 404.
    async fn existing(
        &self,
        routines: &dyn Routines,
        kind: RoutineKind,
        name: &str,
    ) -> Result<Overloads, Problem> {
        let key = (kind, name.to_owned());
        if let Some(found) = self.described.read().get(&key) {
            return Ok(found.clone());
        }
        let found = routines
            .describe(kind, name)
            .await
            .map_err(|f| problem(f, routines.product()))?;
        if found.is_empty() {
            return Err(missing(kind, name));
        }
        let found = Arc::new(found);
        let mut described = self.described.write();
        if described.len() >= KEPT {
            described.clear();
        }
        described.insert(key, found.clone());
        Ok(found)
    }
}

fn missing(kind: RoutineKind, name: &str) -> Problem {
    Problem::not_found(format!(
        "{} '{name}' does not exist in the database.",
        kind.noun()
    ))
}

fn component(kind: RoutineKind, name: &str) -> String {
    format!("{}/{name}", kind.resource())
}

fn verbs(request: &Request, kind: RoutineKind, name: &str) -> Verbs {
    request
        .caller
        .verbs(request.service.id, &component(kind, name), &request.origin)
}

impl DatabaseService {
    /// Answers the paths of routines.
    pub(super) async fn routines(
        &self,
        operation: &Operation,
        request: &Request,
    ) -> Result<Response, Problem> {
        let Some(routines) = self.engine.backend.routines() else {
            return Err(Problem::not_found(format!(
                "Resource '{}' not found for service '{}'.",
                request.path, request.service.name
            )));
        };
        match operation.endpoint.name {
            "procedures" => self.routine_list(routines, request, RoutineKind::Procedure).await,
            "functions" => self.routine_list(routines, request, RoutineKind::Function).await,
            "procedure" => {
                let name = operation.capture("procedure_name");
                self.call_routine(routines, operation, request, (RoutineKind::Procedure, name))
                    .await
            }
            _ => {
                let name = operation.capture("function_name");
                self.call_routine(routines, operation, request, (RoutineKind::Function, name))
                    .await
            }
        }
    }

    /// The names of a kind, for documents and scripts.
    pub(super) async fn routine_names(&self, kind: RoutineKind) -> Result<Vec<String>, Problem> {
        let names = self.routines.names(&*self.engine.backend, kind).await?;
        Ok(names.to_vec())
    }

    /// The components of routines that a role can grant, as far as the caller may see them.
    pub(super) async fn routine_components(&self, request: &Request) -> Result<Vec<String>, Problem> {
        let mut components = Vec::new();
        if self.engine.backend.routines().is_none() {
            return Ok(components);
        }
        if request.flag(&word::REFRESH) {
            self.routines.forget();
        }
        for kind in RoutineKind::ALL {
            components.extend([component(kind, ""), component(kind, "*")]);
            let names = self.routines.names(&*self.engine.backend, kind).await?;
            let seen = names.iter().filter(|name| !verbs(request, kind, name).is_empty());
            components.extend(seen.map(|name| component(kind, name)));
        }
        Ok(components)
    }

    /// The list of routines; with `ids`, their whole descriptions.
    async fn routine_list(
        &self,
        routines: &dyn Routines,
        request: &Request,
        kind: RoutineKind,
    ) -> Result<Response, Problem> {
        if request.flag(&word::REFRESH) {
            self.routines.forget();
        }
        let wrapper = request.wrapper(&self.engine.settings);
        let list = match request.list(&word::IDS).filter(|ids| !ids.is_empty()) {
            Some(names) => self.described(routines, request, kind, &names).await?,
            None => {
                let names = self.routines.names(&*self.engine.backend, kind).await?;
                let schema = request
                    .params
                    .get(word::SCHEMA.name)
                    .filter(|schema| !schema.is_empty());
                let prefix = schema.map(|schema| format!("{schema}."));
                let wanted = names
                    .iter()
                    .filter(|name| prefix.as_ref().is_none_or(|p| name.starts_with(p)));
                let entries = wanted.filter_map(|name| {
                    let verbs = verbs(request, kind, name);
                    (!verbs.is_empty()).then(|| chosen(request, describe::entry(name, verbs)))
                });
                entries.collect()
            }
        };
        Ok(Response::value(wrapped(wrapper, list)))
    }

    /// Whole descriptions; of an overloaded name, each.
    async fn described(
        &self,
        routines: &dyn Routines,
        request: &Request,
        kind: RoutineKind,
        names: &[String],
    ) -> Result<Vec<Value>, Problem> {
        let mut all = Vec::with_capacity(names.len());
        for name in names {
            for routine in self.routines.existing(routines, kind, name).await?.iter() {
                request.permit(&component(kind, &routine.public), Verb::Get)?;
                let verbs = verbs(request, kind, &routine.public);
                all.push(narrowed(
                    request,
                    Value::Object(describe::routine(routine, verbs)),
                ));
            }
        }
        Ok(all)
    }

    async fn call_routine(
        &self,
        routines: &dyn Routines,
        operation: &Operation,
        request: &Request,
        (kind, head): (RoutineKind, &str),
    ) -> Result<Response, Problem> {
        let path = match operation.capture("rest") {
            "" => head.to_owned(),
            rest => format!("{head}/{rest}"),
        };
        let (name, inline) = split(&path);
        let candidates = self.routines.existing(routines, kind, name).await?;
        let member = |name: &str| request.object().and_then(|body| body.get(name));
        let sent = Sent::read(member(word::PARAMS.name), inline, &request.params)?;
        let routine = sent.choose(&candidates).ok_or_else(|| missing(kind, name))?;
        request.permit(&component(kind, &routine.public), request.verb)?;
        let settings = &self.engine.settings;
        let replace = |text: &str| replace_lookups(text, &request.caller, settings).into_owned();
        let call = Call {
            routine,
            arguments: sent.bind(routine, &replace)?,
            max_rows: usize::try_from(settings.max_records_returned).unwrap_or(usize::MAX),
        };
        let outcome = routines.call(&call).await.map_err(|fault| {
            // It may have been made anew with other parameters.
            self.routines.forget();
            refused(fault, routine, routines.product())
        })?;
        if outcome.truncated {
            return Err(Problem::bad_request(format!(
                "{} '{}' returns more than {} rows, which is the most that this instance returns.",
                kind.noun(),
                routine.public,
                call.max_rows
            )));
        }
        let (wrapper, returns) = (request.text(&word::WRAPPER), request.text(&word::RETURNS));
        let wish = Wish {
            wrapper: wrapper.as_deref().filter(|key| !key.is_empty()),
            returns: returns.as_deref(),
            schema: member(word::SCHEMA.name).and_then(Value::as_object),
        };
        Ok(Response::value(match kind {
            RoutineKind::Procedure => shape::procedure(routine, outcome, &wish, &settings.resource_wrapper),
            RoutineKind::Function => shape::function(routine, &outcome, &wish),
        }))
    }

    /// The entries of the service's list of resources: name, class, label.
    pub(super) fn routine_resources(&self) -> &'static [(&'static str, &'static str, &'static str)] {
        if self.engine.backend.routines().is_none() {
            return &[];
        }
        &[
            ("_proc", "StoredProcedure", "Stored Procedure"),
            ("_func", "StoredFunction", "Stored Function"),
        ]
    }
}

/// A database's refusal of a call. What the routine's own statements run into is not the caller's table or field.
fn refused(fault: Fault, routine: &Routine, product: &str) -> Problem {
    let noun = routine.kind.noun().to_lowercase();
    let name = &routine.public;
    let refused = match fault.kind {
        FaultKind::Value => Problem::bad_request(format!(
            "A value does not fit {noun} '{name}', or what it does with it: wrong form, too long or out of range."
        )),
        FaultKind::Raised => Problem::bad_request(match fault.detail.as_deref().map(str::trim) {
            Some(text) if !text.is_empty() => text.to_owned(),
            _ => format!("{} '{name}' refused the call.", routine.kind.noun()),
        }),
        FaultKind::NoTable | FaultKind::NoColumn | FaultKind::Other => Problem::new(
            contract::Kind::Internal,
            format!("The database could not run {noun} '{name}'. The server's log has the details."),
        ),
        _ => return problem(fault, product),
    };
    refused.with_source(fault)
}
