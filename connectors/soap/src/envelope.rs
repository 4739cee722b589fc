//! Messages: what is sent, and what comes back.

use crate::decode;
use crate::encode::Encoder;
use crate::headers::Heading;
use crate::schema::{Field, Type};
use crate::wsdl::{Function, Holds, Part, Version, Wsdl};
use crate::xml::{Element, Name, Writer};
use contract::{Map, Problem, Value};
use serde_json::json;

/// The namespace of messages.
pub(crate) fn space(version: Version) -> &'static str {
    match version {
        Version::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
        Version::V12 => "http://www.w3.org/2003/05/soap-envelope",
    }
}

/// The message that calls a function with arguments, which are an object. Fails with 400 for arguments that do not fit.
pub(crate) fn call(
    wsdl: &Wsdl,
    function: &Function,
    arguments: &Map<String, Value>,
    heading: &Heading<'_>,
) -> Result<String, Problem> {
    let own = space(wsdl.version);
    let mut out = Writer::default();
    out.open(&Name::new(own, "Envelope"), &[]);
    heading.write(wsdl, &mut out)?;
    out.open(&Name::new(own, "Body"), &[]);
    let mut encoder = Encoder {
        schema: &wsdl.schema,
        out: &mut out,
    };
    match &function.rpc {
        Some(space) => {
            encoder.out.open(&Name::new(space, &function.name), &[]);
            for part in &function.input {
                let field = wsdl.field(part);
                encoder.field(&field, arguments.get(&part.name))?;
            }
            encoder.out.close();
        }
        None => document(wsdl, function, arguments, &mut encoder)?,
    }
    out.close();
    out.close();
    Ok(out.finish())
}

/// The arguments are the content of the one element; of several, each has its own under the name of its part.
fn document(
    wsdl: &Wsdl,
    function: &Function,
    arguments: &Map<String, Value>,
    encoder: &mut Encoder<'_>,
) -> Result<(), Problem> {
    let [only] = function.input.as_slice() else {
        for part in &function.input {
            encoder.field(&wsdl.field(part), arguments.get(&part.name))?;
        }
        return Ok(());
    };
    let field = wsdl.field(only);
    let is_complex = wsdl.schema.complex(&field.kind).is_some() || wsdl.schema.is_any(&field.kind);
    match is_complex {
        true => encoder.one(&field.name, &field.kind, &Value::Object(arguments.clone())),
        false => encoder.field(&field, arguments.get(&*field.name.local)),
    }
}

impl Wsdl {
    /// The element that a part is written as.
    pub(crate) fn field(&self, part: &Part) -> Field {
        let (name, kind) = match &part.holds {
            Holds::Element(name) => match self.schema.elements.get(name) {
                Some(field) => {
                    return Field {
                        required: true,
                        ..field.clone()
                    };
                }
                None => (name.clone(), Type::Any),
            },
            Holds::Type(kind) => (Name::new("", &part.name), kind.clone()),
        };
        Field {
            name,
            kind,
            required: true,
            many: false,
            nillable: false,
            description: None,
        }
    }
}

/// What a server said instead of a result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) code: String,
    pub(crate) text: String,
}

impl Fault {
    /// The status of the answer: the code, when it is one of HTTP.
    pub(crate) fn status(&self) -> u16 {
        let number = self.code.trim().parse().ok();
        number.filter(|status| (400..600).contains(status)).unwrap_or(500)
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) enum Answer {
    Result(Value),
    Fault(Fault),
}

/// Reads what a function gave. `None` for what is no message.
pub(crate) fn read(wsdl: &Wsdl, function: &Function, message: &Element) -> Option<Answer> {
    let own = [Version::V11, Version::V12].map(space);
    let own = own.into_iter().find(|own| message.name.is(own, "Envelope"))?;
    let body = message.child(own, "Body")?;
    if let Some(fault) = body.child(own, "Fault") {
        return Some(Answer::Fault(self::fault(fault, own)));
    }
    let Some(first) = body.children.first() else {
        return Some(Answer::Result(json!({})));
    };
    if function.rpc.is_some() {
        return Some(Answer::Result(Value::Object(parts(
            wsdl,
            function,
            &first.children,
        ))));
    }
    let result = match function.output.as_slice() {
        [only] => {
            let field = wsdl.field(only);
            decode::value(&wsdl.schema, &field.kind, first)
        }
        [] => decode::anything(first),
        _ => Value::Object(parts(wsdl, function, &body.children)),
    };
    Some(Answer::Result(match result {
        Value::Object(object) => Value::Object(object),
        value => json!({ &*first.name.local: value }),
    }))
}

/// The values of parts by their names; of those that nothing is known of, as they come.
fn parts(wsdl: &Wsdl, function: &Function, elements: &[Element]) -> Map<String, Value> {
    let mut object = Map::new();
    for element in elements {
        let part = function.output.iter().find(|part| {
            let is_element = matches!(&part.holds, Holds::Element(name) if *name == element.name);
            is_element || *part.name == *element.name.local
        });
        let (name, value) = match part {
            Some(part) => (
                part.name.clone(),
                decode::value(&wsdl.schema, &wsdl.field(part).kind, element),
            ),
            None => (element.name.local.to_string(), decode::anything(element)),
        };
        object.insert(name, value);
    }
    object
}

/// Both versions' faults.
fn fault(fault: &Element, own: &str) -> Fault {
    let text = |element: Option<&Element>| element.map(|e| e.text.trim().to_owned()).unwrap_or_default();
    if let Some(code) = fault.child(own, "Code") {
        let reason = fault
            .child(own, "Reason")
            .and_then(|reason| reason.child(own, "Text"));
        return Fault {
            code: text(code.child(own, "Value")),
            text: text(reason),
        };
    }
    let named = |name: &str| fault.children.iter().find(|child| &*child.name.local == name);
    Fault {
        code: text(named("faultcode")),
        text: text(named("faultstring")),
    }
}
