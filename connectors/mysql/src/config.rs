//! The configuration: its fields, and what they mean for a connection.

use contract::{ConfigField, ConfigKind, ConfigSpec, Map, Problem, Settings, Value};
use mysql_async::{Opts, OptsBuilder, SslOpts};
use records::config::{statements, text};
use std::time::Duration;

/// Prepared statements that each connection keeps.
const STATEMENTS: usize = 128;

static OWN: &[ConfigField] = &[
    ConfigField::optional(
        "charset",
        "Character Set",
        ConfigKind::Text,
        "The character set of the connection. Text always travels as utf8mb4, which holds every other one.",
    ),
    ConfigField::optional(
        "collation",
        "Character Set Collation",
        ConfigKind::Text,
        "The collation of the connection, such as utf8mb4_unicode_ci. Columns keep their own.",
    ),
    ConfigField::optional(
        "timezone",
        "Timezone",
        ConfigKind::Text,
        "The time zone of the session, such as +00:00 or Europe/Berlin.",
    ),
    ConfigField::optional(
        "modes",
        "Modes",
        ConfigKind::Text,
        "The SQL modes of the session, separated by commas. Empty leaves the server's.",
    ),
    ConfigField::optional(
        "strict",
        "Use Strict Mode",
        ConfigKind::Boolean,
        "Refuse values that do not fit their column instead of changing them. Without meaning when modes are set.",
    ),
    ConfigField::optional(
        "unix_socket",
        "Socket",
        ConfigKind::Text,
        "The path of a socket to use instead of host and port.",
    ),
    ConfigField::optional(
        "ssl_mode",
        "TLS Mode",
        ConfigKind::Picklist(&[
            ("disabled", "Disabled"),
            ("preferred", "Preferred"),
            ("required", "Required"),
            ("verify_ca", "Verify the authority"),
            ("verify_identity", "Verify the authority and the host name"),
        ]),
        "Whether the connection is encrypted. Empty encrypts when the server can, or verifies the host when an \
         authority is given.",
    ),
    ConfigField::optional(
        "ssl_ca",
        "TLS Authority",
        ConfigKind::LongText,
        "The certificates of the authorities to trust, as PEM text. Empty means the well-known ones.",
    ),
];

/// The configuration fields of both service types.
pub const CONFIG: ConfigSpec = ConfigSpec {
    groups: &[
        records::config::NETWORK,
        OWN,
        records::config::CONNECTION,
        records::config::LIMITS,
    ],
};

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    /// Never.
    Off,
    /// When the server can; otherwise not.
    Preferred,
    /// Always.
    Always,
}

/// Which schemas are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Schemas {
    /// The connection's database only.
    Default,
    /// Every schema but the server's own.
    All,
    /// This one only, its tables without prefix.
    One(String),
}

/// A configuration, read.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// Where and as whom to connect, encrypted unless `tls` is `Off`.
    pub(crate) secure: Opts,
    /// The same without encryption.
    pub(crate) plain: Opts,
    pub(crate) tls: Tls,
    /// What every new connection is told first.
    pub(crate) session: String,
    /// The service's own statements after that.
    pub(crate) statements: Vec<String>,
    pub(crate) schemas: Schemas,
    pub(crate) pool_size: usize,
    pub(crate) pool_wait: Duration,
    pub(crate) connect_timeout: Duration,
}

