//! Definitions that people wrote, which replace the generated document.

use crate::{Sight, Subject, names};
use contract::{Map, Value, Verb};
use serde_json::json;

/// How a definition is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// JSON.
    Json,
    /// YAML.
    Yaml,
}

/// A definition as it is kept.
#[derive(Debug, Clone)]
pub struct Stored {
    /// How it is written.
    pub notation: Notation,
    /// Its text.
    pub content: String,
}

impl Stored {
    /// What it says; `None` when it cannot be read.
    pub fn value(&self) -> Option<Value> {
        match self.notation {
            Notation::Json => serde_json::from_str(&self.content).ok(),
            Notation::Yaml => serde_saphyr::from_str(&self.content).ok(),
        }
    }

    /// The definition as a document of the service, reduced to what the caller may see. `None` when it cannot be read
    /// or has no paths.
    pub fn document(&self, subject: &Subject<'_>, sight: &dyn Sight) -> Option<Value> {
        told(self.value()?, subject, sight)
    }
}

/// A definition as a document of the service, reduced to what the caller may see. `None` when it has no paths.
pub fn told(mut document: Value, subject: &Subject<'_>, sight: &dyn Sight) -> Option<Value> {
    fill(&mut document, &placeholders(subject));
    let members = document.as_object_mut()?;
    let paths = members.get_mut("paths")?.as_object_mut()?;
    reduce(paths, sight);
    for (name, value) in subject.frame() {
        if name != "components" && name != "openapi" {
            members.entry(name).or_insert(value);
        }
    }
    // A Swagger 2.0 definition says so itself.
    if !members.contains_key("swagger") {
        members.entry("openapi").or_insert_with(|| json!("3.0.0"));
    }
    Some(document)
}

/// Removes the operations that the caller may not use, and paths without any.
fn reduce(paths: &mut Map<String, Value>, sight: &dyn Sight) {
    for (path, item) in paths.iter_mut() {
        let form = path.trim_matches('/');
        let granted = sight.verbs(form);
        if let Some(item) = item.as_object_mut() {
            item.retain(|name, _| {
                Verb::parse(name).is_none_or(|verb| granted.contains(verb) || sight.is_open(form, verb))
            });
        }
    }
    paths.retain(|_, item| {
        let verbs = item.as_object().into_iter().flat_map(Map::keys);
        verbs.filter_map(|name| Verb::parse(name)).next().is_some()
    });
}

fn placeholders(subject: &Subject<'_>) -> [(&'static str, String); 6] {
    let (name, title) = (subject.name.to_owned(), names::camel(subject.name));
    [
        ("{service.names}", names::many(&name)),
        ("{service.name}", name),
        ("{service.Names}", names::many(&title)),
        ("{service.Name}", title),
        ("{service.label}", subject.label.to_owned()),
        ("{service.description}", subject.description.to_owned()),
    ]
}

/// Replaces placeholders after parsing, so that a label cannot change the structure.
fn fill(value: &mut Value, with: &[(&str, String)]) {
    let filled = |text: &str| {
        with.iter()
            .fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    };
    match value {
        Value::String(text) if text.contains("{service.") => *text = filled(text),
        Value::Object(members) => {
            members.values_mut().for_each(|member| fill(member, with));
            if members.keys().any(|name| name.contains("{service.")) {
                let old = std::mem::take(members);
                *members = old
                    .into_iter()
                    .map(|(name, value)| (filled(&name), value))
                    .collect();
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|member| fill(member, with)),
        _ => {}
    }
}
