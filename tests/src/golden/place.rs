//! Placeholders: filled in requests, put back in answers.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Values by placeholder name.
pub type Variables = BTreeMap<String, Value>;

/// Fills `{{name}}` in all text of a value. Text that is nothing but a placeholder becomes the value itself.
pub(super) fn fill(value: &Value, variables: &Variables) -> Value {
    match value {
        Value::String(text) => match whole(text).and_then(|name| variables.get(name)) {
            Some(value) => value.clone(),
            None => Value::String(fill_text(text, variables)),
        },
        Value::Array(items) => items.iter().map(|item| fill(item, variables)).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(k, v)| (fill_text(k, variables), fill(v, variables)))
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn whole(text: &str) -> Option<&str> {
    let name = text.strip_prefix("{{")?.strip_suffix("}}")?;
    is_name(name).then_some(name)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Fills `{{name}}` in text; unknown names stay.
pub(super) fn fill_text(text: &str, variables: &Variables) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        let value = rest.find("}}").and_then(|end| {
            let value = variables.get(&rest[2..end])?;
            rest = &rest[end + 2..];
            Some(value)
        });
        match value {
            Some(value) => filled.push_str(&plain(value)),
            None => {
                filled.push_str("{{");
                rest = &rest[2..];
            }
        }
    }
    filled + rest
}

/// A value as it stands in a path or header.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".into(),
        other => other.to_string(),
    }
}

/// Turns known long values and session tokens in an answer back into placeholders.
pub(super) fn scrub(value: Value, variables: &Variables, folders: &[String]) -> Value {
    let known = variables
        .iter()
        .filter_map(|(name, v)| Some((name, v.as_str()?)))
        .filter(|(_, v)| v.len() > 20);
    let mut known: Vec<(String, String)> = known
        .map(|(n, v)| (v.to_owned(), format!("{{{{{n}}}}}")))
        .collect();
    known.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    known.extend(folders.iter().map(|f| (f.clone(), "{{install_dir}}".to_owned())));
    scrub_value(value, &known)
}

fn scrub_value(value: Value, known: &[(String, String)]) -> Value {
    match value {
        Value::String(text) => Value::String(scrub_text(text, known)),
        Value::Array(items) => items.into_iter().map(|item| scrub_value(item, known)).collect(),
        Value::Object(members) => {
            let scrubbed = members
                .into_iter()
                .map(|(k, v)| (scrub_text(k, known), scrub_value(v, known)));
            scrubbed.collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

fn scrub_text(mut text: String, known: &[(String, String)]) -> String {
    for (value, name) in known {
        if text.contains(value) {
            text = text.replace(value, name);
        }
    }
    scrub_tokens(text)
}

/// Replaces JSON web tokens: three parts of base64url, the first of them beginning `{"typ"`.
fn scrub_tokens(mut text: String) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let mut from = 0;
    while let Some(start) = text[from..].find("eyJ0eXAi").map(|at| at + from) {
        let mut end = start;
        let mut parts = 0;
        for part in text[start..].splitn(3, '.') {
            let length = part.find(|c| !is_part(c)).unwrap_or(part.len());
            parts += usize::from(length > 0);
            end += length + usize::from(parts < 3);
            if length < part.len() && parts < 3 {
                parts = 0;
                break;
            }
        }
        if parts == 3 {
            text.replace_range(start..end, "{{jwt}}");
        }
        from = start + 7;
    }
    text
}

/// The value at a dotted path; none when a part is absent or null.
pub(super) fn dig<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    let found = path.split('.').try_fold(value, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        Value::Object(members) => members.get(part),
        _ => None,
    });
    found.filter(|v| !v.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variables() -> Variables {
        [
            ("id".to_owned(), json!(7)),
            ("token".to_owned(), json!("0123456789012345678901234")),
        ]
        .into()
    }

    #[test]
    fn placeholders_are_filled() {
        let filled = fill(
            &json!({"a": "{{id}}", "b{{id}}": ["x{{id}}y{{no}}", null], "c": "{{no}}"}),
            &variables(),
        );
        assert_eq!(filled, json!({"a": 7, "b7": ["x7y{{no}}", null], "c": "{{no}}"}));
        assert_eq!(fill_text("{{{{id}}}} {{", &variables()), "{{7}} {{");
    }

    #[test]
    fn answers_are_scrubbed() {
        let got = json!({"a": "x 0123456789012345678901234", "b": ["eyJ0eXAiOiJK.eyJz_-.abc, eyJ0eXAi.x", 1], "c": "/d/e"});
        let scrubbed = scrub(got, &variables(), &["/d".to_owned()]);
        assert_eq!(
            scrubbed,
            json!({"a": "x {{token}}", "b": ["{{jwt}}, eyJ0eXAi.x", 1], "c": "{{install_dir}}/e"})
        );
    }

    #[test]
    fn paths_reach_into_answers() {
        let value = json!({"resource": [{"id": 3, "n": null}]});
        assert_eq!(dig(&value, "resource.0.id"), Some(&json!(3)));
        assert_eq!(dig(&value, "resource.0.n"), None);
        assert_eq!(dig(&value, "resource.1.id"), None);
        assert_eq!(dig(&value, "resource.x"), None);
    }
}
