//! A role's grants, prepared for matching, and the matching itself.

use super::explain::{FilterReason, Reason};
use contract::{Origin, RoleFacts, RowFilter, Verb, Verbs};
use hashbrown::HashMap;
use std::borrow::Cow;
use std::sync::Arc;
use store::rows::{AccessRow, RoleRow};

/// One grant: which verbs, for which requestors, on which rows.
#[derive(Debug, Clone)]
struct Grant {
    id: i64,
    verbs: u8,
    requestors: u8,
    filter: Option<Arc<RowFilter>>,
}

/// The grants that name a service.
#[derive(Debug, Default)]
struct ServiceGrants {
    /// By component, in row order.
    exact: HashMap<Box<str>, Vec<Grant>>,
    /// Components that end with `*`, by what stands before it, in row order. A plain `*` is the empty prefix.
    wild: Vec<(Box<str>, Grant)>,
}

/// A role and what it grants.
#[derive(Debug)]
pub struct Role {
    /// What services may know of it.
    pub facts: Arc<RoleFacts>,
    /// Inactive roles refuse everything.
    pub is_active: bool,
    services: HashMap<i64, ServiceGrants>,
    /// Rows without a service and with component `*`.
    everywhere: Vec<Grant>,
    /// Rows without a service and without a component: the roots of all services.
    every_root: Vec<Grant>,
}

impl Role {
    /// Prepares a role's rows. A row whose component goes on after its `*` is only ever matched exactly.
    pub fn new(row: &RoleRow) -> Role {
        let mut role = Role {
            facts: Arc::new(RoleFacts {
                id: row.id,
                name: row.name.clone(),
            }),
            is_active: row.is_active,
            services: HashMap::new(),
            everywhere: Vec::new(),
            every_root: Vec::new(),
        };
        for access in &row.access {
            role.add(access);
        }
        role
    }

    fn add(&mut self, row: &AccessRow) {
        let grant = Grant {
            id: row.id,
            verbs: row.verb_mask,
            requestors: row.requestor_mask,
            filter: (!row.filters.is_empty()).then(|| {
                Arc::new(RowFilter {
                    conditions: row.filters.clone(),
                    any: row.any,
                })
            }),
        };
        let component = row.component.trim_matches('/').to_lowercase();
        let Some(service) = row.service_id else {
            match component.as_str() {
                "*" => self.everywhere.push(grant),
                "" => self.every_root.push(grant),
                // The algorithm gives rows of all services no other component.
                _ => {}
            }
            return;
        };
        let grants = self.services.entry(service).or_default();
        if let Some((prefix, "")) = component.split_once('*') {
            grants.wild.push((prefix.into(), grant.clone()));
        }
        grants
            .exact
            .entry(component.into_boxed_str())
            .or_default()
            .push(grant);
    }

    /// The verbs granted on a component: those of all rows of the first tier that matches, together.
    pub fn verbs(&self, service: i64, component: &str, origin: &Origin) -> Verbs {
        let component = normal(component);
        let mut verbs = self.tiers(service, &component, origin);
        if component == "_schema" && !verbs.contains(Verb::Get) && self.reads_some_schema(service, origin) {
            verbs = verbs.union(Verbs(Verb::Get.bit()));
        }
        verbs
    }

    fn tiers(&self, service: i64, component: &str, origin: &Origin) -> Verbs {
        self.first_tier(service, component, |_, rows| together(rows, origin))
            .unwrap_or_default()
    }

