//! References inside the configuration of services.
//!
//! A key such as `invite_email_service_id` holds the id of a record. Among plain data its value says which one by
//! name, as `{"service": "email"}`.

use contract::{Map, Value};
use serde_json::json;

/// How keys that hold an id end, and the table that they lead to.
const ENDINGS: [(&str, &str); 4] = [
    ("service_id", "service"),
    ("template_id", "email_template"),
    ("role_id", "role"),
    ("app_id", "app"),
];

/// The table that a key leads to.
fn table(key: &str) -> Option<&'static str> {
    let ends = |ending: &str| {
        key.strip_suffix(ending)
            .is_some_and(|start| start.is_empty() || start.ends_with('_'))
    };
    let found = ENDINGS.iter().find(|(ending, _)| ends(ending));
    found
        .map(|(_, table)| *table)
        .or((key == "default_role").then_some("role"))
}

/// A configuration with names in place of ids. `name` gives the name of an id in a table, by key; where it has none,
/// the reference is left out. The service's own id says nothing and is left out, too.
pub(crate) fn named(
    config: &Map<String, Value>,
    name: &mut impl FnMut(&str, &'static str, i64) -> Option<String>,
) -> Map<String, Value> {
    let mut own = config.clone();
    own.shift_remove("service_id");
    map(&own, &mut |key, value| match (table(key), value.as_i64()) {
        (Some(table), Some(id)) => Some(match name(key, table, id) {
            Some(name) => json!({ table: name }),
            None => Value::Null,
        }),
        _ => None,
    })
}

/// Every id that a stored configuration holds: table and id.
pub(crate) fn ids(config: &Map<String, Value>) -> Vec<(&'static str, i64)> {
    let mut found = Vec::new();
    named(config, &mut |_, table, id| {
        found.push((table, id));
        None
    });
    found
}

/// A configuration with ids in place of names. `id` gives the id of a name in a table; where it has none yet, the
/// reference is null.
pub(crate) fn numbered(
    config: &Map<String, Value>,
    id: &mut impl FnMut(&'static str, &str) -> Option<i64>,
) -> Map<String, Value> {
    map(config, &mut |key, value| {
        let (table, name) = reference(key, value)?;
        Some(json!(id(table, name)))
    })
}

/// Everything that a configuration refers to: table and name.
pub(crate) fn references(config: &Map<String, Value>) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    map(config, &mut |key, value| {
        let (table, name) = reference(key, value)?;
        found.push((table, name.to_owned()));
        Some(Value::Null)
    });
    found
}

/// Leaves out the references to what does not exist.
pub(crate) fn forget(config: &mut Map<String, Value>, exists: &dyn Fn(&str, &str) -> bool) {
    let kept = map(config, &mut |key, value| {
        let (table, name) = reference(key, value)?;
        (!exists(table, name)).then_some(Value::Null)
    });
    *config = kept.into_iter().filter(|(_, value)| !value.is_null()).collect();
}

/// `{"service": "email"}` in a key that leads to services.
fn reference<'v>(key: &str, value: &'v Value) -> Option<(&'static str, &'v str)> {
    let table = table(key)?;
    let object = value.as_object().filter(|object| object.len() == 1)?;
    Some((table, object.get(table)?.as_str()?))
}

/// Replaces values by key, in lists of objects as well.
fn map(
    config: &Map<String, Value>,
    replace: &mut impl FnMut(&str, &Value) -> Option<Value>,
) -> Map<String, Value> {
    let mut mapped = Map::new();
    for (key, value) in config {
        let value = match (replace(key, value), value) {
            (Some(value), _) => value,
            (None, Value::Array(list)) => list
                .iter()
                .map(|entry| match entry {
                    // What a store adds to rows of a list says nothing elsewhere.
                    Value::Object(row) => {
                        let mut row = row.clone();
                        row.shift_remove("id");
                        row.shift_remove("service_id");
                        Value::Object(map(&row, replace))
                    }
                    other => other.clone(),
                })
                .collect(),
            (None, value) => value.clone(),
        };
        mapped.insert(key.clone(), value);
    }
    mapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_names_and_come_back() {
        let config = json!({
            "service_id": 7, "host": "h", "invite_email_service_id": 6, "default_role": 2,
            "app_role_map": [{"id": 1, "service_id": 7, "app_id": 4, "role_id": 9}], "app_id": "not-a-number",
        });
        let config = config.as_object().cloned().unwrap_or_default();
        let named = named(&config, &mut |_, table, id| {
            (id != 9).then(|| format!("{table}-{id}"))
        });
        let expected = json!({
            "host": "h", "invite_email_service_id": {"service": "service-6"}, "default_role": {"role": "role-2"},
            "app_role_map": [{"app_id": {"app": "app-4"}, "role_id": null}], "app_id": "not-a-number",
        });
        assert_eq!(Value::Object(named.clone()), expected);
        assert_eq!(references(&named).len(), 3);
        let numbered = numbered(&named, &mut |_, name| name.rsplit('-').next()?.parse().ok());
        assert_eq!(numbered["invite_email_service_id"], 6);
        assert_eq!(numbered["app_role_map"][0]["app_id"], 4);
    }
}
