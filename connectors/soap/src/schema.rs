//! Types of an XSD: what an element holds, and in which order.

use crate::xml::{Element, Name};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The namespace of schemas, and of what is said of instances.
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";
pub(crate) const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// How deep types may be made of each other: extensions, groups and references.
const MOST_DEPTH: usize = 30;
/// Most elements that one type is made of.
const MOST_FIELDS: usize = 10_000;

/// What a simple value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Simple {
    Text,
    Boolean,
    /// A whole number of up to 32 bits.
    Int,
    /// Any other whole number.
    Long,
    Number,
    Date,
    DateTime,
    Base64,
    Hex,
    Uri,
    /// Values between blanks.
    List,
}

/// What an element holds.
#[derive(Debug, Clone)]
pub(crate) enum Type {
    /// Whatever it is.
    Any,
    /// A value.
    Simple(Simple),
    /// A type with a name.
    Named(Name),
    /// Elements and attributes.
    Complex(Arc<Complex>),
}

/// Elements, attributes and, when it extends a simple type, a value.
#[derive(Debug, Default)]
pub(crate) struct Complex {
    /// The type it extends.
    pub(crate) base: Option<Name>,
    /// The value between the tags.
    pub(crate) value: Option<Simple>,
    pub(crate) fields: Vec<Field>,
    pub(crate) attributes: Vec<Attribute>,
}

/// An element in another one, or of a document.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) kind: Type,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// Whether there can be several.
    pub(crate) many: bool,
    pub(crate) nillable: bool,
    /// Description for people.
    pub(crate) description: Option<String>,
}

/// An attribute.
#[derive(Debug, Clone)]
pub(crate) struct Attribute {
    pub(crate) name: Name,
    pub(crate) kind: Simple,
    pub(crate) required: bool,
}

/// All types and elements of a description.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) elements: HashMap<Name, Field>,
    pub(crate) types: HashMap<Name, Type>,
    groups: HashMap<Name, Vec<Field>>,
    attribute_groups: HashMap<Name, Vec<Attribute>>,
    /// What types are made of, where that was asked for.
    flat: Mutex<HashMap<usize, Arc<Complex>>>,
}

/// What holds in one `schema` element.
struct Source {
    space: Arc<str>,
    qualifies_elements: bool,
    qualifies_attributes: bool,
}

/// The marker of a reference to another declaration, until all are read.
const REFERENCE: &str = "reference:";

impl Schema {
    /// Adds what a `schema` element declares. `space` is that of whoever includes it, for those that have none.
    pub(crate) fn add(&mut self, schema: &Element, space: Option<&str>) {
        let own = schema.attribute("targetNamespace").or(space).unwrap_or_default();
        let source = Source {
            space: own.into(),
            qualifies_elements: schema.attribute("elementFormDefault") == Some("qualified"),
            qualifies_attributes: schema.attribute("attributeFormDefault") == Some("qualified"),
        };
        for child in schema.children.iter().filter(|child| &*child.name.space == XSD) {
            let Some(local) = child.attribute("name") else {
                continue;
            };
            let name = Name {
                space: Arc::clone(&source.space),
                local: local.into(),
            };
            match &*child.name.local {
                "element" => {
                    if let Some(mut field) = source.field(child) {
                        field.name = name.clone();
                        self.elements.insert(name, field);
                    }
                }
                "complexType" => {
                    self.types
                        .insert(name, Type::Complex(Arc::new(source.complex(child))));
                }
                "simpleType" => {
                    self.types.insert(name, source.simple(child));
                }
                "group" => {
                    let mut complex = Complex::default();
                    source.content(child, &mut complex, Occurs::ONCE);
                    self.groups.insert(name, complex.fields);
                }
                "attributeGroup" => {
                    let mut complex = Complex::default();
                    source.attributes(child, &mut complex);
                    self.attribute_groups.insert(name, complex.attributes);
                }
                _ => {}
            }
        }
    }

    /// What a type is made of, when it has elements or attributes: those of what it extends first.
    pub(crate) fn complex(&self, kind: &Type) -> Option<Arc<Complex>> {
        let own = self.own(kind)?;
        // Types live as long as this does, so where one lies is its name.
        let key = Arc::as_ptr(own) as usize;
        let mut flat = self.flat.lock().unwrap_or_else(PoisonError::into_inner);
        let found = flat.entry(key).or_insert_with(|| Arc::new(self.flattened(own)));
        Some(Arc::clone(found))
    }

    /// The declaration of a type that has elements or attributes.
    fn own<'t>(&'t self, kind: &'t Type) -> Option<&'t Arc<Complex>> {
        let mut kind = kind;
        for _ in 0..MOST_DEPTH {
            match kind {
                Type::Complex(complex) => return Some(complex),
                Type::Named(name) => kind = self.types.get(name)?,
                Type::Any | Type::Simple(_) => return None,
            }
        }
        None
    }

