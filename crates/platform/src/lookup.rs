//! Lookup keys: the overlay that a caller sees, and their replacement in service configurations.

use contract::{Map, Settings, Value};
use std::collections::HashMap;
use std::sync::Arc;
use store::rows::LookupRow;

type Names = HashMap<String, String>;

/// All lookup keys, by owner. Names in lower case; a key without a value does not exist.
#[derive(Debug, Default)]
pub(crate) struct Lookups {
    system: Arc<Names>,
    private: Names,
    apps: HashMap<i64, Names>,
    roles: HashMap<i64, Names>,
    users: HashMap<i64, Names>,
}

impl Lookups {
    /// The rows' keys, and those of the instance itself (`df.…`), which no row replaces.
    pub(crate) fn new(rows: &[LookupRow], settings: &Settings) -> Lookups {
        let mut all = Lookups::default();
        let mut system = Names::new();
        for row in rows {
            let Some(value) = row.value.clone() else { continue };
            let owned = match (row.app_id, row.role_id, row.user_id) {
                (None, None, None) if row.private => &mut all.private,
                (None, None, None) => &mut system,
                // Service configurations are the only place for private keys, and a service has no caller.
                _ if row.private => continue,
                (Some(app), ..) => all.apps.entry(app).or_default(),
                (_, Some(role), _) => all.roles.entry(role).or_default(),
                (.., Some(user)) => all.users.entry(user).or_default(),
            };
            owned.insert(row.name.to_lowercase(), value);
        }
        system.extend(instance(settings).map(|(name, value)| (format!("df.{name}"), value)));
        all.system = Arc::new(system);
        all
    }

    /// The public keys of a caller: the system's, overlaid by the app's, the role's and the user's.
    pub(crate) fn overlay(&self, app: Option<i64>, role: Option<i64>, user: Option<i64>) -> Arc<Names> {
        let layers = [
            app.and_then(|id| self.apps.get(&id)),
            role.and_then(|id| self.roles.get(&id)),
            user.and_then(|id| self.users.get(&id)),
        ];
        if layers.iter().all(Option::is_none) {
            return Arc::clone(&self.system);
        }
        let mut names = Names::clone(&self.system);
        for layer in layers.into_iter().flatten() {
            names.extend(layer.iter().map(|(name, value)| (name.clone(), value.clone())));
        }
        Arc::new(names)
    }

    /// A configuration with the system's keys replaced in all its strings, private ones included.
    pub(crate) fn fill(&self, config: &Map<String, Value>, settings: &Settings) -> Map<String, Value> {
        config
            .iter()
            .map(|(key, value)| (key.clone(), self.fill_value(value, settings)))
            .collect()
    }

    fn fill_value(&self, value: &Value, settings: &Settings) -> Value {
        match value {
            Value::String(text) => Value::String(replace(text, &settings.lookup_modifiers, |name| {
                let name = name.to_lowercase();
                self.private
                    .get(&name)
                    .or_else(|| self.system.get(&name))
                    .cloned()
            })),
            Value::Array(list) => list.iter().map(|v| self.fill_value(v, settings)).collect(),
            Value::Object(map) => Value::Object(self.fill(map, settings)),
            other => other.clone(),
        }
    }
}

/// What is known of the instance under `df.`. A page without a host is below the instance's address.
fn instance(settings: &Settings) -> impl Iterator<Item = (&'static str, String)> {
    let base = settings.public_url();
    let page = |page: &str| match page.contains("://") {
        true => page.to_owned(),
        false => format!("{base}/{}", page.trim_start_matches('/')),
    };
    [
        ("name", settings.app_name.clone()),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("api_version", "2.0".to_owned()),
        ("confirm_invite_url", page(&settings.confirm_invite_url)),
        ("confirm_register_url", page(&settings.confirm_register_url)),
        ("confirm_reset_url", page(&settings.confirm_reset_url)),
        ("host_url", base),
    ]
    .into_iter()
}

