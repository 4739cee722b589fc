//! Lines of the log as text: the form that `tracing_subscriber` writes without colours, with less work per line.

use super::queue::Queue;
use chrono::{DateTime, SecondsFormat, Utc};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Debug, Write};
use std::time::SystemTime;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// Writes each event as a line. Spans are no matter of the log.
pub(super) struct Lines(pub(super) Queue);

thread_local! {
    /// Room for a line.
    static ROOM: Cell<String> = const { Cell::new(String::new()) };
    /// A second since 1970, and its text up to the point.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

/// Bytes of room that a thread keeps.
const KEPT: usize = 4096;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = ROOM.take();
        text.clear();
        // What cannot be formatted leaves its line incomplete; there is no place left to tell of it.
        let _ = line(event, DateTime::from(SystemTime::now()), &mut text);
        self.0
            .push(text.as_bytes(), *event.metadata().level() <= Level::WARN);
        if text.capacity() <= KEPT {
            ROOM.set(text);
        }
    }
}

/// Time, level, target and fields of an event.
fn line(event: &Event<'_>, now: DateTime<Utc>, text: &mut String) -> fmt::Result {
    time(now, text);
    text.push_str(match *event.metadata().level() {
        Level::ERROR => " ERROR ",
        Level::WARN => "  WARN ",
        Level::INFO => "  INFO ",
        Level::DEBUG => " DEBUG ",
        Level::TRACE => " TRACE ",
    });
    match event.metadata().target() {
        RELAYED => event.record(&mut Origin(text)),
        target => text.push_str(target),
    }
    text.push(':');
    let mut fields = Fields { text, result: Ok(()) };
    event.record(&mut fields);
    let result = fields.result;
    text.push('\n');
    result
}

/// In UTC with microseconds. A thread writes out each second once.
fn time(now: DateTime<Utc>, text: &mut String) {
    SECOND.with_borrow_mut(|(second, known)| {
        if *second != now.timestamp() {
            *second = now.timestamp();
            *known = now.to_rfc3339_opts(SecondsFormat::Secs, true);
            known.pop();
        }
        text.push_str(known);
    });
    text.push('.');
    // A 1 in front keeps the zeros that micros begin with.
    let micros = 1_000_000 + now.timestamp_subsec_micros() % 1_000_000;
    text.push_str(&itoa::Buffer::new().format(micros)[1..]);
    text.push('Z');
}

/// Target of what comes from libraries that log without `tracing`. Where it was logged stands in fields of its own.
const RELAYED: &str = "log";
const RELAYED_FIELDS: &str = "log.";

/// Writes the target of such an event.
struct Origin<'t>(&'t mut String);

impl Visit for Origin<'_> {
    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "log.target" {
            self.0.push_str(value);
        }
    }
}

/// The fields of a line: `name=value`, the message without its name.
struct Fields<'t> {
    text: &'t mut String,
    result: fmt::Result,
}

impl Fields<'_> {
    /// Writes a field's name; none of those that tell where a relayed event was logged.
    fn name(&mut self, field: &Field) -> bool {
        let name = field.name();
        let told = !name.starts_with(RELAYED_FIELDS);
        if told {
            self.text.push(' ');
        }
        if told && name != "message" {
            self.text.push_str(name);
            self.text.push('=');
        }
        told
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if self.name(field) {
            let written = write!(self.text, "{value:?}");
            self.result = self.result.and(written);
        }
    }

    /// Text in quotes; what could be taken for something else is escaped.
    fn record_str(&mut self, field: &Field, value: &str) {
        let plain = |b: u8| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\';
        if !value.bytes().all(plain) {
            return self.record_debug(field, &value);
        }
        if self.name(field) {
            self.text.push('"');
            self.text.push_str(value);
            self.text.push('"');
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if self.name(field) {
            self.text.push_str(itoa::Buffer::new().format(value));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if self.name(field) {
            self.text.push_str(itoa::Buffer::new().format(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::prelude::*;

    #[test]
    fn seconds_and_their_parts() {
        let text = |micros: i64| {
            let mut out = String::new();
            time(DateTime::from_timestamp_micros(micros).unwrap(), &mut out);
            out
        };
        assert_eq!(text(1_700_000_000_000_042), "2023-11-14T22:13:20.000042Z");
        assert_eq!(text(1_700_000_000_900_000), "2023-11-14T22:13:20.900000Z");
        assert_eq!(text(1_700_000_001_000_000), "2023-11-14T22:13:21.000000Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999999Z");
    }

    /// An output that can be looked at.
    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Output {
        /// The lines without their times.
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            text.lines().map(|line| line[27..].to_owned()).collect()
        }
    }

    #[test]
    fn a_line_is_that_of_the_usual_format() {
        let (own, usual) = (Output::default(), Output::default());
        let queue = Queue::new(own.clone());
        let to_usual = usual.clone();
        let reference = tracing_subscriber::fmt::layer().with_ansi(false);
        let subscriber = tracing_subscriber::registry()
            .with(Lines(queue.clone()))
            .with(reference.with_writer(move || to_usual.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(
                a = 1,
                b = -2_i64,
                text = "x y",
                odd = "\"\n\u{1b}ü\\",
                none = None::<i64>,
                yes = true,
                "said"
            );
            tracing::warn!(error = ?io::Error::other("gone"), size = 1.5);
            tracing::error!("worse");
            tracing::debug!(target: "a::b", of = %"display");
            tracing::trace!("least");
        });
        queue.end();
        assert_eq!(own.lines(), usual.lines());
        assert_eq!(own.lines().len(), 5);
    }

    #[test]
    fn what_libraries_log_otherwise_is_under_their_own_names() {
        let output = Output::default();
        let queue = Queue::new(output.clone());
        let subscriber = tracing_subscriber::registry().with(Lines(queue.clone()));
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(target: "log", { log.target = "library::part", log.line = 7 }, "said");
        });
        queue.end();
        assert_eq!(output.lines(), ["  WARN library::part: said"]);
    }
}
