//! The endpoint table of every database service.

mod shapes;

use contract::shape::{RESOURCE, RESOURCES, SUCCESS};
use contract::word::{
    AFTER, ALLOW_RELATED_DELETE, AS_ACCESS_LIST, AS_LIST, CHECK_EXIST, CONTINUE, COUNT_ONLY, FIELDS, FILE,
    FILTER, FORCE, GROUP, HAVING, ID_FIELD, ID_TYPE, IDS, INCLUDE_ACCESS, INCLUDE_COUNT, INCLUDE_SCHEMA,
    LIMIT, OFFSET, ORDER, PARAMS, REFRESH, RELATED, RETURNS, ROLLBACK, SCHEMA, WRAPPER,
};
use contract::{Endpoint, Method, Shape, Verb, Word};
use shapes::{FIELD, FIELDS_OF_TABLE, RELATION, RELATIONS, ROUTINE, ROUTINE_CALL, TABLE, TABLES};
use std::sync::LazyLock;

static LIST: &[&Word] = &[&FIELDS, &AS_LIST, &IDS, &SCHEMA, &INCLUDE_ACCESS, &REFRESH];
static DEFINE: &[&Word] = &[&FIELDS];
static DEFINE_ALL: &[&Word] = &[&FIELDS, &CHECK_EXIST];
static DROP: &[&Word] = &[&IDS];
static DESCRIBE: &[&Word] = &[&FIELDS, &REFRESH];
static READ: &[&Word] = &[
    &AFTER,
    &FIELDS,
    &RELATED,
    &FILTER,
    &PARAMS,
    &LIMIT,
    &OFFSET,
    &ORDER,
    &GROUP,
    &HAVING,
    &COUNT_ONLY,
    &INCLUDE_COUNT,
    &INCLUDE_SCHEMA,
    &IDS,
    &ID_FIELD,
    &ID_TYPE,
    &AS_LIST,
    &CONTINUE,
    &REFRESH,
    &FILE,
];
static READ_ONE: &[&Word] = &[&FIELDS, &RELATED, &ID_FIELD, &ID_TYPE, &REFRESH, &FILE];
static CREATE: &[&Word] = &[&FIELDS, &RELATED, &ID_FIELD, &ID_TYPE, &CONTINUE, &ROLLBACK];
static CHANGE: &[&Word] = &[
    &FIELDS,
    &RELATED,
    &IDS,
    &FILTER,
    &PARAMS,
    &ID_FIELD,
    &ID_TYPE,
    &CONTINUE,
    &ROLLBACK,
    &ALLOW_RELATED_DELETE,
];
static REMOVE: &[&Word] = &[
    &FIELDS, &RELATED, &IDS, &FILTER, &PARAMS, &LIMIT, &ID_FIELD, &ID_TYPE, &CONTINUE, &ROLLBACK, &FORCE,
];
static CHANGE_ONE: &[&Word] = &[&FIELDS, &RELATED, &ID_FIELD, &ID_TYPE, &ALLOW_RELATED_DELETE];
static REMOVE_ONE: &[&Word] = &[&FIELDS, &RELATED, &ID_FIELD, &ID_TYPE];

const fn get(id: &'static str, summary: &'static str, words: &'static [&'static Word]) -> Method {
    Method::new(Verb::Get, id, summary, words)
}

const fn delete(id: &'static str, summary: &'static str, words: &'static [&'static Word]) -> Method {
    Method::new(Verb::Delete, id, summary, words)
}

/// A method with a body, in the order of `Method::new`.
const fn send(
    (verb, id): (Verb, &'static str),
    summary: &'static str,
    words: &'static [&'static Word],
    body: Shape,
) -> Method {
    Method::new(verb, id, summary, words).takes(body)
}

