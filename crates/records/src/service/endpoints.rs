//! The endpoint table of every database service.

use contract::word::{
    AFTER, ALLOW_RELATED_DELETE, AS_ACCESS_LIST, AS_LIST, CHECK_EXIST, CONTINUE, COUNT_ONLY, FIELDS, FILE,
    FILTER, FORCE, GROUP, HAVING, ID_FIELD, ID_TYPE, IDS, INCLUDE_ACCESS, INCLUDE_COUNT, INCLUDE_SCHEMA,
    LIMIT, OFFSET, ORDER, PARAMS, REFRESH, RELATED, RETURNS, ROLLBACK, SCHEMA, WRAPPER,
};
use contract::{Endpoint, Method, Verb, Word};
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

const fn method(verb: Verb, summary: &'static str, words: &'static [&'static Word]) -> Method {
    Method { verb, summary, words }
}

/// The paths of a database service.
pub(super) static ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "root",
        path: "",
        methods: &[method(
            Verb::Get,
            "List the resources of the service.",
            &[&FIELDS, &AS_LIST, &AS_ACCESS_LIST, &INCLUDE_ACCESS, &REFRESH],
        )],
    },
    Endpoint {
        name: "schema_tables",
        path: "_schema",
        methods: &[
            method(Verb::Get, "List the tables that can be described.", LIST),
            method(
                Verb::Post,
                "Create tables, or merge into those that exist.",
                DEFINE_ALL,
            ),
            method(
                Verb::Put,
                "Create or change tables; fields that are not listed are dropped.",
                DEFINE_ALL,
            ),
            method(Verb::Patch, "Create or change tables.", DEFINE_ALL),
            method(Verb::Delete, "Drop tables.", DROP),
        ],
    },
    Endpoint {
        name: "schema_table",
        path: "_schema/{table_name}",
        methods: &[
            method(Verb::Get, "Describe a table.", DESCRIBE),
            method(Verb::Post, "Change a table.", DEFINE),
            method(
                Verb::Put,
                "Change a table; fields that are not listed are dropped.",
                DEFINE,
            ),
            method(Verb::Patch, "Change a table.", DEFINE),
            method(Verb::Delete, "Drop a table.", &[]),
        ],
    },
    Endpoint {
        name: "schema_fields",
        path: "_schema/{table_name}/_field",
        methods: &[
            method(Verb::Get, "Describe the fields of a table.", DESCRIBE),
            method(Verb::Post, "Create or change fields.", DEFINE),
            method(Verb::Put, "Create or change fields.", DEFINE),
            method(Verb::Patch, "Create or change fields.", DEFINE),
            method(Verb::Delete, "Drop fields.", DROP),
        ],
    },
    Endpoint {
        name: "schema_field",
        path: "_schema/{table_name}/_field/{field_name}",
        methods: &[
            method(Verb::Get, "Describe a field.", DESCRIBE),
            method(Verb::Post, "As PATCH: create or change a field.", DEFINE),
            method(Verb::Put, "Create or change a field.", DEFINE),
            method(Verb::Patch, "Create or change a field.", DEFINE),
            method(Verb::Delete, "Drop a field.", &[]),
        ],
    },
    Endpoint {
        name: "schema_relations",
        path: "_schema/{table_name}/_related",
        methods: &[
            method(Verb::Get, "Describe the relations of a table.", DESCRIBE),
            method(
                Verb::Post,
                "Create virtual relations, or change extras of relations.",
                DEFINE,
            ),
            method(
                Verb::Put,
                "Create virtual relations, or change extras of relations.",
                DEFINE,
            ),
            method(
                Verb::Patch,
                "Create virtual relations, or change extras of relations.",
                DEFINE,
            ),
            method(Verb::Delete, "Drop virtual relations and extras of others.", DROP),
        ],
    },
    Endpoint {
        name: "schema_relation",
        path: "_schema/{table_name}/_related/{relationship_name}",
        methods: &[
            method(Verb::Get, "Describe a relation.", DESCRIBE),
            method(
                Verb::Post,
                "As PATCH: create a virtual relation, or change the extras of one.",
                DEFINE,
            ),
            method(
                Verb::Put,
                "Create a virtual relation, or change the extras of one.",
                DEFINE,
            ),
            method(
                Verb::Patch,
                "Create a virtual relation, or change the extras of one.",
                DEFINE,
            ),
            method(
                Verb::Delete,
                "Drop a virtual relation, or the extras of another.",
                &[],
            ),
        ],
    },
    Endpoint {
        name: "schema_field",
        path: "_schema/{table_name}/{field_name}",
        methods: &[
            method(Verb::Get, "Describe a field (older form).", DESCRIBE),
            method(Verb::Post, "Create or change a field (older form).", DEFINE),
            method(Verb::Put, "Create or change a field (older form).", DEFINE),
            method(Verb::Patch, "Create or change a field (older form).", DEFINE),
            method(Verb::Delete, "Drop a field (older form).", &[]),
        ],
    },
    Endpoint {
        name: "tables",
        path: "_table",
        methods: &[method(Verb::Get, "List the tables.", LIST)],
    },
    Endpoint {
        name: "records",
        path: "_table/{table_name}",
        methods: &[
            method(Verb::Get, "Read records.", READ),
            method(Verb::Post, "Create records.", CREATE),
            method(Verb::Put, "Update records.", CHANGE),
            method(Verb::Patch, "Update records.", CHANGE),
            method(Verb::Delete, "Delete records.", REMOVE),
        ],
    },
    Endpoint {
        name: "record",
        path: "_table/{table_name}/{id}",
        methods: RECORD,
    },
    // What follows the identifier is ignored, as in the original.
    Endpoint {
        name: "record",
        path: "_table/{table_name}/{id}/{rest*}",
        methods: RECORD,
    },
];

static RECORD: &[Method] = &[
    method(Verb::Get, "Read a record.", READ_ONE),
    method(
        Verb::Post,
        "Not supported: create records without an identifier in the path.",
        &[],
    ),
    method(Verb::Put, "Update a record.", CHANGE_ONE),
    method(Verb::Patch, "Update a record.", CHANGE_ONE),
    method(Verb::Delete, "Delete a record.", REMOVE_ONE),
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
        &[method(Verb::Get, "List the stored procedures.", LIST)],
    ),
    endpoint("procedure", "_proc/{procedure_name}", PROCEDURE),
    endpoint("procedure", "_proc/{procedure_name}/{rest*}", PROCEDURE),
    endpoint(
        "functions",
        "_func",
        &[method(Verb::Get, "List the stored functions.", LIST)],
    ),
    endpoint("function", "_func/{function_name}", FUNCTION),
    endpoint("function", "_func/{function_name}/{rest*}", FUNCTION),
];

static PROCEDURE: &[Method] = &[
    method(
        Verb::Get,
        "Call a procedure with parameters in the path or the query.",
        &[&WRAPPER, &RETURNS, &FILE],
    ),
    method(
        Verb::Post,
        "Call a procedure with parameters in the body.",
        &[&WRAPPER, &RETURNS, &FILE],
    ),
];

static FUNCTION: &[Method] = &[
    method(
        Verb::Get,
        "Call a function with parameters in the path or the query.",
        &[&RETURNS, &FILE],
    ),
    method(
        Verb::Post,
        "Call a function with parameters in the body.",
        &[&RETURNS, &FILE],
    ),
];
