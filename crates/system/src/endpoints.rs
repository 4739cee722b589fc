//! The endpoint tables of the two services.

use contract::word::{
    AS_ACCESS_LIST, AS_LIST, CONTINUE, COUNT_ONLY, FIELDS, FILTER, FORCE, GROUP, GROUPS, IDS, INCLUDE_ACCESS,
    INCLUDE_COUNT, INCLUDE_SCHEMA, LIMIT, OFFSET, ORDER, PARAMS, RELATED, ROLLBACK,
};
use contract::{Endpoint, Method, Verb, Word};

const fn method(verb: Verb, summary: &'static str, words: &'static [&'static Word]) -> Method {
    Method { verb, summary, words }
}

const READ: &[&Word] = &[
    &FIELDS,
    &RELATED,
    &FILTER,
    &PARAMS,
    &LIMIT,
    &OFFSET,
    &ORDER,
    &GROUP,
    &IDS,
    &COUNT_ONLY,
    &INCLUDE_COUNT,
    &INCLUDE_SCHEMA,
    &AS_LIST,
];
const BATCH: &[&Word] = &[&FIELDS, &RELATED, &CONTINUE, &ROLLBACK];
const PATCH: &[&Word] = &[&FIELDS, &RELATED, &IDS, &FILTER, &PARAMS, &CONTINUE, &ROLLBACK];
const DELETE: &[&Word] = &[
    &FIELDS, &RELATED, &IDS, &FILTER, &PARAMS, &FORCE, &CONTINUE, &ROLLBACK,
];
const ONE: &[&Word] = &[&FIELDS, &RELATED];
const LIST: &[&Word] = &[&FIELDS, &AS_LIST, &AS_ACCESS_LIST, &INCLUDE_ACCESS];

const NAMED: &[&Word] = &[&FIELDS];
const GROUPED: &[&Word] = &[&GROUPS, &FIELDS, &AS_LIST];

const RECORDS: &[Method] = &[
    method(Verb::Get, "Reads records.", READ),
    method(Verb::Post, "Creates records.", BATCH),
    method(Verb::Put, "Changes the sent fields of records.", PATCH),
    method(Verb::Patch, "Changes the sent fields of records.", PATCH),
    method(Verb::Delete, "Deletes records.", DELETE),
];
const RECORD: &[Method] = &[
    method(Verb::Get, "Reads one record.", ONE),
    method(
        Verb::Post,
        "Refused: records are created without an identifier.",
        &[],
    ),
    method(Verb::Put, "Changes the sent fields of one record.", ONE),
    method(Verb::Patch, "Changes the sent fields of one record.", ONE),
    method(Verb::Delete, "Deletes one record.", ONE),
];
const ROOT: &[Method] = &[method(Verb::Get, "Lists the resources.", LIST)];
const SESSION: &[Method] = &[
    method(Verb::Get, "Shows the current session.", &[]),
    method(Verb::Post, "Logs in.", &[]),
    method(Verb::Put, "Renews the session's token.", &[]),
    method(Verb::Delete, "Logs out.", &[]),
];
const PASSWORD: &[Method] = &[
    method(Verb::Post, "Changes or recovers a password.", &[]),
    method(Verb::Put, "Changes or recovers a password.", &[]),
    method(Verb::Patch, "Changes or recovers a password.", &[]),
];
const PROFILE: &[Method] = &[
    method(Verb::Get, "Shows the user's own data.", &[]),
    method(Verb::Post, "Changes the user's own data.", &[]),
    method(Verb::Put, "Changes the user's own data.", &[]),
    method(Verb::Patch, "Changes the user's own data.", &[]),
];
const REGISTER: &[Method] = &[
    method(Verb::Post, "Registers a user, where that is open.", &[]),
    method(Verb::Put, "Registers a user, where that is open.", &[]),
    method(Verb::Patch, "Registers a user, where that is open.", &[]),
];
const CACHE: &[Method] = &[
    method(Verb::Get, "Lists the services whose cache can be flushed.", NAMED),
    method(Verb::Delete, "Flushes all caches.", &[]),
];
const CACHE_OF: &[Method] = &[method(Verb::Delete, "Flushes the cache of one service.", &[])];
const HISTORY: &[Method] = &[method(
    Verb::Get,
    "Reads who changed what, and what was refused.",
    READ,
)];
const EVENT: &[Method] = &[method(Verb::Get, "Reads one record of the audit.", ONE)];
const COUNTED: &[&Word] = &[&FIELDS, &IDS, &CONTINUE];
const RESET: &[&Word] = &[&IDS, &FORCE, &CONTINUE];
const COUNTERS: &[Method] = &[
    method(
        Verb::Get,
        "Shows what the counters of the limits stand at.",
        COUNTED,
    ),
    method(Verb::Delete, "Resets the counters of limits.", RESET),
];
const COUNTER: &[Method] = &[
    method(Verb::Get, "Shows what the counter of one limit stands at.", NAMED),
    method(Verb::Delete, "Resets the counters of one limit.", &[]),
];
const TYPES: &[Method] = &[method(Verb::Get, "Lists the service types.", GROUPED)];
const TYPE: &[Method] = &[method(Verb::Get, "Describes one service type.", NAMED)];
const SHOW: &[Method] = &[method(
    Verb::Get,
    "Shows what a client must know of the instance.",
    &[],
)];
const CONSTANTS: &[Method] = &[method(Verb::Get, "Kept for compatibility; an empty list.", &[])];

const fn at(name: &'static str, path: &'static str, methods: &'static [Method]) -> Endpoint {
    Endpoint { name, path, methods }
}

const UPSERT: &[Method] = &[
    method(Verb::Get, "Reads one record.", ONE),
    method(Verb::Post, "Creates the record of this name, or changes it.", ONE),
    method(Verb::Put, "Changes the sent fields of one record.", ONE),
    method(Verb::Patch, "Changes the sent fields of one record.", ONE),
    method(Verb::Delete, "Deletes one record.", ONE),
];
const LIST_ONLY: &[&Word] = &[&AS_LIST];
const EVENTS: &[Method] = &[method(Verb::Get, "Lists the events of the services.", LIST_ONLY)];
const SCRIPT_TYPES: &[Method] = &[method(Verb::Get, "Lists the types of scripts.", GROUPED)];
const SCRIPT_TYPE: &[Method] = &[method(Verb::Get, "Describes one type of scripts.", NAMED)];
const PACKAGE: &[Method] = &[
    method(Verb::Get, "Lists what a package can be made of.", &[]),
    method(Verb::Post, "Makes a package, or brings one in.", &[]),
];
const PACKAGE_FILE: &[Method] = &[
    method(Verb::Get, "Downloads a package that was made here.", &[]),
    method(Verb::Delete, "Removes a package that was made here.", &[]),
];
const IMPORT: &[Method] = &[method(Verb::Post, "Makes a new table of CSV text.", &[])];

/// Endpoints of `system`. Literal paths come before placeholders that would take them.
pub(crate) static SYSTEM: &[Endpoint] = &[
    at("root", "", ROOT),
    at("session", "admin/session", SESSION),
    at("password", "admin/password", PASSWORD),
    at("profile", "admin/profile", PROFILE),
    at("records", "admin", RECORDS),
    at("record", "admin/{id}", RECORD),
    at("records", "app", RECORDS),
    at("record", "app/{id}", RECORD),
    at("records", "audit", HISTORY),
    at("record", "audit/{id}", EVENT),
    at("caches", "cache", CACHE),
    at("cache", "cache/{service}", CACHE_OF),
    at("constants", "constant", CONSTANTS),
    at("constants", "constant/{name}", CONSTANTS),
    at("records", "cors", RECORDS),
    at("record", "cors/{id}", RECORD),
    at("records", "custom", RECORDS),
    at("record", "custom/{id}", RECORD),
    at("records", "email_template", RECORDS),
    at("record", "email_template/{id}", RECORD),
    at("environment", "environment", SHOW),
    at("events", "event", EVENTS),
    at("events", "event/{name}", EVENTS),
    at("records", "event_script", RECORDS),
    at("record", "event_script/{id}", UPSERT),
    at("import", "import", IMPORT),
    at("limits", "limit", RECORDS),
    at("limit", "limit/{id}", RECORD),
    at("limit counters", "limit_cache", COUNTERS),
    at("limit counter", "limit_cache/{id}", COUNTER),
    at("records", "lookup", RECORDS),
    at("record", "lookup/{id}", RECORD),
    at("package", "package", PACKAGE),
    at("package file", "package/{file}", PACKAGE_FILE),
    at("records", "role", RECORDS),
    at("record", "role/{id}", RECORD),
    at("script_types", "script_type", SCRIPT_TYPES),
    at("script_type", "script_type/{name}", SCRIPT_TYPE),
    at("records", "service", RECORDS),
    at("record", "service/{id}", RECORD),
    at("types", "service_type", TYPES),
    at("type", "service_type/{name}", TYPE),
    at("records", "user", RECORDS),
    at("record", "user/{id}", RECORD),
];

/// Endpoints of `user`.
pub(crate) static USER: &[Endpoint] = &[
    at("root", "", ROOT),
    at("records", "custom", RECORDS),
    at("record", "custom/{id}", RECORD),
    at("password", "password", PASSWORD),
    at("profile", "profile", PROFILE),
    at("register", "register", REGISTER),
    at("session", "session", SESSION),
];
