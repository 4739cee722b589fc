//! How each kind of database server is found, laid out and started.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A kind of database server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// PostgreSQL.
    Postgres,
    /// MariaDB, or MySQL under its name.
    MariaDb,
}

/// Password of the server's own administrator (`postgres`, `root`).
pub(crate) const ADMIN_PASSWORD: &str = "admin_pw";

impl Engine {
    /// Name for people, as in `SKIPPED postgres: …`.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MariaDb => "mariadb",
        }
    }

    /// The `type` of a service that speaks to it.
    pub fn service_type(self) -> &'static str {
        match self {
            Engine::Postgres => "pgsql",
            Engine::MariaDb => "mysql",
        }
    }

    /// The server's administrator.
    pub(crate) fn admin(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MariaDb => "root",
        }
    }

    /// A program of this server, from the PATH or where packages put it.
    pub(crate) fn program(self, name: &str) -> Option<PathBuf> {
        let mut folders: Vec<PathBuf> = Vec::new();
        if self == Engine::Postgres
            && let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql")
        {
            let number = |p: &PathBuf| {
                p.file_name()
                    .and_then(|n| n.to_str())
                    .and_then(|n| n.parse::<u32>().ok())
            };
            let mut versions: Vec<PathBuf> = versions.flatten().map(|entry| entry.path()).collect();
            versions.sort_by_key(|p| std::cmp::Reverse(number(p)));
            folders.extend(versions.into_iter().map(|p| p.join("bin")));
        }
        folders.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        folders.extend(["/usr/sbin", "/usr/local/sbin", "/usr/libexec"].map(PathBuf::from));
        folders
            .into_iter()
            .map(|folder| folder.join(name))
            .find(|path| path.is_file())
    }

    /// Why it cannot be started here; none when it can.
    pub(crate) fn missing(self) -> Option<String> {
        let wanted: &[&[&str]] = match self {
            Engine::Postgres => &[&["initdb"], &["postgres"], &["psql"]],
            Engine::MariaDb => &[&["mariadb-install-db"], &["mariadbd"], &["mariadb"]],
        };
        let missing = wanted
            .iter()
            .find(|names| names.iter().all(|n| self.program(n).is_none()))?;
        Some(format!("'{}' is not installed", missing[0]))
    }

    /// Path of a program that [`Engine::missing`] has found.
    fn installed(self, name: &str) -> String {
        self.program(name)
            .expect("missing() was asked before")
            .display()
            .to_string()
    }

    /// Makes the data folder below `folder`.
    pub(crate) fn lay_out(self, folder: &Path) {
        let data = folder.join("data").display().to_string();
        let command = match self {
            Engine::Postgres => {
                let password = folder.join("password");
                std::fs::write(&password, ADMIN_PASSWORD).expect("the folder can be written");
                let account = Account::for_servers(self);
                account.give(&password);
                let file = format!("--pwfile={}", password.display());
                let options = [
                    "-U",
                    "postgres",
                    "-A",
                    "scram-sha-256",
                    "-E",
                    "UTF8",
                    "--locale=C.UTF-8",
                    "--no-sync",
                ];
                let mut command = vec![self.installed("initdb"), "-D".into(), data, file];
                command.extend(options.map(String::from));
                command
            }
            Engine::MariaDb => vec![
                self.installed("mariadb-install-db"),
                "--no-defaults".into(),
                format!("--datadir={data}"),
                "--auth-root-authentication-method=normal".into(),
                "--skip-test-db".into(),
            ],
        };
        let command = Account::for_servers(self).run(command);
        // A folder for temporary tables of its own: servers that share /tmp remove each other's.
        let temporary = folder.join("tmp");
        std::fs::create_dir_all(&temporary).expect("the folder can be written");
        Account::for_servers(self).give(&temporary);
        let mut laying = Command::new(&command[0]);
        laying
            .args(&command[1..])
            .current_dir(folder)
            .env("TMPDIR", &temporary);
        let output = laying.output();
        let output = output.unwrap_or_else(|e| panic!("{} cannot be laid out: {e}", self.name()));
        if !output.status.success() {
            let text = String::from_utf8_lossy(&output.stderr);
            panic!("{} cannot be laid out: {text}", self.name());
        }
    }

    /// The command line of the server: durable in nothing, small in everything.
    pub(crate) fn serve(self, folder: &Path, port: u16) -> Vec<String> {
        let data = folder.join("data").display().to_string();
        let command = match self {
            Engine::Postgres => {
                let mut command = vec![
                    self.installed("postgres"),
                    "-D".into(),
                    data,
                    "-p".into(),
                    port.to_string(),
                ];
                let settings = [
                    "listen_addresses=127.0.0.1",
                    "unix_socket_directories=",
                    "fsync=off",
                    "full_page_writes=off",
                    "shared_buffers=64MB",
                    "max_connections=300",
                    "timezone=UTC",
                    "autovacuum=off",
                ];
                command.extend(settings.iter().flat_map(|s| ["-c".to_owned(), (*s).to_owned()]));
                command
            }
            Engine::MariaDb => {
                let mut command = vec![
                    self.installed("mariadbd"),
                    "--no-defaults".into(),
                    format!("--datadir={data}"),
                    format!("--port={port}"),
                    format!("--socket={}", folder.join("s").display()),
                    format!("--pid-file={}", folder.join("pid").display()),
                    format!("--tmpdir={}", folder.join("tmp").display()),
                ];
                let settings = [
                    "--bind-address=127.0.0.1",
                    "--skip-name-resolve",
                    "--skip-log-bin",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--innodb-doublewrite=0",
                    "--innodb-use-native-aio=0",
                    "--innodb-buffer-pool-size=64M",
                    "--innodb-log-file-size=16M",
                    "--performance-schema=off",
                    "--max-connections=300",
                    "--character-set-server=utf8mb4",
                    "--collation-server=utf8mb4_general_ci",
                    "--default-time-zone=+00:00",
                    "--log-bin-trust-function-creators=1",
                ];
                command.extend(settings.map(String::from));
                command
            }
        };
        Account::for_servers(self).run(command)
    }

    /// The client that runs SQL from its standard input, and its environment.
    pub(crate) fn client(self, port: u16, user: &str, password: &str, database: &str) -> Command {
        match self {
            Engine::Postgres => {
                let mut command = Command::new(self.installed("psql"));
                command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]);
                command.args(["-p", &port.to_string(), "-U", user, "-d", database]);
                command.env("PGPASSWORD", password).env("PGCONNECT_TIMEOUT", "10");
                command
            }
            Engine::MariaDb => {
                let mut command = Command::new(self.installed("mariadb"));
                command.args(["--no-defaults", "-N", "-B", "--protocol=tcp", "-h", "127.0.0.1"]);
                command.args([
                    "-P",
                    &port.to_string(),
                    "-u",
                    user,
                    "--default-character-set=utf8mb4",
                ]);
                command.arg(database).env("MYSQL_PWD", password);
                command
            }
        }
    }

    /// The database that always exists.
    pub(crate) fn home(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
            Engine::MariaDb => "mysql",
        }
    }

    /// Signal that ends it at once without leaving anything behind.
    pub(crate) fn quick_end(self) -> &'static str {
        match self {
            Engine::Postgres => "QUIT",
            Engine::MariaDb => "KILL",
        }
    }
}

