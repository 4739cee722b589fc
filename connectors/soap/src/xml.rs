//! XML as a tree of elements whose names are resolved, and XML as text.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesStart, Event};
use std::fmt;
use std::sync::Arc;

/// How deep elements may lie in each other, how many a document may have, and each of them attributes.
const MOST_DEPTH: usize = 100;
const MOST_ELEMENTS: usize = 300_000;
const MOST_ATTRIBUTES: usize = 200;

/// A name in a namespace; without one it is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Name {
    pub(crate) space: Arc<str>,
    pub(crate) local: Arc<str>,
}

impl Name {
    pub(crate) fn new(space: &str, local: &str) -> Name {
        Name {
            space: space.into(),
            local: local.into(),
        }
    }

    pub(crate) fn is(&self, space: &str, local: &str) -> bool {
        &*self.space == space && &*self.local == local
    }
}

/// What the prefixes stand for at an element.
#[derive(Debug, Default)]
struct Scope {
    own: Vec<(String, Arc<str>)>,
    outer: Option<Arc<Scope>>,
}

impl Scope {
    fn space(&self, prefix: &str) -> Option<Arc<str>> {
        let mut scope = Some(self);
        while let Some(here) = scope {
            if let Some((_, space)) = here.own.iter().rev().find(|(name, _)| name == prefix) {
                return Some(Arc::clone(space));
            }
            scope = here.outer.as_deref();
        }
        None
    }
}

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: Name,
    /// Without those that declare namespaces.
    pub(crate) attributes: Vec<(Name, String)>,
    pub(crate) children: Vec<Element>,
    /// Its own text, put together.
    pub(crate) text: String,
    scope: Arc<Scope>,
}

/// A text is no XML that is read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed(&'static str);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "malformed XML: {}", self.0)
    }
}

impl std::error::Error for Malformed {}

impl Element {
    /// Reads a document. Entities other than the five of XML are refused, and so are documents that declare some, so that
    /// nothing can expand; depth and number of elements are bounded.
    pub(crate) fn read(bytes: &[u8]) -> Result<Element, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|_| Malformed("it is not UTF-8"))?;
        let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
        let mut open: Vec<Element> = Vec::new();
        let mut root = None;
        let mut count = 0;
        loop {
            match reader
                .read_event()
                .map_err(|_| Malformed("its signs are wrong"))?
            {
                Event::Start(tag) => {
                    begun(&mut count, open.len(), root.is_some())?;
                    let element = Element::open(&tag, open.last())?;
                    open.push(element);
                }
                Event::Empty(tag) => {
                    begun(&mut count, open.len(), root.is_some())?;
                    let element = Element::open(&tag, open.last())?;
                    close(&mut open, &mut root, element);
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(Malformed("an end without a beginning"))?;
                    close(&mut open, &mut root, element);
                }
                Event::Text(text) => add(&mut open, &text.xml10_content())?,
                Event::CData(text) => add(&mut open, &text.xml10_content())?,
                Event::GeneralRef(entity) => {
                    let unknown = Malformed("an unknown entity");
                    match entity.resolve_char_ref().map_err(|_| unknown)? {
                        Some(sign) => add(&mut open, sign.encode_utf8(&mut [0; 4]))?,
                        None => add(&mut open, resolve_predefined_entity(&entity).ok_or(unknown)?)?,
                    }
                }
                Event::DocType(_) => return Err(Malformed("a document type")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => break,
            }
        }
        root.filter(|_| open.is_empty()).ok_or(Malformed("it breaks off"))
    }

    fn open(tag: &BytesStart<'_>, outer: Option<&Element>) -> Result<Element, Malformed> {
        let wrong = |_| Malformed("an attribute is wrong");
        let mut own = Vec::new();
        let mut attributes = Vec::new();
        for (at, attribute) in tag.attributes().with_checks(false).enumerate() {
            if at == MOST_ATTRIBUTES {
                return Err(Malformed("too many attributes"));
            }
            let attribute = attribute.map_err(|_| Malformed("an attribute is wrong"))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(wrong)?;
            let name = attribute.key.as_ref();
            match name.split_once(':') {
                None if name == "xmlns" => own.push((String::new(), Arc::from(&*value))),
                Some(("xmlns", prefix)) => own.push((prefix.to_owned(), Arc::from(&*value))),
                _ => attributes.push((name.to_owned(), value.into_owned())),
            }
        }
        let outer = outer.map(|element| Arc::clone(&element.scope));
        let scope = match (own.is_empty(), outer) {
            (true, Some(outer)) => outer,
            (_, outer) => Arc::new(Scope { own, outer }),
        };
        let attributes = attributes.into_iter().map(|(name, value)| {
            // Attributes without a prefix are in no namespace.
            let name = match name.contains(':') {
                true => resolve(&scope, &name)?,
                false => Name::new("", &name),
            };
            Ok((name, value))
        });
        Ok(Element {
            name: resolve(&scope, tag.name().as_ref())?,
            attributes: attributes.collect::<Result<_, Malformed>>()?,
            children: Vec::new(),
            text: String::new(),
            scope,
        })
    }

    /// An attribute in no namespace.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attribute_in("", name)
    }

    /// An attribute in a namespace.
    pub(crate) fn attribute_in(&self, space: &str, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known.is(space, name));
        found.map(|(_, value)| value.as_str())
    }

    /// The children of a name.
    pub(crate) fn all<'e>(&'e self, space: &'e str, local: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children
            .iter()
            .filter(move |child| child.name.is(space, local))
    }

    /// The first child of a name.
    pub(crate) fn child(&self, space: &str, local: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name.is(space, local))
    }

    /// A name in an attribute's value or a text, by the prefixes that hold here. `None` for an unknown prefix.
    pub(crate) fn qualified(&self, text: &str) -> Option<Name> {
        resolve(&self.scope, text.trim()).ok()
    }
}

