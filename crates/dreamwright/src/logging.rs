//! The log, as text or JSON lines on standard error, and traces.

use crate::connectors::Traces;
use contract::Settings;
use std::io::IsTerminal;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;

/// Crates below us that say more than operators want to read.
const TALKATIVE: [&str; 5] = ["hyper", "hyper_util", "h2", "rustls", "mio"];

/// Target of the spans of traces, which are no matter of the log.
const TRACE: &str = "trace";

/// Starts logging, and traces where there are any. A second call in one process changes nothing.
pub(crate) fn start(settings: &Settings, traces: Option<&Traces>) {
    let spans = Targets::new().with_target(TRACE, LevelFilter::INFO);
    let registry = tracing_subscriber::registry()
        .with(lines(settings))
        .with(traces.map(|traces| traces.layer().with_filter(spans)));
    // Fails when there is a subscriber already: a test's own, or an earlier start.
    let _ = registry.try_init();
}

fn lines<S: Subscriber + for<'s> LookupSpan<'s>>(settings: &Settings) -> Box<dyn Layer<S> + Send + Sync> {
    let level = level(&settings.log_level);
    let quiet = TALKATIVE.map(|name| (name, level.min(LevelFilter::WARN)));
    let filter = Targets::new()
        .with_default(level)
        .with_targets(quiet)
        .with_target(TRACE, LevelFilter::OFF);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match settings.log_format.as_str() {
        "json" => lines.json().flatten_event(true).with_filter(filter).boxed(),
        _ => lines.with_filter(filter).boxed(),
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
