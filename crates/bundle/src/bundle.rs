//! An instance's content as plain data, and what is to be said about bringing it somewhere.

use crate::layout::Kind;
use contract::{Map, Value};
use std::collections::BTreeMap;

/// An object without ids and dates: what it refers to stands in it by name, what belongs to it is part of it. Fields
/// that are null or empty are left out.
pub type Object = Map<String, Value>;

/// What an instance holds, or a part of it. Secrets are in clear.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bundle(BTreeMap<Kind, BTreeMap<String, Object>>);

impl Bundle {
    /// Puts an object in; gives back one of the same name, which is replaced.
    pub fn insert(&mut self, kind: Kind, object: Object) -> Option<Object> {
        let key = key(kind, &object);
        self.0.entry(kind).or_default().insert(key, object)
    }

    /// An object by its key.
    pub fn get(&self, kind: Kind, key: &str) -> Option<&Object> {
        self.0.get(&kind)?.get(key)
    }

    pub(crate) fn remove(&mut self, kind: Kind, key: &str) -> Option<Object> {
        self.0.get_mut(&kind)?.remove(key)
    }

    /// The objects of a kind with their keys, in the order of their keys.
    pub fn objects(&self, kind: Kind) -> impl Iterator<Item = (&str, &Object)> {
        let objects = self.0.get(&kind).into_iter().flatten();
        objects.map(|(key, object)| (key.as_str(), object))
    }

    /// Keeps the objects that are wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(Kind, &Object) -> bool) {
        for (kind, objects) in &mut self.0 {
            objects.retain(|_, object| wanted(*kind, object));
        }
    }

    /// How many objects there are.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What objects of one kind are told apart by: names and addresses without case, paths as they are, limits by what
/// they count.
pub(crate) fn key(kind: Kind, object: &Object) -> String {
    let text = |name: &str| match object.get(name) {
        Some(Value::String(text)) => text.clone(),
        None | Some(Value::Null) => String::new(),
        Some(other) => other.to_string(),
    };
    match kind {
        Kind::Cors => text("path"),
        Kind::Limit => {
            let parts = ["type", "user", "role", "service", "endpoint", "verb", "period"];
            let parts: Vec<String> = parts
                .iter()
                .map(|part| text(part))
                .filter(|part| !part.is_empty())
                .collect();
            parts.join(" ").to_lowercase()
        }
        _ => text(kind.layout().identity).to_lowercase(),
    }
}

/// What people call an object: `role 'reader'`.
pub(crate) fn title(kind: Kind, object: &Object) -> String {
    let name = object.get(kind.layout().identity).and_then(Value::as_str);
    format!("{} '{}'", kind.spoken(), name.unwrap_or("without a name"))
}

/// What is told about reading or bringing over objects, in sentences for people. Secrets never stand in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// What happened as it should.
    pub notices: Vec<String>,
    /// What was left out, or needs a hand.
    pub warnings: Vec<String>,
    /// What could not be brought over.
    pub errors: Vec<String>,
}

impl Report {
    /// Adds what another one tells.
    pub fn extend(&mut self, other: Report) {
        self.notices.extend(other.notices);
        self.warnings.extend(other.warnings);
        self.errors.extend(other.errors);
    }

    pub(crate) fn notice(&mut self, sentence: impl Into<String>) {
        self.notices.push(sentence.into());
    }

    pub(crate) fn warn(&mut self, sentence: impl Into<String>) {
        self.warnings.push(sentence.into());
    }

    pub(crate) fn error(&mut self, sentence: impl Into<String>) {
        self.errors.push(sentence.into());
    }
}
