//! Groups of configuration fields that database connectors share. The order of the form is [`NETWORK`], the
//! connector's own fields, [`CONNECTION`], [`LIMITS`].

use contract::{ConfigDefault, ConfigField, ConfigKind, Map, Problem, Value};

/// Where a database server is and who connects: `host`, `port`, `database`, `username`, `password`, `schema`.
pub static NETWORK: &[ConfigField] = &[
    ConfigField {
        required: true,
        ..ConfigField::optional(
            "host",
            "Host",
            ConfigKind::Text,
            "The name or address of the database server.",
        )
    },
    ConfigField::optional(
        "port",
        "Port Number",
        ConfigKind::Integer,
        "The port of the database server. Empty means the usual port of this kind of database.",
    ),
    ConfigField {
        required: true,
        ..ConfigField::optional(
            "database",
            "Database",
            ConfigKind::Text,
            "The name of the database. It can be a lookup key.",
        )
    },
    ConfigField {
        secret: true,
        ..ConfigField::optional(
            "username",
            "Username",
            ConfigKind::Text,
            "The database user. It can be a lookup key.",
        )
    },
    ConfigField {
        secret: true,
        ..ConfigField::optional(
            "password",
            "Password",
            ConfigKind::Password,
            "The password of the database user. It can be a lookup key.",
        )
    },
    ConfigField::optional(
        "schema",
        "Schema",
        ConfigKind::Text,
        "'all' shows every schema, 'default' only the default schema, a name only that schema. Empty is the usual of this kind of database.",
    ),
];

/// What is done with each new connection: `options`, `attributes`, `statements`. Follows the connector's own
/// fields in the form.
pub static CONNECTION: &[ConfigField] = &[
    ConfigField::optional(
        "options",
        "Driver Options",
        ConfigKind::Object,
        "Options of the driver, each a name and a value.",
    ),
    ConfigField::optional(
        "attributes",
        "Driver Attributes",
        ConfigKind::Object,
        "Attributes set after connecting, each a name and a value.",
    ),
    ConfigField::optional(
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
        default: ConfigDefault::Boolean(false),
        ..ConfigField::optional(
            "allow_upsert",
            "Allow Upsert",
            ConfigKind::Boolean,
            "Let PUT and PATCH create the records that do not exist.",
        )
    },
    ConfigField {
        default: ConfigDefault::Integer(1000),
        ..ConfigField::optional(
            "max_records",
            "Maximum Records",
            ConfigKind::Positive,
            "The greatest number of records in one answer. Zero or less means 1000.",
        )
    },
    ConfigField {
        default: ConfigDefault::Boolean(false),
        ..ConfigField::optional(
            "cache_enabled",
            "Data Retrieval Caching Enabled",
            ConfigKind::Boolean,
            "Keep the answers to reads for a while.",
        )
    },
    ConfigField {
        default: ConfigDefault::Integer(0),
        ..ConfigField::optional(
            "cache_ttl",
            "Cache Time To Live (seconds)",
            ConfigKind::Integer,
            "Seconds that answers are kept when caching is enabled.",
        )
    },
];

/// The text of a field, when it holds more than blanks.
pub fn text<'a>(config: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    config
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.trim().is_empty())
}

/// The `port`, or `usual` where it is empty. Fails with 400 when it is no port.
pub fn port(config: &Map<String, Value>, usual: u16) -> Result<u16, Problem> {
    let number = match config.get("port") {
        None | Some(Value::Null) => return Ok(usual),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(usual),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(other) => other.as_u64().and_then(|number| u16::try_from(number).ok()),
    };
    number.filter(|port| *port > 0).ok_or_else(|| {
        Problem::bad_request(
            "The service's configuration field 'port' must be a whole number from 1 to 65535.",
        )
    })
}

/// The `statements` that each new connection runs, in order.
pub fn statements(config: &Map<String, Value>) -> Vec<String> {
    let list = config.get("statements").and_then(Value::as_array);
    let texts = list.into_iter().flatten().filter_map(Value::as_str);
    texts
        .filter(|text| !text.trim().is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_the_login_and_only_the_password_is_masked() {
        let secret: Vec<_> = NETWORK.iter().filter(|f| f.secret).map(|f| f.name).collect();
        assert_eq!(secret, ["username", "password"]);
        let masked: Vec<_> = NETWORK
            .iter()
            .filter(|f| f.kind.is_masked())
            .map(|f| f.name)
            .collect();
        assert_eq!(masked, ["password"]);
    }
}
