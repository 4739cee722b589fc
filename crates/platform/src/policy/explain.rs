//! Why policy decides as it does: the same rules as the decision, with the rows that made it.

use super::{Rights, is_open};
use contract::{Access, Map, Origin, Problem, RowFilter, Value, Verb, Verbs, Verdict};
use serde_json::json;
use std::sync::Arc;

/// The grants that decided, of the first tier that has any.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// `exact`, `wildcard` or `all services`.
    pub tier: &'static str,
    /// Ids of the rows of `role_service_access`, in order.
    pub rows: Vec<i64>,
    /// The verbs of those rows together.
    pub verbs: Verbs,
}

/// The row filter that applies, and the row it stands in.
#[derive(Debug)]
pub struct FilterReason {
    /// Id of the row of `role_service_access`.
    pub row: i64,
    /// The filter; none when the row has no condition.
    pub filter: Option<Arc<RowFilter>>,
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Service; 0 when there is none of the name.
    pub service: i64,
    /// Its name.
    pub name: &'a str,
    /// Its type.
    pub kind: &'a str,
    /// Path below it.
    pub path: &'a str,
    /// Verb.
    pub verb: Verb,
    /// Where the call would come from.
    pub origin: &'a Origin,
}

impl Rights {
    /// Why a call is allowed or refused at the gate. Pure: nothing is run.
    pub fn explain(&self, question: &Question<'_>) -> Value {
        if is_open(question.kind, question.path, question.verb) {
            return json!({
                "allowed": true,
                "because": "the endpoint is open to everybody and answers by who is calling",
            });
        }
        let Question {
            service,
            path,
            verb,
            origin,
            ..
        } = *question;
        let verdict = self.verdict(service, path, verb, origin);
        let mut told = Map::new();
        told.insert("allowed".into(), json!(matches!(verdict, Verdict::Allow { .. })));
        told.insert("because".into(), json!(self.because(&verdict)));
        if let Verdict::Deny(problem) = &verdict {
            told.insert("status".into(), json!(problem.status()));
            told.insert("message".into(), json!(problem.message));
        }
        if let Some(role) = self
            .role()
            .filter(|role| role.is_active && !self.is_unrestricted())
        {
            told.insert("grants".into(), grants(role.explain(service, path, origin)));
            if let Some(reason) = role.explain_filter(service, path, verb, origin) {
                told.insert("filter".into(), filter(&reason));
            }
        }
        Value::Object(told)
    }

    fn because(&self, verdict: &Verdict) -> &'static str {
        match (self.role(), verdict) {
            _ if self.is_unrestricted() => "an administrator without a role may do everything",
            (None, _) => "no role applies",
            (Some(role), _) if !role.is_active => "the role is not active",
            (_, Verdict::Allow { .. }) => "the grants of the role have the verb",
            (_, Verdict::Deny(_)) => "the grants of the role lack the verb",
        }
    }
}

fn grants(reason: Option<Reason>) -> Value {
    reason.map_or(Value::Null, |reason| {
        json!({"tier": reason.tier, "role_service_access": reason.rows, "verbs": reason.verbs.names()})
    })
}

fn filter(reason: &FilterReason) -> Value {
    let conditions = reason.filter.as_ref().map(|filter| {
        let one =
            |c: &contract::RowCondition| json!({"name": c.name, "operator": c.operator, "value": c.value});
        let all: Vec<Value> = filter.conditions.iter().map(one).collect();
        (all, if filter.any { "or" } else { "and" })
    });
    match conditions {
        None => json!({"role_service_access": reason.row, "conditions": null}),
        Some((conditions, op)) => {
            json!({"role_service_access": reason.row, "conditions": conditions, "filter_op": op})
        }
    }
}

/// A refusal before policy is asked, as an explanation.
pub fn refused(problem: &Problem) -> Value {
    json!({"allowed": false, "because": problem.message, "status": problem.status(), "message": problem.message})
}
