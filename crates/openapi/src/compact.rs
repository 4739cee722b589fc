//! The short form of a document: a list of operations.

use contract::{Map, Value, Verb};
use serde_json::json;

/// The operations of a document, each in a few words, without schemas. This is no OpenAPI document.
pub fn compact(document: &Value) -> Value {
    let mut endpoints = Vec::new();
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flat_map(Map::iter) {
        for verb in Verb::GRANTABLE {
            let Some(operation) = item.get(verb.as_str().to_ascii_lowercase()) else {
                continue;
            };
            let shared = item.get("parameters").and_then(Value::as_array);
            let own = operation.get("parameters").and_then(Value::as_array);
            let parameters = shared.into_iter().chain(own).flatten();
            let parameters: Vec<String> = parameters.filter_map(|p| parameter(document, p)).collect();
            endpoints.push(json!({
                "path": path,
                "method": verb.as_str(),
                "summary": operation["summary"],
                "operationId": operation["operationId"],
                "parameters": parameters,
                "has_request_body": operation.get("requestBody").is_some(),
            }));
        }
    }
    let mut out = Map::new();
    for name in ["openapi", "info", "servers", "security"] {
        out.insert(name.to_owned(), document[name].clone());
    }
    let extensions = document.as_object().into_iter().flatten();
    let extensions = extensions.filter(|(name, _)| name.starts_with("x-"));
    out.extend(extensions.map(|(name, value)| (name.clone(), value.clone())));
    out.insert("endpoint_count".into(), json!(endpoints.len()));
    out.insert("endpoints".into(), Value::Array(endpoints));
    Value::Object(out)
}

/// `name (query, required, string)`.
fn parameter(document: &Value, parameter: &Value) -> Option<String> {
    let parameter = match parameter.get("$ref").and_then(Value::as_str) {
        Some(target) => document.pointer(target.strip_prefix('#')?)?,
        None => parameter,
    };
    let mut words = vec![parameter["in"].as_str()?];
    if parameter["required"] == json!(true) {
        words.push("required");
    }
    words.extend(parameter["schema"]["type"].as_str());
    Some(format!("{} ({})", parameter["name"].as_str()?, words.join(", ")))
}
