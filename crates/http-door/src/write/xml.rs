//! XML answers.

use super::scalar_text;
use contract::Value;

/// Encodes a value under the root element, indented with tabs. A list repeats its key's element for each item
/// (also at the top, where clients expect one root per row); null is an empty element, an empty list is nothing.
/// Characters that XML cannot hold are left out, and element names are made legal.
pub(super) fn encode(value: &Value, root: &str) -> String {
    let mut out = String::from("<?xml version=\"1.0\" ?>");
    let root = element_name(root);
    match value {
        Value::Array(items) if items.is_empty() => out.push_str(&format!("<{root}>\n</{root}>\n")),
        Value::Object(_) | Value::Array(_) => element(&mut out, &root, value, 0),
        scalar => leaf(&mut out, &root, scalar),
    }
    out
}

fn element(out: &mut String, name: &str, value: &Value, depth: usize) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| element(out, name, item, depth)),
        Value::Object(map) if map.is_empty() && depth > 0 => {}
        Value::Object(map) => {
            indent(out, depth);
            out.push_str(&format!("<{name}>\n"));
            for (key, member) in map {
                element(out, &element_name(key), member, depth + 1);
            }
            indent(out, depth);
            out.push_str(&format!("</{name}>\n"));
        }
        scalar => {
            indent(out, depth);
            leaf(out, name, scalar);
            out.push('\n');
        }
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n('\t', depth));
}

fn leaf(out: &mut String, name: &str, scalar: &Value) {
    out.push_str(&format!("<{name}>"));
    for character in scalar_text(scalar, "true", "false").chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#039;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => out.push(character),
        }
    }
    out.push_str(&format!("</{name}>"));
}

/// `key` as an element name: what cannot stand in one becomes `_`.
fn element_name(key: &str) -> String {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_' || (c >= '\u{c0}' && c.is_alphabetic());
    let legal = |c: char| letter(c) || c.is_ascii_digit() || matches!(c, '-' | '.');
    let mut name: String = key.chars().map(|c| if legal(c) { c } else { '_' }).collect();
    if !name.starts_with(letter) {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn xml(value: Value) -> String {
        encode(&value, "dfapi")
    }

    #[test]
    fn rows_are_indented_with_tabs() {
        let value = json!({"resource": [{"dept_no": "d001", "dept_name": "Marketing"}], "meta": {"count": 9, "next": 1}});
        assert_eq!(
            xml(value),
            "<?xml version=\"1.0\" ?><dfapi>\n\t<resource>\n\t\t<dept_no>d001</dept_no>\n\t\t<dept_name>Marketing</dept_name>\n\
             \t</resource>\n\t<meta>\n\t\t<count>9</count>\n\t\t<next>1</next>\n\t</meta>\n</dfapi>\n"
        );
    }

    #[test]
    fn related_rows_repeat_their_key() {
        let value = json!({"id": 1, "at": [{"city": "Berlin"}, {"city": "Lisbon"}], "none": [], "null": null, "ok": true});
        assert_eq!(
            xml(value),
            "<?xml version=\"1.0\" ?><dfapi>\n\t<id>1</id>\n\t<at>\n\t\t<city>Berlin</city>\n\t</at>\n\
             \t<at>\n\t\t<city>Lisbon</city>\n\t</at>\n\t<null></null>\n\t<ok>true</ok>\n</dfapi>\n"
        );
    }

    #[test]
    fn scalars_lists_and_strange_names() {
        assert_eq!(xml(json!(5)), "<?xml version=\"1.0\" ?><dfapi>5</dfapi>");
        assert_eq!(
            xml(json!([{"a": 1}, {"a": 2}])),
            "<?xml version=\"1.0\" ?><dfapi>\n\t<a>1</a>\n</dfapi>\n<dfapi>\n\t<a>2</a>\n</dfapi>\n"
        );
        assert_eq!(
            xml(json!({"1 max(a)": "<&\"'\u{1}>"})),
            "<?xml version=\"1.0\" ?><dfapi>\n\t<_1_max_a_>&lt;&amp;&quot;&#039;&gt;</_1_max_a_>\n</dfapi>\n"
        );
        assert_eq!(
            xml(json!({"resource": []})),
            "<?xml version=\"1.0\" ?><dfapi>\n</dfapi>\n"
        );
    }
}
