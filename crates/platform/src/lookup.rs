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
        let mut system: Names = instance(settings)
            .map(|(name, value)| (format!("df.{name}"), value))
            .collect();
        let built_in: Vec<String> = system.keys().cloned().collect();
        for row in rows {
            let Some(value) = row.value.clone() else { continue };
            let name = row.name.to_lowercase();
            if built_in.contains(&name) {
                continue;
            }
            let owned = match (row.app_id, row.role_id, row.user_id) {
                (None, None, None) if row.private => &mut all.private,
                (None, None, None) => &mut system,
                // Service configurations are the only place for private keys, and a service has no caller.
                _ if row.private => continue,
                (Some(app), ..) => all.apps.entry(app).or_default(),
                (_, Some(role), _) => all.roles.entry(role).or_default(),
                (.., Some(user)) => all.users.entry(user).or_default(),
            };
            owned.insert(name, value);
        }
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

    /// The value of a name where no caller is: private keys before public ones.
    fn of_configurations(&self, name: &str) -> Option<String> {
        let name = name.to_lowercase();
        let value = self.private.get(&name).or_else(|| self.system.get(&name));
        value.cloned()
    }

    fn fill_value(&self, value: &Value, settings: &Settings) -> Value {
        match value {
            Value::String(text) => {
                let allowed = |name: &str| settings.allows_modifier(name);
                let find = |name: &str| self.of_configurations(name);
                Value::String(query::lookup::replace(text, &allowed, &find).into_owned())
            }
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

#[cfg(test)]
mod tests {
    use super::*;

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
                LookupRow {
                    user_id: Some(3),
                    ..row("df.name", "mine")
                },
            ],
            &Settings::default(),
        );
        assert_eq!(lookups.overlay(None, None, None)["region"], "eu");
        assert_eq!(lookups.overlay(None, Some(2), None)["region"], "us");
        assert_eq!(lookups.overlay(None, Some(2), Some(3))["region"], "jp");
        assert_eq!(lookups.overlay(None, None, Some(3))["df.name"], "Dreamwright");
        assert!(!lookups.overlay(None, None, None).contains_key("secret"));
        let config = serde_json::json!({"host": "{region}", "list": ["{strtoupper(secret)}", "{none}", 1]});
        let filled = lookups.fill(config.as_object().unwrap(), &Settings::default());
        assert_eq!(
            Value::Object(filled),
            serde_json::json!({"host": "eu", "list": ["S3", "{none}", 1]})
        );
    }
}
