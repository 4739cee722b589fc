//! What a record shows beyond its columns, and what it must not show.

use crate::delegation;
use crate::face::Face;
use chrono::Utc;
use contract::{Caller, MASK, Map, Problem, Request, Value, Verb, truthy};
use serde_json::json;
use store::Store;

type Row = Map<String, Value>;

/// Completes rows that were read. A computed key appears only where everything it is made of was read.
pub(crate) async fn complete(
    store: &Store,
    face: &'static Face,
    request: &Request,
    rows: &mut [Row],
) -> Result<(), Problem> {
    match face.name {
        "service" => configs(store, face, rows).await?,
        "app" => launch_urls(store, face, &request.base_url, rows).await?,
        "app of delegate" => {
            launch_urls(store, face, &request.base_url, rows).await?;
            api_keys(store, &request.caller, rows).await?;
        }
        "admin" | "user" | "author" => confirmations(store, rows).await?,
        "custom" | "custom of user" | "own custom" | "email_template" => {
            rows.iter_mut().for_each(|row| open(row, face.rewritten));
        }
        "cors" => rows.iter_mut().for_each(verbs),
        "role_service_access" | "audit" => rows.iter_mut().for_each(|row| documents(row, face.rewritten)),
        "scheduler" => rows.iter_mut().for_each(verb_of_task),
        "limit" => rows.iter_mut().for_each(crate::limit::show_period),
        _ if face.native == "lookup" => rows.iter_mut().try_for_each(|row| lookup(store, row))?,
        _ => {}
    }
    for row in rows {
        for hidden in face.hidden {
            row.shift_remove(*hidden);
        }
    }
    Ok(())
}

/// The configuration, with its masks, of services that were read whole.
async fn configs(store: &Store, face: &Face, rows: &mut [Row]) -> Result<(), Problem> {
    let id = |row: &Row| row.get("id").and_then(Value::as_i64);
    let whole = |row: &&mut Row| face.fields.iter().all(|(name, _)| row.contains_key(*name));
    let mut rows: Vec<&mut Row> = rows.iter_mut().filter(|row| whole(row)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = rows.iter().filter_map(|row| id(row)).collect();
    let mut configs = store.masked_configs(&ids).await?;
    for row in &mut rows {
        let config = id(row).and_then(|id| Some((id, configs.remove(&id)?)));
        let shown = match config {
            // Clients know an empty configuration as an empty list.
            None => json!([]),
            Some((_, config)) if config.is_empty() => json!([]),
            Some((id, config)) => {
                let mut shown = Map::new();
                shown.insert("service_id".into(), json!(id));
                shown.extend(config);
                Value::Object(shown)
            }
        };
        row.insert("config".into(), shown);
    }
    Ok(())
}

/// The keys of apps that open nothing that the caller's own role does not; masks for the others.
async fn api_keys(store: &Store, caller: &Caller, rows: &mut [Row]) -> Result<(), Problem> {
    let known = |row: &&mut Row| row.contains_key("id") && row.contains_key("role_id");
    let mut rows = rows.iter_mut().filter(known).peekable();
    if rows.peek().is_none() {
        return Ok(());
    }
    let policy = store.policy().await?;
    for row in rows {
        let id = row.get("id").and_then(Value::as_i64);
        let app = policy.apps.iter().find(|app| Some(app.id) == id);
        let open = app.filter(|app| {
            app.role_id
                .is_none_or(|role| delegation::covers(caller, &policy.roles, role))
        });
        let key = open.map_or(MASK, |app| app.api_key.as_str());
        row.insert("api_key".into(), key.into());
    }
    Ok(())
}

/// Documents, such as row filters, are kept as JSON text.
fn documents(row: &mut Row, names: &[&str]) {
    for name in names {
        if let Some(value) = row.get_mut(*name)
            && let Some(parsed) = value
                .as_str()
                .map(|text| serde_json::from_str(text).unwrap_or(Value::Null))
        {
            *value = parsed;
        }
    }
}

/// Values are sealed at rest; private ones are masked. A row that was read without `private` counts as private.
fn lookup(store: &Store, row: &mut Row) -> Result<(), Problem> {
    let open = row.get("private").is_some_and(|p| !is_true(p));
    if let Some(value) = row.get_mut("value")
        && let Some(sealed) = value.as_str()
    {
        *value = if open {
            store.lookup_value(sealed)?.into()
        } else {
            MASK.into()
        };
    }
    Ok(())
}

/// Lists and objects that are kept as text.
fn open(row: &mut Row, names: &[&str]) {
    for name in names {
        let Some(value) = row.get_mut(*name) else { continue };
        let text = value.as_str().map(str::trim_start).unwrap_or_default();
        if text.starts_with(['[', '{'])
            && let Ok(parsed) = serde_json::from_str(text)
        {
            *value = parsed;
        }
    }
}

/// The verb of a task, whose mask has one bit.
fn verb_of_task(row: &mut Row) {
    if let Some(mask) = row.get("verb_mask").and_then(Value::as_i64) {
        row.insert("verb".into(), json!(Verb::of_bit(mask).map(Verb::as_str)));
    }
}

/// The verbs of a CORS row by their names.
fn verbs(row: &mut Row) {
    if let Some(value) = row.get_mut("method")
        && let Some(mask) = value.as_i64()
    {
        let all = Verb::GRANTABLE.into_iter().chain([Verb::Options]);
        *value = all
            .filter(|verb| mask & i64::from(verb.bit()) != 0)
            .map(Verb::as_str)
            .collect();
    }
}

/// Whether the code of an account that is not confirmed has run out.
async fn confirmations(store: &Store, rows: &mut [Row]) -> Result<(), Problem> {
    let pending = |row: &Row| {
        let open = row.get("confirmed").is_some_and(|c| !is_true(c));
        row.get("id").and_then(Value::as_i64).filter(|_| open)
    };
    let users: Vec<i64> = rows.iter().filter_map(pending).collect();
    let ends = store.code_ends(&users).await?;
    let now = Utc::now().timestamp();
    for row in rows.iter_mut().filter(|row| row.contains_key("confirmed")) {
        let ended = |id| ends.get(&id).is_none_or(|end| *end < now);
        let expired = pending(row).is_some_and(ended);
        row.insert("expired".into(), json!(expired));
    }
    Ok(())
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => truthy(text),
        _ => false,
    }
}

