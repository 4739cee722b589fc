//! Which objects an instance is made of, as data: the table that each is kept in, its fields, what it refers to, and
//! the rows that are part of it. Reading, comparing and writing follow these tables and know no kind by name, but for
//! the configuration of services and the hashes of users.

use store::Entity;

/// The kinds of objects, in an order in which each can be written after those that it refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A template of e-mails.
    EmailTemplate,
    /// A service with its configuration, its document and its extras.
    Service,
    /// A role with what it grants and its lookups.
    Role,
    /// An app with its key and its lookups.
    App,
    /// An administrator.
    Admin,
    /// A user with roles, lookups and own settings.
    User,
    /// A lookup of the system.
    Lookup,
    /// A setting of the instance.
    Custom,
    /// A rule for calls from other origins.
    Cors,
    /// A script bound to an event.
    EventScript,
    /// A rate limit.
    Limit,
    /// A scheduled task.
    Task,
}

/// How a value is written among plain data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Flag,
    Int,
    /// Verbs: stored as the sum of their bits, written as a list of names.
    Verbs,
    /// Where a call may come from: stored as the sum of bits, written as a list of names.
    Requestors,
    /// A list or an object.
    Document,
    /// Text, a list or an object.
    Open,
    /// The same; text with commas is the list of its parts.
    List,
}

/// A field of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    /// Whether an object that does not say it keeps what it has.
    pub(crate) kept: bool,
}

/// A reference: written as the name of what it leads to, stored as its id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reference {
    pub(crate) name: &'static str,
    pub(crate) column: &'static str,
    /// The table it leads to.
    pub(crate) table: &'static str,
    /// Whether the row means nothing, or something else, without what it refers to.
    pub(crate) needed: bool,
}

/// Rows that are part of an object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Children {
    pub(crate) name: &'static str,
    /// The key under which the store takes them inside their owner's record.
    pub(crate) relation: &'static str,
    pub(crate) table: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) fields: &'static [Field],
    pub(crate) references: &'static [Reference],
    /// The field by which the store knows a row again.
    pub(crate) key: Option<&'static str>,
}

/// Everything about one kind.
#[derive(Debug)]
pub(crate) struct Layout {
    /// What it is called in sentences, in packages (`system/role.json`) and in file names.
    pub(crate) name: &'static str,
    /// Its folder among configuration files.
    pub(crate) folder: &'static str,
    pub(crate) entity: Entity,
    /// The field that names an object.
    pub(crate) identity: &'static str,
    pub(crate) fields: &'static [Field],
    pub(crate) references: &'static [Reference],
    pub(crate) children: &'static [Children],
}

const fn of(name: &'static str, form: Form) -> Field {
    Field {
        name,
        form,
        kept: false,
    }
}
const fn text(name: &'static str) -> Field {
    of(name, Form::Text)
}
const fn flag(name: &'static str) -> Field {
    of(name, Form::Flag)
}
const fn kept(name: &'static str) -> Field {
    Field {
        kept: true,
        ..text(name)
    }
}
const fn reference(name: &'static str, column: &'static str, table: &'static str) -> Reference {
    Reference {
        name,
        column,
        table,
        needed: false,
    }
}
const fn needed(name: &'static str, column: &'static str, table: &'static str) -> Reference {
    Reference {
        needed: true,
        ..reference(name, column, table)
    }
}

const fn lookups(relation: &'static str, owner: &'static str) -> Children {
    Children {
        name: "lookups",
        relation,
        table: "lookup",
        owner,
        fields: LOOKUP_FIELDS,
        references: &[],
        key: Some("name"),
    }
}

const LOOKUP_FIELDS: &[Field] = &[kept("name"), text("value"), flag("private"), text("description")];

static EMAIL_TEMPLATE: Layout = Layout {
    name: "email_template",
    folder: "email_templates",
    entity: Entity::EmailTemplate,
    identity: "name",
    fields: &[
        kept("name"),
        text("description"),
        of("to", Form::List),
        of("cc", Form::List),
        of("bcc", Form::List),
        text("subject"),
        of("attachment", Form::List),
        text("body_text"),
        text("body_html"),
        text("from_name"),
        text("from_email"),
        text("reply_to_name"),
        text("reply_to_email"),
        of("defaults", Form::Open),
    ],
    references: &[],
    children: &[],
};

/// The configuration, the document (`doc`) and the extras are written beside these fields.
static SERVICE: Layout = Layout {
    name: "service",
    folder: "services",
    entity: Entity::Service,
    identity: "name",
    fields: &[
        kept("name"),
        kept("label"),
        text("description"),
        flag("is_active"),
        kept("type"),
    ],
    references: &[],
    children: EXTRAS,
};

