//! One document of several services.

use crate::{API_VERSION, components, names};
use contract::{Map, Value, Verb};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// The document of an instance while it is made.
#[derive(Debug, Default)]
pub struct Whole {
    components: Map<String, Value>,
    paths: Map<String, Value>,
    tags: Vec<Value>,
    operations: HashSet<String>,
}

impl Whole {
    /// Adds the document of a service. Components of one name that differ get the service's name in front.
    pub fn add(&mut self, service: &str, description: &str, document: Value) {
        let Value::Object(mut document) = document else {
            return;
        };
        self.tags
            .push(json!({"name": service, "description": description}));
        let components = members(document.shift_remove("components"));
        let renamed = self.conflicts(service, &components);
        for (group, all) in components {
            let place = self.components.entry(&group).or_insert_with(|| json!({}));
            let Some(place) = place.as_object_mut() else {
                continue;
            };
            for (name, mut component) in members(Some(all)) {
                rename(&mut component, &renamed);
                let new = renamed.get(&format!("#/components/{group}/{name}"));
                place.insert(new.map_or(name, |(_, new)| new.clone()), component);
            }
        }
        for (path, mut item) in members(document.shift_remove("paths")) {
            rename(&mut item, &renamed);
            for verb in Verb::GRANTABLE {
                if let Some(operation) = item.get_mut(verb.as_str().to_ascii_lowercase()) {
                    self.complete(operation, service);
                }
            }
            self.paths.insert(format!("/{service}{path}"), item);
        }
    }

    /// The components that are there already and say something else, and those that refer to them, by reference: the
    /// new reference and the new name.
    fn conflicts(&self, service: &str, components: &Map<String, Value>) -> HashMap<String, (String, String)> {
        let mut renamed = HashMap::new();
        loop {
            let before = renamed.len();
            for (group, all) in components {
                let known = self.components.get(group);
                for (name, component) in all.as_object().into_iter().flatten() {
                    let reference = |name: &str| format!("#/components/{group}/{name}");
                    if renamed.contains_key(&reference(name)) {
                        continue;
                    }
                    let mut new = component.clone();
                    rename(&mut new, &renamed);
                    if known
                        .and_then(|known| known.get(name))
                        .is_some_and(|old| *old != new)
                    {
                        let new = format!("{}{name}", names::camel(service));
                        renamed.insert(reference(name), (reference(&new), new));
                    }
                }
            }
            if renamed.len() == before {
                return renamed;
            }
        }
    }

    /// Tags an operation with its service, and gives it another name when it has that of another.
    fn complete(&mut self, operation: &mut Value, service: &str) {
        operation["tags"] = json!([service]);
        let Some(id) = operation["operationId"].as_str().map(str::to_owned) else {
            return;
        };
        if !self.operations.insert(id.clone()) {
            let id = format!("{id}{}{}", names::camel(service), self.operations.len());
            self.operations.insert(id.clone());
            operation["operationId"] = json!(id);
        }
    }

    /// The document.
    pub fn finish(self) -> Value {
        let mut components = Map::new();
        components.insert("securitySchemes".into(), components::security_schemes());
        components.extend(self.components);
        json!({
            "openapi": "3.0.0",
            "servers": [{"url": "/api/v2", "description": ""}],
            "components": components,
            "security": components::security(),
            "tags": self.tags,
            "info": {"title": "DreamFactory Live API Documentation", "description": "", "version": API_VERSION},
            "paths": self.paths,
        })
    }
}

fn members(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    }
}

fn rename(value: &mut Value, renamed: &HashMap<String, (String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(target) if name == "$ref" => {
                        if let Some((new, _)) = renamed.get(target) {
                            target.clone_from(new);
                        }
                    }
                    _ => rename(member, renamed),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|member| rename(member, renamed)),
        _ => {}
    }
}
