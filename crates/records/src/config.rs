//! Groups of configuration fields that database connectors share. The order of the form is [`NETWORK`], the
//! connector's own fields, [`CONNECTION`], [`LIMITS`].

use contract::{ConfigDefault, ConfigField, ConfigKind};

/// A field that may be left out, without a default.
const fn optional(
    name: &'static str,
    label: &'static str,
    kind: ConfigKind,
    description: &'static str,
) -> ConfigField {
    ConfigField {
        name,
        label,
        kind,
        required: false,
        default: ConfigDefault::None,
        secret: false,
        description,
    }
}

/// Where a database server is and who connects: `host`, `port`, `database`, `username`, `password`, `schema`.
pub static NETWORK: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..optional(
            "host",
            "Host",
            ConfigKind::Text,
            "The name or address of the database server.",
        )
    },
    optional(
        "port",
        "Port Number",
        ConfigKind::Integer,
        "The port of the database server. Empty means the usual port of this kind of database.",
    ),
    ConfigField {
        required: true,
        ..optional(
            "database",
            "Database",
            ConfigKind::Text,
            "The name of the database. It can be a lookup key.",
        )
    },
    ConfigField {
        secret: true,
        ..optional(
            "username",
            "Username",
            ConfigKind::Text,
            "The database user. It can be a lookup key.",
        )
    },
    ConfigField {
        secret: true,
        ..optional(
            "password",
            "Password",
            ConfigKind::Password,
            "The password of the database user. It can be a lookup key.",
        )
    },
    optional(
        "schema",
        "Schema",
        ConfigKind::Text,
        "'all' shows every schema, 'default' only the default schema, a name only that schema. Empty is the usual of this kind of database.",
    ),
];

/// What is done with each new connection: `options`, `attributes`, `statements`. Follows the connector's own
/// fields in the form.
pub static CONNECTION: &[ConfigField] = &[
    optional(
        "options",
        "Driver Options",
        ConfigKind::Object,
        "Options of the driver, each a name and a value.",
    ),
    optional(
        "attributes",
        "Driver Attributes",
        ConfigKind::Object,
        "Attributes set after connecting, each a name and a value.",
    ),
    optional(
        "statements",
        "Additional SQL Statements",
        ConfigKind::Array,
        "SQL statements run on each new connection, in order.",
    ),
];

/// What clients may do and how many records they get: `allow_upsert`, `max_records`, `cache_enabled`,
/// `cache_ttl`. Every database service has them.
pub static LIMITS: &[ConfigField] = &[
    ConfigField {
        name: "allow_upsert",
        label: "Allow Upsert",
        kind: ConfigKind::Boolean,
        required: false,
        default: ConfigDefault::Boolean(false),
        secret: false,
        description: "Let PUT and PATCH create the records that do not exist.",
    },
    ConfigField {
        name: "max_records",
        label: "Maximum Records",
        kind: ConfigKind::Positive,
        required: false,
        default: ConfigDefault::Integer(1000),
        secret: false,
        description: "The greatest number of records in one answer. Zero or less means 1000.",
    },
    ConfigField {
        name: "cache_enabled",
        label: "Data Retrieval Caching Enabled",
        kind: ConfigKind::Boolean,
        required: false,
        default: ConfigDefault::Boolean(false),
        secret: false,
        description: "Keep the answers to reads for a while.",
    },
    ConfigField {
        name: "cache_ttl",
        label: "Cache Time To Live (seconds)",
        kind: ConfigKind::Integer,
        required: false,
        default: ConfigDefault::Integer(0),
        secret: false,
        description: "Seconds that answers are kept when caching is enabled.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_the_login_and_only_the_password_is_masked() {
        let secret: Vec<_> = NETWORK.iter().filter(|f| f.secret).map(|f| f.name).collect();
        assert_eq!(secret, ["username", "password"]);
        let masked: Vec<_> = NETWORK
            .iter()
            .filter(|f| f.kind == ConfigKind::Password)
            .map(|f| f.name)
            .collect();
        assert_eq!(masked, ["password"]);
    }
}
