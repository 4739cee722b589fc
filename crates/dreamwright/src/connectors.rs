//! The only list of vendors in the house.

use crate::Refusal;
use contract::{Counters, ServiceType, Settings};
use records::SqlSource;
use std::path::Path;
use std::sync::Arc;
use store::Ddl;

/// Name of the service type of the embedded database, in which the sample lies.
pub(crate) const EMBEDDED: &str = "sqlite";

/// How the store writes column types in the embedded database.
pub(crate) const EMBEDDED_DDL: Ddl = Ddl::FLEXIBLE;

/// The service types that were built in. `surroundings` is what e-mail services need of the instance, `accounts` what
/// login services need.
#[cfg_attr(
    not(all(feature = "smtp", feature = "heroku", feature = "oauth")),
    allow(unused_variables, reason = "only e-mail and login services need them")
)]
pub(crate) fn service_types(
    surroundings: &Arc<dyn messaging::Surroundings>,
    accounts: &Arc<dyn identity::Accounts>,
) -> Vec<ServiceType> {
    let groups: &[&dyn Fn() -> Vec<ServiceType>] = &[
        #[cfg(feature = "sqlite")]
        &|| vec![sqlite::service_type()],
        #[cfg(feature = "postgres")]
        &postgres::service_types,
        #[cfg(feature = "mysql")]
        &mysql::service_types,
        #[cfg(feature = "local-cache")]
        &|| vec![local_cache::service_type()],
        #[cfg(feature = "redis")]
        &|| vec![redis::service_type()],
        #[cfg(feature = "memcached")]
        &|| vec![memcached::service_type()],
        #[cfg(feature = "local-disk")]
        &|| vec![local_disk::service_type()],
        #[cfg(feature = "ldap")]
        &ldap::service_types,
        #[cfg(feature = "heroku")]
        &|| vec![heroku::service_type(accounts)],
        #[cfg(feature = "oauth")]
        &|| oauth::service_types(accounts),
        #[cfg(feature = "remote-http")]
        &|| vec![remote_http::service_type()],
        #[cfg(feature = "soap")]
        &|| vec![soap::service_type()],
        #[cfg(feature = "source-control")]
        &source_control::service_types,
        #[cfg(feature = "sftp")]
        &|| vec![sftp::service_type()],
        #[cfg(feature = "ftp")]
        &|| vec![ftp::service_type()],
        #[cfg(feature = "webdav")]
        &|| vec![webdav::service_type()],
        #[cfg(feature = "logstash")]
        &|| vec![logstash::service_type()],
        #[cfg(feature = "smtp")]
        &|| smtp::service_types(surroundings),
        #[cfg(feature = "mailgun")]
        &|| vec![mailgun::service_type(surroundings)],
        #[cfg(feature = "ses")]
        &|| vec![ses::service_type(surroundings)],
    ];
    groups.iter().flat_map(|types| types()).collect()
}

/// Counters of rate limits that several nodes share; none when the settings say that each node counts for itself.
#[cfg(feature = "redis")]
pub(crate) fn shared_counters(settings: &Settings) -> Result<Option<Arc<dyn Counters>>, Refusal> {
    if settings.limit_cache_driver != "redis" {
        return Ok(None);
    }
    let counters = redis::RedisCounters::new(settings).map_err(Refusal::Value)?;
    Ok(Some(Arc::new(counters)))
}

/// Refuses what this build does not have.
#[cfg(not(feature = "redis"))]
pub(crate) fn shared_counters(settings: &Settings) -> Result<Option<Arc<dyn Counters>>, Refusal> {
    match settings.limit_cache_driver.as_str() {
        "redis" => Err(Refusal::Value(
            "LIMIT_CACHE_DRIVER is 'redis', but this build lacks the feature 'redis'.".into(),
        )),
        _ => Ok(None),
    }
}

#[cfg(feature = "otlp")]
pub(crate) use otlp::{Traces, continue_trace};

/// The way of traces to a collector; none when the settings name no collector.
#[cfg(feature = "otlp")]
pub(crate) fn traces(settings: &Settings) -> Result<Option<Traces>, Refusal> {
    Traces::start(settings).map_err(Refusal::Value)
}

