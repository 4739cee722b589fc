//! Lines of the log as text: the form that `tracing_subscriber` writes without colours, with less work per line.

use chrono::{DateTime, SecondsFormat, Utc};
use std::cell::{Cell, RefCell};
use std::fmt::{self, Debug, Write};
use std::time::SystemTime;
use tracing::field::{Field, Visit};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

/// The time of a line, in UTC with microseconds. A thread writes out each second once.
pub(super) struct Clock;

thread_local! {
    /// A second since 1970, and its text up to the point.
    static SECOND: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) };
}

impl FormatTime for Clock {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        at(DateTime::<Utc>::from(SystemTime::now()), line)
    }
}

fn at(now: DateTime<Utc>, line: &mut impl Write) -> fmt::Result {
    SECOND.with_borrow_mut(|(second, text)| {
        if *second != now.timestamp() {
            *second = now.timestamp();
            *text = now.to_rfc3339_opts(SecondsFormat::Secs, true);
            text.pop();
        }
        write!(line, "{text}.{:06}Z", now.timestamp_subsec_micros())
    })
}

/// The fields of a line: `name=value`, the message without its name.
pub(super) struct Fields;

thread_local! {
    /// Room for the fields of a line.
    static ROOM: Cell<String> = const { Cell::new(String::new()) };
}

/// Bytes of room that a thread keeps.
const KEPT: usize = 4096;

impl<'w> FormatFields<'w> for Fields {
    /// The line takes many small pieces one by one less easily than all of them together.
    fn format_fields<R: RecordFields>(&self, mut line: Writer<'w>, fields: R) -> fmt::Result {
        let mut text = ROOM.take();
        text.clear();
        let mut visitor = Visitor { text, result: Ok(()) };
        fields.record(&mut visitor);
        let Visitor { text, result } = visitor;
        let written = line.write_str(&text);
        if text.capacity() <= KEPT {
            ROOM.set(text);
        }
        result.and(written)
    }
}

struct Visitor {
    text: String,
    result: fmt::Result,
}

impl Visitor {
    fn name(&mut self, field: &Field) {
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        if field.name() != "message" {
            self.text.push_str(field.name());
            self.text.push('=');
        }
    }
}

impl Visit for Visitor {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.name(field);
        let written = write!(self.text, "{value:?}");
        self.result = self.result.and(written);
    }

    /// Text in quotes; what could be taken for something else is escaped.
    fn record_str(&mut self, field: &Field, value: &str) {
        let plain = |b: u8| matches!(b, b' '..=b'~') && b != b'"' && b != b'\\';
        if !value.bytes().all(plain) {
            return self.record_debug(field, &value);
        }
        self.name(field);
        self.text.push('"');
        self.text.push_str(value);
        self.text.push('"');
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.name(field);
        self.text.push_str(itoa::Buffer::new().format(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.name(field);
        self.text.push_str(itoa::Buffer::new().format(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::fmt;
    use tracing_subscriber::prelude::*;

    #[test]
    fn seconds_and_their_parts() {
        let text = |micros: i64| {
            let mut out = String::new();
            at(DateTime::from_timestamp_micros(micros).unwrap(), &mut out).unwrap();
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

    #[test]
    fn a_line_is_that_of_the_usual_format() {
        let (own, usual) = (Output::default(), Output::default());
        let (to_own, to_usual) = (own.clone(), usual.clone());
        let lines = fmt::layer().with_ansi(false).with_writer(move || to_own.clone());
        let reference = fmt::layer()
            .with_ansi(false)
            .with_writer(move || to_usual.clone());
        let subscriber = tracing_subscriber::registry()
            .with(lines.fmt_fields(Fields).with_timer(Clock))
            .with(reference.with_timer(Clock));
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
        });
        let text = |output: &Output| {
            let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
            let lines = text.lines().map(|line| line[27..].to_owned());
            lines.collect::<Vec<_>>()
        };
        assert_eq!(text(&own), text(&usual));
        assert_eq!(text(&own).len(), 2);
    }
}
