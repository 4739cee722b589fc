//! The log: text or JSON lines on standard error.

mod queue;

use contract::Settings;
use queue::Queue;
use std::fmt::{self, Debug};
use std::io::IsTerminal;
use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::prelude::*;

/// Crates below us that say more than operators want to read.
const TALKATIVE: [&str; 5] = ["hyper", "hyper_util", "h2", "rustls", "mio"];

/// A started log. When it is dropped, what waits is written, and what is logged afterwards does not wait.
#[must_use]
pub(crate) struct Log(Queue);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Starts logging. A second call in one process changes nothing.
pub(crate) fn start(settings: &Settings) -> Log {
    let level = level(&settings.log_level);
    let quiet = TALKATIVE.map(|name| (name, level.min(LevelFilter::WARN)));
    let filter = Targets::new().with_default(level).with_targets(quiet);
    let registry = tracing_subscriber::registry().with(filter);
    let queue = Queue::new(std::io::stderr());
    let lines = tracing_subscriber::fmt::layer().with_writer(queue.clone());
    // Fails when there is a subscriber already: a test's own, or an earlier start.
    let _ = match settings.log_format.as_str() {
        "json" => registry.with(lines.json().flatten_event(true)).try_init(),
        _ if std::io::stderr().is_terminal() => registry.with(lines).try_init(),
        // The same text as on a terminal without its colours; looking for them at each field is half of the cost.
        _ => registry
            .with(lines.with_ansi(false).fmt_fields(debug_fn(field).delimited(" ")))
            .try_init(),
    };
    Log(queue)
}

/// One field of a line; the message stands without its name.
fn field(line: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    match field.name() {
        "message" => write!(line, "{value:?}"),
        name => write!(line, "{name}={value:?}"),
    }
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
