//! What bodies hold, as data: documents are made of it, and nothing is checked against it.

use crate::Value;

/// The shape of a value in a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Whatever it is.
    Any,
    /// Text.
    Text,
    /// A file, as it is.
    Bytes,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
    /// The shape, or null.
    Maybe(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// A list under the wrapper of resources.
    Wrapped(&'static Shape),
    /// One of several.
    Either(&'static [Shape]),
    /// An object. It may hold more than its members, and an answer need not hold all of them.
    Object(&'static Object),
    /// One record of what the endpoint is about; see [`crate::Service::record`].
    Record,
    /// Records of what the endpoint is about, under the wrapper of resources.
    Records,
}

/// An object in bodies.
#[derive(Debug, PartialEq, Eq)]
pub struct Object {
    /// Name in documents; of two objects of a service that share it, the first is shown.
    pub name: &'static str,
    /// Its members.
    pub members: &'static [Member],
}

/// A member of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Name.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// What it is for, as a sentence.
    pub description: &'static str,
}

/// A member, in short.
pub const fn member(name: &'static str, shape: Shape, description: &'static str) -> Member {
    Member {
        name,
        shape,
        description,
    }
}

static SUCCESS_OBJECT: Object = Object {
    name: "Success",
    members: &[member(
        "success",
        Shape::Boolean,
        "True when the call did what it should.",
    )],
};

/// `{"success":true}`, which more than one service answers.
pub const SUCCESS: Shape = Shape::Object(&SUCCESS_OBJECT);

static RESOURCE_OBJECT: Object = Object {
    name: "Resource",
    members: &[member("name", Shape::Text, "Name of the resource.")],
};

/// A resource: its name, and what else `fields` asks for.
pub const RESOURCE: Shape = Shape::Object(&RESOURCE_OBJECT);

/// The answer of lists: an entry is an object, or with `as_list` a name.
pub const RESOURCES: Shape = Shape::Wrapped(&Shape::Either(&[RESOURCE, Shape::Text]));

/// What values of a field of a record look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Anything, documents included.
    Any,
    /// Text.
    Text,
    /// A day, as `2024-12-31`.
    Date,
    /// A UUID.
    Uuid,
    /// Bytes in base64.
    Bytes,
    /// A whole number of up to 32 bits.
    Integer,
    /// A whole number of up to 64 bits.
    Long,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
}

/// A field of a record, for documents.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordField {
    /// Name in records.
    pub name: String,
    /// Simple type by its documented name, such as `reference`.
    pub type_name: &'static str,
    /// What values look like.
    pub kind: FieldKind,
    /// Description for people.
    pub description: Option<String>,
    /// Whether it can be null.
    pub nullable: bool,
    /// Whether a record cannot be created without it.
    pub required: bool,
    /// Whether it cannot be written.
    pub read_only: bool,
    /// Whether it identifies the record, alone or with others.
    pub is_key: bool,
    /// Longest text.
    pub max_length: Option<u64>,
    /// The only values there are; empty when anything goes.
    pub choices: Vec<Value>,
    /// The component and the field that it refers to.
    pub reference: Option<(String, String)>,
}

/// A relation of a record, for documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRelation {
    /// Name in `related` and in records.
    pub name: String,
    /// Kind, as in descriptions.
    pub kind: &'static str,
    /// Whether there can be several related records.
    pub many: bool,
    /// Field of this record.
    pub field: String,
    /// The component that the related records are read from; who may not read it does not see the relation.
    pub component: String,
    /// Field of the related record.
    pub ref_field: String,
    /// The component of the table between, for many-to-many.
    pub junction: Option<String>,
    /// Whether records cannot be sent together with related ones.
    pub read_only: bool,
}

/// The records of a component, for documents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordShape {
    /// Description for people.
    pub description: Option<String>,
    /// Fields in order.
    pub fields: Vec<RecordField>,
    /// Relations.
    pub relations: Vec<RecordRelation>,
}
