//! The configuration of a PostgreSQL service: what people fill in, and what a connection needs.

use crate::tls::Mode;
use contract::{ConfigField, ConfigKind, ConfigSpec, Map, Problem, Settings, Value};
use std::time::Duration;

/// All configuration fields in the order of the form.
pub const CONFIG: ConfigSpec = ConfigSpec {
    groups: &[
        records::config::NETWORK,
        OWN,
        records::config::CONNECTION,
        records::config::LIMITS,
    ],
};

static OWN: &[ConfigField] = &[
    ConfigField::text(
        "charset",
        "Character Set",
        "Accepted for compatibility: connections always use UTF-8, and the server converts.",
    ),
    ConfigField::text(
        "sslmode",
        "SSL Mode",
        "Encryption: disable, prefer (the default), require, verify-ca or verify-full.",
    ),
    ConfigField {
        kind: ConfigKind::LongText,
        ..ConfigField::text(
            "sslrootcert",
            "SSL Root Certificate",
            "Certificates to trust for verify-ca and verify-full: PEM text or a file. Empty means the public authorities.",
        )
    },
    ConfigField::text(
        "timezone",
        "Timezone",
        "The time zone of the session. Empty means the server's own.",
    ),
    ConfigField::text(
        "application_name",
        "Application Name",
        "The name shown in pg_stat_activity.",
    ),
];

/// Which schemas a service shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Schemas {
    /// All but the system's; names outside [`Schemas::DEFAULT`] carry their schema.
    All,
    /// One, its names without prefix.
    Only(String),
}

impl Schemas {
    /// The schema whose names are never prefixed.
    pub(crate) const DEFAULT: &'static str = "public";
}

/// A service's configuration, read and checked. Its `Debug` is not derived: it holds a password.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) schemas: Schemas,
    /// Whether the connection's search path is the one schema that was named.
    pub(crate) named_schema: bool,
    pub(crate) mode: Mode,
    pub(crate) root: Option<String>,
    pub(crate) timezone: Option<String>,
    pub(crate) application: Option<String>,
    pub(crate) statements: Vec<String>,
    pub(crate) pool_size: usize,
    pub(crate) pool_wait: Duration,
    pub(crate) connect_timeout: Duration,
    pub(crate) statement_timeout: Duration,
}

impl Options {
    /// Reads a complete configuration. Fails with 400 when host, database, port or mode are missing or wrong.
    pub(crate) fn read(config: &Map<String, Value>, settings: &Settings) -> Result<Options, Problem> {
        let text = |name: &str| records::config::text(config, name);
        let owned = |name: &str| text(name).map(str::to_owned);
        let (Some(host), Some(database)) = (text("host"), owned("database")) else {
            return Err(Problem::bad_request(
                "Database connection information must contain at least host and database name.",
            ));
        };
        let mode = Mode::parse(text("sslmode").unwrap_or_default()).ok_or_else(|| {
            Problem::bad_request(
                "'sslmode' must be one of disable, prefer, require, verify-ca and verify-full.",
            )
        })?;
        let schema = text("schema").map_or("", str::trim);
        let (schemas, named_schema) = match schema.to_ascii_lowercase().as_str() {
            "" | "all" => (Schemas::All, false),
            "default" => (Schemas::Only(Schemas::DEFAULT.to_owned()), false),
            _ => (Schemas::Only(schema.to_owned()), true),
        };
        Ok(Options {
            host: host.trim().to_owned(),
            port: records::config::port(config, 5432)?,
            database,
            username: owned("username"),
            password: owned("password"),
            schemas,
            named_schema,
            mode,
            root: owned("sslrootcert"),
            timezone: owned("timezone"),
            application: owned("application_name"),
            statements: records::config::statements(config),
            pool_size: usize::try_from(settings.pool_size).unwrap_or(usize::MAX).max(1),
            pool_wait: Duration::from_secs(settings.pool_wait),
            connect_timeout: Duration::from_secs(settings.connect_timeout),
            statement_timeout: Duration::from_secs(settings.request_timeout),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(config: Value) -> Result<Options, Problem> {
        let Value::Object(config) = config else {
            panic!("an object")
        };
        Options::read(&config, &Settings::default())
    }

    #[test]
    fn host_and_database_are_needed_and_the_rest_has_defaults() {
        let options = read(json!({"host": " db ", "database": "d", "port": "", "schema": "ALL"}))
            .unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (options.host.as_str(), options.port, options.mode),
            ("db", 5432, Mode::Prefer)
        );
        assert_eq!(options.schemas, Schemas::All);
        for bad in [
            json!({"host": "db"}),
            json!({"host": "db", "database": " "}),
            json!({"host": "db", "database": "d", "port": 70000}),
            json!({"host": "db", "database": "d", "sslmode": "maybe"}),
        ] {
            assert_eq!(read(bad).map(|_| ()).map_err(|p| p.status()), Err(400));
        }
    }

    #[test]
    fn a_named_schema_is_the_search_path() {
        for (schema, shown, named) in [("default", "public", false), ("Sales", "Sales", true)] {
            let options = read(json!({"host": "db", "database": "d", "schema": schema}))
                .unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(
                (options.schemas, options.named_schema),
                (Schemas::Only(shown.into()), named)
            );
        }
    }
}
