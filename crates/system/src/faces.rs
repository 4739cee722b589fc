//! The faces, one by one.

mod resources;
mod scheduler;

use crate::face::{Face, Fixed, Link};
use records::Kind::{self, Boolean, Id, Integer, String, Text};
use records::RelationKind::{BelongsTo, HasMany, HasOne, ManyMany};
use store::Entity;

/// All faces.
pub(crate) static ALL: &[&Face] = &[
    &SERVICE,
    &SERVICE_DOC,
    &ROLE,
    &ACCESS,
    &GROUP,
    &APP,
    &APP_OF_DELEGATE,
    &ADMIN,
    &USER,
    &AUTHOR,
    &ASSIGNMENT,
    &LOOKUP,
    &LOOKUP_OF_APP,
    &LOOKUP_OF_ROLE,
    &LOOKUP_OF_USER,
    &resources::CUSTOM,
    &resources::CUSTOM_OF_USER,
    &resources::OWN_CUSTOM,
    &resources::CORS,
    &resources::EMAIL_TEMPLATE,
    &resources::EVENT_SCRIPT,
    &LIMIT,
    &scheduler::TASK,
    &scheduler::LOG,
    &AUDIT,
];

const CREATED: (&str, Kind) = ("created_date", String);
const MODIFIED: (&str, Kind) = ("last_modified_date", String);
const CREATOR: (&str, Kind) = ("created_by_id", Integer);
const MODIFIER: (&str, Kind) = ("last_modified_by_id", Integer);

const fn link(
    name: &'static str,
    kind: records::RelationKind,
    field: &'static str,
    other: (&'static str, &'static str),
) -> Link {
    Link {
        name,
        kind,
        field,
        other,
        between: None,
    }
}

