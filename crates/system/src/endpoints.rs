//! The endpoint tables of the two services.

mod shapes;

use contract::shape::{RESOURCES, SUCCESS};
use contract::word::{
    APP_ID, AS_ACCESS_LIST, AS_LIST, CHECK, CONTINUE, COUNT_ONLY, FIELDS, FILTER, FORCE, GROUP, GROUPS, IDS,
    INCLUDE_ACCESS, INCLUDE_COUNT, INCLUDE_SCHEMA, LIMIT, MIN_MS, OFFSET, ORDER, PARAMS, PATH, RANGE,
    RELATED, ROLE_ID, ROLLBACK, SERVICE, SINCE_ID, STATUS, TEST, USER_ID, VERB,
};
use contract::{Endpoint, Method, Shape, Verb, Word};
use shapes::{
    CREDENTIALS, CSV_ROWS, LISTED, PASSWORD_CHANGE, PROFILE_OF_USER, REGISTRATION, SESSION_OF_USER,
    TRIED_CONNECTION,
};

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
const TRIED: &[&Word] = &[&FIELDS, &RELATED, &CONTINUE, &ROLLBACK, &TEST];
const PATCH: &[&Word] = &[&FIELDS, &RELATED, &IDS, &FILTER, &PARAMS, &CONTINUE, &ROLLBACK];
const DELETE: &[&Word] = &[
    &FIELDS, &RELATED, &IDS, &FILTER, &PARAMS, &FORCE, &CONTINUE, &ROLLBACK,
];
const ONE: &[&Word] = &[&FIELDS, &RELATED];
const LIST: &[&Word] = &[&FIELDS, &AS_LIST, &AS_ACCESS_LIST, &INCLUDE_ACCESS];

const NAMED: &[&Word] = &[&FIELDS];
const GROUPED: &[&Word] = &[&GROUPS, &FIELDS, &AS_LIST];

const COUNTED: &[&Word] = &[&FIELDS, &IDS, &CONTINUE];
const RESET_ALL: &[&Word] = &[&IDS, &FORCE, &CONTINUE];
const LATEST: &[&Word] = &[
    &SINCE_ID, &SERVICE, &VERB, &STATUS, &USER_ID, &APP_ID, &ROLE_ID, &PATH, &MIN_MS, &LIMIT, &FIELDS,
];
const COURSE: &[&Word] = &[&RANGE, &SERVICE];
const STATES: &[&Word] = &[&SERVICE, &CHECK];
const LIST_ONLY: &[&Word] = &[&AS_LIST];
const LISTED_NAMES: &[&Word] = &[&FIELDS, &AS_LIST];

const fn get(id: &'static str, summary: &'static str, words: &'static [&'static Word]) -> Method {
    Method::new(Verb::Get, id, summary, words)
}

const fn delete(id: &'static str, summary: &'static str, words: &'static [&'static Word]) -> Method {
    Method::new(Verb::Delete, id, summary, words)
}

const READ_ALL: Method = get("get{S}{Many}", "Reads records.", READ).gives(Shape::Records);
const READ_ONE: Method = get("get{S}{One}", "Reads one record.", ONE).gives(Shape::Record);

const CREATE: Method = Method::new(Verb::Post, "create{S}{Many}", "Creates records.", BATCH)
    .takes(Shape::Records)
    .gives(Shape::Records);

const CREATE_SERVICE: Method = Method::new(Verb::Post, "create{S}{Many}", "Creates records.", TRIED)
    .takes(Shape::Records)
    .gives(Shape::Records)
    .or_tells(TRIED_CONNECTION);

const fn change(verb: Verb, id: &'static str) -> Method {
    Method::new(verb, id, "Changes the sent fields of records.", PATCH)
        .takes(Shape::Records)
        .gives(Shape::Records)
}

const fn change_one(verb: Verb, id: &'static str) -> Method {
    Method::new(verb, id, "Changes the sent fields of one record.", ONE)
        .takes(Shape::Record)
        .gives(Shape::Record)
}