/// Replaces `{name}` and `{function(name)}`. What does not resolve stays as it is, braces included; replaced text is
/// not looked at again.
fn replace(text: &str, allowed: &str, find: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let found = after.split_once('}').and_then(|(inside, tail)| {
            let (functions, name) = parse(inside)?;
            let value = find(name)?;
            let applied = functions.iter().rev().fold(value, |value, function| {
                let known = allowed.split(',').any(|a| a.trim() == *function);
                if known { modify(function, value) } else { value }
            });
            Some((applied, tail))
        });
        match found {
            Some((value, tail)) => {
                out.push_str(&value);
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// `f(g(name))` as its functions from the outside in, and the name.
fn parse(inside: &str) -> Option<(Vec<&str>, &str)> {
    let word = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    let mut functions = Vec::new();
    let mut rest = inside;
    while let Some((function, argument)) = rest.split_once('(') {
        functions.push(Some(function).filter(|f| word(f))?);
        rest = argument.strip_suffix(')')?;
    }
    word(rest).then_some((functions, rest))
}

fn modify(function: &str, value: String) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    match function {
        "strtoupper" => value.to_uppercase(),
        "strtolower" => value.to_lowercase(),
        "ucfirst" => first(&value, |c| c.to_uppercase().collect()),
        "lcfirst" => first(&value, |c| c.to_lowercase().collect()),
        "ucwords" => {
            let words: Vec<String> = value
                .split(' ')
                .map(|w| first(w, |c| c.to_uppercase().collect()))
                .collect();
            words.join(" ")
        }
        "urlencode" => percent_encode(&value, true),
        "rawurlencode" => percent_encode(&value, false),
        "urldecode" => percent_decode(&value.replace('+', " ")),
        "rawurldecode" => percent_decode(&value),
        "base64_encode" => STANDARD.encode(&value),
        "base64_decode" => {
            let decoded = STANDARD
                .decode(value.trim())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.unwrap_or(value)
        }
        "trim" => value.trim().to_owned(),
        _ => value,
    }
}

fn first(word: &str, change: impl Fn(char) -> String) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map_or_else(String::new, |c| change(c) + chars.as_str())
}

fn percent_encode(text: &str, plus: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => out.push(char::from(byte)),
            b'~' if !plus => out.push('~'),
            b' ' if plus => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn percent_decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.as_bytes();
    while let Some((&byte, tail)) = bytes.split_first() {
        let code = (byte == b'%')
            .then(|| tail.get(..2).and_then(|pair| hex::decode(pair).ok()))
            .flatten();
        match code {
            Some(code) => {
                out.extend(code);
                bytes = &tail[2..];
            }
            None => {
                out.push(byte);
                bytes = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_and_everything_else_is_left() {
        let all = Settings::default().lookup_modifiers;
        let find = |name: &str| (name == "db.host").then(|| " Ann Lee&Co ".to_owned());
        for (text, expected) in [
            ("x{db.host}y", "x Ann Lee&Co y"),
            ("{unknown} {db-host} {", "{unknown} {db-host} {"),
            ("{strtoupper(trim(db.host))}", "ANN LEE&CO"),
            ("{system(trim(db.host))}", "Ann Lee&Co"),
            ("{urlencode(trim(db.host))}", "Ann+Lee%26Co"),
            ("{rawurldecode(rawurlencode(db.host))}", " Ann Lee&Co "),
            ("{base64_decode(base64_encode(db.host))}", " Ann Lee&Co "),
            ("{{trim(db.host)}}", "{Ann Lee&Co}"),
            ("{trim(db.host}", "{trim(db.host}"),
            ("é{}{()}", "é{}{()}"),
        ] {
            assert_eq!(replace(text, &all, find), expected, "{text}");
        }
    }

    #[test]
    fn owners_overlay_the_system_and_private_keys_stay_in_configurations() {
        let row = |name: &str, value: &str| LookupRow {
            name: name.into(),
            value: Some(value.into()),
            private: false,
            app_id: None,
            role_id: None,
            user_id: None,
        };
        let lookups = Lookups::new(
            &[
                row("Region", "eu"),
                LookupRow {
                    private: true,
                    ..row("secret", "s3")
                },
                LookupRow {
                    role_id: Some(2),
                    ..row("region", "us")
                },
                LookupRow {
                    user_id: Some(3),
                    ..row("region", "jp")
                },
            ],
            &Settings::default(),
        );
        assert_eq!(lookups.overlay(None, None, None)["region"], "eu");
        assert_eq!(lookups.overlay(None, Some(2), None)["region"], "us");
        assert_eq!(lookups.overlay(None, Some(2), Some(3))["region"], "jp");
        assert!(!lookups.overlay(None, None, None).contains_key("secret"));
        let config = serde_json::json!({"host": "{region}", "list": ["{secret}", 1]});
        let filled = lookups.fill(config.as_object().unwrap(), &Settings::default());
        assert_eq!(
            Value::Object(filled),
            serde_json::json!({"host": "eu", "list": ["s3", 1]})
        );
    }
}