/// The paths of a database service.
pub(super) static ENDPOINTS: &[Endpoint] = &[
    endpoint(
        "root",
        "",
        &[get(
            "get{S}Resources",
            "List the resources of the service.",
            &[&FIELDS, &AS_LIST, &AS_ACCESS_LIST, &INCLUDE_ACCESS, &REFRESH],
        )
        .gives(RESOURCES)],
    ),
    endpoint(
        "schema_tables",
        "_schema",
        &[
            get(
                "get{S}DbSchemaResources",
                "List the tables that can be described.",
                LIST,
            )
            .gives(RESOURCES),
            send(
                (Verb::Post, "create{S}Tables"),
                "Create tables, or merge into those that exist.",
                DEFINE_ALL,
                TABLES,
            )
            .gives(RESOURCES),
            send(
                (Verb::Put, "replace{S}Tables"),
                "Create or change tables; fields that are not listed are dropped.",
                DEFINE_ALL,
                TABLES,
            )
            .gives(RESOURCES),
            send(
                (Verb::Patch, "update{S}Tables"),
                "Create or change tables.",
                DEFINE_ALL,
                TABLES,
            )
            .gives(RESOURCES),
            // Clients of the original never had it in their lists.
            delete("delete{S}Tables", "Drop tables.", DROP).without_event(),
        ],
    ),
    endpoint(
        "schema_table",
        "_schema/{table_name}",
        &[
            get("describe{S}Table", "Describe a table.", DESCRIBE).gives(TABLE),
            send((Verb::Post, "create{S}Table"), "Change a table.", DEFINE, TABLE).gives(RESOURCE),
            send(
                (Verb::Put, "replace{S}Table"),
                "Change a table; fields that are not listed are dropped.",
                DEFINE,
                TABLE,
            )
            .gives(RESOURCE),
            send((Verb::Patch, "update{S}Table"), "Change a table.", DEFINE, TABLE).gives(RESOURCE),
            delete("delete{S}Table", "Drop a table.", &[]).gives(SUCCESS),
        ],
    ),
    endpoint(
        "schema_fields",
        "_schema/{table_name}/_field",
        &[
            get("describe{S}Fields", "Describe the fields of a table.", DESCRIBE).gives(FIELDS_OF_TABLE),
            send(
                (Verb::Post, "create{S}Fields"),
                "Create or change fields.",
                DEFINE,
                FIELDS_OF_TABLE,
            ),
            send(
                (Verb::Put, "replace{S}Fields"),
                "Create or change fields.",
                DEFINE,
                FIELDS_OF_TABLE,
            ),
            send(
                (Verb::Patch, "update{S}Fields"),
                "Create or change fields.",
                DEFINE,
                FIELDS_OF_TABLE,
            ),
            delete("delete{S}Fields", "Drop fields.", DROP),
        ],
    ),
    endpoint(
        "schema_field",
        "_schema/{table_name}/_field/{field_name}",
        FIELD_METHODS,
    ),
    endpoint(
        "schema_relations",
        "_schema/{table_name}/_related",
        &[
            get(
                "describe{S}Relationships",
                "Describe the relations of a table.",
                DESCRIBE,
            )
            .gives(RELATIONS),
            send((Verb::Post, "create{S}Relationships"), RELATE, DEFINE, RELATIONS),
            send((Verb::Put, "replace{S}Relationships"), RELATE, DEFINE, RELATIONS),
            send((Verb::Patch, "update{S}Relationships"), RELATE, DEFINE, RELATIONS),
            delete(
                "delete{S}Relationships",
                "Drop virtual relations and extras of others.",
                DROP,
            ),
        ],
    ),
    endpoint(
        "schema_relation",
        "_schema/{table_name}/_related/{relationship_name}",
        &[
            get("describe{S}Relationship", "Describe a relation.", DESCRIBE).gives(RELATION),
            send(
                (Verb::Post, "create{S}Relationship"),
                RELATE_ONE,
                DEFINE,
                RELATION,
            )
            .without_event(),
            send(
                (Verb::Put, "replace{S}Relationship"),
                RELATE_ONE,
                DEFINE,
                RELATION,
            ),
            send(
                (Verb::Patch, "update{S}Relationship"),
                RELATE_ONE,
                DEFINE,
                RELATION,
            ),
            delete(
                "delete{S}Relationship",
                "Drop a virtual relation, or the extras of another.",
                &[],
            )
            .gives(SUCCESS),
        ],
    ),
    // An older form.
    endpoint("schema_field", "_schema/{table_name}/{field_name}", FIELD_METHODS),
    endpoint(
        "tables",
        "_table",
        &[get("get{S}Tables", "List the tables.", LIST).gives(RESOURCES)],
    ),
    endpoint(
        "records",
        "_table/{table_name}",
        &[
            get("get{S}TableRecords", "Read records.", READ).gives(Shape::Records),
            send(
                (Verb::Post, "create{S}TableRecords"),
                "Create records.",
                CREATE,
                Shape::Records,
            )
            .gives(Shape::Records),
            send(
                (Verb::Put, "replace{S}TableRecords"),
                "Update records.",
                CHANGE,
                Shape::Records,
            )
            .gives(Shape::Records),
            send(
                (Verb::Patch, "update{S}TableRecords"),
                "Update records.",
                CHANGE,
                Shape::Records,
            )
            .gives(Shape::Records),
            delete("delete{S}TableRecords", "Delete records.", REMOVE)
                .takes(Shape::Records)
                .gives(Shape::Either(&[Shape::Records, SUCCESS])),
        ],
    ),
    endpoint("record", "_table/{table_name}/{id}", RECORD),
    // What follows the identifier is ignored, as in the original.
    endpoint("record", "_table/{table_name}/{id}/{rest*}", RECORD),
];

