//! CSV answers.

use super::scalar_text;
use contract::csv::{NO_ROWS, cell};
use contract::{Map, Value};

/// Encodes a value: the rows are what stands in the wrapper, else in `error`, else the object itself as one row.
/// The keys of the first row are the header; nested values are JSON in a cell; truth values are 1 and 0.
///
/// A value that is neither list nor object is its plain text. No rows give two empty lines, as clients expect.
pub(super) fn encode(value: &Value, wrapper: &str) -> Vec<u8> {
    let inner = match value {
        Value::Object(map) => map.get(wrapper).or_else(|| map.get("error")).unwrap_or(value),
        other => other,
    };
    let rows = match inner {
        Value::Array(rows) => rows.as_slice(),
        Value::Object(_) => std::slice::from_ref(inner),
        scalar => return scalar_text(scalar, "1", "0").into_owned().into_bytes(),
    };
    let mut out = Vec::new();
    match rows.first() {
        None => out.extend_from_slice(NO_ROWS),
        Some(Value::Object(first)) => table(&mut out, first, rows),
        Some(_) => {
            line(&mut out, std::iter::once(wrapper.into()));
            rows.iter()
                .for_each(|row| line(&mut out, std::iter::once(scalar_text(row, "1", "0"))));
        }
    }
    out
}

fn table(out: &mut Vec<u8>, first: &Map<String, Value>, rows: &[Value]) {
    line(out, first.keys().map(|key| key.as_str().into()));
    for row in rows {
        let text = |key: &String| {
            row.get(key)
                .map_or("".into(), |value| scalar_text(value, "1", "0"))
        };
        line(out, first.keys().map(text));
    }
}

fn line<'c>(out: &mut Vec<u8>, cells: impl Iterator<Item = std::borrow::Cow<'c, str>>) {
    for (index, text) in cells.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        cell(out, &text);
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn csv(value: Value) -> String {
        String::from_utf8(encode(&value, "resource")).unwrap()
    }

    #[test]
    fn blanks_and_quotes_are_quoted_and_nulls_are_empty() {
        let value = json!({"resource": [
            {"id": 3, "name": "", "price": null, "created": null},
            {"id": 4, "name": "Chain 'heavy'", "price": 7.5, "created": "2024-02-29 12:30:00"},
            {"id": 5, "name": "Drill \"XL\"", "price": 129.0, "created": "x"},
            {"id": 10, "name": "日本茶", "price": 4.2, "created": "a,b"},
        ], "meta": {"count": 4}});
        assert_eq!(
            csv(value),
            "id,name,price,created\n3,,,\n4,\"Chain 'heavy'\",7.5,\"2024-02-29 12:30:00\"\n\
             5,\"Drill \"\"XL\"\"\",129,x\n10,日本茶,4.2,\"a,b\"\n"
        );
    }

    #[test]
    fn nested_values_are_json_and_truth_is_a_digit() {
        let value =
            json!({"resource": [{"id": 1, "ok": true, "no": false, "at": [{"id": 1, "city": "Berlin"}]}]});
        assert_eq!(
            csv(value),
            "id,ok,no,at\n1,1,0,\"[{\"\"id\"\":1,\"\"city\"\":\"\"Berlin\"\"}]\"\n"
        );
    }

    #[test]
    fn records_counts_lists_and_errors() {
        assert_eq!(
            csv(json!({"dept_no": "d001", "dept_name": "Marketing"})),
            "dept_no,dept_name\nd001,Marketing\n"
        );
        assert_eq!(csv(json!(9)), "9");
        assert_eq!(csv(json!("Sven Urban")), "Sven Urban");
        assert_eq!(csv(json!({"resource": []})), "\n\n");
        assert_eq!(csv(json!({"resource": ["a", "b c"]})), "resource\na\n\"b c\"\n");
        assert_eq!(csv(json!([{"a": 1}, {"b": 2}])), "a\n1\n\n");
        let error = json!({"error": {"code": 404, "context": null, "message": "no", "status_code": 404}});
        assert_eq!(csv(error), "code,context,message,status_code\n404,,no,404\n");
    }
}
