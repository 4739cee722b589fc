//! The configurations of services: in the original a table for every family of types, here one document.

use super::Table;
use crate::rows::{Row, Rows, id, int};
use contract::{Map, Value};

/// Tables with several rows for a service, and the list that they are.
const LISTS: [(&str, &str); 6] = [
    ("email_parameters_config", "parameters"),
    ("smtp_parameters_config", "parameters"),
    ("rws_parameters_config", "parameters"),
    ("rws_headers_config", "headers"),
    ("app_role_map", "app_role_map"),
    ("service_event_map", "service_event_map"),
];

/// Columns of configurations that are documents.
const DOCUMENTS: [&str; 5] = ["connection", "options", "attributes", "statements", "config"];

/// Columns that say nothing of the service.
const OWN: [&str; 6] = [
    "id",
    "service_id",
    "created_date",
    "last_modified_date",
    "created_by_id",
    "last_modified_by_id",
];

/// Whether a table holds configurations of services.
pub(super) fn is_config(table: &Table) -> bool {
    let listed = LISTS.iter().any(|(name, _)| *name == table.name);
    (listed || table.name.ends_with("_config")) && table.columns.iter().any(|column| column == "service_id")
}

/// The rows with every service's configuration in its row.
pub(super) fn with_configs(mut rows: Rows, tables: Vec<(String, Vec<Row>)>) -> Rows {
    let mut services = rows.take("service");
    for service in &mut services {
        let own = id(service);
        let mut config = document(service.get("config"));
        for (table, rows) in &tables {
            let own_rows = rows
                .iter()
                .filter(|row| own.is_some() && int(row, "service_id") == own);
            match LISTS.iter().find(|(name, _)| name == table) {
                Some((_, list)) => {
                    let entries: Vec<Value> = own_rows.map(|row| Value::Object(content(row))).collect();
                    if !entries.is_empty() {
                        config.insert((*list).to_owned(), Value::Array(entries));
                    }
                }
                None => {
                    for row in own_rows {
                        merge(&mut config, row);
                    }
                }
            }
        }
        service.insert("config".into(), Value::Object(config));
    }
    rows.add("service", services);
    rows
}

fn content(row: &Row) -> Row {
    let own = |(column, _): &(&String, &Value)| !OWN.contains(&column.as_str());
    let pairs = row.iter().filter(own);
    pairs
        .map(|(column, value)| (column.clone(), value.clone()))
        .collect()
}

/// Adds the columns of a row. What stands in `connection` stands beside it here.
fn merge(config: &mut Map<String, Value>, row: &Row) {
    for (column, value) in content(row) {
        if value.is_null() {
            continue;
        }
        if column == "connection" {
            config.extend(document(Some(&value)));
        } else if DOCUMENTS.contains(&column.as_str()) {
            let parsed = value.as_str().and_then(|text| serde_json::from_str(text).ok());
            config.insert(column, parsed.unwrap_or(value));
        } else {
            config.insert(column, value);
        }
    }
}

/// An object, also one that is written as text.
fn document(value: Option<&Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map.clone(),
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        _ => Map::new(),
    }
}
