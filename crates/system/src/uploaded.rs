//! Files that came with a form.

use contract::{Form, Map, Payload, Problem, Settings, Upload, Value};
use records::ident::{no_records, records_in};

/// The file that was meant: the one in `file` or `files`, else the first.
pub(crate) fn file(form: &Form) -> Option<&Upload> {
    let of = |name: &str| form.files.iter().find(|file| file.field == name);
    let named = of("files").or_else(|| of("files[]")).or_else(|| of("file"));
    named.or(form.files.first())
}

/// What stands after the last point of a file's name, in lower case.
pub(crate) fn ending(file: &Upload) -> String {
    let ending = file.name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.to_ascii_lowercase()
}

/// A body for a form with a file of records, as if the records stood among the form's fields; any other stays as it is.
///
/// Fails with 400 when the file's name does not tell what it is, or its content is something else.
pub(crate) fn as_records(payload: Payload, settings: &Settings) -> Result<Payload, Problem> {
    let Payload::Form(form) = &payload else {
        return Ok(payload);
    };
    let Some(file) = file(form) else {
        return Ok(payload);
    };
    let kind = match ending(file).as_str() {
        "csv" => "text/csv",
        "json" => "application/json",
        "xml" => "text/xml",
        "ndjson" | "jsonl" => "application/x-ndjson",
        _ => {
            return Err(Problem::bad_request(
                "Unsupported file type. Supported types are csv, json, xml, ndjson",
            ));
        }
    };
    let text = std::str::from_utf8(&file.bytes)
        .map_err(|_| Problem::bad_request("The uploaded file is not valid UTF-8."))?;
    let content = query::body::value(kind, text.trim_start_matches('\u{feff}'), settings)?;
    let records = content
        .and_then(|content| records_in(&content, settings))
        .ok_or_else(|| no_records(settings))?;
    let mut body: Map<String, Value> = form.fields.clone();
    body.insert(settings.resource_wrapper.clone(), records.into());
    Ok(Payload::Value(Value::Object(body)))
}