/// The account a server runs as: database servers refuse to be root.
pub(crate) struct Account {
    switch: Option<(&'static str, u32, u32)>,
}

impl Account {
    /// The account for an engine: the present one, or when that is root the package's own (or `nobody`).
    pub(crate) fn for_servers(engine: Engine) -> Account {
        if id(&["-u"]) != Some(0) {
            return Account { switch: None };
        }
        let own = match engine {
            Engine::Postgres => "postgres",
            Engine::MariaDb => "mysql",
        };
        let switch = [own, "nobody"]
            .into_iter()
            .find_map(|name| Some((name, id(&["-u", name])?, id(&["-g", name])?)));
        Account { switch }
    }

    /// The command, run as this account.
    pub(crate) fn run(&self, command: Vec<String>) -> Vec<String> {
        let Some((_, user, group)) = self.switch else {
            return command;
        };
        let mut whole: Vec<String> = vec![
            "setpriv".into(),
            format!("--reuid={user}"),
            format!("--regid={group}"),
        ];
        whole.push("--clear-groups".into());
        whole.extend(command);
        whole
    }

    /// Gives a file or folder to this account.
    pub(crate) fn give(&self, path: &Path) {
        if let Some((_, user, group)) = self.switch {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("root may give files away");
        }
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().parse().ok())
        .flatten()
}
