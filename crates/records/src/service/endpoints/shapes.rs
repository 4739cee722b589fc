//! What the bodies of schemas and routines hold.

use contract::shape::{Object, Shape, member};

const NAME: Shape = Shape::Maybe(&Shape::Text);
const NUMBER: Shape = Shape::Maybe(&Shape::Integer);

pub(super) const TABLE: Shape = Shape::Object(&Object {
    name: "TableSchema",
    members: &[
        member("alias", NAME, "Name in records, instead of the table's own."),
        member("name", Shape::Text, "Name of the table."),
        member("label", NAME, "Label for people."),
        member("plural", NAME, "Plural label for people."),
        member("description", NAME, "Description for people."),
        member("is_view", Shape::Boolean, "Whether it is a view."),
        member(
            "primary_key",
            Shape::Any,
            "Names of the fields that identify a record.",
        ),
        member("name_field", NAME, "The field that names a record."),
        member("field", Shape::List(&FIELD), "The fields."),
        member("related", Shape::List(&RELATION), "The relations."),
    ],
});
pub(super) const TABLES: Shape = Shape::Wrapped(&TABLE);

pub(super) const FIELD: Shape = Shape::Object(&Object {
    name: "FieldSchema",
    members: &[
        member("alias", NAME, "Name in records, instead of the column's own."),
        member("name", Shape::Text, "Name of the column."),
        member("label", NAME, "Label for people."),
        member("description", NAME, "Description for people."),
        member("type", NAME, "Simple type."),
        member("db_type", NAME, "Type as the database writes it."),
        member("length", NUMBER, "Longest text, or width of numbers."),
        member("precision", NUMBER, "Digits of a number."),
        member("scale", NUMBER, "Digits after the decimal point."),
        member("default", Shape::Any, "Value when none is given."),
        member(
            "required",
            Shape::Maybe(&Shape::Boolean),
            "Whether a record cannot be created without it.",
        ),
        member(
            "allow_null",
            Shape::Maybe(&Shape::Boolean),
            "Whether it can be null.",
        ),
        member(
            "auto_increment",
            Shape::Maybe(&Shape::Boolean),
            "Whether the database makes the value.",
        ),
        member(
            "is_primary_key",
            Shape::Maybe(&Shape::Boolean),
            "Whether it is part of the primary key.",
        ),
        member(
            "is_unique",
            Shape::Maybe(&Shape::Boolean),
            "Whether it alone is unique.",
        ),
        member(
            "is_foreign_key",
            Shape::Maybe(&Shape::Boolean),
            "Whether it refers to another table.",
        ),
        member("ref_table", NAME, "The table that it refers to."),
        member("ref_field", NAME, "The field that it refers to."),
        member("picklist", Shape::Any, "Values to choose from."),
        member("validation", Shape::Any, "Rules for values."),
        member(
            "db_function",
            Shape::Any,
            "Functions that replace the column when it is read or written.",
        ),
    ],
});
pub(super) const FIELDS_OF_TABLE: Shape = Shape::Wrapped(&FIELD);

pub(super) const RELATION: Shape = Shape::Object(&Object {
    name: "RelationshipSchema",
    members: &[
        member("alias", NAME, "Name in records, instead of its own."),
        member("name", Shape::Text, "Name of the relation."),
        member("label", NAME, "Label for people."),
        member("description", NAME, "Description for people."),
        member("type", NAME, "Kind: belongs_to, has_one, has_many or many_many."),
        member("field", NAME, "Field of this table."),
        member("ref_service_id", NUMBER, "Service of the other table."),
        member("ref_table", NAME, "The other table."),
        member("ref_field", NAME, "Field of the other table."),
        member("junction_service_id", NUMBER, "Service of the table between."),
        member("junction_table", NAME, "The table between, for many_many."),
        member(
            "junction_field",
            NAME,
            "Field of the table between that refers to this table.",
        ),
        member(
            "junction_ref_field",
            NAME,
            "Field of the table between that refers to the other table.",
        ),
        member(
            "always_fetch",
            Shape::Maybe(&Shape::Boolean),
            "Whether it is delivered without being asked for.",
        ),
    ],
});
pub(super) const RELATIONS: Shape = Shape::Wrapped(&RELATION);

pub(super) const ROUTINE: Shape = Shape::Object(&Object {
    name: "StoredRoutineSchema",
    members: &[
        member("name", Shape::Text, "Name of the routine."),
        member("label", NAME, "Label for people."),
        member("description", NAME, "Description for people."),
        member("return_type", NAME, "Type of the result."),
        member("params", Shape::Any, "The parameters."),
    ],
});

pub(super) const ROUTINE_CALL: Shape = Shape::Object(&Object {
    name: "StoredRoutineRequest",
    members: &[
        member(
            "params",
            Shape::Any,
            "Values of the parameters: a list in order, or an object by name.",
        ),
        member(
            "schema",
            Shape::Any,
            "Types that the fields of the result are converted to, by name.",
        ),
    ],
});