fn resolve(scope: &Scope, name: &str) -> Result<Name, Malformed> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let space = match (scope.space(prefix), prefix) {
        (Some(space), _) => space,
        (None, "") => "".into(),
        (None, "xml") => "http://www.w3.org/XML/1998/namespace".into(),
        (None, _) => return Err(Malformed("an unknown prefix")),
    };
    Ok(Name {
        space,
        local: local.into(),
    })
}

fn begun(count: &mut usize, depth: usize, is_second: bool) -> Result<(), Malformed> {
    *count += 1;
    if is_second || depth >= MOST_DEPTH || *count > MOST_ELEMENTS {
        return Err(Malformed("too deep, too long, or more than one document"));
    }
    Ok(())
}

fn close(open: &mut [Element], root: &mut Option<Element>, element: Element) {
    match open.last_mut() {
        Some(outer) => outer.children.push(element),
        None => *root = Some(element),
    }
}

fn add(open: &mut [Element], text: &str) -> Result<(), Malformed> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(Malformed("text outside of the document")),
    }
    Ok(())
}

/// Writes XML. Names are given by whoever reads a schema, or checked by [`is_name`].
#[derive(Debug, Default)]
pub(crate) struct Writer {
    text: String,
    /// Names of open elements and the namespaces that hold in them without a prefix.
    open: Vec<(String, Arc<str>)>,
}

impl Writer {
    /// Begins an element. Its namespace is declared where it is not the one that holds.
    pub(crate) fn open(&mut self, name: &Name, attributes: &[(&str, &str)]) {
        let holds = self.open.last().map_or("", |(_, space)| &**space);
        let declares = holds != &*name.space;
        self.text.push('<');
        self.text.push_str(&name.local);
        if declares {
            self.attribute("xmlns", &name.space);
        }
        for (attribute, value) in attributes {
            self.attribute(attribute, value);
        }
        self.text.push('>');
        self.open.push((name.local.to_string(), Arc::clone(&name.space)));
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.text.push_str(&format!(" {name}=\"{}\"", escape(value)));
    }

