//! The tables of the system database as data, and their text for one database.

mod resources;

use sql::Dialect;

/// How column types are written. Given at start beside the dialect, so that the store names no vendor.
#[derive(Debug, Clone, Copy)]
pub struct Ddl {
    /// A whole-number primary key that numbers itself and never gives out a number twice, `NOT NULL` included.
    pub key: &'static str,
    /// A whole number of 64 bits.
    pub integer: &'static str,
    /// A truth value.
    pub boolean: &'static str,
    /// Text that can stand in an index.
    pub name: &'static str,
    /// Text of any length.
    pub text: &'static str,
    /// Whether other processes may open the database at the same moment, so that its first start needs a lock.
    pub shared: bool,
}

impl Ddl {
    /// For databases with flexible typing, in which an `INTEGER PRIMARY KEY` numbers itself.
    pub const FLEXIBLE: Ddl = Ddl {
        key: "INTEGER PRIMARY KEY AUTOINCREMENT",
        integer: "INTEGER",
        boolean: "BOOLEAN",
        name: "TEXT",
        text: "TEXT",
        shared: false,
    };
}

/// Kinds of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    /// The primary key `id`.
    Key,
    /// A whole number.
    Integer,
    /// A truth value.
    Boolean,
    /// Text in an index.
    Name,
    /// Text.
    Text,
}

/// A column; `required` means NOT NULL.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    pub(crate) required: bool,
}

pub(crate) const fn key() -> Column {
    Column {
        name: "id",
        kind: Type::Key,
        required: true,
    }
}

pub(crate) const fn must(name: &'static str, kind: Type) -> Column {
    Column {
        name,
        kind,
        required: true,
    }
}

pub(crate) const fn may(name: &'static str, kind: Type) -> Column {
    Column {
        name,
        kind,
        required: false,
    }
}

/// A table with its indexes; the first member of an index says whether it is unique.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [Column],
    /// Whether it has the four columns that tell who wrote a row and when.
    pub(crate) audited: bool,
    pub(crate) indexes: &'static [(bool, &'static [&'static str])],
}

const AUDIT: &[Column] = &[
    must("created_date", Type::Text),
    must("last_modified_date", Type::Text),
    may("created_by_id", Type::Integer),
    may("last_modified_by_id", Type::Integer),
];

use Type::{Boolean, Integer, Name, Text};

pub(crate) const MIGRATION: Table = Table {
    name: "schema_migration",
    columns: &[
        must("number", Integer),
        must("name", Text),
        must("applied_date", Text),
    ],
    audited: false,
    indexes: &[(true, &["number"])],
};

/// Its one row is held by the process that migrates, where several can. Apart from the table of migrations, so that
/// holding it keeps nobody from writing there.
pub(crate) const LOCK: Table = Table {
    name: "schema_lock",
    columns: &[must("number", Integer)],
    audited: false,
    indexes: &[],
};