const RELATE: &str = "Create virtual relations, or change extras of relations.";
const RELATE_ONE: &str = "Create a virtual relation, or change the extras of one.";

static FIELD_METHODS: &[Method] = &[
    get("describe{S}Field", "Describe a field.", DESCRIBE).gives(FIELD),
    send(
        (Verb::Post, "create{S}Field"),
        "Create or change a field.",
        DEFINE,
        FIELD,
    )
    .without_event(),
    send(
        (Verb::Put, "replace{S}Field"),
        "Create or change a field.",
        DEFINE,
        FIELD,
    ),
    send(
        (Verb::Patch, "update{S}Field"),
        "Create or change a field.",
        DEFINE,
        FIELD,
    ),
    delete("delete{S}Field", "Drop a field.", &[]).gives(SUCCESS),
];

static RECORD: &[Method] = &[
    get("get{S}TableRecord", "Read a record.", READ_ONE).gives(Shape::Record),
    Method::refused(
        Verb::Post,
        "Not supported: create records without an identifier in the path.",
    ),
    send(
        (Verb::Put, "replace{S}TableRecord"),
        "Update a record.",
        CHANGE_ONE,
        Shape::Record,
    )
    .gives(Shape::Record),
    send(
        (Verb::Patch, "update{S}TableRecord"),
        "Update a record.",
        CHANGE_ONE,
        Shape::Record,
    )
    .gives(Shape::Record),
    delete("delete{S}TableRecord", "Delete a record.", REMOVE_ONE).gives(Shape::Record),
];

const fn endpoint(name: &'static str, path: &'static str, methods: &'static [Method]) -> Endpoint {
    Endpoint { name, path, methods }
}

/// The paths of a database service that has routines.
pub(super) static WITH_ROUTINES: LazyLock<Vec<Endpoint>> = LazyLock::new(|| [ENDPOINTS, ROUTINES].concat());

/// The paths of routines. Those with a rest are for values in parentheses that hold a slash.
static ROUTINES: &[Endpoint] = &[
    endpoint(
        "procedures",
        "_proc",
        &[get("get{S}StoredProcedures", "List the stored procedures.", LIST)
            .gives(Shape::Wrapped(&Shape::Either(&[ROUTINE, Shape::Text])))],
    ),
    endpoint("procedure", "_proc/{procedure_name}", PROCEDURE),
    endpoint("procedure", "_proc/{procedure_name}/{rest*}", PROCEDURE),
    endpoint(
        "functions",
        "_func",
        &[get("get{S}StoredFunctions", "List the stored functions.", LIST)
            .gives(Shape::Wrapped(&Shape::Either(&[ROUTINE, Shape::Text])))],
    ),
    endpoint("function", "_func/{function_name}", FUNCTION),
    endpoint("function", "_func/{function_name}/{rest*}", FUNCTION),
];

static PROCEDURE: &[Method] = &[
    get(
        "call{S}StoredProcedure",
        "Call a procedure with parameters in the path or the query.",
        &[&WRAPPER, &RETURNS, &FILE],
    ),
    send(
        (Verb::Post, "call{S}StoredProcedureWithParams"),
        "Call a procedure with parameters in the body.",
        &[&WRAPPER, &RETURNS, &FILE],
        ROUTINE_CALL,
    ),
];

static FUNCTION: &[Method] = &[
    get(
        "call{S}StoredFunction",
        "Call a function with parameters in the path or the query.",
        &[&RETURNS, &FILE],
    ),
    send(
        (Verb::Post, "call{S}StoredFunctionWithParams"),
        "Call a function with parameters in the body.",
        &[&RETURNS, &FILE],
        ROUTINE_CALL,
    ),
];
