//! A WSDL 1.1 description: which functions there are, where they are, and what they are given and give.

use crate::schema::{self, Schema, Type, XSD, builtin};
use crate::xml::{Element, Name, is_name};
use contract::{Map, Value};
use std::collections::HashMap;

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
const SOAP_11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
const SOAP_12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";

/// The version of SOAP that is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V11,
    V12,
}

/// What goes into a message: an element, or under a name of its own a value of a type.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) holds: Holds,
}

/// What a part holds.
#[derive(Debug, Clone)]
pub(crate) enum Holds {
    Element(Name),
    Type(Type),
}

/// A function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) description: String,
    /// What the server is told that is to be done.
    pub(crate) action: String,
    /// The namespace of the element around the parts, where the style is rpc; `None` for documents.
    pub(crate) rpc: Option<String>,
    pub(crate) input: Vec<Part>,
    pub(crate) output: Vec<Part>,
}

impl Function {
    /// One of which nothing is known but its name and its namespace: its arguments go on as they come.
    pub(crate) fn undescribed(name: &str, space: &str, arguments: &Map<String, Value>) -> Function {
        let parts = arguments.keys().filter(|name| is_name(name)).map(|name| Part {
            name: name.clone(),
            holds: Holds::Type(Type::Any),
        });
        Function {
            name: name.to_owned(),
            description: String::new(),
            action: format!("{space}#{name}"),
            rpc: Some(space.to_owned()),
            input: parts.collect(),
            output: Vec::new(),
        }
    }
}

/// A description that was read.
#[derive(Debug)]
pub(crate) struct Wsdl {
    pub(crate) version: Version,
    /// Where calls go.
    pub(crate) location: String,
    /// In order.
    pub(crate) functions: Vec<Function>,
    pub(crate) schema: Schema,
}

/// Why a description cannot be used.
pub(crate) type Unusable = &'static str;

impl Wsdl {
    /// A function by its name, compared without case.
    pub(crate) fn function(&self, name: &str) -> Option<&Function> {
        let exact = self.functions.iter().find(|function| function.name == name);
        exact.or_else(|| {
            self.functions
                .iter()
                .find(|function| function.name.eq_ignore_ascii_case(name))
        })
    }
}

/// The documents of a description, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    definitions: Vec<Element>,
    schemas: Vec<(Element, Option<String>)>,
}

/// A document that another one names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// Address, or path from the document that names it.
    pub(crate) location: String,
    /// The namespace of what is included in a schema.
    pub(crate) space: Option<String>,
}

impl Documents {
    /// Adds a document and gives those that it names. `space` is that of whoever includes it.
    pub(crate) fn add(&mut self, document: Element, space: Option<String>) -> Result<Vec<Import>, Unusable> {
        let mut found = Vec::new();
        if document.name.is(XSD, "schema") {
            imports_of_schema(&document, space.as_deref(), &mut found);
            self.schemas.push((document, space));
            return Ok(found);
        }
        if !document.name.is(WSDL, "definitions") {
            return Err("it is no WSDL 1.1 description");
        }
        let imports = document
            .all(WSDL, "import")
            .filter_map(|import| import.attribute("location"));
        found.extend(imports.map(|location| Import {
            location: location.to_owned(),
            space: None,
        }));
        for schema in document
            .all(WSDL, "types")
            .flat_map(|types| types.all(XSD, "schema"))
        {
            imports_of_schema(schema, None, &mut found);
        }
        self.definitions.push(document);
        Ok(found)
    }

    /// What they say together; of several versions of SOAP the preferred one.
    pub(crate) fn read(&self, preferred: Version) -> Result<Wsdl, Unusable> {
        let mut schema = Schema::default();
        for (document, space) in &self.schemas {
            schema.add(document, space.as_deref());
        }
        let types = self
            .definitions
            .iter()
            .flat_map(|document| document.all(WSDL, "types"));
        types
            .flat_map(|types| types.all(XSD, "schema"))
            .for_each(|inner| schema.add(inner, None));
        let port = self.port(preferred).ok_or("it names no SOAP port")?;
        let bindings = self.named("binding");
        let (_, binding) = bindings
            .get(&port.binding)
            .ok_or("the binding of its port is missing")?;
        Ok(Wsdl {
            functions: self.functions(binding, port.version)?,
            version: port.version,
            location: port.location,
            schema,
        })
    }

    fn port(&self, preferred: Version) -> Option<Port> {
        let services = self
            .definitions
            .iter()
            .flat_map(|document| document.all(WSDL, "service"));
        let ports: Vec<Port> = services
            .flat_map(|service| service.all(WSDL, "port"))
            .filter_map(Port::of)
            .collect();
        let at = ports
            .iter()
            .position(|port| port.version == preferred)
            .unwrap_or_default();
        ports.into_iter().nth(at)
    }