const fn via(
    name: &'static str,
    other: &'static str,
    between: (&'static str, &'static str, &'static str),
) -> Link {
    Link {
        name,
        kind: ManyMany,
        field: "id",
        other: (other, "id"),
        between: Some(between),
    }
}

/// What most faces are.
const PLAIN: Face = Face {
    name: "",
    native: "",
    entity: None,
    key: "id",
    order: "id",
    fields: &[],
    fixed: Fixed::All,
    hidden: &[],
    computed: &[],
    always: &[],
    needs: &[],
    rewritten: &[],
    relations: &[],
    component: None,
};

static SERVICE: Face = Face {
    name: "service",
    native: "service",
    entity: Some(Entity::Service),
    fields: &[
        ("id", Id),
        ("name", String),
        ("label", String),
        ("description", String),
        ("is_active", Boolean),
        ("type", String),
        ("mutable", Boolean),
        ("deletable", Boolean),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
    ],
    computed: &["config"],
    relations: &[
        link(
            "role_service_access_by_service_id",
            HasMany,
            "id",
            ("role_service_access", "service_id"),
        ),
        link(
            "app_by_storage_service_id",
            HasMany,
            "id",
            ("app", "storage_service_id"),
        ),
        link(
            "service_doc_by_service_id",
            HasOne,
            "id",
            ("service_doc", "service_id"),
        ),
        via(
            "role_by_role_service_access",
            "role",
            ("role_service_access", "service_id", "role_id"),
        ),
        link("limit_by_service_id", HasMany, "id", ("limit", "service_id")),
    ],
    component: Some("service"),
    ..PLAIN
};

static SERVICE_DOC: Face = Face {
    name: "service_doc",
    native: "service_doc",
    // Without a primary key for clients: a document is its service's.
    fields: &[
        ("service_id", Integer),
        ("format", Integer),
        ("content", Text),
        CREATED,
        MODIFIED,
    ],
    ..PLAIN
};

static ROLE: Face = Face {
    name: "role",
    native: "role",
    entity: Some(Entity::Role),
    fields: &[
        ("id", Id),
        ("name", String),
        ("description", String),
        ("is_active", Boolean),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
    ],
    relations: &[
        link(
            "role_service_access_by_role_id",
            HasMany,
            "id",
            ("role_service_access", "role_id"),
        ),
        link("lookup_by_role_id", HasMany, "id", ("lookup of role", "role_id")),
        link(
            "role_adldap_by_role_id",
            HasMany,
            "id",
            ("role_adldap", "role_id"),
        ),
        link(
            "user_to_app_to_role_by_role_id",
            HasMany,
            "id",
            ("user_to_app_to_role", "role_id"),
        ),
        link("app_by_role_id", HasMany, "id", ("app", "role_id")),
        link("limit_by_role_id", HasMany, "id", ("limit", "role_id")),
        via(
            "service_by_role_service_access",
            "service",
            ("role_service_access", "role_id", "service_id"),
        ),
        via(
            "user_by_user_to_app_to_role",
            "user",
            ("user_to_app_to_role", "role_id", "user_id"),
        ),
        via(
            "app_by_user_to_app_to_role",
            "app",
            ("user_to_app_to_role", "role_id", "app_id"),
        ),
    ],
    component: Some("role"),
    ..PLAIN
};

static ACCESS: Face = Face {
    name: "role_service_access",
    native: "role_service_access",
    fields: &[
        ("id", Id),
        ("role_id", Integer),
        ("service_id", Integer),
        ("component", String),
        ("verb_mask", Integer),
        ("requestor_mask", Integer),
        ("filters", Text),
        ("filter_op", String),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
    ],
    rewritten: &["filters"],
    relations: &[
        link("role_by_role_id", BelongsTo, "role_id", ("role", "id")),
        link(
            "service_by_service_id",
            BelongsTo,
            "service_id",
            ("service", "id"),
        ),
    ],
    // What roles grant is the roles' matter, also when it is asked for from the side of a service.
    component: Some("role"),
    ..PLAIN
};

/// Groups of directories whose members get a role.
static GROUP: Face = Face {
    name: "role_adldap",
    native: "role_adldap",
    fields: &[("id", Id), ("role_id", Integer), ("dn", String)],
    relations: &[link("role_by_role_id", BelongsTo, "role_id", ("role", "id"))],
    component: Some("role"),
    ..PLAIN
};

static APP: Face = Face {
    fields: &[
        ("id", Id),
        ("name", String),
        ("api_key", String),
        ("description", String),
        ("is_active", Boolean),
        ("type", Integer),
        ("path", String),
        ("url", String),
        ("storage_service_id", Integer),
        ("storage_container", String),
        ("requires_fullscreen", Boolean),
        ("allow_fullscreen_toggle", Boolean),
        ("toggle_location", String),
        ("role_id", Integer),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
    ],
    computed: &["launch_url"],
    always: &["launch_url"],
    needs: &["type", "path", "url", "storage_service_id", "storage_container"],
    ..ANY_APP
};

/// Apps as callers with a role see them. A key is no column: it can neither be filtered, sorted nor grouped by, and is
/// shown where it opens nothing that the caller's own role does not.
static APP_OF_DELEGATE: Face = Face {
    name: "app of delegate",
    fields: &[
        ("id", Id),
        ("name", String),
        ("description", String),
        ("is_active", Boolean),
        ("type", Integer),
        ("path", String),
        ("url", String),
        ("storage_service_id", Integer),
        ("storage_container", String),
        ("requires_fullscreen", Boolean),
        ("allow_fullscreen_toggle", Boolean),
        ("toggle_location", String),
        ("role_id", Integer),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
    ],
    computed: &["launch_url", "api_key"],
    always: &["launch_url", "api_key"],
    needs: &[
        "id",
        "role_id",
        "type",
        "path",
        "url",
        "storage_service_id",
        "storage_container",
    ],
    ..ANY_APP
};

/// What apps are, whoever looks.
const ANY_APP: Face = Face {
    name: "app",
    native: "app",
    entity: Some(Entity::App),
    relations: &[
        link("role_by_role_id", BelongsTo, "role_id", ("role", "id")),
        link("lookup_by_app_id", HasMany, "id", ("lookup of app", "app_id")),
        link(
            "user_to_app_to_role_by_app_id",
            HasMany,
            "id",
            ("user_to_app_to_role", "app_id"),
        ),
        link(
            "service_by_storage_service_id",
            BelongsTo,
            "storage_service_id",
            ("service", "id"),
        ),
        link(
            "user_by_default_app_id",
            HasMany,
            "id",
            ("user", "default_app_id"),
        ),
        via(
            "user_by_user_to_app_to_role",
            "user",
            ("user_to_app_to_role", "app_id", "user_id"),
        ),
        via(
            "role_by_user_to_app_to_role",
            "role",
            ("user_to_app_to_role", "app_id", "role_id"),
        ),
    ],
    component: Some("app"),
    ..PLAIN
};

const USER_FIELDS: &[(&str, Kind)] = &[
    ("id", Id),
    ("name", String),
    ("first_name", String),
    ("last_name", String),
    ("last_login_date", String),
    ("email", String),
    ("is_active", Boolean),
    ("phone", String),
    ("security_question", String),
    ("default_app_id", Integer),
    CREATED,
    MODIFIED,
    CREATOR,
    MODIFIER,
    ("oauth_provider", String),
    ("username", String),
    ("confirmed", Boolean),
    ("is_sys_admin", Boolean),
];

const USER_LINKS: &[Link] = &[
    link(
        "user_to_app_to_role_by_user_id",
        HasMany,
        "id",
        ("user_to_app_to_role", "user_id"),
    ),
    link("lookup_by_user_id", HasMany, "id", ("lookup of user", "user_id")),
    link("limit_by_user_id", HasMany, "id", ("limit", "user_id")),
    link(
        "user_custom_by_user_id",
        HasMany,
        "id",
        ("custom of user", "user_id"),
    ),
    link(
        "app_by_default_app_id",
        BelongsTo,
        "default_app_id",
        ("app", "id"),
    ),
    via(
        "app_by_user_to_app_to_role",
        "app",
        ("user_to_app_to_role", "user_id", "app_id"),
    ),
    via(
        "role_by_user_to_app_to_role",
        "role",
        ("user_to_app_to_role", "user_id", "role_id"),
    ),
];

/// Users without what is an administrator's.
const PERSON: Face = Face {
    native: "user",
    fields: USER_FIELDS,
    hidden: &["is_sys_admin"],
    computed: &["expired"],
    always: &["confirmed", "expired"],
    needs: &["id", "confirmed"],
    relations: USER_LINKS,
    ..PLAIN
};

static ADMIN: Face = Face {
    name: "admin",
    entity: Some(Entity::Admin),
    fixed: Fixed::Flag("is_sys_admin", true),
    component: Some("admin"),
    ..PERSON
};

static USER: Face = Face {
    name: "user",
    entity: Some(Entity::User),
    fixed: Fixed::Flag("is_sys_admin", false),
    component: Some("user"),
    ..PERSON
};

/// Who wrote a record: an administrator or another user. Whoever may not read administrators may not see them here.
static AUTHOR: Face = Face {
    name: "author",
    component: Some("admin"),
    ..PERSON
};

/// The relations of all records that have authors.
pub(crate) static AUTHORS: &[Link] = &[
    link(
        "user_by_created_by_id",
        BelongsTo,
        "created_by_id",
        ("author", "id"),
    ),
    link(
        "user_by_last_modified_by_id",
        BelongsTo,
        "last_modified_by_id",
        ("author", "id"),
    ),
];

static ASSIGNMENT: Face = Face {
    name: "user_to_app_to_role",
    native: "user_to_app_to_role",
    fields: &[
        ("id", Id),
        ("user_id", Integer),
        ("app_id", Integer),
        ("role_id", Integer),
    ],
    relations: &[
        link("user_by_user_id", BelongsTo, "user_id", ("user", "id")),
        link("app_by_app_id", BelongsTo, "app_id", ("app", "id")),
        link("role_by_role_id", BelongsTo, "role_id", ("role", "id")),
    ],
    ..PLAIN
};

static LOOKUP: Face = Face {
    name: "lookup",
    native: "lookup",
    entity: Some(Entity::Lookup),
    fields: &[
        ("id", Id),
        ("name", String),
        ("value", Text),
        ("private", Boolean),
        ("description", String),
        CREATED,
        MODIFIED,
        CREATOR,
        MODIFIER,
        ("app_id", Integer),
        ("role_id", Integer),
        ("user_id", Integer),
    ],
    fixed: Fixed::Null(&["app_id", "role_id", "user_id"]),
    hidden: &["app_id", "role_id", "user_id"],
    always: &["private"],
    needs: &["private"],
    component: Some("lookup"),
    ..PLAIN
};

macro_rules! lookup_of {
    ($face:ident, $name:literal, $owner:literal) => {
        static $face: Face = Face {
            name: $name,
            native: "lookup",
            fields: &[
                ("id", Id),
                ($owner, Integer),
                ("name", String),
                ("value", Text),
                ("private", Boolean),
                ("description", String),
                CREATED,
                MODIFIED,
                CREATOR,
                MODIFIER,
            ],
            always: &["private"],
            needs: &["private"],
            ..PLAIN
        };
    };
}

lookup_of!(LOOKUP_OF_APP, "lookup of app", "app_id");
lookup_of!(LOOKUP_OF_ROLE, "lookup of role", "role_id");
lookup_of!(LOOKUP_OF_USER, "lookup of user", "user_id");

static LIMIT: Face = Face {
    name: "limit",
    native: "limit",
    entity: Some(Entity::Limit),
    fields: &[
        ("id", Id),
        ("type", String),
        ("key_text", String),
        ("rate", Integer),
        ("period", Integer),
        ("user_id", Integer),
        ("role_id", Integer),
        ("service_id", Integer),
        ("name", String),
        ("description", String),
        ("is_active", Boolean),
        CREATED,
        MODIFIED,
        ("endpoint", String),
        ("verb", String),
    ],
    relations: &[
        link("user_by_user_id", BelongsTo, "user_id", ("user", "id")),
        link("role_by_role_id", BelongsTo, "role_id", ("role", "id")),
        link(
            "service_by_service_id",
            BelongsTo,
            "service_id",
            ("service", "id"),
        ),
    ],
    rewritten: &["period"],
    component: Some("limit"),
    ..PLAIN
};

/// Read only: nobody writes the audit by hand, and nobody deletes from it.
static AUDIT: Face = Face {
    name: "audit",
    native: "audit",
    fields: &[
        ("id", Id),
        CREATED,
        ("kind", String),
        ("action", String),
        ("user_id", Integer),
        ("user_email", String),
        ("app_id", Integer),
        ("role_id", Integer),
        ("address", String),
        ("origin", String),
        ("verb", String),
        ("service", String),
        ("path", String),
        ("status", Integer),
        ("message", String),
        ("resource", String),
        ("record_id", Integer),
        ("before", Text),
        ("after", Text),
        ("times", Integer),
    ],
    rewritten: &["before", "after"],
    component: Some("audit"),
    ..PLAIN
};