    /// Adds text to the open element.
    pub(crate) fn text(&mut self, text: &str) {
        self.text.push_str(&escape(text));
    }

    /// Ends the open element.
    pub(crate) fn close(&mut self) {
        if let Some((name, _)) = self.open.pop() {
            self.text.push_str(&format!("</{name}>"));
        }
    }

    /// An element with a text.
    pub(crate) fn leaf(&mut self, name: &Name, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        self.text(text);
        self.close();
    }

    /// What was written.
    pub(crate) fn finish(self) -> String {
        self.text
    }
}

/// Whether a text can be the name of an element.
pub(crate) fn is_name(text: &str) -> bool {
    let begins = |c: char| c.is_alphabetic() || c == '_';
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.starts_with(begins) && text.chars().all(goes_on)
}

/// Whether all signs of a text can stand in XML.
pub(crate) fn is_text(text: &str) -> bool {
    let is_sign = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\u{80}'..='\u{9f}');
    text.chars()
        .all(|c| is_sign(c) && !matches!(c, '\u{fffe}' | '\u{ffff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_resolved() {
        let text = r#"<?xml version="1.0"?><a:r xmlns:a="A" xmlns="D" k="a:x &lt; &#65;"><b xmlns=""/><c a:k="1"> t<![CDATA[<u>]]> &amp; </c></a:r>"#;
        let root = Element::read(text.as_bytes()).unwrap();
        assert!(root.name.is("A", "r"));
        assert_eq!(root.attribute("k"), Some("a:x < A"));
        assert!(root.children[0].name.is("", "b"));
        let c = root.child("D", "c").unwrap();
        assert_eq!((c.attribute_in("A", "k"), c.text.trim()), (Some("1"), "t<u> &"));
        assert_eq!(c.qualified("a:x"), Some(Name::new("A", "x")));
        assert_eq!(c.qualified("x"), Some(Name::new("D", "x")));
        assert_eq!(c.qualified("z:x"), None);
    }

    #[test]
    fn what_is_dangerous_is_refused() {
        let deep = "<a>".repeat(MOST_DEPTH + 1);
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "cccc">]><a>&b;</a>"#;
        let wide = format!(
            "<a {}/>",
            (0..300).map(|n| format!("a{n}='1' ")).collect::<String>()
        );
        let many = format!("<a>{}</a>", "<b/>".repeat(MOST_ELEMENTS));
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "x",
            "<a>&b;</a>",
            "<x:a/>",
            &deep,
            bomb,
            &wide,
            &many,
        ] {
            assert!(
                Element::read(text.as_bytes()).is_err(),
                "{}",
                &text[..text.len().min(40)]
            );
        }
        assert!(Element::read(b"<a>\xff</a>").is_err());
    }

    #[test]
    fn written_text_is_read_as_it_was() {
        let mut writer = Writer::default();
        writer.open(&Name::new("A", "r"), &[("k", "\"<'&")]);
        writer.leaf(&Name::new("A", "same"), &[], "<&>");
        writer.leaf(&Name::new("", "none"), &[], "");
        writer.close();
        let text = writer.finish();
        assert_eq!(text.matches("xmlns=").count(), 2, "{text}");
        let root = Element::read(text.as_bytes()).unwrap();
        assert_eq!(root.attribute("k"), Some("\"<'&"));
        assert_eq!(root.child("A", "same").unwrap().text, "<&>");
        assert!(root.children[1].name.is("", "none"));
        assert!(is_name("a_1") && !is_name("1a") && !is_name("a b") && !is_name("") && !is_name("a:b"));
        assert!(is_text("a\n\u{e9}") && !is_text("\u{0}") && !is_text("\u{1b}"));
    }
}
