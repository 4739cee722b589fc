//! Records that arrive one after the other, for bodies that are too large to be held as values.

use crate::{Map, Problem, Value};
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, Stream};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A record of a stream.
#[derive(Debug)]
pub struct StreamedRecord {
    /// Its place among the records, from 1. A CSV header is no record.
    pub number: u64,
    /// How many bytes it took in the body.
    pub bytes: usize,
    /// Its fields; or why it cannot be read, which says nothing of the records after it.
    pub record: Result<Map<String, Value>, Problem>,
}

/// What a stream gives. A problem in place of a record ends the stream: nothing after it can be read.
pub type Streamed = Result<StreamedRecord, Problem>;

/// Records that can be taken once. Clones are the same stream.
#[derive(Clone)]
pub struct RecordStream(Arc<Mutex<Option<BoxStream<'static, Streamed>>>>);

impl RecordStream {
    /// Wraps a stream.
    pub fn new(stream: impl Stream<Item = Streamed> + Send + 'static) -> RecordStream {
        RecordStream(Arc::new(Mutex::new(Some(stream.boxed()))))
    }

    /// The stream itself; `None` when it was taken before.
    pub fn take(&self) -> Option<BoxStream<'static, Streamed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// All records at once, for those who need them so. Fails with the first problem.
    pub async fn gathered(&self) -> Result<Vec<Value>, Problem> {
        let mut records = Vec::new();
        if let Some(mut stream) = self.take() {
            while let Some(streamed) = stream.next().await {
                records.push(Value::Object(streamed?.record?));
            }
        }
        Ok(records)
    }
}

impl fmt::Debug for RecordStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecordStream")
    }
}
