//! Bodies and files in JSON, NDJSON, CSV and XML, as values.

mod csv;
mod depth;
mod ndjson;
mod records;
mod xml;

pub use records::{Notation, PIECE, Reader};

use contract::{Map, Problem, Settings, Value};

/// Reads a text of a media type, without its parameters and in lower case; of a type that is absent or unknown as
/// JSON, XML or CSV, whichever it is. Records of CSV and NDJSON are wrapped. `None` when there is nothing in it.
///
/// Fails with 400 when the text does not fit its type, nests too deep, or is of no known type.
pub fn value(kind: &str, text: &str, settings: &Settings) -> Result<Option<Value>, Problem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    if kind.ends_with("/json") || kind.ends_with("+json") {
        return json(text, settings).map(Some);
    }
    if let Some(notation) = Notation::of(kind) {
        let records = notation.parse(text.as_bytes(), settings)?;
        return Ok(Some(wrapped(records, settings)));
    }
    if kind.contains("xml") {
        return xml::parse(text, &settings.resource_wrapper, settings.max_json_depth).map(Some);
    }
    sniffed(text, settings).map(Some)
}

/// Reads JSON. The message of a refusal tells where the text stops making sense.
fn json(text: &str, settings: &Settings) -> Result<Value, Problem> {
    if depth::exceeds(text.as_bytes(), settings.max_json_depth) {
        return Err(Problem::bad_request(format!(
            "The JSON in the request's body nests deeper than {} levels.",
            settings.max_json_depth
        )));
    }
    serde_json::from_str(text).map_err(|e| {
        Problem::bad_request(format!(
            "Invalid or malformed JSON. (line {}, column {})",
            e.line(),
            e.column()
        ))
    })
}

/// A text whose media type is absent or unknown.
fn sniffed(text: &str, settings: &Settings) -> Result<Value, Problem> {
    let start = text.trim_start();
    if depth::exceeds(text.as_bytes(), settings.max_json_depth) {
        return json(text, settings);
    }
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    if start.starts_with('<') {
        return xml::parse(start, &settings.resource_wrapper, settings.max_json_depth);
    }
    // One line is a header without rows: nothing tells it from arbitrary text.
    match Notation::Csv.parse(text.as_bytes(), settings) {
        Ok(rows) if !rows.is_empty() && !start.starts_with(['{', '[']) => Ok(wrapped(rows, settings)),
        _ => Err(Problem::bad_request("Unrecognized payload type")),
    }
}

fn wrapped(rows: Vec<Value>, settings: &Settings) -> Value {
    Value::Object(Map::from_iter([(
        settings.resource_wrapper.clone(),
        Value::Array(rows),
    )]))
}
