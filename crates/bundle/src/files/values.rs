//! `${NAME}` in the place of a value, and where such values come from.

use super::Sealed;
use contract::Value;
use serde_json::json;
use std::collections::BTreeMap;

/// Values by name: what the environment says first, then what a sealed file holds.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    environment: BTreeMap<String, String>,
    sealed: Option<Sealed>,
}

impl Secrets {
    /// Values of these variables, and of a sealed file.
    pub fn new(environment: impl IntoIterator<Item = (String, String)>, sealed: Option<Sealed>) -> Secrets {
        Secrets {
            environment: environment.into_iter().collect(),
            sealed,
        }
    }

    /// The value of a name. A list or an object may be given as JSON text.
    pub(super) fn get(&self, name: &str) -> Option<Value> {
        let told = self
            .environment
            .get(name)
            .map(|text| match serde_json::from_str(text) {
                Ok(document @ (Value::Array(_) | Value::Object(_))) => document,
                _ => json!(text),
            });
        told.or_else(|| self.sealed.as_ref()?.get(name).cloned())
    }
}

/// `${NAME}`.
pub(super) fn reference(name: &str) -> Value {
    json!(format!("${{{name}}}"))
}

/// The name in a text that is `${NAME}` and nothing else.
pub(super) fn named(text: &str) -> Option<&str> {
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

/// The name that a secret is given: words in capitals between underscores.
pub(super) fn name(kind: &str, object: &str, label: &str) -> String {
    let words = format!("DW_SECRET_{kind}_{object}_{label}");
    let sign = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    words.chars().map(sign).collect()
}

/// Text that happens to look like a reference is written with one `$` more.
pub(super) fn escaped(text: &str) -> Option<String> {
    let dollars = text.len() - text.trim_start_matches('$').len();
    (dollars > 0 && named(&text[dollars - 1..]).is_some()).then(|| format!("${text}"))
}

/// The text that [`escaped`] made longer.
pub(super) fn unescaped(text: &str) -> Option<&str> {
    let rest = text.strip_prefix('$')?;
    let dollars = rest.len() - rest.trim_start_matches('$').len();
    (dollars > 0 && named(&rest[dollars - 1..]).is_some()).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_told_from_text_that_looks_like_one() {
        assert_eq!(named("${A_1}"), Some("A_1"));
        for text in ["${a}", "${}", "x${A}", "${A}x", "$A", "${A B}"] {
            assert_eq!(named(text), None, "{text}");
            assert_eq!(escaped(text), None, "{text}");
        }
        for text in ["${A}", "$${A}", "$$${A}"] {
            let written = escaped(text).unwrap();
            assert_eq!(named(&written), None);
            assert_eq!(unescaped(&written), Some(text));
        }
        assert_eq!(unescaped("${A}"), None);
    }

    #[test]
    fn the_environment_comes_before_the_sealed_file() {
        let mut sealed = Sealed::default();
        sealed.put("A", json!("sealed"));
        sealed.put("B", json!("sealed"));
        let secrets = Secrets::new([("A".to_owned(), "told".to_owned())], Some(sealed));
        assert_eq!(
            (secrets.get("A"), secrets.get("B")),
            (Some(json!("told")), Some(json!("sealed")))
        );
        assert_eq!(secrets.get("C"), None);
    }
}