    fn flattened(&self, own: &Arc<Complex>) -> Complex {
        // What is extended, from the innermost out.
        let mut chain = vec![own];
        let mut value = None;
        while let Some(base) = chain.last().and_then(|last| last.base.as_ref())
            && chain.len() < MOST_DEPTH
        {
            match self.types.get(base).and_then(|found| self.own(found)) {
                Some(next) => chain.push(next),
                None => {
                    value = Some(self.simple(&Type::Named(base.clone())));
                    break;
                }
            }
        }
        let mut whole = Complex::default();
        let mut steps = MOST_FIELDS;
        for part in chain.into_iter().rev() {
            value = part.value.or(value);
            for field in &part.fields {
                self.extend(&mut whole.fields, field, &mut steps, 0);
            }
            for attribute in &part.attributes {
                match attribute.name.local.strip_prefix(REFERENCE) {
                    Some(group) => {
                        let name = Name::new(&attribute.name.space, group);
                        let group = self.attribute_groups.get(&name).into_iter().flatten();
                        whole.attributes.extend(group.cloned());
                    }
                    None => whole.attributes.push(attribute.clone()),
                }
            }
        }
        whole.value = value;
        whole
    }

    /// Adds a field: a reference to a group is the group's fields, one to an element what that is. Groups that are made of
    /// each other end after `steps`.
    fn extend(&self, fields: &mut Vec<Field>, field: &Field, steps: &mut usize, depth: usize) {
        if depth > MOST_DEPTH || *steps == 0 {
            return;
        }
        *steps -= 1;
        let Some(name) = field.name.local.strip_prefix(REFERENCE) else {
            fields.push(field.clone());
            return;
        };
        let name = Name::new(&field.name.space, name);
        if let Some(declared) = self.elements.get(&name) {
            fields.push(Field {
                required: field.required,
                many: field.many,
                ..declared.clone()
            });
        } else if let Some(group) = self.groups.get(&name) {
            for inner in group {
                let inner = Field {
                    required: inner.required && field.required,
                    many: inner.many || field.many,
                    ..inner.clone()
                };
                self.extend(fields, &inner, steps, depth + 1);
            }
        }
    }

    /// What a type's values are, when it has no elements.
    pub(crate) fn simple(&self, kind: &Type) -> Simple {
        let mut kind = kind;
        for _ in 0..MOST_DEPTH {
            match kind {
                Type::Simple(simple) => return *simple,
                Type::Named(name) => match builtin(name) {
                    Some(Type::Simple(simple)) => return simple,
                    Some(_) => return Simple::Text,
                    None => match self.types.get(name) {
                        Some(next) => kind = next,
                        None => return Simple::Text,
                    },
                },
                Type::Any | Type::Complex(_) => return Simple::Text,
            }
        }
        Simple::Text
    }

    /// Whether nothing is known of a type, so that values say themselves what they are.
    pub(crate) fn is_any(&self, kind: &Type) -> bool {
        match kind {
            Type::Any => true,
            Type::Named(name) => match builtin(name) {
                Some(found) => matches!(found, Type::Any),
                None => !self.types.contains_key(name),
            },
            _ => false,
        }
    }
}

/// How often something occurs.
#[derive(Clone, Copy)]
struct Occurs {
    required: bool,
    many: bool,
}

impl Occurs {
    const ONCE: Occurs = Occurs {
        required: true,
        many: false,
    };

    fn of(element: &Element) -> Occurs {
        Occurs {
            required: element.attribute("minOccurs") != Some("0"),
            many: element
                .attribute("maxOccurs")
                .is_some_and(|most| !matches!(most, "0" | "1")),
        }
    }

    fn inside(self, outer: Occurs) -> Occurs {
        Occurs {
            required: self.required && outer.required,
            many: self.many || outer.many,
        }
    }
}

impl Source {
    fn field(&self, element: &Element) -> Option<Field> {
        let occurs = Occurs::of(element);
        let is_qualified = match element.attribute("form") {
            Some(form) => form == "qualified",
            None => self.qualifies_elements,
        };
        let name = match (element.attribute("ref"), element.attribute("name")) {
            (Some(reference), _) => {
                let name = element.qualified(reference)?;
                Name::new(&name.space, &format!("{REFERENCE}{}", name.local))
            }
            (None, Some(name)) if is_qualified => Name::new(&self.space, name),
            (None, name) => Name::new("", name?),
        };
        Some(Field {
            name,
            kind: self.kind(element),
            required: occurs.required,
            many: occurs.many,
            nillable: element.attribute("nillable") == Some("true"),
            description: documentation(element),
        })
    }

    /// The type of an element or an attribute: named, or written inside.
    fn kind(&self, element: &Element) -> Type {
        if let Some(name) = element.attribute("type").and_then(|name| element.qualified(name)) {
            return builtin(&name).unwrap_or(Type::Named(name));
        }
        if let Some(complex) = element.child(XSD, "complexType") {
            return Type::Complex(Arc::new(self.complex(complex)));
        }
        match element.child(XSD, "simpleType") {
            Some(simple) => self.simple(simple),
            None => Type::Any,
        }
    }

