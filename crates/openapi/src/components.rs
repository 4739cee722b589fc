//! The parts that every document has.

use contract::word::WordKind;
use contract::{Map, Value, Word};
use serde_json::json;

/// The ways to say who is calling, in the order in which clients know them.
pub(crate) const SCHEMES: [&str; 6] = [
    "BasicAuth",
    "BearerAuth",
    "ApiKeyQuery",
    "ApiKeyHeader",
    "SessionTokenQuery",
    "SessionTokenHeader",
];

pub(crate) fn security_schemes() -> Value {
    let key = |place: &str, name: &str| json!({"type": "apiKey", "in": place, "name": name});
    json!({
        "BasicAuth": {"type": "http", "scheme": "basic"},
        "BearerAuth": {"type": "http", "scheme": "bearer"},
        "ApiKeyQuery": key("query", "api_key"),
        "ApiKeyHeader": key("header", "X-DreamFactory-API-Key"),
        "SessionTokenQuery": key("query", "session_token"),
        "SessionTokenHeader": key("header", "X-DreamFactory-Session-Token"),
    })
}

/// The schemes as alternatives.
pub(crate) fn security() -> Value {
    SCHEMES.iter().map(|name| json!({ *name: [] })).collect()
}

/// The error envelope.
pub(crate) fn error() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["code", "message"],
                "properties": {
                    "code": {"description": "The status, or a code of its own."},
                    "context": {"description": "More about what is wrong: messages by field, results of a batch."},
                    "message": {"type": "string", "description": "What is wrong, as a sentence."},
                    "status_code": {"type": "integer", "description": "The status."},
                },
            },
        },
    })
}

/// What `meta` of records holds.
pub(crate) fn metadata() -> Value {
    json!({
        "type": "object",
        "properties": {
            "count": {"type": "integer", "description": "Number of records that meet the filter."},
            "next": {"description": "Where the next page begins."},
            "schema": {"type": "object", "description": "The table's description."},
        },
    })
}

/// A schema as the two forms in which it is sent and answered.
pub(crate) fn content(schema: &Value) -> Map<String, Value> {
    let media = ["application/json", "application/xml"];
    media
        .into_iter()
        .map(|media| (media.to_owned(), json!({ "schema": schema })))
        .collect()
}

/// A word as a parameter of the query; `None` for words that hold objects, which stand in bodies alone.
pub(crate) fn parameter(word: &Word) -> Option<Value> {
    let schema = match word.kind {
        WordKind::Text => json!({"type": "string"}),
        WordKind::List => json!({"type": "array", "items": {"type": "string"}}),
        WordKind::Integer => json!({"type": "integer", "format": "int64"}),
        WordKind::Boolean => json!({"type": "boolean"}),
        WordKind::Object => return None,
    };
    Some(json!({
        "name": word.name,
        "in": "query",
        "description": word.description,
        "style": "form",
        "explode": false,
        "schema": schema,
    }))
}

/// What a placeholder stands for.
pub(crate) fn placeholder(name: &str) -> Value {
    let description = match name {
        "id" => "Identifier of the record.".to_owned(),
        _ => format!(
            "Name of the {}.",
            name.trim_end_matches("_name").replace('_', " ")
        ),
    };
    json!({
        "name": name,
        "in": "path",
        "required": true,
        "description": description,
        "schema": {"type": "string"},
    })
}
