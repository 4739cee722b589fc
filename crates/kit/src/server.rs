//! Real database servers on free ports, and fresh databases in them.

use crate::engine::{ADMIN_PASSWORD, Account, Engine};
use crate::guard::{Guarded, Process};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

/// Longest wait for a server to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The PostgreSQL server that all tests of this process share; none when it is not installed.
pub fn postgres() -> Option<Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED.get_or_init(|| Server::own(Engine::Postgres)).clone()
}

/// The MariaDB server that all tests of this process share; none when it is not installed.
pub fn mariadb() -> Option<Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED.get_or_init(|| Server::own(Engine::MariaDb)).clone()
}

/// A running database server. Clones are the same server; it ends when the last one is dropped, and in any
/// case with this process.
#[derive(Debug, Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    engine: Engine,
    folder: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
    databases: AtomicU32,
}

impl Drop for Inner {
    fn drop(&mut self) {
        let slot = self
            .process
            .get_mut()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        drop(slot.take());
        // A server that was stopped before has left its folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Server {
    /// User of the databases made here.
    pub const USER: &'static str = "df";
    /// Its password.
    pub const PASSWORD: &'static str = "df_pw";

    /// Starts a server of one's own, for tests that stop it. None, with a `SKIPPED` line, when it is not installed.
    pub fn own(engine: Engine) -> Option<Server> {
        if let Some(reason) = engine.missing() {
            let required = std::env::var_os("DREAMWRIGHT_REQUIRE_SERVERS").is_some_and(|v| !v.is_empty());
            assert!(!required, "{} is required, but {reason}", engine.name());
            crate::announce(&format!("SKIPPED {}: {reason}", engine.name()));
            return None;
        }
        let folder = tempfile::Builder::new()
            .prefix(&format!("dw-{}-", engine.name()))
            .tempdir();
        let folder = folder.expect("a temporary folder can be made").keep();
        Account::for_servers(engine).give(&folder);
        engine.lay_out(&folder);
        let inner = Inner {
            engine,
            folder,
            port: crate::free_port(),
            process: Mutex::new(None),
            databases: AtomicU32::new(0),
        };
        let server = Server {
            inner: Arc::new(inner),
        };
        server.start();
        server.make_user();
        Some(server)
    }

    /// Its kind.
    pub fn engine(&self) -> Engine {
        self.inner.engine
    }

    /// Its host.
    pub fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// Its port, the same after a stop and a start.
    pub fn port(&self) -> u16 {
        self.inner.port
    }

    /// Starts it when it does not run, and waits until it answers.
    pub fn start(&self) {
        let mut slot = self.slot();
        if slot.as_ref().is_some_and(Process::running) {
            return;
        }
        let Inner {
            engine, folder, port, ..
        } = &*self.inner;
        let log = folder.join("log");
        let _ = std::fs::remove_file(folder.join(".abandoned"));
        let process = Process::start(&Guarded {
            command: engine.serve(folder, *port),
            environment: &[],
            forget: &["PG", "MYSQL"],
            log: &log,
            folder,
            signal: engine.quick_end(),
        });
        let limit = Instant::now() + START_LIMIT;
        while self.admin("SELECT 1", engine.home()).is_err() {
            if !process.running() || Instant::now() > limit {
                panic!("{} did not start: {}", engine.name(), process.output());
            }
            std::thread::yield_now();
        }
        *slot = Some(process);
    }

    /// Stops it in order: running statements are cancelled, connections are closed.
    pub fn stop(&self) {
        self.end(match self.inner.engine {
            Engine::Postgres => "INT",
            Engine::MariaDb => "TERM",
        });
    }

    /// Ends it at once, as a crash would.
    pub fn crash(&self) {
        self.end(self.inner.engine.quick_end());
    }

    fn end(&self, signal: &str) {
        let mut slot = self.slot();
        if let Some(process) = slot.as_mut() {
            process.end(signal);
        }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Process>> {
        self.inner
            .process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A fresh, empty database with a name of its own that begins with `hint`.
    pub fn database(&self, hint: &str) -> Database {
        let number = self.inner.databases.fetch_add(1, Ordering::Relaxed);
        self.database_named(&format!("{hint}_{number}"))
    }

    /// A fresh, empty database of exactly this name; an older one of the name is dropped.
    pub fn database_named(&self, name: &str) -> Database {
        let user = Server::USER;
        let statements = match self.inner.engine {
            Engine::Postgres => vec![
                format!("DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)"),
                format!("CREATE DATABASE \"{name}\" OWNER {user}"),
            ],
            Engine::MariaDb => vec![
                format!("DROP DATABASE IF EXISTS `{name}`"),
                format!("CREATE DATABASE `{name}`"),
                format!("GRANT ALL ON `{name}`.* TO '{user}'@'%'"),
            ],
        };
        for statement in statements {
            self.admin(&statement, self.inner.engine.home())
                .unwrap_or_else(|e| panic!("database {name}: {e}"));
        }
        Database {
            server: self.clone(),
            name: name.to_owned(),
        }
    }

    fn make_user(&self) {
        let (user, password) = (Server::USER, Server::PASSWORD);
        let statement = match self.inner.engine {
            Engine::Postgres => format!("CREATE ROLE {user} LOGIN CREATEDB PASSWORD '{password}'"),
            Engine::MariaDb => format!("CREATE USER '{user}'@'%' IDENTIFIED BY '{password}'"),
        };
        self.admin(&statement, self.inner.engine.home())
            .expect("the administrator can make a user");
    }

    /// Runs SQL as the server's administrator.
    pub fn admin(&self, sql: &str, database: &str) -> Result<String, String> {
        let password = if self.inner.engine == Engine::Postgres {
            ADMIN_PASSWORD
        } else {
            ""
        };
        run(
            self,
            self.inner.engine.admin(),
            password,
            database,
            sql.as_bytes(),
        )
    }
}

/// A database of a [`Server`], owned by [`Server::USER`].
#[derive(Debug, Clone)]
pub struct Database {
    server: Server,
    name: String,
}

impl Database {
    /// The server it lies on.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Host of the server.
    pub fn host(&self) -> &'static str {
        self.server.host()
    }

    /// Port of the server.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// User that owns it.
    pub fn user(&self) -> &'static str {
        Server::USER
    }

    /// Password of the user.
    pub fn password(&self) -> &'static str {
        Server::PASSWORD
    }

