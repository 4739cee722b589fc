//! Records as schemas.

use crate::schema::{Direction, Schemas, or_null, reference, wrapped};
use crate::{components, names};
use contract::{FieldKind, Map, RecordField, RecordRelation, RecordShape, Value, word};
use serde_json::json;

/// What the records of an endpoint are called.
#[derive(Debug, Clone)]
pub(crate) struct Names<'a> {
    /// Key of lists.
    pub(crate) wrapper: &'a str,
    /// One of them: `Role`.
    pub(crate) base: String,
}

impl Names<'_> {
    /// The schema of one record.
    pub(crate) fn one(&self, direction: Direction) -> String {
        suffixed(&self.base, direction)
    }

    /// The schema of several.
    pub(crate) fn many(&self, direction: Direction) -> String {
        suffixed(&names::many(&self.base), direction)
    }

    /// The schema of several that do not exist yet.
    pub(crate) fn created(&self) -> String {
        format!("New{}", self.many(Direction::Request))
    }
}

fn suffixed(base: &str, direction: Direction) -> String {
    match direction {
        Direction::Request => format!("{base}Request"),
        Direction::Response => format!("{base}Response"),
    }
}

/// A relation that the caller may see, and the base name of the schemas of the related records where the document has
/// them.
pub(crate) struct Related<'a> {
    pub(crate) relation: &'a RecordRelation,
    pub(crate) base: Option<String>,
}

/// Notes the four schemas of records; without a shape they are objects of anything.
pub(crate) fn note(
    schemas: &mut Schemas,
    names: &Names<'_>,
    shape: Option<&RecordShape>,
    related: &[Related<'_>],
) {
    for direction in [Direction::Request, Direction::Response] {
        let one = one(shape, related, direction);
        schemas.all.insert(names.one(direction), one);
    }
    let of = |direction| reference(&names.one(direction));
    schemas.all.entry("Metadata").or_insert_with(components::metadata);
    let mut answer = wrapped(
        names.wrapper,
        // With `as_list`, identifiers.
        json!({"anyOf": [of(Direction::Response), {"type": "string"}, {"type": "number"}]}),
    );
    answer["properties"]["meta"] = reference("Metadata");
    // With `count_only`, a number.
    let answer = json!({"anyOf": [answer, {"type": "integer"}]});
    schemas.all.insert(names.many(Direction::Response), answer);
    let mut several = wrapped(names.wrapper, of(Direction::Request));
    several["properties"]["ids"] =
        json!({"type": "array", "items": {}, "description": word::IDS.description});
    several["properties"]["filter"] = json!({"type": "string", "description": word::FILTER.description});
    several["properties"]["params"] = json!({"type": "object", "description": word::PARAMS.description});
    schemas.all.insert(names.many(Direction::Request), several);
    let required: Vec<&str> = shape
        .iter()
        .flat_map(|shape| &shape.fields)
        .filter(|field| field.required && !field.read_only)
        .map(|field| field.name.as_str())
        .collect();
    let new = match required.is_empty() {
        true => of(Direction::Request),
        false => json!({"allOf": [of(Direction::Request), {"type": "object", "required": required}]}),
    };
    let mut new = wrapped(names.wrapper, new);
    new["required"] = json!([names.wrapper]);
    schemas.all.insert(names.created(), new);
}

fn one(shape: Option<&RecordShape>, related: &[Related<'_>], direction: Direction) -> Value {
    let mut schema = json!({"type": "object"});
    let Some(shape) = shape else { return schema };
    if let Some(description) = &shape.description {
        schema["description"] = json!(description);
    }
    let fields = shape
        .fields
        .iter()
        .filter(|field| direction == Direction::Response || !field.read_only)
        .map(|one| (one.name.clone(), field(one, direction)));
    let mut properties: Map<String, Value> = fields.collect();
    let shown = |related: &&Related<'_>| direction == Direction::Response || !related.relation.read_only;
    for Related { relation, base } in related.iter().filter(shown) {
        let inner = match base {
            Some(base) => reference(&suffixed(base, direction)),
            None => json!({"type": "object"}),
        };
        let value = match relation.kind {
            _ if relation.many => json!({"type": "array", "items": inner}),
            // Without a related record it is an empty list.
            "has_one" => json!({"anyOf": [inner, {"type": "array", "items": {}, "maxItems": 0}]}),
            _ => or_null(inner),
        };
        properties.entry(&relation.name).or_insert(value);
    }
    schema["properties"] = Value::Object(properties);
    schema
}

fn field(field: &RecordField, direction: Direction) -> Value {
    let (kind, format) = match field.kind {
        FieldKind::Any => (None, None),
        FieldKind::Text => (Some("string"), None),
        FieldKind::Date => (Some("string"), Some("date")),
        FieldKind::Uuid => (Some("string"), Some("uuid")),
        FieldKind::Bytes => (Some("string"), Some("byte")),
        FieldKind::Integer => (Some("integer"), Some("int32")),
        FieldKind::Long => (Some("integer"), Some("int64")),
        FieldKind::Number => (Some("number"), None),
        FieldKind::Boolean => (Some("boolean"), None),
    };
    let mut schema = Map::new();
    let mut set = |key: &str, value: Value| schema.insert(key.to_owned(), value);
    if let Some(kind) = kind {
        set("type", json!(kind));
    }
    if let Some(format) = format {
        set("format", json!(format));
    }
    if let Some(description) = &field.description {
        set("description", json!(description));
    }
    if field.nullable && kind.is_some() {
        set("nullable", json!(true));
    }
    if field.read_only {
        set("readOnly", json!(true));
    }
    if !field.choices.is_empty() {
        let null = field.nullable.then_some(Value::Null);
        set("enum", field.choices.iter().cloned().chain(null).collect());
    }
    if let Some(length) = field.max_length.filter(|_| direction == Direction::Request) {
        set("maxLength", json!(length));
    }
    Value::Object(schema)
}