impl Config {
    /// Reads a configuration. Does not connect. Fails with 400 for what cannot be right on any server.
    pub(crate) fn read(config: &Map<String, Value>, settings: &Settings) -> Result<Config, Problem> {
        let socket = text(config, "unix_socket");
        let (tls, ssl) = tls(text(config, "ssl_mode"), text(config, "ssl_ca"), socket.is_some());
        let (host, port, database) = place(config)?;
        let base = OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(port)
            .socket(socket)
            .user(text(config, "username"))
            .pass(text(config, "password"))
            .db_name(Some(database))
            .client_found_rows(true)
            .prefer_socket(false)
            .tcp_nodelay(true)
            .tcp_keepalive(Some(Duration::from_secs(60)))
            .stmt_cache_size(STATEMENTS)
            // Given, so that the driver does not ask for them: the pool does what they are for.
            .max_allowed_packet(Some(1 << 30))
            .wait_timeout(Some(28_800));
        Ok(Config {
            plain: Opts::from(base.clone()),
            secure: Opts::from(base.ssl_opts(ssl)),
            tls,
            session: session(config)?,
            statements: statements(config),
            schemas: schemas(text(config, "schema"), database),
            pool_size: usize::try_from(settings.pool_size).unwrap_or(usize::MAX).max(1),
            pool_wait: Duration::from_secs(settings.pool_wait),
            connect_timeout: Duration::from_secs(settings.connect_timeout),
        })
    }
}

/// Host, port and database.
fn place(config: &Map<String, Value>) -> Result<(&str, u16, &str), Problem> {
    let host = text(config, "host").or_else(|| text(config, "unix_socket").map(|_| "localhost"));
    let (Some(host), Some(database)) = (host, text(config, "database")) else {
        return Err(Problem::bad_request(
            "Database connection information must contain at least host and database name.",
        ));
    };
    Ok((unbracketed(host), records::config::port(config, 3306)?, database))
}

/// An IPv6 address may stand in brackets.
fn unbracketed(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host)
}

fn tls(mode: Option<&str>, authority: Option<&str>, socket: bool) -> (Tls, Option<SslOpts>) {
    let mode = mode.unwrap_or(if authority.is_some() {
        "verify_identity"
    } else {
        "preferred"
    });
    if socket || mode == "disabled" {
        return (Tls::Off, None);
    }
    if mode == "preferred" || mode == "required" {
        let trusting = SslOpts::default()
            .with_danger_accept_invalid_certs(true)
            .with_danger_skip_domain_validation(true);
        return (
            if mode == "required" {
                Tls::Always
            } else {
                Tls::Preferred
            },
            Some(trusting),
        );
    }
    let mut checking = SslOpts::default().with_danger_skip_domain_validation(mode == "verify_ca");
    if let Some(authority) = authority {
        let authority = authority.as_bytes().to_vec();
        checking = checking
            .with_root_certs(vec![authority.into()])
            .with_disable_built_in_roots(true);
    }
    (Tls::Always, Some(checking))
}

fn schemas(schema: Option<&str>, database: &str) -> Schemas {
    match schema.map(str::trim) {
        None | Some("" | "default") => Schemas::Default,
        Some("all") => Schemas::All,
        Some(name) if name == database => Schemas::Default,
        Some(name) => Schemas::One(name.to_owned()),
    }
}

/// The statement that sets up a session: UTF-8, and the configured modes without NO_BACKSLASH_ESCAPES, which
/// would change what a LIKE pattern means.
fn session(config: &Map<String, Value>) -> Result<String, Problem> {
    let mut set = "SET NAMES utf8mb4".to_owned();
    if let Some(collation) = plain(config, "collation", "_")?.and_then(|name| collation(&name)) {
        set.push_str(" COLLATE ");
        set.push_str(&collation);
    }
    let modes = match plain(config, "modes", "_, ")? {
        Some(modes) => Some(modes.split(',').map(str::trim).collect::<Vec<_>>().join(",")),
        None => config.get("strict").and_then(Value::as_bool).map(|strict| {
            let strictly = "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,\
                            ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";
            if strict {
                strictly.to_owned()
            } else {
                "NO_ENGINE_SUBSTITUTION".to_owned()
            }
        }),
    };
    let modes = modes.map_or("@@SESSION.sql_mode".to_owned(), |modes| format!("'{modes}'"));
    set.push_str(&format!(
        ", @@SESSION.sql_mode = REPLACE({modes}, 'NO_BACKSLASH_ESCAPES', '')"
    ));
    if let Some(zone) = plain(config, "timezone", "_+-:/ ")? {
        set.push_str(&format!(", @@SESSION.time_zone = '{zone}'"));
    }
    Ok(set)
}

