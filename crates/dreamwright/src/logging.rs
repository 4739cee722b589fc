//! The log, as text or JSON lines on standard error, and traces.

mod queue;
mod text;

use crate::connectors::Traces;
use contract::Settings;
use queue::Queue;
use std::io::IsTerminal;
use text::Lines;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

/// Crates below us that say more than operators want to read.
const TALKATIVE: [&str; 8] = [
    "hyper",
    "hyper_util",
    "h2",
    "rustls",
    "mio",
    "russh",
    "russh_sftp",
    "suppaftp",
];

/// Target of the spans of traces, which are no matter of the log.
const TRACE: &str = "trace";

/// A started log. When it is dropped, what waits is written, and what is logged afterwards does not wait.
#[must_use]
pub(crate) struct Log(Queue);

impl Drop for Log {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Starts logging, and traces where there are any. A second call in one process changes nothing.
pub(crate) fn start(settings: &Settings, traces: Option<&Traces>) -> Log {
    let queue = Queue::new(std::io::stderr());
    let spans = Targets::new().with_target(TRACE, LevelFilter::INFO);
    // A list, and not an optional layer: one that is absent makes every span be made, for nobody.
    let mut layers = vec![lines(settings, queue.clone())];
    layers.extend(traces.map(|traces| traces.layer().with_filter(spans).boxed()));
    let registry = tracing_subscriber::registry().with(layers);
    // Fails when there is a subscriber already: a test's own, or an earlier start.
    let _ = registry.try_init();
    Log(queue)
}

fn lines<S: Subscriber + for<'s> LookupSpan<'s>>(
    settings: &Settings,
    queue: Queue,
) -> Box<dyn Layer<S> + Send + Sync> {
    let level = level(&settings.log_level);
    let quiet = TALKATIVE.map(|name| (name, level.min(LevelFilter::WARN)));
    let filter = Targets::new()
        .with_default(level)
        .with_targets(quiet)
        .with_target(TRACE, LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer();
    match settings.log_format.as_str() {
        "json" => lines
            .json()
            .flatten_event(true)
            .with_writer(queue)
            .with_filter(filter)
            .boxed(),
        _ if std::io::stderr().is_terminal() => lines.with_writer(queue).with_filter(filter).boxed(),
        // The same text as on a terminal without its colours.
        _ => Lines(queue).with_filter(filter).boxed(),
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
