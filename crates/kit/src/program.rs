//! The built program, started as its users start it.

use crate::client::Client;
use crate::guard::{Guarded, Process};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// E-mail of the first administrator.
pub const ADMIN_EMAIL: &str = "admin@example.com";
/// Password of the first administrator.
pub const ADMIN_PASSWORD: &str = "Correct-Horse-Battery-9";

const READY_LIMIT: Duration = Duration::from_secs(60);
/// Environment that would change how the program behaves.
const FOREIGN: &[&str] = &[
    "DF_", "DW_", "DB_", "APP_", "JWT_", "LOG_", "LIMIT_", "OTEL_", "FORCE_",
];

/// How to start the program.
#[derive(Debug, Default, Clone)]
pub struct Start {
    /// Environment variables.
    pub environment: Vec<(String, String)>,
    /// Further arguments of `serve`.
    pub arguments: Vec<String>,
    /// Leave the first administrator out.
    pub without_admin: bool,
}

/// A running Dreamwright with a data folder of its own. Ends, and its folder with it, when dropped.
#[derive(Debug)]
pub struct Program {
    process: Process,
    folder: PathBuf,
    start: Start,
    address: SocketAddr,
    ready_after: Duration,
}

impl Program {
    /// Starts the program with the first administrator (Oracle Admin) and waits until it answers.
    pub fn start() -> Program {
        Program::with(Start::default())
    }

    /// Starts the program in a given way.
    pub fn with(start: Start) -> Program {
        let folder = tempfile::Builder::new().prefix("dw-program-").tempdir();
        let folder = folder.expect("a temporary folder can be made");
        if !start.without_admin {
            make_admin(folder.path(), &start);
        }
        // From here on the process's guard removes it.
        let folder = folder.keep();
        let (process, address, ready_after) = launch(&folder, &start);
        Program {
            process,
            folder,
            start,
            address,
            ready_after,
        }
    }