/// What stands for traces in a build without them: there is never one.
#[cfg(not(feature = "otlp"))]
#[derive(Debug)]
pub(crate) enum Traces {}

#[cfg(not(feature = "otlp"))]
impl Traces {
    pub(crate) fn layer(&self) -> tracing_subscriber::layer::Identity {
        match *self {}
    }

    pub(crate) async fn end(self) {
        match self {}
    }
}

/// Refuses what this build does not have.
#[cfg(not(feature = "otlp"))]
pub(crate) fn traces(settings: &Settings) -> Result<Option<Traces>, Refusal> {
    match settings.traces_endpoint {
        Some(_) => Err(Refusal::Value(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is set, but this build lacks the feature 'otlp'.".into(),
        )),
        None => Ok(None),
    }
}

/// A system database: where it is, and how the store writes column types there.
pub(crate) struct SystemDatabase {
    pub(crate) source: Arc<dyn SqlSource>,
    pub(crate) ddl: Ddl,
}

/// Opens a system database as the settings say.
type Opener = fn(&Settings) -> Result<SystemDatabase, contract::Problem>;

/// Whether the settings name a system database that other nodes use as well.
pub(crate) fn shares_system(settings: &Settings) -> bool {
    kind(settings).is_some()
}

/// The kind of system database that the settings name; `None` for the embedded one.
fn kind(settings: &Settings) -> Option<&str> {
    let kind = settings.db_connection.as_deref().map(str::trim);
    kind.filter(|kind| !kind.is_empty() && !kind.eq_ignore_ascii_case(EMBEDDED))
}

/// The system database that the settings name; `file` is the embedded one. Does not connect.
pub(crate) fn open_system(settings: &Settings, file: &Path) -> Result<SystemDatabase, Refusal> {
    let Some(kind) = kind(settings) else {
        return Ok(SystemDatabase {
            source: open_embedded(file)?,
            ddl: EMBEDDED_DDL,
        });
    };
    let openers: &[(&str, Opener)] = &[
        #[cfg(feature = "postgres")]
        ("pgsql", |settings| {
            let tls = ("sslmode", settings.db_tls.as_deref());
            Ok(SystemDatabase {
                source: Arc::new(postgres::Source::new(&place(settings, tls), &pool(settings))?),
                ddl: POSTGRES_DDL,
            })
        }),
        #[cfg(feature = "mysql")]
        ("mysql", mysql_system),
        #[cfg(feature = "mysql")]
        ("mariadb", mysql_system),
    ];
    let opener = openers.iter().find(|(name, _)| name.eq_ignore_ascii_case(kind));
    let Some((_, open)) = opener else {
        let names: Vec<&str> = std::iter::once(EMBEDDED)
            .chain(openers.iter().map(|(name, _)| *name))
            .collect();
        return Err(Refusal::Value(format!(
            "DB_CONNECTION must be one of {}, but it is '{kind}'.",
            names.join(", ")
        )));
    };
    open(settings).map_err(|problem| Refusal::Value(format!("The settings DB_… cannot be used: {problem}")))
}

#[cfg(feature = "mysql")]
fn mysql_system(settings: &Settings) -> Result<SystemDatabase, contract::Problem> {
    let mode = match settings.db_tls.as_deref() {
        Some("disable") => "disabled",
        Some("require") => "required",
        Some("verify-ca") => "verify_ca",
        Some("verify-full") => "verify_identity",
        _ => "preferred",
    };
    let config = place(settings, ("ssl_mode", Some(mode)));
    Ok(SystemDatabase {
        source: Arc::new(mysql::Source::new(
            &config,
            &pool(settings),
            "the system database",
        )?),
        ddl: MYSQL_DDL,
    })
}

/// Column types of PostgreSQL.
#[cfg(feature = "postgres")]
const POSTGRES_DDL: Ddl = Ddl {
    key: "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    integer: "BIGINT",
    boolean: "BOOLEAN",
    name: "TEXT",
    text: "TEXT",
    shared: true,
};

/// Column types of MySQL and MariaDB. Text is compared sign by sign, as in the other databases.
#[cfg(feature = "mysql")]
const MYSQL_DDL: Ddl = Ddl {
    key: "BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    integer: "BIGINT",
    boolean: "BOOLEAN",
    name: "VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    text: "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    shared: true,
};