    /// `postgres://…` or `mysql://…`.
    pub fn url(&self) -> String {
        let scheme = match self.server.engine() {
            Engine::Postgres => "postgres",
            Engine::MariaDb => "mysql",
        };
        format!(
            "{scheme}://{}:{}@{}:{}/{}",
            self.user(),
            self.password(),
            self.host(),
            self.port(),
            self.name
        )
    }

    /// Runs SQL text through the server's own client and returns what it printed: a row a line, cells separated
    /// by `|` (PostgreSQL) or a tab (MariaDB). Panics with the server's words when a statement fails.
    pub fn run(&self, sql: &str) -> String {
        run(
            &self.server,
            self.user(),
            self.password(),
            &self.name,
            sql.as_bytes(),
        )
        .unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    /// Loads a file of SQL through the server's own client, which understands `DELIMITER` and `\` commands.
    pub fn load(&self, file: &Path) {
        let sql = std::fs::read(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        run(&self.server, self.user(), self.password(), &self.name, &sql)
            .unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    }
}

fn run(server: &Server, user: &str, password: &str, database: &str, sql: &[u8]) -> Result<String, String> {
    let mut command = server.engine().client(server.port(), user, password, database);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    let mut stdin = child.stdin.take().expect("its input is piped");
    let sql = sql.to_vec();
    // A client that fails early closes its input; its own message says more than our broken pipe.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&sql)));
    let output = child.wait_with_output().map_err(|e| e.to_string())?;
    let _ = writer.join();
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_start_serve_stop_and_come_back() {
        for engine in [Engine::Postgres, Engine::MariaDb] {
            let Some(server) = Server::own(engine) else {
                continue;
            };
            let database = server.database("kit");
            database.run("CREATE TABLE t (a INT); INSERT INTO t VALUES (41), (42);");
            server.stop();
            assert!(server.admin("SELECT 1", engine.home()).is_err());
            server.start();
            assert_eq!(database.run("SELECT COUNT(*) FROM t").trim(), "2");
            server.crash();
            server.start();
            let fresh = server.database_named(database.name());
            assert!(
                run(
                    &server,
                    fresh.user(),
                    fresh.password(),
                    fresh.name(),
                    b"SELECT * FROM t"
                )
                .is_err()
            );
            let folder = server.inner.folder.clone();
            drop((database, fresh, server));
            assert!(!folder.exists());
        }
    }
}
