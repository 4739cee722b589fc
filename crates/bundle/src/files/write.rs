//! Writing a bundle into a folder.

use super::values::{escaped, name, reference};
use super::{FILE, Sealed, file_name};
use crate::bundle::Bundle;
use crate::layout::Kind;
use crate::normal::{secrets, stored_normal};
use contract::{Problem, Value};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;
use store::Store;

/// What was written.
#[derive(Debug, Default)]
pub struct Written {
    /// Objects.
    pub objects: usize,
    /// The secrets that references stand for.
    pub secrets: Sealed,
}

/// Writes a bundle into a folder, which afterwards holds it and nothing else of our kinds: files of objects that are
/// gone are removed, files that need not change are not touched, and foreign files stay. Fails with a sentence when a
/// file cannot be written.
pub fn write(store: &Store, bundle: &Bundle, folder: &Path) -> Result<Written, Problem> {
    let mut written = Written::default();
    let mut names = BTreeSet::new();
    for kind in Kind::ALL {
        let mut files: BTreeMap<String, String> = BTreeMap::new();
        for (key, object) in bundle.objects(kind) {
            let mut object = Value::Object(stored_normal(kind, object));
            let stem = stem(&files, &display(kind, key, &object));
            hide(store, kind, &stem, &mut object, &mut names, &mut written.secrets);
            let mut texts = Vec::new();
            set_apart(&mut object, &stem, "", &mut texts);
            object.sort_all_objects();
            files.insert(format!("{stem}.json"), format!("{object:#}\n"));
            files.extend(texts);
            written.objects += 1;
        }
        let place = folder.join(kind.layout().folder);
        bring(&place, &files).map_err(|e| {
            let sentence = format!("The folder {} cannot be written: {e}.", place.display());
            Problem::bad_request(sentence)
        })?;
    }
    Ok(written)
}

/// What names the files of an object.
fn display(kind: Kind, key: &str, object: &Value) -> String {
    match kind {
        Kind::Limit => key.to_owned(),
        _ => object
            .get(kind.layout().identity)
            .and_then(Value::as_str)
            .unwrap_or(key)
            .to_owned(),
    }
}

/// A name that no file in the folder has yet, also where names are compared without case.
fn stem(files: &BTreeMap<String, String>, name: &str) -> String {
    let base = file_name(name);
    let taken = |stem: &str| {
        let file = format!("{stem}.json");
        files.keys().any(|known| known.eq_ignore_ascii_case(&file))
    };
    let mut stem = base.clone();
    let mut number = 2;
    while taken(&stem) {
        stem = format!("{base}~{number}");
        number += 1;
    }
    stem
}

/// Puts references in the place of secrets.
fn hide(
    store: &Store,
    kind: Kind,
    stem: &str,
    object: &mut Value,
    names: &mut BTreeSet<String>,
    kept: &mut Sealed,
) {
    let secrets = match object.as_object() {
        Some(object) => secrets(kind, object, &|kind| store.config_spec(kind)),
        None => Vec::new(),
    };
    escape(object);
    for secret in secrets {
        let Some(place) = object.pointer_mut(&secret.pointer) else {
            continue;
        };
        let base = name(kind.name(), stem, &secret.label);
        let mut name = base.clone();
        let mut number = 2;
        while !names.insert(name.clone()) {
            name = format!("{base}_{number}");
            number += 1;
        }
        let value = std::mem::replace(place, reference(&name));
        kept.put(&name, plain(value));
    }
}

/// A secret as it is, whatever was done to it for writing.
fn plain(value: Value) -> Value {
    match &value {
        Value::String(text) => super::values::unescaped(text).map_or(value.clone(), |text| json!(text)),
        _ => value,
    }
}

fn escape(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(longer) = escaped(text) {
                *text = longer;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(escape),
        Value::Object(map) => map.values_mut().for_each(escape),
        _ => {}
    }
}

/// Texts of several lines become files beside the object's.
fn set_apart(value: &mut Value, stem: &str, path: &str, texts: &mut Vec<(String, String)>) {
    let language = value.get("type").and_then(Value::as_str).map(str::to_owned);
    let Value::Object(map) = value else { return };
    for (key, value) in map.iter_mut() {
        let path = match path.is_empty() {
            true => file_name(key),
            false => format!("{path}.{}", file_name(key)),
        };
        match value {
            Value::String(text) if text.contains('\n') => {
                let file = format!("{stem}.{path}.{}", ending(key, language.as_deref()));
                texts.push((file.clone(), std::mem::take(text)));
                *value = json!({ FILE: file });
            }
            Value::Object(_) => set_apart(value, stem, &path, texts),
            _ => {}
        }
    }
}

/// The ending that tells an editor the language.
fn ending(key: &str, kind: Option<&str>) -> &'static str {
    match (key, kind) {
        ("body_html", _) => "html",
        ("content", Some("nodejs" | "v8js")) => "js",
        ("content", Some("python" | "python3")) => "py",
        ("content", Some("php")) => "php",
        _ => "txt",
    }
}

/// Makes a folder hold these files and no others of ours.
fn bring(folder: &Path, files: &BTreeMap<String, String>) -> io::Result<()> {
    if files.is_empty() && !folder.exists() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    for (name, text) in files {
        let file = folder.join(name);
        if fs::read(&file).is_ok_and(|old| old == text.as_bytes()) {
            continue;
        }
        let part = folder.join(format!(".{name}.part"));
        fs::write(&part, text)?;
        fs::rename(&part, &file)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let object = name.ends_with(".json") && !files.contains_key(&name) && entry.file_type()?.is_file();
        if object {
            // With the object go the texts that it names.
            for text in super::read::texts_of(&entry.path()) {
                if !files.contains_key(&text) {
                    let _ = fs::remove_file(folder.join(text));
                }
            }
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
