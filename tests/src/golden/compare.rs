//! Whether two bodies say the same.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A place where an answer is not what was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Where, as in `body.resource[0].id`.
    pub place: String,
    /// What was recorded; none when there was nothing.
    pub expected: Option<Value>,
    /// What came; none when nothing did.
    pub got: Option<Value>,
}

/// Values that differ at every run.
const ALWAYS: &[&str] = &[
    "session_token",
    "session_id",
    "token_expiry_date",
    "last_login_date",
    "host",
];
/// Values that differ at every run in areas of the system's own data; `id` and `*_id` besides.
const SYSTEM: &[&str] = &[
    "created_date",
    "last_modified_date",
    "api_key",
    "launch_url",
    "confirm_code",
    "date",
    "storage_path",
];

/// How bodies are compared.
pub(super) struct Rules {
    /// Keys whose values do not count.
    pub(super) ignore: BTreeSet<String>,
    /// Whether ids, dates and keys do not count.
    pub(super) system: bool,
    /// Whether the order of lists does not count.
    pub(super) unordered: bool,
}

/// What was found: differences that count, and texts of messages that do not.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) differences: Vec<Difference>,
    pub(super) messages: Vec<Difference>,
}

impl Rules {
    /// Compares `expected` with `got`, both at `place`.
    pub(super) fn compare(&self, expected: &Value, got: &Value, place: &str, findings: &mut Findings) {
        match (expected, got) {
            (Value::Object(e), Value::Object(g)) => self.objects(e, g, place, findings),
            (Value::Array(e), Value::Array(g)) if e.len() != g.len() => {
                let length = |list: &[Value]| Value::String(format!("list of {}", list.len()));
                findings.add(place, Some(length(e)), Some(length(g)));
            }
            (Value::Array(e), Value::Array(g)) => {
                let (e, g) = (self.ordered(e), self.ordered(g));
                for (i, (e, g)) in e.iter().zip(&g).enumerate() {
                    self.compare(e, g, &format!("{place}[{i}]"), findings);
                }
            }
            (Value::Number(e), Value::Number(g)) if near(e.as_f64(), g.as_f64()) => {}
            _ if expected == got => {}
            _ => findings.add(place, Some(expected.clone()), Some(got.clone())),
        }
    }

    fn objects(
        &self,
        expected: &Map<String, Value>,
        got: &Map<String, Value>,
        place: &str,
        findings: &mut Findings,
    ) {
        for (key, e) in expected {
            let inner = format!("{place}.{key}");
            let ignored = self.ignore.contains(key);
            match got.get(key) {
                _ if ignored => {}
                None => findings.add(&inner, Some(e.clone()), None),
                Some(_) if self.varies(key) => {}
                Some(g) => match (e.as_str(), g.as_str()) {
                    (Some(e), Some(g)) if key == "message" && is_error(expected) => {
                        if unescape(e) != unescape(g) {
                            findings
                                .messages
                                .push(Difference::new(&inner, Some(e.into()), Some(g.into())));
                        }
                    }
                    _ => self.compare(e, g, &inner, findings),
                },
            }
        }
        for (key, g) in got {
            if !expected.contains_key(key) && !self.ignore.contains(key) {
                findings.add(&format!("{place}.{key}"), None, Some(g.clone()));
            }
        }
    }

    fn varies(&self, key: &str) -> bool {
        ALWAYS.contains(&key)
            || (self.system && (SYSTEM.contains(&key) || key == "id" || key.ends_with("_id")))
    }

    fn ordered(&self, list: &[Value]) -> Vec<Value> {
        let mut list = list.to_vec();
        if self.unordered {
            list.sort_by_cached_key(|item| self.sort_key(item).to_string());
        }
        list
    }