    /// What `pick` makes of the first tier that it makes anything of.
    fn first_tier<R>(
        &self,
        service: i64,
        component: &str,
        pick: impl Fn(&'static str, &mut dyn Iterator<Item = &Grant>) -> Option<R>,
    ) -> Option<R> {
        if let Some(grants) = self.services.get(&service) {
            let exact = pick("exact", &mut grants.exact(component));
            let picked = exact.or_else(|| pick("wildcard", &mut grants.wild(component)));
            if picked.is_some() {
                return picked;
            }
        }
        let roots = self.every_root.iter().filter(|_| component.is_empty());
        pick("all services", &mut self.everywhere.iter().chain(roots))
    }

    /// The rows that decide about a component; `None` when no row does.
    pub(crate) fn explain(&self, service: i64, component: &str, origin: &Origin) -> Option<Reason> {
        self.first_tier(service, &normal(component), |tier, rows| {
            let rows: Vec<&Grant> = rows.filter(|grant| grant.answers(origin)).collect();
            (!rows.is_empty()).then(|| Reason {
                tier,
                verbs: rows
                    .iter()
                    .fold(Verbs::default(), |sum, row| sum.union(Verbs(row.verbs))),
                rows: rows.iter().map(|row| row.id).collect(),
            })
        })
    }

    /// The row whose filter applies to a verb on a component.
    pub(crate) fn explain_filter(
        &self,
        service: i64,
        component: &str,
        verb: Verb,
        origin: &Origin,
    ) -> Option<FilterReason> {
        let row = self.filter_row(service, component, verb, origin)?;
        Some(FilterReason {
            row: row.id,
            filter: row.filter.clone(),
        })
    }

    /// `GET _schema` is allowed to whoever may read some table's schema; the list then shows only those.
    fn reads_some_schema(&self, service: i64, origin: &Origin) -> bool {
        self.services.get(&service).is_some_and(|grants| {
            grants
                .exact
                .iter()
                .filter(|(component, _)| component.starts_with("_schema/"))
                .flat_map(|(_, list)| list)
                .any(|grant| grant.answers(origin) && grant.verbs & Verb::Get.bit() != 0)
        })
    }

    /// The row filter for a verb on a component: that of the last row that has the verb, in the first tier that has
    /// one. Rows of all services never carry a filter.
    pub fn filter(
        &self,
        service: i64,
        component: &str,
        verb: Verb,
        origin: &Origin,
    ) -> Option<Arc<RowFilter>> {
        self.filter_row(service, component, verb, origin)?.filter.clone()
    }

    fn filter_row(&self, service: i64, component: &str, verb: Verb, origin: &Origin) -> Option<&Grant> {
        let component = normal(component);
        let grants = self.services.get(&service)?;
        let wanted = |grant: &&Grant| grant.answers(origin) && grant.verbs & verb.bit() != 0;
        let exact = grants.exact(&component).filter(wanted).last();
        exact.or_else(|| grants.wild(&component).filter(wanted).last())
    }

    /// Tells every grant of a service to `tell`, with its component.
    pub(super) fn each_grant(&self, service: i64, origin: &Origin, tell: &mut dyn FnMut(&str, Verbs)) {
        let grants = self.services.get(&service).into_iter();
        for (component, rows) in grants.flat_map(|grants| &grants.exact) {
            for row in rows.iter().filter(|row| row.answers(origin)) {
                tell(component, Verbs(row.verbs));
            }
        }
    }

    /// The verbs given on every component of all services.
    pub(super) fn everywhere(&self, origin: &Origin) -> Verbs {
        together(self.everywhere.iter(), origin).unwrap_or_default()
    }

    /// Whether any row gives any verb on the service, or on all.
    pub fn touches(&self, service: i64) -> bool {
        let gives = |grant: &Grant| grant.verbs != 0 && grant.requestors != 0;
        let named = |grants: &ServiceGrants| grants.exact.values().flatten().any(gives);
        self.services.get(&service).is_some_and(named)
            || self.everywhere.iter().chain(&self.every_root).any(gives)
    }
}

impl ServiceGrants {
    fn exact(&self, component: &str) -> impl Iterator<Item = &Grant> {
        self.exact.get(component).into_iter().flatten()
    }

    /// Below the root, rows whose prefix begins `component + "/"`; at the root, only a plain `*` (the tier that the
    /// reference calls "service").
    fn wild(&self, component: &str) -> impl Iterator<Item = &Grant> {
        self.wild
            .iter()
            .filter(move |(prefix, _)| {
                if component.is_empty() {
                    prefix.is_empty()
                } else {
                    component.starts_with(&**prefix) || prefix.strip_suffix('/') == Some(component)
                }
            })
            .map(|(_, grant)| grant)
    }
}

impl Grant {
    fn answers(&self, origin: &Origin) -> bool {
        self.requestors & origin.bit() != 0
    }
}

/// The verbs of all rows for this requestor; `None` when there is no such row, which is not the same as no verbs.
fn together<'g>(rows: impl Iterator<Item = &'g Grant>, origin: &Origin) -> Option<Verbs> {
    rows.filter(|grant| grant.answers(origin))
        .fold(None, |sum, grant| {
            Some(sum.unwrap_or_default().union(Verbs(grant.verbs)))
        })
}

/// A component as grants are compared with it: without slashes at the ends, in lower case, and without the
/// arguments of a call (`_func/add(1,2)`), which only follow the name of a routine: names of files may have
/// parentheses. Borrowed when there is nothing to change.
fn normal(component: &str) -> Cow<'_, str> {
    let mut component = component;
    // Rarely so, and looking costs less than trimming nothing.
    if component.starts_with('/') || component.ends_with('/') {
        component = component.trim_matches('/');
    }
    let is_routine = |head: &str| {
        let kind = head.split('/').next().unwrap_or_default();
        ["_func", "_proc"]
            .iter()
            .any(|routine| kind.eq_ignore_ascii_case(routine))
    };
    if component.ends_with(')')
        && is_routine(component)
        && let Some((head, _)) = component.split_once('(')
        && !head.is_empty()
        && !head.ends_with('/')
    {
        component = head;
    }
    if component.bytes().any(|b| b.is_ascii_uppercase() || !b.is_ascii()) {
        Cow::Owned(component.to_lowercase())
    } else {
        Cow::Borrowed(component)
    }
}