    /// A client without credentials.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A client logged in as the first administrator.
    pub async fn admin(&self) -> Client {
        let client = self.client();
        let login = json!({"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD});
        let answer = client.post("/api/v2/system/admin/session", &login).await;
        let body = answer.json();
        let token = body.get("session_token").and_then(Value::as_str);
        let token =
            token.unwrap_or_else(|| panic!("admin login answered {}: {}", answer.status, answer.text()));
        client.with("X-DreamFactory-Session-Token", token)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// Where SQLite databases named without a path lie.
    pub fn databases(&self) -> PathBuf {
        let folder = self.data().join("databases");
        std::fs::create_dir_all(&folder).expect("the data folder can be written");
        folder
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Time from start to its first answer.
    pub fn ready_after(&self) -> Duration {
        self.ready_after
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        self.process.output()
    }

    /// Whether it still runs.
    pub fn running(&self) -> bool {
        self.process.running()
    }

    /// Resident memory in bytes; 0 when it is gone.
    pub fn memory(&self) -> u64 {
        memory(self.id())
    }

    /// Processor time it has used, user and system.
    pub fn processor_time(&self) -> Duration {
        processor_time(self.id())
    }

    /// Ends it with a signal (`KILL`, `TERM`) and starts it again on the same data, on a new port.
    pub fn restart(&mut self, signal: &str) {
        self.process.end(signal);
        (self.process, self.address, self.ready_after) = launch(&self.folder, &self.start);
    }

    /// Sends a signal and returns once it is gone.
    pub fn end(&mut self, signal: &str) {
        self.process.end(signal);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.process.end("KILL");
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Resident memory of a process in bytes; 0 when it is gone.
pub fn memory(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|l| l.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// Processor time a process has used, user and system. Linux counts it in hundredths of a second.
pub fn processor_time(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|t| t.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

fn launch(folder: &Path, start: &Start) -> (Process, SocketAddr, Duration) {
    // Found first: building it is not part of its start.
    let program = binary();
    let began = Instant::now();
    let log = folder.join("log");
    let _ = std::fs::remove_file(&log);
    let data = folder.join("data").display().to_string();
    let mut command: Vec<String> = vec![program.display().to_string(), "serve".into()];
    command.extend(["--listen".into(), "127.0.0.1:0".into(), "--data".into(), data]);
    command.extend(start.arguments.iter().cloned());
    let process = Process::start(&Guarded {
        command,
        environment: &start.environment,
        forget: FOREIGN,
        log: &log,
        folder,
        signal: "KILL",
    });
    let address = loop {
        let output = process.output();
        if let Some(address) = listening(&output) {
            break address;
        }
        if !process.running() || began.elapsed() > READY_LIMIT {
            panic!("dreamwright did not start: {output}");
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    while !ready(address) {
        if !process.running() || began.elapsed() > READY_LIMIT {
            panic!("dreamwright is not ready: {}", process.output());
        }
    }
    (process, address, began.elapsed())
}

/// The first `http://127.0.0.1:PORT` of a finished line.
fn listening(output: &str) -> Option<SocketAddr> {
    let finished = &output[..output.rfind('\n')?];
    let rest = &finished[finished.find("http://127.0.0.1:")? + "http://".len()..];
    let end = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.' && c != ':')
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches(['.', ':']).parse().ok()
}

fn ready(address: SocketAddr) -> bool {
    use std::io::{Read, Write};
    let Ok(mut stream) = std::net::TcpStream::connect(address) else {
        return false;
    };
    let request = format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
        && stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

fn make_admin(folder: &Path, start: &Start) {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars().filter(|(n, _)| FOREIGN.iter().any(|prefix| n.starts_with(prefix))) {
        command.env_remove(name);
    }
    command.envs(start.environment.iter().map(|(k, v)| (k, v)));
    command.arg("setup").arg("--data").arg(folder.join("data"));
    command.args(["--email", ADMIN_EMAIL, "--password", ADMIN_PASSWORD]);
    command.args([
        "--first-name",
        "Oracle",
        "--last-name",
        "Admin",
        "--phone",
        "5551234567",
    ]);
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{} cannot be started: {e}", binary().display()));
    if !output.status.success() {
        let text = [output.stdout, output.stderr].concat();
        panic!("dreamwright setup failed: {}", String::from_utf8_lossy(&text));
    }
}

/// The program's file: `DREAMWRIGHT_BIN`, or the one of the present build, brought up to date by cargo.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(path) = std::env::var_os("DREAMWRIGHT_BIN").filter(|p| !p.is_empty()) {
            return PathBuf::from(path);
        }
        let own = std::env::current_exe().expect("a process knows its file");
        // target/debug/golden and target/debug/deps/golden-0123 both lie below the profile's folder.
        let folder = own
            .ancestors()
            .find(|f| f.ends_with("debug") || f.ends_with("release"));
        let folder = folder
            .expect("tests are built into a profile's folder")
            .to_owned();
        if let Some(cargo) = std::env::var_os("CARGO") {
            let mut command = Command::new(cargo);
            // Together with the scenarios, whose features it shares: so nothing is built a second time.
            command.args([
                "build",
                "--quiet",
                "-p",
                "scenarios",
                "-p",
                "dreamwright",
                "--bin",
                "dreamwright",
            ]);
            // What cargo tells a test of its own package would be a reason to build dependencies anew that look at it.
            for (name, _) in std::env::vars_os() {
                let text = name.to_string_lossy();
                if text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_PKG_") {
                    command.env_remove(&name);
                }
            }
            command.current_dir(crate::workspace());
            command
                .arg("--target-dir")
                .arg(folder.parent().expect("a profile lies in a target folder"));
            if folder.ends_with("release") {
                command.arg("--release");
            }
            assert!(
                command.status().is_ok_and(|s| s.success()),
                "cargo could not build dreamwright"
            );
        }
        folder.join("dreamwright")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_from_a_finished_line() {
        let some = |port| Some(SocketAddr::from(([127, 0, 0, 1], port)));
        assert_eq!(listening("Listening on http://127.0.0.1:4321\n"), some(4321));
        assert_eq!(
            listening("x\nDreamwright is ready: http://127.0.0.1:4321/ now\n"),
            some(4321)
        );
        assert_eq!(listening("at http://127.0.0.1:4321."), None);
        assert_eq!(listening("at http://127.0.0.1:4321.\n"), some(4321));
        assert_eq!(listening(""), None);
    }

    #[test]
    fn processor_time_grows() {
        let own = std::process::id();
        let limit = Instant::now() + Duration::from_secs(10);
        while processor_time(own) == Duration::ZERO {
            assert!(Instant::now() < limit);
        }
    }
}
