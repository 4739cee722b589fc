//! Real servers of files on free ports, each with a folder of this machine.

mod ftp;
mod sftp;
mod webdav;

use crate::guard::{Guarded, Process};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Longest wait for a server to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// A running server of files; ends when it is dropped, and in any case with this process.
#[derive(Debug)]
pub struct FileServer {
    folder: PathBuf,
    port: u16,
    command: Vec<String>,
    environment: Vec<(String, String)>,
    process: Mutex<Option<Process>>,
}

impl FileServer {
    /// User that may log in.
    pub const USER: &'static str = "dw_files";
    /// The user's password.
    pub const PASSWORD: &'static str = "files_pw";

    /// Starts what `prepare` lays out in a folder for a port: the command, and what it needs in its environment.
    fn launch(
        name: &str,
        prepare: impl FnOnce(&Path, u16) -> (Vec<String>, Vec<(String, String)>),
    ) -> FileServer {
        let folder = tempfile::Builder::new().prefix(&format!("dw-{name}-")).tempdir();
        let folder = folder.expect("a temporary folder can be made").keep();
        std::fs::create_dir(folder.join("files")).expect("the folder can be written");
        let port = crate::free_port();
        let (command, environment) = prepare(&folder, port);
        let server = FileServer {
            folder,
            port,
            command,
            environment,
            process: Mutex::new(None),
        };
        server.start();
        server
    }

    /// Its port, the same after an end and a start.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of its files, on this machine.
    pub fn root(&self) -> PathBuf {
        self.folder.join("files")
    }

    /// Its own folder, with its keys.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts it when it does not run, and waits until it takes connections.
    pub fn start(&self) {
        let mut slot = self.slot();
        if slot.as_ref().is_some_and(Process::running) {
            return;
        }
        let process = Process::start(&Guarded {
            command: self.command.clone(),
            environment: &self.environment,
            forget: &[],
            log: &self.folder.join("log"),
            folder: &self.folder,
            signal: "KILL",
        });
        let limit = Instant::now() + START_LIMIT;
        while TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], self.port))).is_err() {
            if !process.running() || Instant::now() > limit {
                panic!("{} did not start: {}", self.command[0], process.output());
            }
            std::thread::yield_now();
        }
        *slot = Some(process);
    }

    /// Ends it at once, and the processes that serve its connections.
    pub fn crash(&self) {
        if let Some(process) = self.slot().as_mut() {
            process.end_family();
        }
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<Process>> {
        self.process
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Whether programs are installed; says which is not, and panics where servers are required.
fn are_installed(what: &str, programs: &[&str]) -> bool {
    let Some(missing) = programs
        .iter()
        .find(|program| crate::installed(program).is_none())
    else {
        return true;
    };
    let required = std::env::var_os("DREAMWRIGHT_REQUIRE_SERVERS").is_some_and(|v| !v.is_empty());
    assert!(!required, "{what} is required, but '{missing}' is not installed");
    crate::announce(&format!("SKIPPED {what}: '{missing}' is not installed"));
    false
}

/// The whole path of a program that is installed.
fn program(name: &str) -> String {
    let path = crate::installed(name).expect("it was looked for before");
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_crashed_listens_no_more() {
        let Some(server) = FileServer::webdav() else {
            return;
        };
        for _ in 0..10 {
            server.crash();
            let address = SocketAddr::from(([127, 0, 0, 1], server.port()));
            assert!(TcpStream::connect(address).is_err());
            server.start();
        }
    }
}
