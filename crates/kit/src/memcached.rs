//! A real Memcached server on a free port.

use crate::guard::{Guarded, Process};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Longest wait for the server to listen after its start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running Memcached server; ends when it is dropped, and in any case with this process.
#[derive(Debug)]
pub struct Memcached {
    port: u16,
    process: Process,
    _folder: tempfile::TempDir,
}

impl Memcached {
    /// Starts a server of one's own. None, with a `SKIPPED` line, when it is not installed.
    pub fn own() -> Option<Memcached> {
        let Some(program) = crate::installed("memcached") else {
            crate::announce("SKIPPED memcached: 'memcached' is not installed");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("dw-memcached-").tempdir();
        let folder = folder.expect("a temporary folder can be made");
        let port = crate::free_port();
        let process = Process::start(&Guarded {
            command: vec![
                program.display().to_string(),
                "-l".into(),
                "127.0.0.1".into(),
                "-p".into(),
                port.to_string(),
                // It refuses to run as root unless it is told as whom instead.
                "-u".into(),
                "nobody".into(),
            ],
            environment: &[],
            forget: &["MEMCACHED"],
            log: &folder.path().join("log"),
            folder: folder.path(),
            signal: "KILL",
        });
        let limit = Instant::now() + START_LIMIT;
        while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).is_err() {
            if !process.running() || Instant::now() > limit {
                panic!("memcached did not start: {}", process.output());
            }
            std::thread::yield_now();
        }
        Some(Memcached {
            port,
            process,
            _folder: folder,
        })
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it at once.
    pub fn crash(&mut self) {
        self.process.end("KILL");
    }
}
