//! From OpenAPI 3.0 to 3.1.

use contract::Value;
use serde_json::json;

/// Turns a document into OpenAPI 3.1: `nullable` becomes a type. What is no 3.0 document stays as it is.
pub fn upgrade(document: &mut Value) {
    let version = document
        .get("openapi")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if version.starts_with("3.0") {
        document["openapi"] = json!("3.1.0");
        types(document);
    }
}

fn types(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(types);
            // A property of this name is an object, not a truth value.
            if !members.get("nullable").is_some_and(Value::is_boolean) {
                return;
            }
            if members.shift_remove("nullable") != Some(json!(true)) {
                return;
            }
            if let Some(kind) = members.get_mut("type") {
                *kind = json!([kind, "null"]);
            } else if let Some(inner) = members.shift_remove("allOf") {
                members.insert("anyOf".into(), json!([{ "allOf": inner }, {"type": "null"}]));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(types),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nullable_becomes_a_type() {
        let mut document = json!({"openapi": "3.0.0", "a": {"type": "string", "nullable": true},
            "b": {"nullable": true, "allOf": [{"$ref": "#/x"}]}, "properties": {"nullable": {"type": "boolean"}}});
        upgrade(&mut document);
        assert_eq!(
            document,
            json!({"openapi": "3.1.0", "a": {"type": ["string", "null"]},
                "b": {"anyOf": [{"allOf": [{"$ref": "#/x"}]}, {"type": "null"}]},
                "properties": {"nullable": {"type": "boolean"}}})
        );
    }
}
