//! A real Redis server on a free port.

use crate::guard::{Guarded, Process};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Longest wait for the server to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running Redis server with a password; ends when it is dropped, and in any case with this process.
#[derive(Debug)]
pub struct Redis {
    folder: PathBuf,
    port: u16,
    process: Mutex<Option<Process>>,
}

impl Redis {
    /// Password of its default user.
    pub const PASSWORD: &'static str = "redis_pw";

    /// Starts a server of one's own. None, with a `SKIPPED` line, when it is not installed.
    pub fn own() -> Option<Redis> {
        if crate::installed("redis-server").is_none() {
            let required = std::env::var_os("DREAMWRIGHT_REQUIRE_SERVERS").is_some_and(|v| !v.is_empty());
            assert!(
                !required,
                "redis is required, but 'redis-server' is not installed"
            );
            crate::announce("SKIPPED redis: 'redis-server' is not installed");
            return None;
        }
        let folder = tempfile::Builder::new().prefix("dw-redis-").tempdir();
        let server = Redis {
            folder: folder.expect("a temporary folder can be made").keep(),
            port: crate::free_port(),
            process: Mutex::new(None),
        };
        server.start();
        Some(server)
    }

    /// Its port, the same after an end and a start.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The settings that make the program count there.
    pub fn environment(&self) -> Vec<(String, String)> {
        [
            ("LIMIT_CACHE_DRIVER", "redis".to_owned()),
            ("LIMIT_CACHE_HOST", "127.0.0.1".to_owned()),
            ("LIMIT_CACHE_PORT", self.port.to_string()),
            ("LIMIT_CACHE_PASSWORD", Redis::PASSWORD.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// Starts it when it does not run, and waits until it answers. It remembers nothing of before.
    pub fn start(&self) {
        let mut slot = self.slot();
        if slot.as_ref().is_some_and(Process::running) {
            return;
        }
        let program = crate::installed("redis-server").expect("it was looked for before");
        let options = [
            ("--bind", "127.0.0.1".to_owned()),
            ("--port", self.port.to_string()),
            ("--requirepass", Redis::PASSWORD.to_owned()),
            ("--save", String::new()),
            ("--appendonly", "no".to_owned()),
            ("--dir", self.folder.display().to_string()),
        ];
        let mut command = vec![program.display().to_string()];
        command.extend(
            options
                .into_iter()
                .flat_map(|(name, value)| [name.to_owned(), value]),
        );
        let process = Process::start(&Guarded {
            command,
            environment: &[],
            forget: &["REDIS"],
            log: &self.folder.join("log"),
            folder: &self.folder,
            signal: "KILL",
        });
        let limit = Instant::now() + START_LIMIT;
        while self.run("PING") != "+PONG" {
            if !process.running() || Instant::now() > limit {
                panic!("redis did not start: {}", process.output());
            }
            std::thread::yield_now();
        }
        *slot = Some(process);
    }

    /// Ends it at once.
    pub fn crash(&self) {
        if let Some(process) = self.slot().as_mut() {
            process.end("KILL");
        }
    }

    /// Stops it so that it accepts connections but answers nothing, until [`Redis::resume`].
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Lets a frozen server go on.
    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        if let Some(process) = self.slot().as_ref() {
            let id = process.id().to_string();
            let sent = std::process::Command::new("kill")
                .args(["-s", name, &id])
                .status();
            assert!(
                sent.is_ok_and(|status| status.success()),
                "the signal can be sent"
            );
        }
    }

    /// The first line that the server answers to a command without blanks in its words; empty when it does not answer.
    pub fn run(&self, command: &str) -> String {
        self.exchange(command).unwrap_or_default()
    }

    fn exchange(&self, command: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], self.port)))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(format!("AUTH {}\r\n{command}\r\nQUIT\r\n", Redis::PASSWORD).as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.lines().nth(1).unwrap_or_default().to_owned())
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Process>> {
        self.process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
