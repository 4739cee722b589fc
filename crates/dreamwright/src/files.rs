//! How many files, and with them connections, the process may have open.

/// Open files that are not clients: databases, their connections, the log.
const RESERVED: u64 = 1024;
/// Clients that are let in also where the system allows few files.
const LEAST: u64 = 256;
/// A connection that waits takes some kilobytes; this many take less than a gigabyte.
const MOST: u64 = 100_000;

/// Raises the limit of open files as far as the system lets us, and tells how many clients' connections fit.
pub(crate) fn connections() -> usize {
    let allowed = raised().unwrap_or(u64::MAX);
    let clients = allowed.saturating_sub(RESERVED).clamp(LEAST, MOST);
    usize::try_from(clients).unwrap_or(usize::MAX)
}

/// The limit; `None` when there is none.
#[cfg(unix)]
fn raised() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let now = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: now.maximum,
        maximum: now.maximum,
    };
    match setrlimit(Resource::Nofile, wanted) {
        Ok(()) => now.maximum,
        Err(_) => now.current,
    }
}

#[cfg(not(unix))]
fn raised() -> Option<u64> {
    None
}
