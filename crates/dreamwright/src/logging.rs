//! The log: text or JSON lines on standard error.

use contract::Settings;
use std::io::IsTerminal;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

/// Crates below us that say more than operators want to read.
const TALKATIVE: [&str; 5] = ["hyper", "hyper_util", "h2", "rustls", "mio"];

/// Starts logging. A second call in one process changes nothing.
pub(crate) fn start(settings: &Settings) {
    let level = level(&settings.log_level);
    let quiet = TALKATIVE.map(|name| (name, level.min(LevelFilter::WARN)));
    let filter = Targets::new().with_default(level).with_targets(quiet);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // Fails when there is a subscriber already: a test's own, or an earlier start.
    let _ = match settings.log_format.as_str() {
        "json" => registry.with(lines.json().flatten_event(true)).try_init(),
        _ => registry.with(lines).try_init(),
    };
}

/// The level of one of the eight names.
fn level(name: &str) -> LevelFilter {
    match name {
        "debug" => LevelFilter::DEBUG,
        "info" | "notice" => LevelFilter::INFO,
        "warning" => LevelFilter::WARN,
        _ => LevelFilter::ERROR,
    }
}