    fn simple(&self, element: &Element) -> Type {
        if element.child(XSD, "list").is_some() {
            return Type::Simple(Simple::List);
        }
        let Some(restriction) = element.child(XSD, "restriction") else {
            return Type::Simple(Simple::Text);
        };
        let base = restriction
            .attribute("base")
            .and_then(|base| restriction.qualified(base));
        match base {
            Some(base) => builtin(&base).unwrap_or(Type::Named(base)),
            None => restriction
                .child(XSD, "simpleType")
                .map_or(Type::Simple(Simple::Text), |inner| self.simple(inner)),
        }
    }

    fn complex(&self, element: &Element) -> Complex {
        let mut complex = Complex::default();
        let simple = element.child(XSD, "simpleContent");
        let content = simple.or_else(|| element.child(XSD, "complexContent"));
        let Some(content) = content else {
            self.content(element, &mut complex, Occurs::ONCE);
            self.attributes(element, &mut complex);
            return complex;
        };
        let extension = content.child(XSD, "extension");
        let Some(derived) = extension.or_else(|| content.child(XSD, "restriction")) else {
            return complex;
        };
        let base = derived.attribute("base").and_then(|base| derived.qualified(base));
        match base.as_ref().and_then(builtin) {
            Some(Type::Simple(value)) => complex.value = Some(value),
            Some(_) => {}
            // What is restricted says itself what is left of it.
            None if extension.is_some() || simple.is_some() => complex.base = base,
            None => {}
        }
        self.content(derived, &mut complex, Occurs::ONCE);
        self.attributes(derived, &mut complex);
        complex
    }

    /// The elements in a sequence, a choice or another group; those of a choice need not be there.
    fn content(&self, element: &Element, complex: &mut Complex, outer: Occurs) {
        for child in element.children.iter().filter(|child| &*child.name.space == XSD) {
            let occurs = Occurs::of(child).inside(outer);
            match &*child.name.local {
                "sequence" | "all" => self.content(child, complex, occurs),
                "choice" => {
                    let occurs = Occurs {
                        required: false,
                        ..occurs
                    };
                    self.content(child, complex, occurs);
                }
                "element" | "group" => complex.fields.extend(self.field(child).map(|field| Field {
                    required: occurs.required,
                    many: occurs.many,
                    ..field
                })),
                _ => {}
            }
        }
    }

    fn attributes(&self, element: &Element, complex: &mut Complex) {
        for child in element.all(XSD, "attributeGroup") {
            if let Some(name) = child.attribute("ref").and_then(|name| child.qualified(name)) {
                complex.attributes.push(Attribute {
                    name: Name::new(&name.space, &format!("{REFERENCE}{}", name.local)),
                    kind: Simple::Text,
                    required: false,
                });
            }
        }
        for child in element.all(XSD, "attribute") {
            let qualified = match child.attribute("form") {
                Some(form) => form == "qualified",
                None => self.qualifies_attributes,
            };
            let name = match (child.attribute("ref"), child.attribute("name")) {
                (Some(reference), _) => child.qualified(reference),
                (None, Some(name)) if qualified => Some(Name::new(&self.space, name)),
                (None, name) => name.map(|name| Name::new("", name)),
            };
            let kind = match self.kind(child) {
                Type::Simple(simple) => simple,
                _ => Simple::Text,
            };
            complex.attributes.extend(name.map(|name| Attribute {
                name,
                kind,
                required: child.attribute("use") == Some("required"),
            }));
        }
    }
}

/// What a description says to people.
pub(crate) fn documentation(element: &Element) -> Option<String> {
    let text = element.child(XSD, "annotation")?.child(XSD, "documentation")?;
    let text = text.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text).filter(|text| !text.is_empty())
}

/// The types that schemas know by themselves.
pub(crate) fn builtin(name: &Name) -> Option<Type> {
    if &*name.space != XSD {
        return None;
    }
    Some(Type::Simple(match &*name.local {
        "anyType" | "anySimpleType" | "anyAtomicType" => return Some(Type::Any),
        "boolean" => Simple::Boolean,
        "int" | "short" | "byte" | "unsignedShort" | "unsignedByte" => Simple::Int,
        "long" | "integer" | "unsignedInt" | "unsignedLong" | "nonNegativeInteger" | "positiveInteger"
        | "nonPositiveInteger" | "negativeInteger" => Simple::Long,
        "decimal" | "float" | "double" => Simple::Number,
        "date" => Simple::Date,
        "dateTime" => Simple::DateTime,
        "base64Binary" => Simple::Base64,
        "hexBinary" => Simple::Hex,
        "anyURI" => Simple::Uri,
        "NMTOKENS" | "IDREFS" | "ENTITIES" => Simple::List,
        _ => Simple::Text,
    }))
}