/// Children that the store takes apart from their service's record.
pub(crate) const EXTRAS: &[Children] = &[
    Children {
        name: "tables",
        relation: "",
        table: "db_table_extras",
        owner: "service_id",
        fields: &[
            text("table"),
            text("alias"),
            text("label"),
            text("plural"),
            text("name_field"),
            text("description"),
        ],
        references: &[],
        key: None,
    },
    Children {
        name: "fields",
        relation: "",
        table: "db_field_extras",
        owner: "service_id",
        fields: &[
            text("table"),
            text("field"),
            text("alias"),
            text("label"),
            text("extra_type"),
            text("description"),
            of("picklist", Form::Document),
            of("validation", Form::Document),
            of("client_info", Form::Document),
            of("db_function", Form::Document),
            flag("is_virtual"),
            flag("is_aggregate"),
        ],
        references: &[],
        key: None,
    },
    Children {
        name: "relations",
        relation: "",
        table: "db_relationship_extras",
        owner: "service_id",
        fields: &[
            text("table"),
            text("relationship"),
            text("alias"),
            text("label"),
            text("description"),
            flag("always_fetch"),
            flag("flatten"),
            flag("flatten_drop_prefix"),
        ],
        references: &[],
        key: None,
    },
    Children {
        name: "virtual_relations",
        relation: "",
        table: "db_virtual_relationship",
        owner: "service_id",
        fields: &[
            text("type"),
            text("table"),
            text("field"),
            text("ref_table"),
            text("ref_field"),
            text("ref_on_update"),
            text("ref_on_delete"),
            text("junction_table"),
            text("junction_field"),
            text("junction_ref_field"),
        ],
        references: &[
            needed("ref_service", "ref_service_id", "service"),
            reference("junction_service", "junction_service_id", "service"),
        ],
        key: None,
    },
];

static ROLE: Layout = Layout {
    name: "role",
    folder: "roles",
    entity: Entity::Role,
    identity: "name",
    fields: &[kept("name"), text("description"), flag("is_active")],
    references: &[],
    children: &[
        Children {
            name: "access",
            relation: "role_service_access_by_role_id",
            table: "role_service_access",
            owner: "role_id",
            fields: &[
                text("component"),
                of("verb_mask", Form::Verbs),
                of("requestor_mask", Form::Requestors),
                of("filters", Form::Document),
                text("filter_op"),
            ],
            // Without its service a row would grant all services.
            references: &[needed("service", "service_id", "service")],
            key: None,
        },
        Children {
            name: "groups",
            relation: "role_adldap_by_role_id",
            table: "role_adldap",
            owner: "role_id",
            fields: &[text("dn")],
            references: &[],
            key: None,
        },
        lookups("lookup_by_role_id", "role_id"),
    ],
};

static APP: Layout = Layout {
    name: "app",
    folder: "apps",
    entity: Entity::App,
    identity: "name",
    fields: &[
        kept("name"),
        kept("api_key"),
        text("description"),
        flag("is_active"),
        of("type", Form::Int),
        text("path"),
        text("url"),
        text("storage_container"),
        flag("requires_fullscreen"),
        flag("allow_fullscreen_toggle"),
        text("toggle_location"),
    ],
    references: &[
        reference("role", "role_id", "role"),
        reference("storage_service", "storage_service_id", "service"),
    ],
    children: &[lookups("lookup_by_app_id", "app_id")],
};

const USER_FIELDS: &[Field] = &[
    kept("email"),
    kept("name"),
    kept("username"),
    text("ldap_username"),
    text("first_name"),
    text("last_name"),
    kept("password"),
    flag("is_active"),
    text("phone"),
    text("security_question"),
    kept("security_answer"),
    kept("adldap"),
    kept("oauth_provider"),
    kept("saml"),
];

const USER_CHILDREN: &[Children] = &[
    Children {
        name: "roles",
        relation: "user_to_app_to_role_by_user_id",
        table: "user_to_app_to_role",
        owner: "user_id",
        fields: &[],
        references: &[needed("app", "app_id", "app"), needed("role", "role_id", "role")],
        key: None,
    },
    lookups("lookup_by_user_id", "user_id"),
    Children {
        name: "custom",
        relation: "user_custom_by_user_id",
        table: "user_custom",
        owner: "user_id",
        fields: &[kept("name"), of("value", Form::Open)],
        references: &[],
        key: Some("name"),
    },
];

static ADMIN: Layout = Layout {
    name: "admin",
    folder: "admins",
    entity: Entity::Admin,
    identity: "email",
    fields: USER_FIELDS,
    references: &[reference("default_app", "default_app_id", "app")],
    children: USER_CHILDREN,
};

static USER: Layout = Layout {
    name: "user",
    folder: "users",
    entity: Entity::User,
    identity: "email",
    fields: USER_FIELDS,
    references: &[reference("default_app", "default_app_id", "app")],
    children: USER_CHILDREN,
};

