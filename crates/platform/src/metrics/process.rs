//! What the operating system tells of this process.

use std::time::{Instant, SystemTime};

/// Numbers of the process; `None` where the operating system does not tell.
#[derive(Debug, Clone, Copy)]
pub struct Process {
    /// When it started.
    pub started: SystemTime,
    /// Seconds since then.
    pub uptime: u64,
    /// Bytes in memory.
    pub memory: Option<u64>,
    /// Threads.
    pub threads: Option<u64>,
    /// Open files and connections.
    pub files: Option<u64>,
    /// Seconds of processor time, user and system.
    pub cpu_seconds: Option<f64>,
}

impl Process {
    /// Asks the operating system.
    pub(super) fn now(started: Instant) -> Process {
        let uptime = started.elapsed();
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        let files = std::fs::read_dir("/proc/self/fd").ok();
        Process {
            started: SystemTime::now()
                .checked_sub(uptime)
                .unwrap_or(SystemTime::UNIX_EPOCH),
            uptime: uptime.as_secs(),
            memory: field("VmRSS:").map(|kilobytes| kilobytes * 1024),
            threads: field("Threads:"),
            files: files.map(|files| files.count() as u64),
            cpu_seconds: cpu_seconds(),
        }
    }
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit(") ").next()?.split(' ').collect();
    let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
    // Linux counts in hundredths of a second.
    Some((ticks(11)? + ticks(12)?) as f64 / 100.0)
}
