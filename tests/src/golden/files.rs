//! The recordings and the two lists beside them, as files in `tests/golden`.

use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A recorded request and the answer to it.
#[derive(Debug, Clone, Deserialize)]
pub struct Pair {
    /// Name, unique in its area.
    pub name: String,
    /// What is sent.
    pub request: Sent,
    /// What the original answered.
    pub response: Recorded,
    /// Values of the answer that later pairs use: name → dotted path.
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
    /// Keys whose values are not compared.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Whether the body is not compared at all.
    #[serde(default)]
    pub ignore_body: bool,
    /// Whether lists are compared without order.
    #[serde(default)]
    pub unordered: bool,
    /// Whether ids, dates and keys are not compared.
    #[serde(default)]
    pub system: bool,
    /// Response headers that are compared.
    #[serde(default)]
    pub want_headers: Vec<String>,
}

/// The request of a pair.
#[derive(Debug, Clone, Deserialize)]
pub struct Sent {
    /// Verb.
    pub method: String,
    /// Path and query, with placeholders.
    pub path: String,
    /// Headers.
    #[serde(default)]
    pub headers: Option<Map<String, Value>>,
    /// A JSON body; present and null is the body `null`.
    #[serde(default, deserialize_with = "present")]
    pub body: Option<Value>,
    /// A body as text.
    #[serde(default)]
    pub body_text: Option<String>,
    /// A body as bytes.
    #[serde(default)]
    pub body_base64: Option<String>,
}

/// The answer of a pair.
#[derive(Debug, Clone, Deserialize)]
pub struct Recorded {
    /// Status.
    pub status: u16,
    /// Media type.
    #[serde(default)]
    pub content_type: String,
    /// Body: JSON, text or `{"$base64": …}`.
    #[serde(default)]
    pub body: Value,
    /// Values of the wanted headers.
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
}

fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(d).map(Some)
}

/// A file of pairs that run in order, and what they need of the databases.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Area {
    /// Name of the file without its ending.
    #[serde(skip)]
    pub name: String,
    /// Whether ids, dates and keys are not compared.
    #[serde(default)]
    pub system: bool,
    /// Databases that are loaded afresh before it.
    #[serde(default)]
    pub reset: Vec<String>,
    /// Databases that it reads.
    #[serde(default)]
    pub uses: Vec<String>,
    /// Databases that it changes.
    #[serde(default)]
    pub dirties: Vec<String>,
}

/// Names of pairs, by area.
pub type Names = BTreeMap<String, Vec<String>>;

/// The folder of the recordings.
pub fn folder() -> PathBuf {
    kit::workspace().join("tests/golden")
}

fn read(name: &str) -> String {
    let path = folder().join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The areas, in the order in which they run.
pub fn load_areas() -> Vec<Area> {
    let areas: Map<String, Value> =
        serde_json::from_str(&read("areas.json")).expect("areas.json is an object");
    let named = |(name, value)| {
        let area: Area = serde_json::from_value(value).unwrap_or_else(|e| panic!("areas.json, {name}: {e}"));
        Area { name, ..area }
    };
    areas.into_iter().map(named).collect()
}

/// The pairs of an area.
pub fn load_pairs(area: &str) -> Vec<Pair> {
    let text = read(&format!("{area}.jsonl"));
    let lines = text.lines().filter(|line| !line.trim().is_empty()).enumerate();
    lines
        .map(|(n, line)| serde_json::from_str(line).unwrap_or_else(|e| panic!("{area}, pair {n}: {e}")))
        .collect()
}

/// Pairs that are known to pass: `expected.json`.
pub fn load_names() -> Names {
    serde_json::from_str(&read("expected.json")).expect("expected.json: area → names")
}

/// Writes `expected.json`.
pub fn save_names(names: &Names) {
    let text = serde_json::to_string_pretty(names).expect("names are text") + "\n";
    std::fs::write(folder().join("expected.json"), text).expect("expected.json can be written");
}

/// Deliberate differences, area → pair → reason: `differences.json`.
pub fn load_reasons() -> BTreeMap<String, BTreeMap<String, String>> {
    serde_json::from_str(&read("differences.json")).expect("differences.json: area → pair → reason")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_recording_is_read_and_the_lists_name_pairs_that_exist() {
        let mut known = BTreeMap::new();
        for area in load_areas() {
            let pairs = load_pairs(&area.name);
            let names: BTreeSet<String> = pairs.iter().map(|p| p.name.clone()).collect();
            assert_eq!(names.len(), pairs.len(), "{}: names are unique", area.name);
            known.insert(area.name, names);
        }
        let listed = load_names()
            .into_iter()
            .flat_map(|(area, names)| names.into_iter().map(move |n| (area.clone(), n)));
        let explained = load_reasons()
            .into_iter()
            .flat_map(|(area, r)| r.into_keys().map(move |n| (area.clone(), n)));
        for (area, name) in listed.chain(explained) {
            assert!(
                known.get(&area).is_some_and(|names| names.contains(&name)),
                "no pair '{name}' in {area}"
            );
        }
    }
}
