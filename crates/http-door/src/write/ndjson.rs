//! NDJSON answers: a JSON text per line.

use contract::Value;

/// Encodes a value: the items of the list in the wrapper, or of the list itself, each on a line; anything else,
/// an error's envelope too, is one line.
pub(super) fn encode(value: &Value, wrapper: &str) -> Vec<u8> {
    let list = match value {
        Value::Object(map) => map.get(wrapper).and_then(Value::as_array),
        other => other.as_array(),
    };
    let items = list.map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut out = Vec::new();
    for item in items {
        // Writing to memory cannot fail, and every value has a text.
        let _ = serde_json::to_writer(&mut out, item);
        out.push(b'\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_are_lines_and_the_rest_is_one() {
        let text = |value: Value| String::from_utf8(encode(&value, "resource")).unwrap();
        assert_eq!(
            text(json!({"resource": [{"a": "x\ny"}, 2], "meta": {"count": 2}})),
            "{\"a\":\"x\\ny\"}\n2\n"
        );
        assert_eq!(text(json!([[1], null])), "[1]\nnull\n");
        assert_eq!(text(json!({"resource": []})), "");
        assert_eq!(
            text(json!({"error": {"code": 404}})),
            "{\"error\":{\"code\":404}}\n"
        );
        assert_eq!(text(json!(9)), "9\n");
    }
}
