//! One new connection: encryption, session settings, the administrator's own statements.

use crate::config::Options;
use crate::dialect::DIALECT;
use crate::tls::Mode;
use deadpool_postgres::Connect;
use futures_util::future::BoxFuture;
use sql::Dialect;
use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, Error, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Makes connections for the pool.
#[derive(Clone)]
pub(crate) struct Connector {
    pub(crate) tls: MakeRustlsConnect,
    mode: Mode,
    setup: Arc<Setup>,
}

struct Setup {
    session: String,
    statements: Vec<String>,
    /// Whether the sessions' time zone is UTC. All connections of a pool are set up alike.
    utc: AtomicBool,
}

impl Connector {
    pub(crate) fn new(options: &Options, tls: MakeRustlsConnect) -> Connector {
        let setup = Setup {
            session: session(options),
            statements: options.statements.clone(),
            utc: AtomicBool::new(false),
        };
        Connector {
            tls,
            mode: options.mode,
            setup: Arc::new(setup),
        }
    }

    /// Whether the sessions' time zone is UTC; known after the first connection.
    pub(crate) fn utc(&self) -> bool {
        self.setup.utc.load(Ordering::Relaxed)
    }

    async fn open(&self, config: &Config) -> Result<(Client, JoinHandle<()>), Error> {
        let (client, connection) = match config.connect(self.tls.clone()).await {
            Err(error) if self.mode == Mode::Prefer && plain_may_work(&error) => {
                let mut plain = config.clone();
                plain.ssl_mode(SslMode::Disable);
                plain.connect(self.tls.clone()).await?
            }
            other => other?,
        };
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a database connection ended");
            }
        });
        match self.prepare(&client).await {
            Ok(()) => Ok((client, task)),
            Err(error) => {
                task.abort();
                Err(error)
            }
        }
    }

    /// Takes back what a routine may have changed in the session: temporary tables, cursors held open, locks, the
    /// role, settings. Prepared statements stay.
    pub(crate) async fn renew(&self, client: &Client) -> Result<(), Error> {
        let text = "CLOSE ALL; UNLISTEN *; SELECT pg_catalog.pg_advisory_unlock_all(); DISCARD TEMP; \
                    RESET SESSION AUTHORIZATION; RESET ALL";
        client.batch_execute(text).await?;
        self.prepare(client).await
    }

    async fn prepare(&self, client: &Client) -> Result<(), Error> {
        client.batch_execute(&self.setup.session).await?;
        for statement in &self.setup.statements {
            client.batch_execute(statement).await?;
        }
        let answer = client.simple_query("SHOW TimeZone").await?;
        let zone = answer.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        self.setup.utc.store(zone.is_some_and(is_utc), Ordering::Relaxed);
        Ok(())
    }
}

impl Connect for Connector {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let config = config.clone();
        Box::pin(async move { self.open(&config).await })
    }
}

/// What the driver needs to reach the server.
pub(crate) fn target(options: &Options) -> Config {
    let mut config = Config::new();
    config
        .host(&options.host)
        .port(options.port)
        .dbname(&options.database);
    config.connect_timeout(options.connect_timeout);
    if let Some(username) = &options.username {
        config.user(username);
    }
    if let Some(password) = &options.password {
        config.password(password);
    }
    if let Some(name) = &options.application {
        config.application_name(name);
    }
    // A socket file needs no encryption.
    let local = options.host.starts_with('/');
    config.ssl_mode(match options.mode {
        _ if local => SslMode::Disable,
        Mode::Disable => SslMode::Disable,
        Mode::Prefer => SslMode::Prefer,
        Mode::Require | Mode::VerifyCa | Mode::VerifyFull => SslMode::Require,
    });
    config
}

/// The settings of each session. Dates must come in ISO form for the casts to text.
fn session(options: &Options) -> String {
    let mut text = format!(
        "SET statement_timeout = {}; SET datestyle = ISO",
        options.statement_timeout.as_millis()
    );
    if let Some(zone) = &options.timezone {
        text.push_str("; SET timezone = ");
        DIALECT.quote(zone, &mut text);
    }
    if let (crate::config::Schemas::Only(schema), true) = (&options.schemas, options.named_schema) {
        text.push_str("; SET search_path = ");
        DIALECT.quote(schema, &mut text);
    }
    text
}

/// Whether `prefer` goes on without encryption: the handshake failed, or the server lets this user in only without.
fn plain_may_work(error: &Error) -> bool {
    let handshake = error.source().and_then(|cause| cause.downcast_ref::<io::Error>());
    let handshake = handshake
        .and_then(io::Error::get_ref)
        .is_some_and(|cause| cause.is::<rustls::Error>());
    handshake || error.code().is_some_and(|code| code.code() == "28000")
}

fn is_utc(zone: &str) -> bool {
    let zone = zone.to_ascii_lowercase();
    let name = zone.strip_prefix("etc/").unwrap_or(&zone);
    matches!(
        name,
        "utc" | "uct" | "gmt" | "zulu" | "universal" | "greenwich" | "gmt0" | "gmt+0" | "gmt-0"
    )
}