    /// The item with its keys in order and what does not count left out.
    fn sort_key(&self, item: &Value) -> Value {
        match item {
            Value::Object(members) => {
                let mut members: Vec<_> = members
                    .iter()
                    .filter(|(k, _)| !self.ignore.contains(*k))
                    .collect();
                members.sort_by_key(|(k, _)| k.as_str());
                members
                    .into_iter()
                    .map(|(k, v)| (k.clone(), self.sort_key(v)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            Value::Array(items) => items.iter().map(|i| self.sort_key(i)).collect(),
            other => other.clone(),
        }
    }
}

impl Findings {
    pub(super) fn add(&mut self, place: &str, expected: Option<Value>, got: Option<Value>) {
        self.differences.push(Difference::new(place, expected, got));
    }
}

impl Difference {
    fn new(place: &str, expected: Option<Value>, got: Option<Value>) -> Difference {
        Difference {
            place: place.to_owned(),
            expected,
            got,
        }
    }
}

fn is_error(object: &Map<String, Value>) -> bool {
    object.contains_key("status_code") || object.contains_key("code")
}

fn near(expected: Option<f64>, got: Option<f64>) -> bool {
    match (expected, got) {
        (Some(e), Some(g)) => e == g || (e - g).abs() <= 1e-9 * e.abs().max(1.0),
        _ => false,
    }
}

fn unescape(text: &str) -> String {
    const ENTITIES: &[(&str, &str)] = &[
        ("&quot;", "\""),
        ("&#039;", "'"),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    ENTITIES
        .iter()
        .fold(text.to_owned(), |text, (entity, c)| text.replace(entity, c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn compare(rules: &Rules, expected: Value, got: Value) -> (Vec<String>, usize) {
        let mut findings = Findings::default();
        rules.compare(&expected, &got, "body", &mut findings);
        (
            findings.differences.into_iter().map(|d| d.place).collect(),
            findings.messages.len(),
        )
    }

    fn rules() -> Rules {
        Rules {
            ignore: BTreeSet::new(),
            system: false,
            unordered: false,
        }
    }

    #[test]
    fn values_types_and_keys_count() {
        let expected = json!({"a": 1, "b": "1", "c": true, "d": [1, {"x": null}], "e": 0.1});
        assert_eq!(
            compare(&rules(), expected.clone(), expected.clone()).0,
            Vec::<String>::new()
        );
        let got = json!({"a": "1", "b": 1, "c": 1, "d": [1, {"x": 0, "y": 1}], "e": 0.10000000000000002, "f": null});
        let places = [
            "body.a",
            "body.b",
            "body.c",
            "body.d[1].x",
            "body.d[1].y",
            "body.f",
        ];
        assert_eq!(compare(&rules(), expected, got).0, places);
        assert_eq!(compare(&rules(), json!([1, 2]), json!([1])).0, ["body"]);
        assert_eq!(compare(&rules(), json!(1), json!(1.0)).0, Vec::<String>::new());
        assert_eq!(compare(&rules(), json!({}), json!([])).0, ["body"]);
        assert_eq!(compare(&rules(), json!(null), json!("")).0, ["body"]);
    }

    #[test]
    fn texts_of_errors_are_told_apart() {
        let expected = json!({"error": {"code": 400, "message": "say &quot;x&quot;"}});
        assert_eq!(
            compare(
                &rules(),
                expected.clone(),
                json!({"error": {"code": 400, "message": "say \"x\""}})
            ),
            (vec![], 0)
        );
        assert_eq!(
            compare(
                &rules(),
                expected,
                json!({"error": {"code": 400, "message": "no"}})
            ),
            (vec![], 1)
        );
        assert_eq!(
            compare(&rules(), json!({"message": "a"}), json!({"message": "b"})).0,
            ["body.message"]
        );
    }

    #[test]
    fn what_varies_must_only_be_there() {
        let system = Rules {
            system: true,
            ignore: ["loose".to_owned()].into(),
            unordered: false,
        };
        let expected =
            json!({"id": 1, "role_id": 2, "created_date": "x", "loose": 1, "host": "a", "name": "n"});
        let got = json!({"id": 9, "role_id": null, "created_date": "y", "host": "b", "name": "n"});
        assert_eq!(
            compare(&system, expected.clone(), got.clone()).0,
            Vec::<String>::new()
        );
        assert_eq!(
            compare(&rules(), expected, got).0,
            ["body.id", "body.role_id", "body.created_date", "body.loose"]
        );
        assert_eq!(compare(&system, json!({"id": 1}), json!({})).0, ["body.id"]);
    }

    #[test]
    fn order_counts_unless_the_pair_says_otherwise() {
        let unordered = Rules {
            unordered: true,
            ..rules()
        };
        let (expected, got) = (
            json!([{"a": 1, "b": 2}, {"a": 3}]),
            json!([{"a": 3}, {"b": 2, "a": 1}]),
        );
        assert!(compare(&unordered, expected.clone(), got.clone()).0.is_empty());
        assert!(!compare(&rules(), expected, got).0.is_empty());
    }
}
