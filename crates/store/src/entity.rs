//! What can be written: each entity's table, attributes and children, as data. What is not listed is not writable.

use crate::statements::is_null;
use sql::Expr;

/// A kind of record that clients can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Entity {
    /// A service.
    Service,
    /// The document that describes a service, where somebody wrote one; only as a child of its service.
    ServiceDoc,
    /// A role.
    Role,
    /// A grant of a role; only as a child of its role.
    Access,
    /// A directory's group whose members get a role; only as a child of the role.
    Group,
    /// An app.
    App,
    /// An administrator.
    Admin,
    /// A user who is no administrator.
    User,
    /// A user's role for an app; only as a child.
    Assignment,
    /// A lookup key: of the system, or as a child of an app, a role or a user.
    Lookup,
    /// A setting of the instance.
    Custom,
    /// A user's own setting; only as a child.
    UserCustom,
    /// A rule for calls from other origins.
    Cors,
    /// A template of e-mails.
    EmailTemplate,
    /// A script bound to an event.
    EventScript,
    /// A rate limit.
    Limit,
    /// A scheduled task.
    Task,
}

/// How a value is read from JSON.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// Text of at most so many characters.
    Text(usize),
    /// Text, cut to so many characters.
    Cut(usize),
    /// A truth value.
    Flag,
    /// A whole number.
    Int,
    /// Anything, kept as JSON text.
    Json,
    /// Lists and objects as JSON text, everything else as plain text.
    Open,
    /// The same; text with commas is the list of its parts.
    List,
    /// Verbs: a list of names, names between commas, or the sum of their bits.
    Verbs,
}

/// The value of an attribute that was not sent with a new record, or was sent as null.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fallback {
    Null,
    Flag(bool),
    Int(i64),
    Text(&'static str),
    /// Decided by the entity's rules.
    Rule,
}

/// A writable attribute; its name is also the column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) fallback: Fallback,
}

pub(crate) const fn at(name: &'static str, kind: Kind, fallback: Fallback) -> Attribute {
    Attribute { name, kind, fallback }
}

/// Records that can be written inside their owner's record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Child {
    /// Key in the owner's record.
    pub(crate) relation: &'static str,
    pub(crate) entity: Entity,
    /// Column of the child that holds the owner's id.
    pub(crate) owner: &'static str,
    /// Whether there is at most one, given as an object rather than a list.
    pub(crate) single: bool,
}

const fn child(relation: &'static str, entity: Entity, owner: &'static str) -> Child {
    Child {
        relation,
        entity,
        owner,
        single: false,
    }
}

pub(crate) struct Shape {
    pub(crate) table: &'static str,
    pub(crate) audited: bool,
    pub(crate) attributes: &'static [Attribute],
    /// All columns, as the rules see the current row.
    pub(crate) columns: &'static [&'static str],
    pub(crate) children: &'static [Child],
}

use Kind::{Cut, Flag, Int, Json, List, Open, Text, Verbs};

static SERVICE: Shape = Shape {
    table: "service",
    audited: true,
    attributes: &[
        at("name", Text(255), Fallback::Rule),
        at("label", Text(255), Fallback::Rule),
        at("description", Cut(255), Fallback::Null),
        at("is_active", Flag, Fallback::Flag(false)),
        at("type", Text(255), Fallback::Rule),
    ],
    columns: &[
        "id",
        "name",
        "label",
        "is_active",
        "type",
        "mutable",
        "deletable",
        "config",
        "secrets",
    ],
    children: &[Child {
        single: true,
        ..child("service_doc_by_service_id", Entity::ServiceDoc, "service_id")
    }],
};

static SERVICE_DOC: Shape = Shape {
    table: "service_doc",
    audited: true,
    attributes: &[
        at("format", Int, Fallback::Int(0)),
        at("content", Text(10_000_000), Fallback::Null),
    ],
    columns: &["id", "service_id"],
    children: &[],
};