const REPLACE_ALL: Method = change(Verb::Put, "replace{S}{Many}");
const UPDATE_ALL: Method = change(Verb::Patch, "update{S}{Many}");
const DELETE_ALL: Method = delete("delete{S}{Many}", "Deletes records.", DELETE)
    .takes(Shape::Records)
    .gives(Shape::Either(&[Shape::Records, SUCCESS]));
const REPLACE_ONE: Method = change_one(Verb::Put, "replace{S}{One}");
const UPDATE_ONE: Method = change_one(Verb::Patch, "update{S}{One}");
const DELETE_ONE: Method = delete("delete{S}{One}", "Deletes one record.", ONE).gives(Shape::Record);

const RECORDS: &[Method] = &[READ_ALL, CREATE.creates(), UPDATE_ALL, REPLACE_ALL, DELETE_ALL];
const RECORD: &[Method] = &[
    READ_ONE,
    Method::refused(Verb::Post, "Refused: records are created without an identifier."),
    UPDATE_ONE,
    REPLACE_ONE,
    DELETE_ONE,
];
/// A service can also be tried before it is stored.
const SERVICES: &[Method] = &[
    READ_ALL,
    CREATE_SERVICE.creates(),
    UPDATE_ALL,
    REPLACE_ALL,
    DELETE_ALL,
];
/// Limits are created with 200, as in the original.
const LIMITS: &[Method] = &[READ_ALL, CREATE, UPDATE_ALL, REPLACE_ALL, DELETE_ALL];
/// One setting is shown as its bare value.
const SETTING: &[Method] = &[
    READ_ONE.gives(Shape::Any),
    Method::refused(Verb::Post, "Refused: records are created without an identifier."),
    UPDATE_ONE.gives(Shape::Any),
    REPLACE_ONE.gives(Shape::Any),
    DELETE_ONE.gives(Shape::Any),
];
const UPSERT: &[Method] = &[
    READ_ONE,
    Method::new(
        Verb::Post,
        "create{S}{One}",
        "Creates the record of this name, or changes it.",
        ONE,
    )
    .takes(Shape::Record)
    .gives(Shape::Record)
    .creates()
    .without_event(),
    UPDATE_ONE,
    REPLACE_ONE,
    DELETE_ONE,
];
const ROOT: &[Method] = &[get("get{S}Resources", "Lists the resources.", LIST).gives(RESOURCES)];
const SESSION: &[Method] = &[
    get("get{S}{One}", "Shows the current session.", &[]).gives(SESSION_OF_USER),
    Method::new(Verb::Post, "create{S}{One}", "Logs in.", &[])
        .takes(CREDENTIALS)
        .gives(SESSION_OF_USER),
    Method::new(Verb::Put, "refresh{S}{One}", "Renews the session's token.", &[]).gives(SESSION_OF_USER),
    delete("delete{S}{One}", "Logs out.", &[]).gives(SUCCESS),
];
/// Another address of a login that comes back. Documents tell of the first form alone.
const CALLBACK: &[Method] = &[get(
    "get{S}{One}",
    "Ends a login that was begun at a login service.",
    &[],
)
.without_event()];
const fn password(verb: Verb, id: &'static str) -> Method {
    Method::new(verb, id, "Changes or recovers a password.", &[]).takes(PASSWORD_CHANGE)
}
const PASSWORD: &[Method] = &[
    password(Verb::Post, "change{S}{One}"),
    password(Verb::Put, "replace{S}{One}").without_event(),
    password(Verb::Patch, "update{S}{One}").without_event(),
];
const fn own(verb: Verb, id: &'static str) -> Method {
    Method::new(verb, id, "Changes the user's own data.", &[])
        .takes(PROFILE_OF_USER)
        .gives(SUCCESS)
}
const PROFILE: &[Method] = &[
    get("get{S}{One}", "Shows the user's own data.", &[]).gives(PROFILE_OF_USER),
    own(Verb::Post, "update{S}{One}"),
    own(Verb::Put, "replace{S}{One}").without_event(),
    own(Verb::Patch, "patch{S}{One}").without_event(),
];
const fn register(verb: Verb, id: &'static str) -> Method {
    Method::new(verb, id, "Registers a user, where that is open.", &[])
        .takes(REGISTRATION)
        .gives(SUCCESS)
}
const REGISTER: &[Method] = &[
    register(Verb::Post, "register{S}"),
    register(Verb::Put, "replace{S}{One}").without_event(),
    register(Verb::Patch, "update{S}{One}").without_event(),
];
const CACHE: &[Method] = &[
    get(
        "get{S}{Many}",
        "Lists the services whose cache can be flushed.",
        LISTED_NAMES,
    )
    .gives(RESOURCES)
    .without_event(),
    delete("deleteAllCacheFrom{S}", "Flushes all caches.", &[]).gives(SUCCESS),
];
const CACHE_OF: &[Method] = &[delete(
    "deleteServiceCacheFrom{S}",
    "Flushes the cache of one service.",
    &[],
)
.gives(SUCCESS)];
const CACHE_OF_SCRIPT: &[Method] = &[delete(
    "deleteEventCacheFrom{S}",
    "Forgets a script of an event. Scripts are read when they are needed: there is nothing to forget.",
    &[],
)
.gives(SUCCESS)
.without_event()];
const HISTORY: &[Method] = &[get(
    "get{S}{Many}",
    "Reads who changed what, and what was refused.",
    READ,
)
.gives(Shape::Records)
.without_event()];
const EVENT: &[Method] = &[get("get{S}{One}", "Reads one record of the audit.", ONE)
    .gives(Shape::Record)
    .without_event()];