/// The configuration of a source for the system database.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn place(settings: &Settings, tls: (&str, Option<&str>)) -> contract::Map<String, contract::Value> {
    let port = (settings.db_port != 0).then_some(settings.db_port);
    [
        ("host", settings.db_host.clone().into()),
        ("port", port.into()),
        ("database", settings.db_database.clone().into()),
        ("username", settings.db_username.clone().into()),
        ("password", settings.db_password.clone().into()),
        (tls.0, tls.1.map(str::to_owned).into()),
    ]
    .into_iter()
    .map(|(name, value): (&str, contract::Value)| (name.to_owned(), value))
    .collect()
}

/// Migrations hold one connection while they use others.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn pool(settings: &Settings) -> Settings {
    Settings {
        pool_size: settings.pool_size.max(4),
        ..settings.clone()
    }
}

/// How addresses of databases begin, and the kind of connection that they ask for.
const SCHEMES: [(&str, &str); 5] = [
    ("mysql", "mysql"),
    ("mariadb", "mariadb"),
    ("postgres", "pgsql"),
    ("postgresql", "pgsql"),
    ("pgsql", "pgsql"),
];

/// The original's system database on a server, by an address such as `mysql://user:password@host:3306/database`. Does
/// not connect.
pub(crate) fn open_original(address: &str, settings: &Settings) -> Result<Arc<dyn SqlSource>, Refusal> {
    let wrong = || {
        Refusal::Value(
            "The address of a database must be like mysql://user:password@host:3306/database.".into(),
        )
    };
    let (scheme, rest) = address.split_once("://").ok_or_else(wrong)?;
    let (_, kind) = SCHEMES
        .iter()
        .find(|(name, _)| scheme.eq_ignore_ascii_case(name))
        .ok_or_else(wrong)?;
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (server, database) = rest.split_once('/').ok_or_else(wrong)?;
    let (login, place) = server.rsplit_once('@').unwrap_or(("", server));
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
        None => (place, 0),
    };
    let decoded = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        Some(text.into_owned()).filter(|text| !text.is_empty())
    };
    if host.is_empty() || database.is_empty() {
        return Err(wrong());
    }
    let settings = Settings {
        db_connection: Some((*kind).to_owned()),
        db_host: decoded(host),
        db_port: port,
        db_database: decoded(database).unwrap_or_default(),
        db_username: decoded(user),
        db_password: decoded(password),
        ..settings.clone()
    };
    Ok(open_system(&settings, Path::new(""))?.source)
}

/// The original's system database in a file, on connections that cannot write.
#[cfg(feature = "sqlite")]
pub(crate) fn open_original_file(file: &Path) -> Result<Arc<dyn SqlSource>, Refusal> {
    let open = sqlite::Open {
        statements: vec!["PRAGMA query_only = ON".into()],
        ..sqlite::Open::new(file)
    };
    let database = sqlite::Sqlite::open(open)
        .map_err(|e| Refusal::State(format!("The database {} cannot be opened: {e}.", file.display())))?;
    Ok(Arc::new(database))
}

/// Refuses: this build has no embedded database.
#[cfg(not(feature = "sqlite"))]
pub(crate) fn open_original_file(file: &Path) -> Result<Arc<dyn SqlSource>, Refusal> {
    open_embedded(file)
}

/// Opens a file as embedded database: the system database, or the sample.
#[cfg(feature = "sqlite")]
pub(crate) fn open_embedded(file: &Path) -> Result<Arc<dyn SqlSource>, Refusal> {
    let database = sqlite::Sqlite::open(sqlite::Open::new(file))
        .map_err(|e| Refusal::State(format!("The database {} cannot be opened: {e}.", file.display())))?;
    Ok(Arc::new(database))
}

/// Refuses: this build has no embedded database.
#[cfg(not(feature = "sqlite"))]
pub(crate) fn open_embedded(_: &Path) -> Result<Arc<dyn SqlSource>, Refusal> {
    Err(Refusal::State(
        "This build has no embedded database; build it with the feature 'sqlite'.".into(),
    ))
}
