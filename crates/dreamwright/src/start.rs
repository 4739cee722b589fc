//! From options to a running instance.

use crate::data::DataFolder;
use crate::first_admin::{self, OneTimeLink};
use crate::{Environment, Refusal, clock, connectors, console, files, packages, sample, token_keys};
use contract::{ServiceType, Settings};
use http_door::{Door, Inside, Observed, Operators, Server};
use platform::Platform;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;

/// How often the instance looks for what other processes wrote into its system database.
const POLL_EVERY: Duration = Duration::from_millis(400);

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Folder of the instance's data; created when missing.
    pub data: PathBuf,
    /// Whether to provide the sample.
    pub sample: bool,
    /// Where settings come from. Tests collect one; the program loads it.
    pub environment: Environment,
}

/// A running instance. Dropping it does not end it.
pub struct Running {
    server: Server,
    operators: Option<Operators>,
    platform: Arc<Platform>,
    base: String,
    setup_link: Option<String>,
    has_console: bool,
    sample_line: Option<String>,
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Where operators find `/metrics`; `None` when there is no listener for them.
    pub fn operators(&self) -> Option<SocketAddr> {
        self.operators.as_ref().map(Operators::address)
    }

    /// `http://host:port` under which this machine reaches it.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The one-time link for the first administrator; `None` when there was one at start.
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// Whether browsers are shown the console at [`Running::base`].
    pub fn has_console(&self) -> bool {
        self.has_console
    }

    /// A command line that reads the sample; `None` without one.
    pub fn sample_line(&self) -> Option<&str> {
        self.sample_line.as_deref()
    }

    /// The platform behind the door.
    pub fn platform(&self) -> &Arc<Platform> {
        &self.platform
    }

    /// Stops accepting, lets running requests finish within the time of the settings, and ends.
    pub async fn shutdown(self) {
        self.server.shutdown().await;
    }
}

/// Starts an instance: data folder, keys, system database, first administrator, sample, platform, door.
///
/// Fails with one sentence when a setting is bad (nothing is written then), the address is taken, or the data
/// folder or system database cannot be used.
pub async fn start(options: Options) -> Result<Running, Refusal> {
    // Whichever part asks first would choose otherwise; a second start in one process changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = Arc::new(options.environment.settings()?);
    let console = console::of(&settings)?;
    let listener = http_door::bind(options.listen)
        .await
        .map_err(|e| Refusal::State(format!("{} cannot be listened on: {e}.", options.listen)))?;
    let operators = bind_operators(&settings).await?;
    let folder = DataFolder::open(&options.data)?;
    let token_keys = token_keys::of(&settings, &folder)?;
    let store = open_store(&folder, &settings).await?;
    packages::bring_in(&store, &options.environment, &settings, &folder).await?;
    let has_admin = first_admin::from_environment(&store, &settings).await?;
    let sample_key = match options.sample {
        true => sample::provide(&store, &settings, &folder).await?,
        false => None,
    };
    let shared = Arc::new(store.clone());
    let data = folder.path().to_owned();
    let platform = Platform::start(shared, service_types, Arc::clone(&settings), data, token_keys).await?;
    if let Some(counters) = connectors::shared_counters(&settings)? {
        platform.share_counters(counters);
    }
    tokio::spawn(poll(Arc::downgrade(&platform)));
    tokio::spawn(clock::run_tasks(Arc::downgrade(&platform)));

    let has_console = console.is_some();
    let mut door = Door::new(Arc::clone(&platform) as Arc<dyn Inside>, settings, crate::VERSION);
    if let Some(console) = console {
        door = door.with_console(console);
    }
    #[cfg(feature = "otlp")]
    {
        door = door.with_traces(connectors::continue_trace);
    }
    let mut link = None;
    if !has_admin {
        let once = Arc::new(OneTimeLink::new(store)?);
        link = Some(Arc::clone(&once));
        door = door.with_setup(once);
    }
    let server = Server::start(listener, Arc::new(door), files::connections())
        .map_err(|e| Refusal::State(format!("{} cannot be listened on: {e}.", options.listen)))?;
    let operators = match operators {
        None => None,
        Some(listener) => Some(
            Operators::start(listener, Arc::clone(&platform) as Arc<dyn Observed>)
                .map_err(|e| Refusal::State(format!("DW_ADMIN_LISTEN cannot be listened on: {e}.")))?,
        ),
    };
    let base = base(server.address());
    Ok(Running {
        setup_link: link.map(|link| link.link(&base)),
        sample_line: sample_key.map(|key| sample::line(&base, &platform.settings().api_route_prefix, &key)),
        server,
        operators,
        platform,
        has_console,
        base,
    })
}

/// Binds the address for operators, when there is one.
async fn bind_operators(settings: &Settings) -> Result<Option<TcpListener>, Refusal> {
    let Some(text) = &settings.admin_listen else {
        return Ok(None);
    };
    let address = text.parse().map_err(|_| {
        Refusal::Value("DW_ADMIN_LISTEN must be an address and a port, such as 127.0.0.1:9090.".into())
    })?;
    let bound = http_door::bind(address).await;
    bound
        .map(Some)
        .map_err(|e| Refusal::State(format!("{address} (DW_ADMIN_LISTEN) cannot be listened on: {e}.")))
}

/// Opens the system database of a data folder.
pub(crate) async fn open_store(folder: &DataFolder, settings: &Settings) -> Result<Store, Refusal> {
    if connectors::shares_system(settings) && settings.app_key.is_none() {
        return Err(Refusal::Value(
            "APP_KEY must be set, and be the same on every node, when DB_CONNECTION names a shared database."
                .into(),
        ));
    }
    let key = folder.app_key(settings)?;
    let database = connectors::open_system(settings, &folder.system())?;
    let dialect = database.source.dialect();
    // The store asks for configurations only; nobody builds a service from this list.
    let types = Arc::new(service_types(&Weak::new()));
    Ok(Store::open(database.source, dialect, database.ddl, key, types).await?)
}

fn service_types(platform: &Weak<Platform>) -> Vec<ServiceType> {
    let mut types = system::types(platform);
    let (surroundings, accounts) = (system::surroundings(platform), system::accounts(platform));
    types.extend(connectors::service_types(&surroundings, &accounts));
    types
}

async fn poll(platform: Weak<Platform>) {
    let mut ticks = tokio::time::interval(POLL_EVERY);
    loop {
        ticks.tick().await;
        let Some(platform) = platform.upgrade() else {
            return;
        };
        if let Err(problem) = platform.poll().await {
            tracing::warn!(cause = ?problem.source, "{problem}");
        }
    }
}

/// An address that means "everywhere" is reached at this machine's own.
fn base(address: SocketAddr) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(host, address.port()))
}
