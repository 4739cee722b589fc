//! Objects that can be compared: defaults filled in, values of their kind. And where secrets
//! stand in them.

use crate::bundle::Object;
use crate::config;
use crate::extras;
use crate::layout::{Children, Field, Kind};
use crate::naming::{plain, stored, tidy};
use contract::{ConfigSpec, MASK, Map, Problem, Value};
use serde_json::json;
use store::Entity;

/// Gives the configuration of a service type; `None` for one that this build does not have.
pub(crate) type Specs<'a> = &'a (dyn Fn(&str) -> Option<ConfigSpec> + Sync);

/// The object with everything that it does not say at its default, or as in `present` where there is none. Fails with
/// 400 when the configuration of a service cannot be read.
pub(crate) fn normal(
    kind: Kind,
    object: &Object,
    present: Option<&Object>,
    specs: Specs<'_>,
) -> Result<Object, Problem> {
    let layout = kind.layout();
    let mut normal = object.clone();
    complete(layout.fields, Some(layout.entity), &mut normal);
    for field in layout.fields.iter().filter(|field| field.kept) {
        if normal.get(field.name).is_none_or(Value::is_null)
            && let Some(value) = present.and_then(|present| present.get(field.name))
        {
            normal.insert(field.name.to_owned(), value.clone());
        }
    }
    for children in layout.children {
        complete_children(children, &mut normal);
    }
    if kind == Kind::Service {
        complete_config(&mut normal, present, specs)?;
    }
    tidy(&mut normal);
    Ok(normal)
}

/// What is compared: the same as [`normal`] for something that is stored, which is complete.
pub(crate) fn stored_normal(kind: Kind, object: &Object) -> Object {
    let mut normal = object.clone();
    for children in kind.layout().children {
        complete_children(children, &mut normal);
    }
    tidy(&mut normal);
    normal
}

/// The object with its rows in one order. They are kept in the order in which they were written, but say the same in
/// any.
pub(crate) fn ordered(kind: Kind, object: &Object) -> Object {
    let mut ordered = object.clone();
    for children in kind.layout().children {
        if let Some(Value::Array(list)) = ordered.get_mut(children.name) {
            list.sort_by_cached_key(Value::to_string);
        }
    }
    ordered
}

fn complete(fields: &[Field], entity: Option<Entity>, object: &mut Object) {
    let defaults = entity.map(Entity::defaults).unwrap_or_default();
    for field in fields {
        let value = match object.get(field.name) {
            None | Some(Value::Null) => defaults.get(field.name),
            sent => sent,
        };
        // To the stored form and back, so that two ways of writing one value are one.
        if let Some(value) = value.map(|value| plain(field.form, &stored(field.form, value))) {
            object.insert(field.name.to_owned(), value);
        }
    }
}

fn complete_children(children: &Children, object: &mut Object) {
    let entity = children.entity();
    let Some(Value::Array(list)) = object.get_mut(children.name) else {
        return;
    };
    list.iter_mut().for_each(|child| sorted(children, child));
    list.retain(|child| entity.is_some() || extras::says_something(child));
}

/// Brings one row inside an object to the form in which rows are compared.
pub(crate) fn sorted(children: &Children, child: &mut Value) {
    let Some(child) = child.as_object_mut() else {
        return;
    };
    let entity = children.entity();
    complete(children.fields, entity, child);
    if entity.is_none() {
        child.retain(|_, value| *value != json!(false) && *value != json!(""));
    }
    tidy(child);
    child.sort_keys();
}

/// Reads the configuration as the store will: what is not said has the type's default, and values are of their kind.
fn complete_config(object: &mut Object, present: Option<&Object>, specs: Specs<'_>) -> Result<(), Problem> {
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    let spec = specs(kind);
    let old = present.and_then(|present| present.get("config")?.as_object());
    let mut config = match object.get("config") {
        Some(Value::Object(config)) => config.clone(),
        _ => Map::new(),
    };
    // A mask stands for the secret that is stored already, or for none.
    for (key, value) in &mut config {
        if *value == MASK {
            *value = old.and_then(|old| old.get(key)).cloned().unwrap_or_default();
        }
    }
    if let Some(spec) = spec {
        // A type knows references as numbers only; they are read as any number, and stand as they were afterwards.
        let numbers = config::numbered(&config, &mut |_, _| Some(1));
        let mut read = spec.merge(None, &numbers)?;
        for (key, value) in &mut read {
            if let Some(sent) = config.get(key).filter(|sent| refers(key, sent)) {
                *value = sent.clone();
            }
        }
        config = read;
    }
    tidy(&mut config);
    object.insert("config".into(), Value::Object(config));
    Ok(())
}

fn refers(key: &str, value: &Value) -> bool {
    !config::references(&Map::from_iter([(key.to_owned(), value.clone())])).is_empty()
}

/// A place in an object that holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    /// JSON pointer.
    pub(crate) pointer: String,
    /// What it is, as words between underscores.
    pub(crate) label: String,
}

/// All secrets that stand in an object: keys, hashes, private lookups, and in the configuration of a service what its
/// type keeps secret. Of a type that this build does not have, every text is one, because nothing tells which.
pub(crate) fn secrets(kind: Kind, object: &Object, specs: Specs<'_>) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut add = |pointer: String, label: String| found.push(Secret { pointer, label });
    let is_set = |name: &str| object.get(name).is_some_and(|value| !value.is_null());
    match kind {
        Kind::App if is_set("api_key") => add("/api_key".into(), "api_key".into()),
        Kind::Admin | Kind::User => {
            for name in ["password", "security_answer"] {
                if is_set(name) {
                    add(format!("/{name}"), name.into());
                }
            }
        }
        Kind::Lookup if is_set("value") && object.get("private") == Some(&json!(true)) => {
            add("/value".into(), "value".into());
        }
        Kind::Service => {
            let spec = specs(object.get("type").and_then(Value::as_str).unwrap_or_default());
            let config = object.get("config").and_then(Value::as_object);
            for (key, value) in config.into_iter().flatten() {
                let field = spec.and_then(|spec| spec.fields().find(|field| field.name == key));
                let secret = match (spec, field) {
                    (Some(_), field) => field.is_some_and(|f| f.secret || f.kind.is_masked()),
                    (None, _) => value.is_string(),
                };
                if secret && *value != json!("") && !value.is_null() {
                    let escaped = key.replace('~', "~0").replace('/', "~1");
                    add(format!("/config/{escaped}"), key.clone());
                }
            }
        }
        _ => {}
    }
    let lookups = object.get("lookups").and_then(Value::as_array);
    for (index, lookup) in lookups.into_iter().flatten().enumerate() {
        let name = lookup.get("name").and_then(Value::as_str).unwrap_or_default();
        if lookup.get("private") == Some(&json!(true)) && lookup.get("value").is_some_and(|v| !v.is_null()) {
            found.push(Secret {
                pointer: format!("/lookups/{index}/value"),
                label: format!("lookup_{name}"),
            });
        }
    }
    found
}

/// The object with [`MASK`] for every secret.
pub(crate) fn masked(kind: Kind, object: &Object, specs: Specs<'_>) -> Object {
    let secrets = secrets(kind, object, specs);
    let mut value = Value::Object(object.clone());
    for secret in secrets {
        if let Some(place) = value.pointer_mut(&secret.pointer) {
            *place = json!(MASK);
        }
    }
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