static ROLE: Shape = Shape {
    table: "role",
    audited: true,
    attributes: &[
        at("name", Text(500), Fallback::Rule),
        at("description", Cut(255), Fallback::Null),
        at("is_active", Flag, Fallback::Flag(false)),
    ],
    columns: &["id", "name", "is_active"],
    children: &[
        child("role_service_access_by_role_id", Entity::Access, "role_id"),
        child("lookup_by_role_id", Entity::Lookup, "role_id"),
        child("role_adldap_by_role_id", Entity::Group, "role_id"),
        child("user_to_app_to_role_by_role_id", Entity::Assignment, "role_id"),
    ],
};

static ACCESS: Shape = Shape {
    table: "role_service_access",
    audited: true,
    attributes: &[
        at("service_id", Int, Fallback::Null),
        at("component", Text(255), Fallback::Null),
        at("verb_mask", Int, Fallback::Int(0)),
        at("requestor_mask", Int, Fallback::Int(0)),
        at("filters", Json, Fallback::Null),
        at("filter_op", Text(32), Fallback::Text("and")),
    ],
    columns: &["id", "role_id", "service_id"],
    children: &[],
};

static GROUP: Shape = Shape {
    table: crate::login::GROUPS,
    audited: false,
    attributes: &[at("dn", Text(2000), Fallback::Rule)],
    columns: &["id", "role_id", "dn"],
    children: &[],
};

static APP: Shape = Shape {
    table: "app",
    audited: true,
    attributes: &[
        at("name", Text(255), Fallback::Rule),
        at("api_key", Text(255), Fallback::Rule),
        at("description", Text(1000), Fallback::Null),
        at("is_active", Flag, Fallback::Flag(false)),
        at("type", Int, Fallback::Int(0)),
        at("path", Text(2000), Fallback::Null),
        at("url", Text(2000), Fallback::Null),
        at("storage_service_id", Int, Fallback::Null),
        at("storage_container", Text(255), Fallback::Null),
        at("requires_fullscreen", Flag, Fallback::Flag(false)),
        at("allow_fullscreen_toggle", Flag, Fallback::Flag(true)),
        at("toggle_location", Text(64), Fallback::Text("top")),
        at("role_id", Int, Fallback::Null),
    ],
    columns: &["id", "name", "api_key", "is_active", "role_id"],
    children: &[
        child("lookup_by_app_id", Entity::Lookup, "app_id"),
        child("user_to_app_to_role_by_app_id", Entity::Assignment, "app_id"),
    ],
};

static USER: Shape = Shape {
    table: "user",
    audited: true,
    attributes: &[
        at("name", Text(255), Fallback::Rule),
        at("username", Text(255), Fallback::Rule),
        at("ldap_username", Text(255), Fallback::Null),
        at("first_name", Text(255), Fallback::Null),
        at("last_name", Text(255), Fallback::Null),
        at("email", Text(255), Fallback::Rule),
        at("password", Text(1000), Fallback::Rule),
        at("is_active", Flag, Fallback::Flag(true)),
        at("phone", Text(32), Fallback::Null),
        at("security_question", Text(1000), Fallback::Null),
        at("security_answer", Text(1000), Fallback::Rule),
        at("default_app_id", Int, Fallback::Null),
    ],
    columns: &[
        "id",
        "name",
        "username",
        "first_name",
        "last_name",
        "email",
        "is_sys_admin",
        "is_active",
        "token_epoch",
    ],
    children: &[
        child("user_to_app_to_role_by_user_id", Entity::Assignment, "user_id"),
        child("lookup_by_user_id", Entity::Lookup, "user_id"),
        child("user_custom_by_user_id", Entity::UserCustom, "user_id"),
    ],
};

static ASSIGNMENT: Shape = Shape {
    table: "user_to_app_to_role",
    audited: false,
    attributes: &[
        at("user_id", Int, Fallback::Rule),
        at("app_id", Int, Fallback::Rule),
        at("role_id", Int, Fallback::Rule),
    ],
    columns: &["id", "user_id", "app_id", "role_id"],
    children: &[],
};

static LOOKUP: Shape = Shape {
    table: "lookup",
    audited: true,
    attributes: &[
        at("name", Text(255), Fallback::Rule),
        at("value", Text(100_000), Fallback::Null),
        at("private", Flag, Fallback::Flag(false)),
        at("description", Text(1000), Fallback::Null),
    ],
    columns: &["id", "app_id", "role_id", "user_id", "name", "value", "private"],
    children: &[],
};