const REQUEST_LOG: &[Method] = &[get("get{S}{Many}", "Lists the latest calls.", LATEST)
    .gives(LISTED)
    .without_event()];
const METRICS: &[Method] = &[get("get{S}{Many}", "Tells how calls went, by time.", COURSE).without_event()];
const HEALTH: &[Method] = &[get(
    "get{S}{One}",
    "Tells how the instance and its services do.",
    STATES,
)
.without_event()];
const COUNTERS: &[Method] = &[
    get(
        "get{S}{Many}",
        "Shows what the counters of the limits stand at.",
        COUNTED,
    )
    .gives(LISTED),
    delete("delete{S}{Many}", "Resets the counters of limits.", RESET_ALL),
];
const COUNTER: &[Method] = &[
    get(
        "get{S}{One}",
        "Shows what the counter of one limit stands at.",
        NAMED,
    ),
    delete("delete{S}{One}", "Resets the counters of one limit.", &[]),
];
const TYPES: &[Method] = &[get("get{S}{Many}", "Lists the service types.", GROUPED).gives(RESOURCES)];
const TYPE: &[Method] = &[get("get{S}{One}", "Describes one service type.", NAMED)];
const SHOW: &[Method] = &[get(
    "get{S}{One}",
    "Shows what a client must know of the instance.",
    &[],
)];
const CONSTANTS: &[Method] =
    &[get("get{S}{Many}", "Kept for compatibility; an empty list.", &[]).gives(LISTED)];
const CONSTANT: &[Method] =
    &[get("get{S}{One}", "Kept for compatibility; an empty list.", &[]).gives(LISTED)];
const EVENTS: &[Method] = &[get(
    "get{S}EventList",
    "Lists the events of the services.",
    LIST_ONLY,
)];
const EVENTS_OF: &[Method] = &[get(
    "get{S}EventsOf",
    "Lists the events of the services.",
    LIST_ONLY,
)];
const SCRIPT_TYPES: &[Method] =
    &[get("get{S}{Many}", "Lists the types of scripts.", GROUPED).gives(RESOURCES)];
const SCRIPT_TYPE: &[Method] = &[get("get{S}{One}", "Describes one type of scripts.", NAMED)];
const IMPORT: &[Method] = &[Method::new(
    Verb::Post,
    "importDataTo{S}",
    "Makes a new table of CSV text.",
    &[],
)
.takes(CSV_ROWS)];

