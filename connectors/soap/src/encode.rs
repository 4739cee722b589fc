//! JSON as the elements that a type asks for.

use crate::schema::{Field, Schema, Type, XSI, builtin};
use crate::xml::{Name, Writer, is_name, is_text};
use contract::{Map, Problem, Value};

/// The member of an object that is the value between the tags.
pub(crate) const VALUE: &str = "_";

/// Writes values by their types.
pub(crate) struct Encoder<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) out: &'a mut Writer,
}

impl Encoder<'_> {
    /// Writes an element: several times for a list where there can be several, not at all for what is absent.
    ///
    /// Fails with 400 for what is missing or does not fit.
    pub(crate) fn field(&mut self, field: &Field, value: Option<&Value>) -> Result<(), Problem> {
        let local = &*field.name.local;
        match value {
            None if field.required && !field.nillable => {
                Err(Problem::bad_request(format!("The function needs '{local}'.")))
            }
            None => Ok(()),
            Some(Value::Null) if field.nillable => {
                self.out
                    .open(&field.name, &[("xmlns:xsi", XSI), ("xsi:nil", "true")]);
                self.out.close();
                Ok(())
            }
            Some(Value::Null) => self.field(field, None),
            Some(Value::Array(list)) if field.many => list
                .iter()
                .try_for_each(|value| self.one(&field.name, &field.kind, value)),
            Some(value) => self.one(&field.name, &field.kind, value),
        }
    }

    /// Writes one element.
    pub(crate) fn one(&mut self, name: &Name, kind: &Type, value: &Value) -> Result<(), Problem> {
        if let Some(typed) = value
            .as_object()
            .and_then(|object| object.get("soapvar")?.as_object())
        {
            return self.typed(name, kind, typed);
        }
        self.element(name, kind, value, &[])
    }

    /// A value that says itself of which type it is, and perhaps what its element is called.
    fn typed(&mut self, name: &Name, kind: &Type, typed: &Map<String, Value>) -> Result<(), Problem> {
        let text = |member: &str| {
            typed
                .get(member)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
        };
        let name = match text("node_name") {
            Some(local) if is_name(local) => Name::new(text("node_namespace").unwrap_or_default(), local),
            Some(_) => return Err(Problem::bad_request("'node_name' is no name of an element.")),
            None => name.clone(),
        };
        let data = typed.get("data").unwrap_or(&Value::Null);
        let Some(local) = text("type_name") else {
            return self.element(&name, kind, data, &[]);
        };
        if !is_name(local) {
            return Err(Problem::bad_request("'type_name' is no name of a type."));
        }
        let space = text("type_namespace").unwrap_or_default();
        let own = Name::new(space, local);
        let kind = builtin(&own).unwrap_or(Type::Named(own));
        let said = format!("t:{local}");
        let attributes = [
            ("xmlns:xsi", XSI),
            ("xmlns:t", space),
            ("xsi:type", said.as_str()),
        ];
        self.element(&name, &kind, data, &attributes)
    }

    pub(crate) fn element(
        &mut self,
        name: &Name,
        kind: &Type,
        value: &Value,
        said: &[(&str, &str)],
    ) -> Result<(), Problem> {
        if let Some(complex) = self.schema.complex(kind) {
            let empty = Map::new();
            let object = match value {
                Value::Object(object) => object,
                Value::Null => &empty,
                scalar if complex.value.is_some() => {
                    self.out.leaf(name, said, &text_of(&name.local, scalar)?);
                    return Ok(());
                }
                _ => return Err(wrong(&name.local, "an object")),
            };
            let mut attributes = Vec::new();
            for attribute in &complex.attributes {
                match object.get(&*attribute.name.local) {
                    Some(value) if !value.is_null() => {
                        let text = text_of(&attribute.name.local, value)?;
                        attributes.push((attribute, text));
                    }
                    _ if attribute.required => {
                        let local = &attribute.name.local;
                        return Err(Problem::bad_request(format!("The function needs '{local}'.")));
                    }
                    _ => {}
                }
            }
            self.open(name, said, &attributes);
            if complex.value.is_some()
                && let Some(value) = object.get(VALUE)
            {
                let text = text_of(&name.local, value)?;
                self.out.text(&text);
            }
            for field in &complex.fields {
                self.field(field, object.get(&*field.name.local))?;
            }
            self.out.close();
            return Ok(());
        }
        if self.schema.is_any(kind) {
            return self.anything(name, value, said);
        }
        self.out.leaf(name, said, &text_of(&name.local, value)?);
        Ok(())
    }

    fn open(
        &mut self,
        name: &Name,
        said: &[(&str, &str)],
        attributes: &[(&crate::schema::Attribute, String)],
    ) {
        // A prefix for each: attributes in a namespace cannot go without.
        let names: Vec<(String, String)> = attributes
            .iter()
            .enumerate()
            .map(|(at, (attribute, _))| match &*attribute.name.space {
                "" => (String::new(), attribute.name.local.to_string()),
                _ => (format!("xmlns:a{at}"), format!("a{at}:{}", attribute.name.local)),
            })
            .collect();
        let mut written: Vec<(&str, &str)> = said.to_vec();
        for ((prefix, name), (attribute, value)) in names.iter().zip(attributes) {
            if !prefix.is_empty() {
                written.push((prefix, &attribute.name.space));
            }
            written.push((name, value));
        }
        self.out.open(name, &written);
    }

    /// A value of which nothing is known: members become elements in the namespace of what they are in.
    pub(crate) fn anything(
        &mut self,
        name: &Name,
        value: &Value,
        said: &[(&str, &str)],
    ) -> Result<(), Problem> {
        match value {
            Value::Object(object) => {
                self.out.open(name, said);
                for (member, value) in object {
                    if !is_name(member) {
                        return Err(Problem::bad_request(format!(
                            "'{member}' is no name of an element."
                        )));
                    }
                    let member = Name::new(&name.space, member);
                    match value {
                        Value::Array(list) => {
                            list.iter()
                                .try_for_each(|value| self.anything(&member, value, &[]))?;
                        }
                        value => self.anything(&member, value, &[])?,
                    }
                }
                self.out.close();
            }
            Value::Array(list) => list
                .iter()
                .try_for_each(|value| self.anything(name, value, said))?,
            scalar => self.out.leaf(name, said, &text_of(&name.local, scalar)?),
        }
        Ok(())
    }
}

/// The text of a value. Values of a list stand between blanks.
fn text_of(name: &str, value: &Value) -> Result<String, Problem> {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(list) => {
            let texts = list.iter().map(|value| text_of(name, value));
            texts.collect::<Result<Vec<_>, _>>()?.join(" ")
        }
        Value::Object(_) => return Err(wrong(name, "text, a number or a truth value")),
    };
    match is_text(&text) {
        true => Ok(text),
        false => Err(Problem::bad_request(format!(
            "'{name}' has signs in it that cannot stand in XML."
        ))),
    }
}

fn wrong(name: &str, wanted: &str) -> Problem {
    Problem::bad_request(format!("'{name}' must be {wanted}."))
}
