//! Shapes as schemas.

use crate::components;
use crate::record::Names;
use contract::{Map, Object, Shape, Value};
use serde_json::json;

/// Whether a schema is of what is sent or of what is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// The named schemas of a document while it is made.
#[derive(Debug, Default)]
pub(crate) struct Schemas {
    pub(crate) all: Map<String, Value>,
}

/// A reference to a named schema.
pub(crate) fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The schema, or null.
pub(crate) fn or_null(mut schema: Value) -> Value {
    match &mut schema {
        Value::Object(plain) if plain.contains_key("type") => {
            plain.insert("nullable".into(), json!(true));
            schema
        }
        // Where everything is allowed, so is null.
        Value::Object(plain) if !plain.contains_key("$ref") && !plain.contains_key("anyOf") => schema,
        _ => json!({"nullable": true, "allOf": [schema]}),
    }
}

impl Schemas {
    /// The schema of a shape; objects are noted under their names and referred to.
    pub(crate) fn of(&mut self, shape: Shape, names: &Names<'_>, direction: Direction) -> Value {
        match shape {
            Shape::Any => json!({}),
            Shape::Text => json!({"type": "string"}),
            Shape::Bytes => json!({"type": "string", "format": "binary"}),
            Shape::Integer => json!({"type": "integer"}),
            Shape::Boolean => json!({"type": "boolean"}),
            Shape::Maybe(inner) => or_null(self.of(*inner, names, direction)),
            Shape::List(inner) => json!({"type": "array", "items": self.of(*inner, names, direction)}),
            Shape::Wrapped(inner) => {
                let items = self.of(*inner, names, direction);
                wrapped(names.wrapper, items)
            }
            Shape::Either(several) => {
                let all: Vec<Value> = several
                    .iter()
                    .map(|one| self.of(*one, names, direction))
                    .collect();
                json!({ "anyOf": all })
            }
            Shape::Object(object) => self.object(object, names, direction),
            Shape::Record => reference(&names.one(direction)),
            Shape::Records => reference(&names.many(direction)),
        }
    }

    fn object(&mut self, object: &'static Object, names: &Names<'_>, direction: Direction) -> Value {
        if !self.all.contains_key(object.name) {
            // Noted first: a member may hold the object itself.
            self.all.insert(object.name.to_owned(), Value::Null);
            let members = object.members.iter().map(|member| {
                let mut schema = self.of(member.shape, names, direction);
                if let Some(plain) = schema.as_object_mut().filter(|s| !s.contains_key("$ref")) {
                    plain.insert("description".into(), json!(member.description));
                }
                (member.name.to_owned(), schema)
            });
            let members: Map<String, Value> = members.collect();
            let schema = json!({"type": "object", "properties": members});
            self.all.insert(object.name.to_owned(), schema);
        }
        reference(object.name)
    }
}

/// A list under the wrapper.
pub(crate) fn wrapped(wrapper: &str, items: Value) -> Value {
    json!({"type": "object", "properties": {wrapper: {"type": "array", "items": items}}})
}

/// The name of a shape where it is one that documents name.
pub(crate) fn named(shape: Shape, names: &Names<'_>, direction: Direction) -> Option<String> {
    match shape {
        Shape::Any => Some("Anything".to_owned()),
        shape if shape == contract::shape::RESOURCES => Some("ResourceList".to_owned()),
        Shape::Object(object) => Some(object.name.to_owned()),
        Shape::Wrapped(Shape::Object(object)) => Some(format!("{}s", object.name)),
        Shape::Record => Some(names.one(direction)),
        Shape::Records => Some(names.many(direction)),
        _ => None,
    }
}

/// An answer or a body with a schema. Records are also sent and answered as CSV and as lines of JSON, files as they are.
pub(crate) fn content(shape: Shape, schema: &Value) -> Map<String, Value> {
    if shape == Shape::Bytes {
        return Map::from_iter([("*/*".to_owned(), json!({"schema": schema}))]);
    }
    let mut content = components::content(schema);
    if shape == Shape::Records {
        for media in ["text/csv", "application/x-ndjson"] {
            content.insert(media.to_owned(), json!({"schema": {"type": "string"}}));
        }
    }
    content
}