static LOOKUP: Layout = Layout {
    name: "lookup",
    folder: "lookups",
    entity: Entity::Lookup,
    identity: "name",
    fields: LOOKUP_FIELDS,
    references: &[],
    children: &[],
};

static CUSTOM: Layout = Layout {
    name: "custom",
    folder: "custom",
    entity: Entity::Custom,
    identity: "name",
    fields: &[kept("name"), of("value", Form::Open)],
    references: &[],
    children: &[],
};

static CORS: Layout = Layout {
    name: "cors",
    folder: "cors",
    entity: Entity::Cors,
    identity: "path",
    fields: &[
        kept("path"),
        text("description"),
        kept("origin"),
        text("header"),
        text("exposed_header"),
        of("method", Form::Verbs),
        of("max_age", Form::Int),
        flag("supports_credentials"),
        flag("enabled"),
    ],
    references: &[],
    children: &[],
};

static EVENT_SCRIPT: Layout = Layout {
    name: "event_script",
    folder: "event_scripts",
    entity: Entity::EventScript,
    identity: "name",
    fields: &[
        kept("name"),
        kept("type"),
        flag("is_active"),
        flag("allow_event_modification"),
        text("content"),
        of("config", Form::Open),
        text("storage_path"),
        text("scm_repository"),
        text("scm_reference"),
    ],
    references: &[reference("storage_service", "storage_service_id", "service")],
    children: &[],
};

/// Known by what it counts, as in the store: two limits may have one name.
static LIMIT: Layout = Layout {
    name: "limit",
    folder: "limits",
    entity: Entity::Limit,
    identity: "name",
    fields: &[
        kept("name"),
        text("description"),
        flag("is_active"),
        kept("type"),
        Field {
            kept: true,
            ..of("rate", Form::Int)
        },
        kept("period"),
        text("endpoint"),
        text("verb"),
    ],
    references: &[
        needed("user", "user_id", "user"),
        needed("role", "role_id", "role"),
        needed("service", "service_id", "service"),
    ],
    children: &[],
};

/// Without its app or its user a task would run with rights that nobody gave it.
static TASK: Layout = Layout {
    name: "scheduler",
    folder: "scheduler",
    entity: Entity::Task,
    identity: "name",
    fields: &[
        kept("name"),
        text("description"),
        flag("is_active"),
        text("component"),
        of("verb_mask", Form::Verbs),
        of("frequency", Form::Int),
        of("payload", Form::Open),
    ],
    references: &[
        needed("service", "service_id", "service"),
        needed("app", "app_id", "app"),
        needed("user", "user_id", "user"),
    ],
    children: &[],
};

impl Children {
    /// The entity of the rows; extras are none of the store's.
    pub(crate) fn entity(&self) -> Option<Entity> {
        match self.table {
            "role_service_access" => Some(Entity::Access),
            "role_adldap" => Some(Entity::Group),
            "lookup" => Some(Entity::Lookup),
            "user_to_app_to_role" => Some(Entity::Assignment),
            "user_custom" => Some(Entity::UserCustom),
            _ => None,
        }
    }
}

impl Kind {
    /// All kinds, each after those that it refers to.
    pub const ALL: [Kind; 12] = [
        Kind::EmailTemplate,
        Kind::Service,
        Kind::Role,
        Kind::App,
        Kind::Admin,
        Kind::User,
        Kind::Lookup,
        Kind::Custom,
        Kind::Cors,
        Kind::EventScript,
        Kind::Limit,
        Kind::Task,
    ];

    /// What it is called: `service`, `role`, …
    pub fn name(self) -> &'static str {
        self.layout().name
    }

    /// What people read, as `e-mail template`.
    pub fn spoken(self) -> String {
        match self {
            Kind::EmailTemplate => "e-mail template".into(),
            Kind::Cors => "CORS rule".into(),
            Kind::Custom => "setting".into(),
            Kind::Task => "scheduled task".into(),
            Kind::Admin => "administrator".into(),
            _ => self.name().replace('_', " "),
        }
    }

    /// A kind by its name.
    pub fn find(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn layout(self) -> &'static Layout {
        match self {
            Kind::EmailTemplate => &EMAIL_TEMPLATE,
            Kind::Service => &SERVICE,
            Kind::Role => &ROLE,
            Kind::App => &APP,
            Kind::Admin => &ADMIN,
            Kind::User => &USER,
            Kind::Lookup => &LOOKUP,
            Kind::Custom => &CUSTOM,
            Kind::Cors => &CORS,
            Kind::EventScript => &EVENT_SCRIPT,
            Kind::Limit => &LIMIT,
            Kind::Task => &TASK,
        }
    }

    /// The kinds that a reference to a table can lead to.
    pub(crate) fn in_table(table: &str) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| kind.table() == table)
    }

    /// The table that its rows are kept in.
    pub(crate) fn table(self) -> &'static str {
        self.layout().entity.table()
    }
}