static CUSTOM: Shape = Shape {
    table: "system_custom",
    audited: true,
    attributes: &[
        at("name", Text(255), Fallback::Rule),
        at("value", Open, Fallback::Null),
    ],
    columns: &["id", "name"],
    children: &[],
};

static USER_CUSTOM: Shape = Shape {
    table: "user_custom",
    columns: &["id", "user_id", "name"],
    ..CUSTOM
};

static CORS: Shape = Shape {
    table: "cors",
    audited: true,
    attributes: &[
        at("path", Text(255), Fallback::Rule),
        at("description", Text(1000), Fallback::Null),
        at("origin", Text(10_000), Fallback::Rule),
        at("header", Text(10_000), Fallback::Null),
        at("exposed_header", Text(10_000), Fallback::Null),
        at("method", Verbs, Fallback::Int(0)),
        at("max_age", Int, Fallback::Int(0)),
        at("supports_credentials", Flag, Fallback::Flag(false)),
        at("enabled", Flag, Fallback::Flag(true)),
    ],
    columns: &["id", "path"],
    children: &[],
};

static EMAIL_TEMPLATE: Shape = Shape {
    table: "email_template",
    audited: true,
    attributes: &[
        at("name", Text(64), Fallback::Rule),
        at("description", Text(1000), Fallback::Null),
        at("to", List, Fallback::Null),
        at("cc", List, Fallback::Null),
        at("bcc", List, Fallback::Null),
        at("subject", Text(255), Fallback::Null),
        at("attachment", List, Fallback::Null),
        at("body_text", Text(1_000_000), Fallback::Null),
        at("body_html", Text(1_000_000), Fallback::Null),
        at("from_name", Text(255), Fallback::Null),
        at("from_email", Text(255), Fallback::Null),
        at("reply_to_name", Text(255), Fallback::Null),
        at("reply_to_email", Text(255), Fallback::Null),
    ],
    columns: &["id", "name"],
    children: &[],
};

static EVENT_SCRIPT: Shape = Shape {
    table: "event_script",
    audited: true,
    attributes: &[
        at("name", Text(255), Fallback::Rule),
        at("type", Text(40), Fallback::Rule),
        at("is_active", Flag, Fallback::Flag(false)),
        at("allow_event_modification", Flag, Fallback::Flag(false)),
        at("content", Text(10_000_000), Fallback::Null),
        at("config", Open, Fallback::Null),
        at("storage_service_id", Int, Fallback::Null),
        at("storage_path", Text(2000), Fallback::Null),
        at("scm_repository", Text(255), Fallback::Null),
        at("scm_reference", Text(255), Fallback::Null),
    ],
    columns: &["id", "name"],
    children: &[],
};

impl Entity {
    pub(crate) fn shape(self) -> &'static Shape {
        match self {
            Entity::Service => &SERVICE,
            Entity::ServiceDoc => &SERVICE_DOC,
            Entity::Role => &ROLE,
            Entity::Access => &ACCESS,
            Entity::Group => &GROUP,
            Entity::App => &APP,
            Entity::Admin | Entity::User => &USER,
            Entity::Assignment => &ASSIGNMENT,
            Entity::Lookup => &LOOKUP,
            Entity::Custom => &CUSTOM,
            Entity::UserCustom => &USER_CUSTOM,
            Entity::Cors => &CORS,
            Entity::EmailTemplate => &EMAIL_TEMPLATE,
            Entity::EventScript => &EVENT_SCRIPT,
            Entity::Limit => &crate::limit::SHAPE,
            Entity::Task => &crate::scheduler::SHAPE,
        }
    }

    /// The rows of the table that count as this entity when it is written on its own.
    pub(crate) fn scope(self) -> Vec<Expr> {
        match self {
            Entity::Admin => vec![Expr::eq("is_sys_admin", true)],
            Entity::User => vec![Expr::eq("is_sys_admin", false)],
            Entity::Lookup => vec![is_null("app_id"), is_null("role_id"), is_null("user_id")],
            _ => Vec::new(),
        }
    }

    /// The table of the entity.
    pub fn table(self) -> &'static str {
        self.shape().table
    }
}
