//! Statements as spans of a trace.

use crate::{Executor, Fault, Sink, Statement, Written};
use std::future::Future;
use std::pin::Pin;
use tracing::{Instrument, Span};

/// An executor that makes a span of each statement. Where nobody listens to spans it adds one look at a flag.
#[derive(Clone, Copy)]
pub struct Traced<'e> {
    executor: &'e dyn Executor,
    system: &'static str,
}

impl<'e> Traced<'e> {
    /// `system` names the kind of database in the spans.
    pub fn new(executor: &'e dyn Executor, system: &'static str) -> Traced<'e> {
        Traced { executor, system }
    }

    /// The text has placeholders for all values, so a span tells none of them.
    fn span(&self, statement: &Statement) -> Span {
        tracing::info_span!(
            target: "trace",
            "statement",
            otel.kind = "client",
            db.system.name = self.system,
            db.query.text = statement.text,
        )
    }
}

type Work<'w, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'w>>;

/// Wraps the work only where its span is wanted.
fn within<'w, T: 'w>(span: Span, work: Work<'w, T>) -> Work<'w, T> {
    match span.is_disabled() {
        true => work,
        false => Box::pin(work.instrument(span)),
    }
}

// Written out as `async_trait` would, so that a future is not boxed twice.
impl Executor for Traced<'_> {
    fn read<'s, 'w>(&'s self, statement: Statement, sink: Box<dyn Sink>) -> Work<'w, Box<dyn Sink>>
    where
        's: 'w,
        Self: 'w,
    {
        let span = self.span(&statement);
        within(span, self.executor.read(statement, sink))
    }

    fn write<'s, 'w>(&'s self, statement: Statement) -> Work<'w, Written>
    where
        's: 'w,
        Self: 'w,
    {
        let span = self.span(&statement);
        within(span, self.executor.write(statement))
    }
}
