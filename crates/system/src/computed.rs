//! What a record shows beyond its columns, and what it must not show.

use crate::face::Face;
use chrono::{DateTime, Duration, Utc};
use contract::{MASK, Map, Problem, Value, truthy};
use serde_json::json;
use store::Store;

/// Hours that a confirmation code is good for.
const CODE_HOURS: i64 = 24;

type Row = Map<String, Value>;

/// Completes rows that were read. A computed key appears only where everything it is made of was read.
pub(crate) async fn complete(
    store: &Store,
    face: &'static Face,
    base_url: &str,
    rows: &mut [Row],
) -> Result<(), Problem> {
    match face.name {
        "service" => configs(store, face, rows).await?,
        "role_service_access" => rows.iter_mut().for_each(|row| documents(row, &["filters"])),
        "app" => launch_urls(store, face, base_url, rows).await?,
        "admin" | "user" => rows.iter_mut().for_each(confirmation),
        "audit" => rows
            .iter_mut()
            .for_each(|row| documents(row, &["before", "after"])),
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

/// Whether a confirmation code that is still open has run out.
fn confirmation(row: &mut Row) {
    let (Some(confirmed), Some(since)) = (row.get("confirmed"), row.get("last_modified_date")) else {
        return;
    };
    let since = since
        .as_str()
        .and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let ended = since.is_none_or(|since| since + Duration::hours(CODE_HOURS) < Utc::now());
    let expired = !is_true(confirmed) && ended;
    row.insert("expired".into(), json!(expired));
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
    fn a_code_runs_out_after_a_day() {
        let row = |confirmed: bool, hours: i64| {
            let since = (Utc::now() - Duration::hours(hours))
                .format("%Y-%m-%dT%H:%M:%S.000000Z")
                .to_string();
            let mut row = Map::new();
            row.insert("confirmed".into(), json!(confirmed));
            row.insert("last_modified_date".into(), json!(since));
            confirmation(&mut row);
            row["expired"].clone()
        };
        assert_eq!(
            (row(true, 48), row(false, 1), row(false, 48)),
            (json!(false), json!(false), json!(true))
        );
    }
}
