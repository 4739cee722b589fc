//! The manifest of configuration packages: services, roles and apps as one JSON object, by name and without secrets.

use crate::bundle::{Bundle, Object, Report};
use crate::config;
use crate::layout::Kind;
use contract::{Map, Problem, Value};
use serde_json::json;

/// What the member `format` of a manifest says.
pub const FORMAT: &str = "dreamfactory.config/v1";

/// The lists of a manifest, in the order in which they are brought in.
pub const LISTS: [(&str, Kind); 3] = [
    ("services", Kind::Service),
    ("roles", Kind::Role),
    ("apps", Kind::App),
];

const SERVICE: &[&str] = &["name", "label", "description", "type", "is_active", "config"];
const ROLE: &[&str] = &["name", "description", "is_active"];
const ACCESS: &[&str] = &[
    "service",
    "component",
    "verb_mask",
    "requestor_mask",
    "filters",
    "filter_op",
];
const APP: &[&str] = &[
    "name",
    "description",
    "is_active",
    "type",
    "path",
    "url",
    "role",
    "requires_fullscreen",
    "allow_fullscreen_toggle",
    "toggle_location",
];

/// The content of a manifest, and what of it was left out. Fails with 400 when it is of another format, or one of its
/// lists is none.
pub fn read(manifest: &Map<String, Value>) -> Result<(Bundle, Report), Problem> {
    if manifest.get("format").and_then(Value::as_str) != Some(FORMAT) {
        return Err(Problem::bad_request("Unsupported config package format."));
    }
    let mut bundle = Bundle::default();
    let mut report = Report::default();
    for (list, kind) in LISTS {
        let entries = match manifest.get(list) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(entries)) => entries,
            Some(_) => {
                return Err(Problem::bad_request(format!(
                    "'{list}' of a config package must be a list."
                )));
            }
        };
        for entry in entries {
            let object = entry.as_object().cloned().unwrap_or_default();
            if object
                .get("name")
                .and_then(Value::as_str)
                .is_none_or(str::is_empty)
            {
                report.error(format!("Skipped {} without a name.", kind.name()));
                continue;
            }
            let object = match kind {
                Kind::Service => service(&object),
                Kind::Role => role(&object, &mut report),
                _ => active(members(&object, APP)),
            };
            bundle.insert(kind, object);
        }
    }
    Ok((bundle, report))
}

fn members(object: &Object, names: &[&str]) -> Object {
    let known = |name: &&str| Some(((*name).to_owned(), object.get(*name)?.clone()));
    names.iter().filter_map(known).collect()
}

/// An object that does not say whether it is active is.
fn active(mut object: Object) -> Object {
    object.entry("is_active").or_insert(json!(true));
    object
}

/// Ids inside a configuration are those of the instance that the manifest was made of: what they refer to stays as it
/// is here.
fn service(object: &Object) -> Object {
    let mut service = active(members(object, SERVICE));
    if let Some(Value::Object(sent)) = service.get("config") {
        let mut known = config::named(sent, &mut |_, _, _| None);
        known.retain(|key, value| !value.is_null() || sent.get(key).is_some_and(Value::is_null));
        service.insert("config".into(), Value::Object(known));
    }
    service
}

fn role(object: &Object, report: &mut Report) -> Object {
    let mut role = active(members(object, ROLE));
    let name = object.get("name").and_then(Value::as_str).unwrap_or_default();
    let rows = object.get("service_access").and_then(Value::as_array);
    let rows = rows
        .into_iter()
        .flatten()
        .filter_map(|row| row.as_object().map(access));
    let mut access = Vec::new();
    for row in rows {
        // Without its service a row would grant all services.
        match row
            .get("service")
            .and_then(Value::as_str)
            .is_some_and(|service| !service.is_empty())
        {
            true => access.push(Value::Object(row)),
            false => report.error(format!(
                "The role '{name}' has access to a service without a name, which was left out."
            )),
        }
    }
    role.insert("access".into(), Value::Array(access));
    role
}

fn access(row: &Object) -> Object {
    let mut access = members(row, ACCESS);
    for (name, default) in [
        ("component", json!("*")),
        ("verb_mask", json!(31)),
        ("requestor_mask", json!(3)),
    ] {
        access.entry(name).or_insert(default);
    }
    let component = access.get("component").and_then(Value::as_str);
    let component = component.map(|component| component.trim_start_matches('/').to_owned());
    access.insert("component".into(), json!(component));
    access
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_json(manifest: Value) -> Result<(Bundle, Report), Problem> {
        read(manifest.as_object().unwrap())
    }

    #[test]
    fn another_format_is_refused() {
        for manifest in [
            json!({}),
            json!({"format": "x/v1"}),
            json!({"format": FORMAT, "roles": {}}),
        ] {
            assert_eq!(read_json(manifest).unwrap_err().status(), 400);
        }
    }

    #[test]
    fn grants_keep_their_service_and_references_are_left_out() {
        let (bundle, report) = read_json(json!({"format": FORMAT,
            "services": [{"name": "mail", "type": "user", "config": {"open_reg_role_id": 3, "service_id": 4, "a": null}}, {}],
            "roles": [{"name": "r", "service_access": [{"service": "db", "component": "/_table/a/"}, {"verb_mask": 31}]}]}))
        .unwrap();
        let service = bundle.get(Kind::Service, "mail").unwrap();
        assert_eq!(service["config"], json!({"a": null}));
        let role = bundle.get(Kind::Role, "r").unwrap();
        let expected =
            json!([{"service": "db", "component": "_table/a/", "verb_mask": 31, "requestor_mask": 3}]);
        assert_eq!(role["access"], expected);
        assert_eq!(role["is_active"], true);
        assert_eq!(report.errors.len(), 2, "{report:?}");
    }
}
