//! The command line.

use crate::data::DataFolder;
use crate::{Environment, Options, Refusal, config, connectors, content, logging, start};
use clap::{Args, Parser, Subcommand};
use std::io::{BufRead, IsTerminal};
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use store::NewAdmin;

/// Turns databases into secured REST APIs.
#[derive(Debug, Parser)]
#[command(name = "dreamwright", version, about)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve(Serve),
    /// Create the first administrator.
    Setup(Setup),
    /// Print all settings: names, present values, defaults and meanings.
    Config(Data),
    /// Write the instance's content into a folder of text files.
    Export(Folder),
    /// Show what `apply` would change.
    Plan(Change),
    /// Make the instance as a folder says.
    Apply(Change),
    /// Tell by the exit code (3) whether the instance differs from a folder.
    Drift(Folder),
    /// Bring over what a package or the original's system database holds.
    Import(Import),
}

#[derive(Debug, Args)]
pub(crate) struct Data {
    /// Folder of the instance's data; created when missing.
    #[arg(long = "data", value_name = "FOLDER", default_value = "data")]
    pub(crate) folder: PathBuf,
}

/// A folder of files and an instance.
#[derive(Debug, Args)]
pub(crate) struct Folder {
    #[command(flatten)]
    pub(crate) data: Data,
    /// File of secrets, sealed with the passphrase in DW_SECRETS_PASSPHRASE. `export` writes it, the others read it.
    #[arg(long, value_name = "FILE")]
    pub(crate) secrets: Option<PathBuf>,
    /// Folder of the files.
    #[arg(value_name = "FOLDER")]
    pub(crate) files: PathBuf,
}

/// A folder that an instance is to be like.
#[derive(Debug, Args)]
pub(crate) struct Change {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Also delete what the folder does not have.
    #[arg(long)]
    pub(crate) delete: bool,
}

/// Something to bring over.
#[derive(Debug, Args)]
pub(crate) struct Import {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Change what exists already; it is left as it is otherwise.
    #[arg(long)]
    pub(crate) overwrite: bool,
    /// Show what would be done, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// The original's APP_KEY, which opens its secrets. Other users of this machine may see it in the list of
    /// processes: set DW_ORIGINAL_APP_KEY instead.
    #[arg(long, value_name = "KEY")]
    pub(crate) app_key: Option<String>,
    /// Password of a secured package; better set in DW_PACKAGE_PASSWORD.
    #[arg(long)]
    pub(crate) password: Option<String>,
    /// A package, an SQLite file, or an address such as mysql://user:password@host:3306/database.
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,
}

#[derive(Debug, Args)]
struct Serve {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    listen: SocketAddr,
    #[command(flatten)]
    data: Data,
    /// Provide a sample database, and an API key that may read it.
    #[arg(long)]
    sample: bool,
}

#[derive(Debug, Args)]
struct Setup {
    #[command(flatten)]
    data: Data,
    /// E-mail to log in with.
    #[arg(long)]
    email: String,
    /// Password of at least 16 characters. Other users of this machine may see it in the list of processes: leave
    /// it out to take it from DW_ADMIN_PASSWORD or from standard input.
    #[arg(long)]
    password: Option<String>,
    /// First name.
    #[arg(long)]
    first_name: Option<String>,
    /// Last name.
    #[arg(long)]
    last_name: Option<String>,
    /// Display name.
    #[arg(long)]
    name: Option<String>,
    /// Login name, if not the e-mail.
    #[arg(long)]
    username: Option<String>,
    /// Telephone.
    #[arg(long)]
    phone: Option<String>,
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let found = text.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.ok_or_else(|| "it must be an address and a port, such as 127.0.0.1:8080".into())
}