    /// Declarations of a kind by their names, with the namespace of their document.
    fn named<'e>(&'e self, kind: &'e str) -> HashMap<Name, (&'e str, &'e Element)> {
        let mut found = HashMap::new();
        for document in &self.definitions {
            let space = document.attribute("targetNamespace").unwrap_or_default();
            for declared in document.all(WSDL, kind) {
                if let Some(name) = declared.attribute("name") {
                    found.insert(Name::new(space, name), (space, declared));
                }
            }
        }
        found
    }

    fn functions(&self, binding: &Element, version: Version) -> Result<Vec<Function>, Unusable> {
        let soap = space(version);
        let interfaces = self.named("portType");
        let messages = self.named("message");
        let interface = binding.attribute("type").and_then(|name| binding.qualified(name));
        let (target, interface) = interface
            .and_then(|name| interfaces.get(&name))
            .ok_or("the port type of its binding is missing")?;
        let style = binding
            .child(soap, "binding")
            .and_then(|soap| soap.attribute("style"));
        let mut functions: Vec<Function> = Vec::new();
        for bound in binding.all(WSDL, "operation") {
            let Some(name) = bound.attribute("name") else {
                continue;
            };
            let is_known = functions
                .iter()
                .any(|known| known.name.eq_ignore_ascii_case(name));
            let declared = interface
                .all(WSDL, "operation")
                .find(|o| o.attribute("name") == Some(name));
            let Some(declared) = declared.filter(|_| !is_known) else {
                continue;
            };
            let operation = bound.child(soap, "operation");
            let own_style = operation.and_then(|o| o.attribute("style"));
            let is_rpc = own_style.or(style) == Some("rpc");
            let body = |direction: &str| bound.child(WSDL, direction).and_then(|d| find(d, soap, "body"));
            let parts = |direction: &str| {
                let message = declared.child(WSDL, direction)?;
                let message = message.qualified(message.attribute("message")?)?;
                let (_, message) = messages.get(&message)?;
                Some(parts_of(message, body(direction)))
            };
            let rpc_space = body("input").and_then(|body| body.attribute("namespace"));
            functions.push(Function {
                name: name.to_owned(),
                description: described(declared),
                action: operation
                    .and_then(|o| o.attribute("soapAction"))
                    .unwrap_or_default()
                    .to_owned(),
                rpc: is_rpc.then(|| rpc_space.unwrap_or(target).to_owned()),
                input: parts("input").unwrap_or_default(),
                output: parts("output").unwrap_or_default(),
            });
        }
        Ok(functions)
    }
}

/// The body of a message; in one of several parts it lies deeper.
fn find<'e>(element: &'e Element, space: &str, name: &str) -> Option<&'e Element> {
    let inner = || element.children.iter().find_map(|child| find(child, space, name));
    element.child(space, name).or_else(inner)
}

fn described(operation: &Element) -> String {
    let text = operation.child(WSDL, "documentation").map(|d| d.text.as_str());
    text.unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The parts of a message that go into the body: all, or those that it names.
fn parts_of(message: &Element, body: Option<&Element>) -> Vec<Part> {
    let named = body.and_then(|body| body.attribute("parts"));
    let is_wanted = |name: &str| named.is_none_or(|named| named.split_whitespace().any(|n| n == name));
    let parts = message.all(WSDL, "part").filter_map(|part| {
        let name = part.attribute("name").unwrap_or_default();
        let element = part.attribute("element").and_then(|name| part.qualified(name));
        let holds = match element {
            Some(element) => Holds::Element(element),
            None => {
                let kind = part.qualified(part.attribute("type")?)?;
                Holds::Type(builtin(&kind).unwrap_or(Type::Named(kind)))
            }
        };
        is_wanted(name).then(|| Part {
            name: name.to_owned(),
            holds,
        })
    });
    parts.collect()
}

fn imports_of_schema(schema: &Element, space: Option<&str>, found: &mut Vec<Import>) {
    for child in schema
        .children
        .iter()
        .filter(|child| &*child.name.space == schema::XSD)
    {
        let Some(location) = child.attribute("schemaLocation") else {
            continue;
        };
        let space = match &*child.name.local {
            // What is included takes the namespace of whoever includes it, when it has none.
            "include" | "redefine" => schema.attribute("targetNamespace").or(space).map(str::to_owned),
            "import" => None,
            _ => continue,
        };
        found.push(Import {
            location: location.to_owned(),
            space,
        });
    }
}

fn space(version: Version) -> &'static str {
    match version {
        Version::V11 => SOAP_11,
        Version::V12 => SOAP_12,
    }
}

/// A port that speaks SOAP.
struct Port {
    version: Version,
    location: String,
    binding: Name,
}

impl Port {
    fn of(port: &Element) -> Option<Port> {
        let address = |version| Some((version, port.child(space(version), "address")?));
        let (version, address) = address(Version::V11).or_else(|| address(Version::V12))?;
        Some(Port {
            version,
            location: address.attribute("location")?.to_owned(),
            binding: port.qualified(port.attribute("binding")?)?,
        })
    }
}
