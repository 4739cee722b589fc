//! The test kit: real servers, the real program and a small HTTP client for tests and the bench.
//!
//! Invariants: nothing here is a mock. Every process started here dies with the process that started it, a
//! SIGKILL included (see [`guard`]); every folder is temporary and every port is a free one. A server that is not
//! installed is told by name (`SKIPPED …`) and is an error when `DREAMWRIGHT_REQUIRE_SERVERS` is set, so that
//! a test run on a prepared machine cannot be green because it tested nothing.
//!
//! Tests may panic; so may the kit: its functions panic with a sentence when the machine does not let them work.

mod balancer;
pub mod client;
mod engine;
mod file_server;
pub mod guard;
mod mail;
mod memcached;
mod openid;
pub mod program;
mod redis;
mod remote_server;
mod server;
mod slapd;

pub use balancer::Balancer;
pub use client::{Answer, Client};
pub use engine::Engine;
pub use file_server::FileServer;
pub use mail::{MailSink, REFUSED, Received};
pub use memcached::Memcached;
pub use openid::{CertifiedProvider, OpenIdProvider, Signature, Ways};
pub use program::{Program, Start};
pub use redis::Redis;
pub use remote_server::{Asked, RemoteServer, Reply};
pub use server::{Database, Server, mariadb, postgres};
pub use slapd::Slapd;

use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// A TCP port of this machine that nothing listens on right now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the machine has a free port");
    listener
        .local_addr()
        .expect("a bound listener has an address")
        .port()
}

/// The file of a program, where packages put servers; none when it is not installed.
pub(crate) fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/bin"].map(|folder| Path::new(folder).to_owned()))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// The folder of the workspace that is being tested: that of the crate which cargo runs, or the present one, or
/// the nearest above it with a lock file. Asked while running, because a build kept outside of the clone may have
/// been made for another clone.
pub fn workspace() -> PathBuf {
    let start = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(
        || std::env::current_dir().expect("there is a current folder"),
        PathBuf::from,
    );
    start
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file())
        .expect("the tests run inside the workspace")
        .to_owned()
}

/// Writes a line that the test harness does not swallow when the test passes.
pub fn announce(line: &str) {
    use std::io::Write;
    // The harness captures the print macros only; a failed write to a closed stderr is nobody's business.
    let _ = writeln!(std::io::stderr(), "{line}");
}
