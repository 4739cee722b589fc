//! The OpenAPI document of a description.

use crate::schema::{Complex, Field, Simple, Type};
use crate::wsdl::{Function, Part, Wsdl};
use crate::xml::Name;
use contract::{Map, Value};
use serde_json::json;
use std::collections::HashMap;

/// How deep types without names are described.
const MOST_DEPTH: usize = 20;

/// Makes the document: a path for each function, and a schema for each type that they use.
pub(crate) fn of(wsdl: &Wsdl) -> Value {
    let mut types = Types {
        wsdl,
        names: HashMap::new(),
        schemas: Map::new(),
    };
    let mut paths = Map::new();
    for function in &wsdl.functions {
        let input = types.message(function, &function.input);
        let output = types.message(function, &function.output);
        let content = |schema: Value| json!({"application/json": {"schema": schema}});
        let operation = json!({
            "summary": match function.description.as_str() {
                "" => format!("Call the function {}.", function.name),
                said => said.to_owned(),
            },
            "operationId": format!("call{{service.Name}}{}", function.name),
            "tags": ["{service.name}"],
            "requestBody": {"description": "The arguments.", "content": content(input)},
            "responses": {
                "200": {"description": "The result.", "content": content(output)},
                "default": {"description": "It did not work.", "content": content(json!({"type": "object"}))},
            },
        });
        paths.insert(format!("/{}", function.name), json!({ "post": operation }));
    }
    json!({"openapi": "3.0.0", "components": {"schemas": types.schemas}, "paths": paths})
}

struct Types<'w> {
    wsdl: &'w Wsdl,
    /// Names of schemas: two types never share one.
    names: HashMap<Name, String>,
    schemas: Map<String, Value>,
}

impl Types<'_> {
    /// What a message holds: the content of its one element, or its parts.
    fn message(&mut self, function: &Function, parts: &[Part]) -> Value {
        let fields: Vec<Field> = parts.iter().map(|part| self.wsdl.field(part)).collect();
        match fields.as_slice() {
            [only] if function.rpc.is_none() && self.wsdl.schema.complex(&only.kind).is_some() => {
                self.of(&only.kind, 0)
            }
            fields => {
                let complex = Complex {
                    fields: fields.to_vec(),
                    ..Complex::default()
                };
                self.object(&complex, 0)
            }
        }
    }

    fn of(&mut self, kind: &Type, depth: usize) -> Value {
        if let Type::Named(name) = kind
            && let Some(complex) = self.wsdl.schema.complex(kind)
        {
            return self.named(name, &complex, depth);
        }
        if depth > MOST_DEPTH || self.wsdl.schema.is_any(kind) {
            return json!({});
        }
        match self.wsdl.schema.complex(kind) {
            Some(complex) => self.object(&complex, depth),
            None => simple(self.wsdl.schema.simple(kind)),
        }
    }

    fn named(&mut self, name: &Name, complex: &Complex, depth: usize) -> Value {
        let schema = match self.names.get(name) {
            Some(schema) => schema.clone(),
            None => {
                let mut schema = name.local.to_string();
                if self.schemas.contains_key(&schema) {
                    schema = format!("{schema}_{}", self.names.len());
                }
                self.names.insert(name.clone(), schema.clone());
                // Its place, so that a type that holds itself ends.
                self.schemas.insert(schema.clone(), json!({}));
                let described = match depth > MOST_DEPTH {
                    true => json!({"type": "object"}),
                    false => self.object(complex, depth),
                };
                self.schemas.insert(schema.clone(), described);
                schema
            }
        };
        json!({"$ref": format!("#/components/schemas/{schema}")})
    }

    fn object(&mut self, complex: &Complex, depth: usize) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for attribute in &complex.attributes {
            properties.insert(attribute.name.local.to_string(), simple(attribute.kind));
        }
        if let Some(value) = complex.value {
            if complex.attributes.is_empty() {
                return simple(value);
            }
            properties.insert(crate::encode::VALUE.to_owned(), simple(value));
        }
        for field in &complex.fields {
            let mut schema = self.of(&field.kind, depth + 1);
            if field.many {
                schema = json!({"type": "array", "items": schema});
            }
            if let (Some(text), Some(object)) = (&field.description, schema.as_object_mut())
                && !object.contains_key("$ref")
            {
                object.insert("description".into(), json!(text));
            }
            if field.required {
                required.push(json!(&*field.name.local));
            }
            properties.insert(field.name.local.to_string(), schema);
        }
        let mut schema = json!({"type": "object", "properties": properties});
        if !required.is_empty() {
            schema["required"] = Value::Array(required);
        }
        schema
    }
}

fn simple(kind: Simple) -> Value {
    match kind {
        Simple::Text => json!({"type": "string"}),
        Simple::Boolean => json!({"type": "boolean"}),
        Simple::Int => json!({"type": "number", "format": "int32"}),
        Simple::Long => json!({"type": "number", "format": "int64"}),
        Simple::Number => json!({"type": "number"}),
        Simple::Date => json!({"type": "string", "format": "date"}),
        Simple::DateTime => json!({"type": "string", "format": "date-time"}),
        Simple::Base64 => json!({"type": "string", "format": "byte"}),
        Simple::Hex => json!({"type": "string", "format": "binary"}),
        Simple::Uri => json!({"type": "string", "format": "uri"}),
        Simple::List => json!({"type": "array", "items": {"type": "string"}}),
    }
}

/// The fields of a message and the names of their types, for the list of functions.
pub(crate) fn fields(wsdl: &Wsdl, function: &Function, parts: &[Part]) -> (Option<String>, Value) {
    let fields: Vec<Field> = parts.iter().map(|part| wsdl.field(part)).collect();
    let (kind, fields) = match fields.as_slice() {
        [only] if function.rpc.is_none() => {
            let complex = wsdl.schema.complex(&only.kind);
            let fields = complex.map_or_else(|| vec![only.clone()], |complex| complex.fields.clone());
            (Some(only.name.local.to_string()), fields)
        }
        _ => (None, fields),
    };
    let fields = fields.iter().map(|field| {
        let mut kind = type_name(&field.kind);
        if field.many {
            kind.push_str("[]");
        }
        (field.name.local.to_string(), Value::from(kind))
    });
    (kind, Value::Object(fields.collect()))
}

fn type_name(kind: &Type) -> String {
    match kind {
        Type::Any => "anyType".to_owned(),
        Type::Named(name) => name.local.to_string(),
        Type::Complex(_) => "struct".to_owned(),
        Type::Simple(simple) => match simple {
            Simple::Text => "string",
            Simple::Boolean => "boolean",
            Simple::Int => "int",
            Simple::Long => "long",
            Simple::Number => "decimal",
            Simple::Date => "date",
            Simple::DateTime => "dateTime",
            Simple::Base64 => "base64Binary",
            Simple::Hex => "hexBinary",
            Simple::Uri => "anyURI",
            Simple::List => "list",
        }
        .to_owned(),
    }
}