/// What a step of [`MIGRATIONS`] makes.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Makes {
    /// Tables with their indexes.
    Tables(&'static [Table]),
    /// An index over columns of a table that is there.
    Index(&'static str, &'static [&'static str]),
}

impl Makes {
    /// The statements that make it.
    pub(crate) fn statements(self, ddl: &Ddl, dialect: &dyn Dialect) -> Vec<String> {
        match self {
            Makes::Tables(tables) => tables
                .iter()
                .flat_map(|table| table.create(ddl, dialect))
                .collect(),
            Makes::Index(table, members) => vec![index(table, false, members, dialect)],
        }
    }
}

/// Each step is applied once, in order of its number; a number may come later than a greater one. A released step is
/// never changed: add another.
pub(crate) const MIGRATIONS: &[(i64, &str, Makes)] = &[
    (1, "policy and identity", Makes::Tables(FIRST)),
    (
        TEMPLATES,
        "settings, templates and scripts",
        Makes::Tables(resources::SECOND),
    ),
    (10, "rate limits", Makes::Tables(crate::limit::TABLES)),
    (11, "audit", Makes::Tables(crate::audit::TABLES)),
    (20, "extras of database services", Makes::Tables(EXTRAS)),
    (30, "login attempts", Makes::Tables(crate::attempt::TABLES)),
    (40, "scheduled tasks", Makes::Tables(crate::scheduler::TABLES)),
    (50, "history of a record", Makes::Index("audit", &["record_id"])),
    (60, "login services", Makes::Tables(crate::login::TABLES)),
];

/// The step after which the e-mail templates are put in.
pub(crate) const TEMPLATES: i64 = 2;

const FIRST: &[Table] = &[
    Table {
        name: "instance",
        columns: &[
            must("id", Integer),
            must("generation", Integer),
            must("instance_id", Text),
            must("key_check", Text),
        ],
        audited: false,
        indexes: &[(true, &["id"])],
    },
    Table {
        name: "service",
        columns: &[
            key(),
            must("name", Text),
            must("name_key", Name),
            must("label", Text),
            may("description", Text),
            must("is_active", Boolean),
            must("type", Text),
            must("mutable", Boolean),
            must("deletable", Boolean),
            must("config", Text),
            may("secrets", Text),
        ],
        audited: true,
        indexes: &[(true, &["name_key"])],
    },
    Table {
        name: "service_doc",
        columns: &[
            key(),
            must("service_id", Integer),
            must("format", Integer),
            may("content", Text),
        ],
        audited: true,
        indexes: &[(true, &["service_id"])],
    },
    Table {
        name: "role",
        columns: &[
            key(),
            must("name", Text),
            must("name_key", Name),
            may("description", Text),
            must("is_active", Boolean),
        ],
        audited: true,
        indexes: &[(true, &["name_key"])],
    },
    Table {
        name: "role_service_access",
        columns: &[
            key(),
            must("role_id", Integer),
            may("service_id", Integer),
            may("component", Text),
            must("verb_mask", Integer),
            must("requestor_mask", Integer),
            may("filters", Text),
            must("filter_op", Text),
        ],
        audited: true,
        indexes: &[(false, &["role_id"]), (false, &["service_id"])],
    },
    Table {
        name: "app",
        columns: &[
            key(),
            must("name", Text),
            must("name_key", Name),
            must("api_key", Name),
            may("description", Text),
            must("is_active", Boolean),
            must("type", Integer),
            may("path", Text),
            may("url", Text),
            may("storage_service_id", Integer),
            may("storage_container", Text),
            must("requires_fullscreen", Boolean),
            must("allow_fullscreen_toggle", Boolean),
            must("toggle_location", Text),
            may("role_id", Integer),
        ],
        audited: true,
        indexes: &[(true, &["name_key"]), (true, &["api_key"])],
    },
    Table {
        name: "user",
        columns: &[
            key(),
            must("name", Text),
            must("username", Text),
            must("username_key", Name),
            may("ldap_username", Text),
            may("first_name", Text),
            may("last_name", Text),
            may("last_login_date", Text),
            must("email", Text),
            must("email_key", Name),
            may("password", Text),
            must("is_sys_admin", Boolean),
            must("is_active", Boolean),
            may("phone", Text),
            may("security_question", Text),
            may("security_answer", Text),
            may("confirm_code", Text),
            must("confirmed", Boolean),
            may("default_app_id", Integer),
            may("adldap", Text),
            may("oauth_provider", Text),
            may("saml", Text),
            must("token_epoch", Integer),
        ],
        audited: true,
        indexes: &[(true, &["email_key"]), (true, &["username_key"])],
    },
    Table {
        name: "user_to_app_to_role",
        columns: &[
            key(),
            must("user_id", Integer),
            must("app_id", Integer),
            must("role_id", Integer),
        ],
        audited: false,
        indexes: &[(true, &["user_id", "app_id"])],
    },
    Table {
        name: "lookup",
        columns: &[
            key(),
            may("app_id", Integer),
            may("role_id", Integer),
            may("user_id", Integer),
            must("name", Text),
            must("name_key", Name),
            may("value", Text),
            must("private", Boolean),
            may("description", Text),
        ],
        audited: true,
        indexes: &[(false, &["name_key"])],
    },
    Table {
        name: "revoked_token",
        columns: &[
            must("jti", Name),
            must("user_id", Integer),
            must("expires_at", Integer),
        ],
        audited: false,
        indexes: &[(true, &["jti"]), (false, &["expires_at"])],
    },
];

const EXTRAS: &[Table] = &[
    Table {
        name: "db_table_extras",
        columns: &[
            key(),
            must("service_id", Integer),
            must("table", Text),
            may("alias", Text),
            may("label", Text),
            may("plural", Text),
            may("name_field", Text),
            may("model", Text),
            may("description", Text),
        ],
        audited: true,
        indexes: &[(false, &["service_id"])],
    },
    Table {
        name: "db_field_extras",
        columns: &[
            key(),
            must("service_id", Integer),
            must("table", Text),
            must("field", Text),
            may("alias", Text),
            may("label", Text),
            may("extra_type", Text),
            may("description", Text),
            may("picklist", Text),
            may("validation", Text),
            may("client_info", Text),
            may("db_function", Text),
            must("is_virtual", Boolean),
            must("is_aggregate", Boolean),
        ],
        audited: true,
        indexes: &[(false, &["service_id"])],
    },
    Table {
        name: "db_relationship_extras",
        columns: &[
            key(),
            must("service_id", Integer),
            must("table", Text),
            must("relationship", Text),
            may("alias", Text),
            may("label", Text),
            may("description", Text),
            must("always_fetch", Boolean),
            must("flatten", Boolean),
            must("flatten_drop_prefix", Boolean),
        ],
        audited: true,
        indexes: &[(false, &["service_id"])],
    },
    Table {
        name: "db_virtual_relationship",
        columns: &[
            key(),
            must("type", Text),
            must("service_id", Integer),
            must("table", Text),
            must("field", Text),
            must("ref_service_id", Integer),
            must("ref_table", Text),
            must("ref_field", Text),
            may("ref_on_update", Text),
            may("ref_on_delete", Text),
            may("junction_service_id", Integer),
            may("junction_table", Text),
            may("junction_field", Text),
            may("junction_ref_field", Text),
        ],
        audited: true,
        indexes: &[
            (false, &["service_id"]),
            (false, &["ref_service_id"]),
            (false, &["junction_service_id"]),
        ],
    },
];

/// Whether a column holds truth values, which databases give back as numbers.
pub(crate) fn is_flag(table: &str, column: &str) -> bool {
    let tables = MIGRATIONS.iter().flat_map(|(.., makes)| match makes {
        Makes::Tables(tables) => *tables,
        Makes::Index(..) => &[],
    });
    tables
        .filter(|known| known.name == table)
        .flat_map(|known| known.columns)
        .any(|known| known.name == column && matches!(known.kind, Boolean))
}

impl Table {
    /// All columns, those that tell who wrote a row last.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = &'static Column> {
        let audit: &'static [Column] = if self.audited { AUDIT } else { &[] };
        self.columns.iter().chain(audit)
    }

    /// The statements that create the table and its indexes.
    pub(crate) fn create(&self, ddl: &Ddl, dialect: &dyn Dialect) -> Vec<String> {
        let quoted = |name: &str| quoted(name, dialect);
        let columns: Vec<String> = self
            .all_columns()
            .map(|column| {
                let kind = match column.kind {
                    Type::Key => return format!("{} {}", quoted(column.name), ddl.key),
                    Type::Integer => ddl.integer,
                    Type::Boolean => ddl.boolean,
                    Type::Name => ddl.name,
                    Type::Text => ddl.text,
                };
                format!(
                    "{} {kind}{}",
                    quoted(column.name),
                    if column.required { " NOT NULL" } else { "" }
                )
            })
            .collect();
        let mut statements = vec![format!(
            "CREATE TABLE {} ({})",
            quoted(self.name),
            columns.join(", ")
        )];
        for (unique, members) in self.indexes {
            statements.push(index(self.name, *unique, members, dialect));
        }
        statements
    }
}

fn quoted(name: &str, dialect: &dyn Dialect) -> String {
    let mut out = String::new();
    dialect.quote(name, &mut out);
    out
}

/// The statement that makes an index over columns of a table.
fn index(table: &str, unique: bool, members: &[&str], dialect: &dyn Dialect) -> String {
    let list: Vec<String> = members.iter().map(|member| quoted(member, dialect)).collect();
    format!(
        "CREATE {}INDEX {} ON {} ({})",
        if unique { "UNIQUE " } else { "" },
        quoted(&format!("{table}_{}", members.join("_")), dialect),
        quoted(table, dialect),
        list.join(", ")
    )
}