const fn at(name: &'static str, path: &'static str, methods: &'static [Method]) -> Endpoint {
    Endpoint { name, path, methods }
}

/// Made and taken as files.
const PACKAGE: &[Method] = &[
    get("get{S}{Many}", "Lists what a package can be made of.", &[]),
    Method::new(
        Verb::Post,
        "exportOrImport{S}{One}",
        "Makes a package, or brings one in.",
        &[],
    )
    .takes(Shape::Any),
];
const PACKAGE_FILE: &[Method] = &[
    get("download{S}{One}", "Downloads a package that was made here.", &[]).without_event(),
    delete("delete{S}{One}", "Removes a package that was made here.", &[])
        .gives(SUCCESS)
        .without_event(),
];
const CONFIG_PACKAGE: &[Method] = &[
    get(
        "get{S}{One}",
        "Shows services, roles and apps as one object, without secrets.",
        &[],
    )
    .without_event(),
    Method::new(
        Verb::Post,
        "import{S}{One}",
        "Brings in services, roles and apps.",
        &[],
    )
    .takes(Shape::Any)
    .without_event(),
];

/// The literal names that stand where an endpoint's path ends with a placeholder: `session` for `admin/{id}`.
pub(crate) fn beside(endpoints: &[Endpoint], endpoint: &Endpoint) -> Vec<String> {
    let Some((place, _)) = endpoint.path.rsplit_once('{') else {
        return Vec::new();
    };
    let literal = |other: &Endpoint| {
        let name = other.path.strip_prefix(place).filter(|_| !place.is_empty())?;
        (!name.contains(['{', '/'])).then(|| name.to_owned())
    };
    let mut names: Vec<String> = endpoints.iter().filter_map(literal).collect();
    names.sort();
    names
}

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
    at("config package", "config_package", CONFIG_PACKAGE),
    at("cache of script", "cache/_event/{event_name}", CACHE_OF_SCRIPT),
    at("constants", "constant", CONSTANTS),
    at("constant", "constant/{id}", CONSTANT),
    at("records", "cors", RECORDS),
    at("record", "cors/{id}", RECORD),
    at("records", "custom", RECORDS),
    at("record", "custom/{id}", SETTING),
    at("records", "email_template", RECORDS),
    at("record", "email_template/{id}", RECORD),
    at("environment", "environment", SHOW),
    at("events", "event", EVENTS),
    at("events", "event/{name}", EVENTS_OF),
    at("records", "event_script", RECORDS),
    at("record", "event_script/{id}", UPSERT),
    at("import", "import", IMPORT),
    at("health", "health", HEALTH),
    at("metrics", "metric", METRICS),
    at("request log", "request_log", REQUEST_LOG),
    at("limits", "limit", LIMITS),
    at("limit", "limit/{id}", RECORD),
    at("limit counters", "limit_cache", COUNTERS),
    at("limit counter", "limit_cache/{id}", COUNTER),
    at("records", "lookup", RECORDS),
    at("record", "lookup/{id}", RECORD),
    at("package", "package", PACKAGE),
    at("package file", "package/{file}", PACKAGE_FILE),
    at("records", "role", RECORDS),
    at("record", "role/{id}", RECORD),
    at("records", "scheduler", RECORDS),
    at("record", "scheduler/{id}", RECORD),
    at("script_types", "script_type", SCRIPT_TYPES),
    at("script_type", "script_type/{id}", SCRIPT_TYPE),
    at("records", "service", SERVICES),
    at("record", "service/{id}", RECORD),
    at("types", "service_type", TYPES),
    at("type", "service_type/{id}", TYPE),
    at("records", "user", RECORDS),
    at("record", "user/{id}", RECORD),
];

/// Endpoints of `user`.
pub(crate) static USER: &[Endpoint] = &[
    at("root", "", ROOT),
    at("records", "custom", RECORDS),
    at("record", "custom/{id}", SETTING),
    at("password", "password", PASSWORD),
    at("profile", "profile", PROFILE),
    at("register", "register", REGISTER),
    at("session", "session", SESSION),
    at("callback", "session/{service}", CALLBACK),
];
