//! XML bodies.

use contract::{Map, Problem, Value};
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

/// An element that is being read.
struct Open {
    name: String,
    children: Map<String, Value>,
    text: String,
}

impl Open {
    fn new(name: &str) -> Open {
        Open {
            name: name.to_owned(),
            children: Map::new(),
            text: String::new(),
        }
    }

    /// A leaf is its text; anything else is an object of its children, its own text being layout.
    fn value(self) -> Value {
        match self.children.is_empty() {
            true => Value::String(self.text),
            false => Value::Object(self.children),
        }
    }

    fn adopt(&mut self, name: String, value: Value) {
        match self.children.get_mut(&name) {
            None => {
                self.children.insert(name, value);
            }
            Some(Value::Array(list)) => list.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
    }
}

/// Reads XML: attributes are ignored, repeated tags become lists, every leaf is a string. The root element is
/// dropped unless it is the wrapper. Entities other than the five of XML are refused, so nothing can expand.
///
/// Fails with 400 when it is not well-formed or nests deeper than `most_depth`.
pub(super) fn parse(text: &str, wrapper: &str, most_depth: u64) -> Result<Value, Problem> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(|_| malformed())?;
        match event {
            Event::Start(tag) => {
                if root.is_some() || open.len() as u64 >= most_depth {
                    return Err(malformed());
                }
                open.push(Open::new(tag.local_name().as_ref()));
            }
            Event::Empty(tag) => close(&mut open, &mut root, Open::new(tag.local_name().as_ref()))?,
            Event::End(_) => {
                let element = open.pop().ok_or_else(malformed)?;
                close(&mut open, &mut root, element)?;
            }
            Event::Text(text) => add_text(&mut open, &text.xml10_content())?,
            Event::CData(text) => add_text(&mut open, &text.xml10_content())?,
            Event::GeneralRef(entity) => {
                let resolved = match entity.resolve_char_ref().map_err(|_| malformed())? {
                    Some(character) => character.to_string(),
                    None => resolve_predefined_entity(&entity)
                        .ok_or_else(malformed)?
                        .to_owned(),
                };
                add_text(&mut open, &resolved)?;
            }
            Event::DocType(_) => return Err(malformed()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    let root = root.filter(|_| open.is_empty()).ok_or_else(malformed)?;
    if root.name == wrapper {
        let name = root.name.clone();
        return Ok(Value::Object(Map::from_iter([(name, root.value())])));
    }
    Ok(root.value())
}

fn close(open: &mut [Open], root: &mut Option<Open>, element: Open) -> Result<(), Problem> {
    match open.last_mut() {
        Some(parent) => {
            let name = element.name.clone();
            parent.adopt(name, element.value());
        }
        None if root.is_none() => *root = Some(element),
        None => return Err(malformed()),
    }
    Ok(())
}

fn add_text(open: &mut [Open], text: &str) -> Result<(), Problem> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(malformed()),
    }
    Ok(())
}

fn malformed() -> Problem {
    Problem::bad_request("Invalid or malformed XML.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(text: &str) -> Value {
        parse(text, "resource", 64).unwrap()
    }

    #[test]
    fn the_root_is_dropped_unless_it_is_the_wrapper() {
        let text = "<?xml version=\"1.0\"?><dfapi><resource><name>xml one</name><quantity>3</quantity></resource></dfapi>";
        assert_eq!(
            read(text),
            json!({"resource": {"name": "xml one", "quantity": "3"}})
        );
        assert_eq!(
            read("<resource><name>a</name></resource>"),
            json!({"resource": {"name": "a"}})
        );
    }

    #[test]
    fn repeated_tags_are_lists_and_leaves_are_text() {
        let text = "<d>\n <r><a x='1'>1 &lt; 2 &#65;</a></r>\n <r><a><![CDATA[<b>]]></a></r><r/>\n</d>";
        assert_eq!(read(text), json!({"r": [{"a": "1 < 2 A"}, {"a": "<b>"}, ""]}));
    }

    #[test]
    fn what_is_not_xml_is_refused() {
        let deep = "<a>".repeat(65);
        let bomb = "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>";
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "x<a/>",
            "<a>&unknown;</a>",
            &deep,
            bomb,
        ] {
            assert_eq!(parse(text, "resource", 64).unwrap_err().status(), 400, "{text}");
        }
    }
}
