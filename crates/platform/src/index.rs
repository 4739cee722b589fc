//! `GET /api/v2`: what there is to call.

use crate::identify::identify;
use crate::pipeline::tell;
use crate::policy::ServiceFacts;
use crate::{Incoming, Platform};
use contract::{Caller, Map, Problem, Response, ServiceType, Value, word};
use serde_json::json;

impl Platform {
    /// `GET /api/v2`: the active services that the caller may touch, and the service types. Needs no credentials,
    /// but refuses bad ones. `fields`, `group` and `type` narrow it; `incoming.service` and `path` are ignored.
    pub async fn index(&self, incoming: Incoming) -> Result<Response, Problem> {
        let incoming = Incoming {
            service: String::new(),
            path: String::new(),
            ..incoming
        };
        let generation = self.current.get().await?;
        let caller = identify(&self.current, &self.sessions, &generation, &incoming).await?;
        let left = self
            .meter(&generation, &caller, None, &incoming, &mut Vec::new())
            .await?;
        let wish = Wish::of(&incoming);
        let types: Vec<&ServiceType> = self.types().iter().filter(|t| wish.wants(t)).collect();
        let services: Vec<Value> = generation
            .snapshot()
            .services()
            .iter()
            .filter(|facts| visible(&caller, facts))
            .filter(|facts| wish.is_open() || types.iter().any(|t| t.name == facts.kind))
            .map(|facts| wish.entry(facts, &self.settings().api_route_prefix))
            .collect();
        let types: Vec<Value> = types.into_iter().map(describe).collect();
        let mut answer = Ok(Response::value(
            json!({ "services": services, "service_types": types }),
        ));
        tell(&mut answer, left);
        answer
    }
}

fn visible(caller: &Caller, facts: &ServiceFacts) -> bool {
    facts.is_active && caller.touches(facts.reference.id)
}

fn describe(kind: &ServiceType) -> Value {
    json!({"name": kind.name, "label": kind.label, "group": kind.group, "description": kind.description})
}

/// What the caller wants to see.
struct Wish {
    fields: Option<Vec<String>>,
    groups: Option<Vec<String>>,
    kind: Option<String>,
}

impl Wish {
    fn of(incoming: &Incoming) -> Wish {
        let text = |word: &word::Word| {
            word.names()
                .find_map(|n| incoming.params.get(n))
                .map(str::trim)
                .filter(|t| !t.is_empty())
        };
        let list = |text: &str| {
            text.split(',')
                .map(|part| part.trim().to_owned())
                .collect::<Vec<_>>()
        };
        Wish {
            fields: text(&word::FIELDS).filter(|t| *t != "*").map(list),
            groups: text(&word::GROUPS).map(list),
            kind: text(&word::TYPE).map(str::to_owned),
        }
    }

    /// Whether all types are wanted; then services of types that are not installed are shown as well.
    fn is_open(&self) -> bool {
        self.groups.is_none() && self.kind.is_none()
    }

    fn wants(&self, kind: &ServiceType) -> bool {
        self.kind
            .as_ref()
            .is_none_or(|name| name.eq_ignore_ascii_case(kind.name))
            && self
                .groups
                .as_ref()
                .is_none_or(|all| all.iter().any(|group| group.eq_ignore_ascii_case(kind.group)))
    }

    fn entry(&self, facts: &ServiceFacts, prefix: &str) -> Value {
        let all = [
            ("id", json!(facts.reference.id)),
            ("name", json!(facts.reference.name)),
            ("label", json!(facts.label)),
            ("description", json!(facts.description)),
            ("type", json!(facts.kind)),
            (
                "spec_url",
                json!(format!("/{prefix}/v2/{}/_spec", facts.reference.name)),
            ),
        ];
        let wanted = |name: &str| match &self.fields {
            Some(fields) => fields.iter().any(|field| field == name),
            // Clients of the original compare what they know; who wants more names it.
            None => name != "spec_url",
        };
        let entry: Map<String, Value> = all
            .into_iter()
            .filter(|(name, _)| wanted(name))
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Value::Object(entry)
    }
}