/// Does what the command line says. Serving returns after a signal ended it.
pub fn run(arguments: Arguments) -> Result<(), Refusal> {
    match arguments.command {
        Command::Config(data) => {
            print!("{}", config::listing(&Environment::load(&data.folder)?)?);
            Ok(())
        }
        Command::Serve(serve) => runtime()?.block_on(self::serve(serve)),
        Command::Setup(setup) => runtime()?.block_on(self::setup(setup)),
        Command::Export(folder) => runtime()?.block_on(content::export(folder)),
        Command::Plan(change) => runtime()?.block_on(content::plan(change)),
        Command::Apply(change) => runtime()?.block_on(content::apply(change)),
        Command::Drift(folder) => runtime()?.block_on(content::drift(folder)),
        Command::Import(import) => runtime()?.block_on(content::import(import)),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Refusal> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Refusal::State(format!("The system refuses to start threads: {e}.")))
}

async fn serve(serve: Serve) -> Result<(), Refusal> {
    let mut end = ending()?;
    let environment = Environment::load(&serve.data.folder)?;
    let settings = environment.settings()?;
    let traces = connectors::traces(&settings)?;
    let _log = logging::start(&settings, traces.as_ref());
    let options = Options {
        listen: serve.listen,
        data: serve.data.folder,
        sample: serve.sample,
        environment,
    };
    let running = tokio::select! {
        running = start(options) => running?,
        () = end.signal() => return Ok(()),
    };
    println!("Dreamwright {} listens on {}", crate::VERSION, running.base());
    match running.has_console() {
        true => println!("The console is at {}/", running.base()),
        false => println!("This program does not include the console; the API works without it."),
    }
    if let Some(address) = running.operators() {
        println!("Metrics for operators are at http://{address}/metrics");
    }
    if let Some(link) = running.setup_link() {
        println!("There is no administrator yet. Create one here, once: {link}");
    }
    if let Some(line) = running.sample_line() {
        println!("Try the sample:\n  {line}");
    }
    end.signal().await;
    tracing::info!("shutting down");
    running.shutdown().await;
    if let Some(traces) = traces {
        traces.end().await;
    }
    Ok(())
}

async fn setup(setup: Setup) -> Result<(), Refusal> {
    let environment = Environment::load(&setup.data.folder)?;
    let settings = environment.settings()?;
    let _log = logging::start(&settings, None);
    let folder = DataFolder::open(&setup.data.folder)?;
    let store = crate::start::open_store(&folder, &settings).await?;
    if store.admin_exists().await? {
        return Err(Refusal::State("There is an administrator already.".into()));
    }
    let password = match setup.password.or(settings.admin_password) {
        Some(password) => password,
        None => read_password()?,
    };
    let admin = NewAdmin {
        email: setup.email,
        password,
        name: setup.name,
        username: setup.username,
        first_name: setup.first_name,
        last_name: setup.last_name,
        phone: setup.phone,
    };
    store.create_first_admin(admin).await?;
    println!("The administrator was created.");
    Ok(())
}

/// One line of standard input.
fn read_password() -> Result<String, Refusal> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password (at least 16 characters; it will be visible): ");
    }
    let mut line = String::new();
    input
        .lock()
        .read_line(&mut line)
        .map_err(|e| Refusal::State(format!("The password cannot be read: {e}.")))?;
    let password = line.trim_end_matches(['\r', '\n']);
    match password.is_empty() {
        true => Err(Refusal::Value(
            "A password is needed: --password, DW_ADMIN_PASSWORD or standard input.".into(),
        )),
        false => Ok(password.to_owned()),
    }
}

/// The signals that end the program.
struct Ending {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

fn ending() -> Result<Ending, Refusal> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listen = |kind| {
            signal(kind).map_err(|e| Refusal::State(format!("The system refuses to tell of signals: {e}.")))
        };
        Ok(Ending {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }
    #[cfg(not(unix))]
    Ok(Ending {})
}

impl Ending {
    async fn signal(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
        let arguments =
            Arguments::parse_from(["dreamwright", "serve", "--listen", "127.0.0.1:0", "--sample"]);
        assert!(matches!(
            arguments.command,
            Command::Serve(Serve { sample: true, .. })
        ));
        assert!(Arguments::try_parse_from(["dreamwright", "serve", "--listen", "nowhere"]).is_err());
    }
}