/// A collation of utf8mb4: those of the narrower utf8 exist for it too, others cannot be used on a connection
/// that speaks UTF-8.
fn collation(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let rest = ["utf8mb4_", "utf8mb3_", "utf8_"]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix));
    let wide = rest.map(|rest| format!("utf8mb4_{rest}"));
    wide.or_else(|| lower.starts_with("uca1400_").then_some(lower))
}

/// A value that stands in the session statement: letters, digits and the given signs only.
fn plain(config: &Map<String, Value>, name: &str, signs: &str) -> Result<Option<String>, Problem> {
    let Some(text) = text(config, name).map(str::trim) else {
        return Ok(None);
    };
    if text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
    {
        return Ok(Some(text.to_owned()));
    }
    Err(Problem::bad_request(format!(
        "The service's configuration field '{name}' holds signs that it cannot have."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(config: Value) -> Result<Config, Problem> {
        Config::read(config.as_object().unwrap(), &Settings::default())
    }

    #[test]
    fn host_and_database_are_needed_and_nothing_else() {
        let config = read(json!({"host": "[::1]", "database": "d", "port": null, "modes": null})).unwrap();
        assert_eq!(
            (config.plain.ip_or_hostname(), config.plain.tcp_port()),
            ("::1", 3306)
        );
        assert_eq!((config.tls, config.schemas), (Tls::Preferred, Schemas::Default));
        assert!(read(json!({"unix_socket": "/s", "database": "d"})).is_ok());
        assert!(read(json!({"host": "h"})).is_err());
        assert!(read(json!({"host": "h", "database": "d", "port": 70000})).is_err());
    }

    #[test]
    fn the_session_is_set_up_without_client_text_in_it() {
        let session = |more: Value| {
            let mut config = json!({"host": "h", "database": "d"});
            config
                .as_object_mut()
                .unwrap()
                .append(&mut more.as_object().unwrap().clone());
            read(config).map(|config| config.session)
        };
        assert_eq!(
            session(
                json!({"collation": "utf8_unicode_ci", "modes": "ANSI, TRADITIONAL", "timezone": "+02:00"})
            )
            .unwrap(),
            "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci, @@SESSION.sql_mode = REPLACE('ANSI,TRADITIONAL', \
             'NO_BACKSLASH_ESCAPES', ''), @@SESSION.time_zone = '+02:00'"
        );
        assert!(session(json!({"timezone": "'; DROP TABLE t; --"})).is_err());
        assert!(session(json!({"collation": "a b"})).is_err());
    }

    #[test]
    fn an_authority_without_a_mode_is_verified() {
        let read = |mode: Value, ca: Value| {
            read(json!({"host": "h", "database": "d", "ssl_mode": mode, "ssl_ca": ca})).unwrap()
        };
        let verified = read(Value::Null, json!("PEM"));
        assert_eq!(verified.tls, Tls::Always);
        assert!(!verified.secure.ssl_opts().unwrap().accept_invalid_certs());
        assert!(
            read(json!("required"), Value::Null)
                .secure
                .ssl_opts()
                .unwrap()
                .accept_invalid_certs()
        );
        assert_eq!(read(json!("disabled"), json!("PEM")).tls, Tls::Off);
    }

    #[test]
    fn every_field_of_the_reference_is_there() {
        let names: Vec<_> = CONFIG.fields().map(|field| field.name).collect();
        assert_eq!(
            names.join(" "),
            "host port database username password schema charset collation timezone modes strict unix_socket \
             ssl_mode ssl_ca options attributes statements allow_upsert max_records cache_enabled cache_ttl"
        );
    }
}