/// Where an app lives.
pub(crate) struct Place<'a> {
    pub(crate) kind: i64,
    pub(crate) path: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    /// Name of the file service that holds it.
    pub(crate) service: Option<&'a str>,
    pub(crate) container: Option<&'a str>,
}

/// The address under which an app opens; empty when it has none.
pub(crate) fn launch_url(base_url: &str, place: &Place<'_>) -> String {
    let join = |parts: &[Option<&str>]| {
        let parts = parts
            .iter()
            .flatten()
            .map(|p| p.trim_matches('/'))
            .filter(|p| !p.is_empty());
        std::iter::once(base_url.trim_end_matches('/'))
            .chain(parts)
            .collect::<Vec<_>>()
            .join("/")
    };
    match place.kind {
        1 => join(&[place.service, place.container, place.path]),
        2 => place.url.unwrap_or_default().to_owned(),
        3 => join(&[place.path]),
        _ => String::new(),
    }
}

async fn launch_urls(store: &Store, face: &Face, base_url: &str, rows: &mut [Row]) -> Result<(), Problem> {
    let known = |row: &Row| face.needs.iter().all(|name| row.contains_key(*name));
    let kind = |row: &Row| row.get("type").and_then(Value::as_i64).filter(|_| known(row));
    let names = if rows.iter().any(|row| kind(row) == Some(1)) {
        store.service_names().await?
    } else {
        Default::default()
    };
    for row in rows {
        let Some(kind) = kind(row) else { continue };
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        let service = row
            .get("storage_service_id")
            .and_then(Value::as_i64)
            .and_then(|id| names.get(&id));
        let url = launch_url(
            base_url,
            &Place {
                kind,
                path: text("path"),
                url: text("url"),
                service: service.map(String::as_str),
                container: text("storage_container"),
            },
        );
        row.insert("launch_url".into(), url.into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_open_where_their_type_says() {
        let place = Place {
            kind: 1,
            path: Some("/a/index.html"),
            url: Some("http://x"),
            service: Some("files"),
            container: Some("web/"),
        };
        assert_eq!(launch_url("http://h/", &place), "http://h/files/web/a/index.html");
        assert_eq!(launch_url("http://h", &Place { kind: 2, ..place }), "http://x");
        let place = Place {
            kind: 3,
            path: Some("a"),
            url: None,
            service: None,
            container: None,
        };
        assert_eq!(launch_url("http://h", &place), "http://h/a");
        assert_eq!(launch_url("http://h", &Place { kind: 0, ..place }), "");
    }

    #[test]
    fn lists_are_kept_as_text_and_text_stays_text() {
        let mut row = Map::new();
        for (name, text) in [
            ("a", "[1]"),
            ("b", "{\"c\":2}"),
            ("d", "[no list"),
            ("e", "plain"),
        ] {
            row.insert(name.into(), json!(text));
        }
        open(&mut row, &["a", "b", "d", "e"]);
        assert_eq!(
            Value::Object(row),
            json!({"a": [1], "b": {"c": 2}, "d": "[no list", "e": "plain"})
        );
    }
}
