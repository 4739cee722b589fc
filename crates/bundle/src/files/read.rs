//! Reading a bundle from a folder.

use super::FILE;
use super::values::{Secrets, named, unescaped};
use crate::bundle::{Bundle, Object, title};
use crate::layout::Kind;
use contract::{Map, Problem, Value};
use serde_json::json;
use std::fs;
use std::path::Path;

/// Reads what a folder holds. Where a reference `${NAME}` has no value, an object of `present` keeps what it has; a new
/// object cannot be made without. Fails with 400 and a sentence that names the file, or the values that are missing.
pub fn read(folder: &Path, secrets: &Secrets, present: &Bundle) -> Result<Bundle, Problem> {
    if !folder.is_dir() {
        return Err(Problem::bad_request(format!(
            "There is no folder {}.",
            folder.display()
        )));
    }
    let mut bundle = Bundle::default();
    let mut missing = Vec::new();
    for kind in Kind::ALL {
        let place = folder.join(kind.layout().folder);
        if !place.is_dir() {
            continue;
        }
        for name in file_names(&place)? {
            let file = place.join(&name);
            let wrong = |what: String| Problem::bad_request(format!("{}: {what}", file.display()));
            let text = fs::read_to_string(&file).map_err(|e| wrong(format!("it cannot be read: {e}.")))?;
            let mut object: Object =
                serde_json::from_str(&text).map_err(|e| wrong(format!("it is no JSON object: {e}.")))?;
            texts(&mut object, &place).map_err(wrong)?;
            let unknown = unknown_field(kind, &object);
            if let Some(unknown) = unknown {
                return Err(wrong(format!("a {} has no field '{unknown}'.", kind.spoken())));
            }
            let key = crate::bundle::key(kind, &object);
            if key.is_empty() {
                return Err(wrong(format!("the {} has no name.", kind.spoken())));
            }
            let old = present.get(kind, &key);
            let mut value = Value::Object(object);
            let of_old = old.map(|old| Value::Object(crate::normal::stored_normal(kind, old)));
            resolve(&mut value, of_old.as_ref(), secrets, &mut missing);
            let Value::Object(object) = value else { continue };
            if let Some(twice) = bundle.insert(kind, object) {
                return Err(wrong(format!(
                    "the {} stands in another file, too.",
                    title(kind, &twice)
                )));
            }
        }
    }
    match missing.is_empty() {
        true => Ok(bundle),
        false => Err(Problem::bad_request(format!(
            "These values are needed and not set: {}. Set them in the environment, or name the file of secrets.",
            missing.join(", ")
        ))),
    }
}

/// The JSON files of a folder, in order.
fn file_names(folder: &Path) -> Result<Vec<String>, Problem> {
    let wrong = |e: std::io::Error| {
        Problem::bad_request(format!("The folder {} cannot be read: {e}.", folder.display()))
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let name = entry.map_err(wrong)?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") && !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A field that objects of this kind do not have: most likely a slip, which must not pass in silence.
fn unknown_field(kind: Kind, object: &Object) -> Option<&str> {
    let layout = kind.layout();
    let known = |name: &str| {
        layout.fields.iter().any(|field| field.name == name)
            || layout.references.iter().any(|reference| reference.name == name)
            || layout.children.iter().any(|children| children.name == name)
            || (kind == Kind::Service && matches!(name, "config" | "doc"))
    };
    object.keys().map(String::as_str).find(|name| !known(name))
}

/// The name in `{"$file": "…"}`, when it is one of a file beside and of nothing else.
fn beside(value: &Value) -> Option<Result<&str, String>> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let name = object.get(FILE)?.as_str()?;
    let plain = !name.is_empty() && !name.contains(['/', '\\', '\0', ':']) && !name.starts_with('.');
    Some(match plain {
        true => Ok(name),
        false => Err(format!("'{name}' is not the name of a file beside it.")),
    })
}

/// Puts the texts of files in place.
fn texts(object: &mut Map<String, Value>, folder: &Path) -> Result<(), String> {
    for value in object.values_mut() {
        match beside(value) {
            Some(name) => {
                let name = name?;
                let text = fs::read_to_string(folder.join(name))
                    .map_err(|e| format!("the file '{name}' beside it cannot be read: {e}."))?;
                *value = json!(text);
            }
            None => {
                if let Value::Object(inner) = value {
                    texts(inner, folder)?;
                }
            }
        }
    }
    Ok(())
}

/// The texts that a file names.
pub(super) fn texts_of(file: &Path) -> Vec<String> {
    fn collect(value: &Value, found: &mut Vec<String>) {
        match (beside(value), value) {
            (Some(Ok(name)), _) => found.push(name.to_owned()),
            (None, Value::Object(map)) => map.values().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    if let Some(value) = fs::read(file)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
    {
        collect(&value, &mut found);
    }
    found
}

/// Puts values in the place of references, or what is there already.
fn resolve(value: &mut Value, present: Option<&Value>, secrets: &Secrets, missing: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            if let Some(name) = named(text) {
                match (secrets.get(name), present) {
                    (Some(found), _) => *value = found,
                    (None, Some(present)) => *value = present.clone(),
                    (None, None) => {
                        missing.push(name.to_owned());
                        *value = Value::Null;
                    }
                }
            } else if let Some(shorter) = unescaped(text) {
                *value = json!(shorter);
            }
        }
        Value::Array(list) => {
            let old = present.and_then(Value::as_array);
            for entry in list {
                // Rows of a list are told apart by their names.
                let same =
                    |other: &&Value| entry.get("name").is_some() && entry.get("name") == other.get("name");
                let present = old.and_then(|old| old.iter().find(same)).cloned();
                resolve(entry, present.as_ref(), secrets, missing);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                resolve(
                    value,
                    present.and_then(|present| present.get(key)),
                    secrets,
                    missing,
                );
            }
        }
        _ => {}
    }
}
