//! Bodies that are lists of records: CSV and NDJSON, read in pieces.

use super::csv::Csv;
use super::ndjson::Ndjson;
use bytes::Bytes;
use contract::media::essence;
use contract::{Problem, Settings, Streamed, StreamedRecord, Value};
use std::collections::VecDeque;

/// Bytes that one record may have.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;
/// Bytes read at once, so that there are never many records between the body and whoever takes them.
pub const PIECE: usize = 64 * 1024;

/// What a body of records is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Rows under a header.
    Csv,
    /// JSON objects, one a line.
    Ndjson,
}

impl Notation {
    /// Of a media type; `None` when it is none of records.
    pub fn of(media: &str) -> Option<Notation> {
        let kind = essence(media);
        match kind.as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Notation::Ndjson),
            _ if kind.contains("csv") && !kind.contains("xml") => Some(Notation::Csv),
            _ => None,
        }
    }

    /// A reader of such bodies.
    pub fn reader(self, settings: &Settings) -> Box<dyn Reader> {
        match self {
            Notation::Csv => Box::new(Csv::new()),
            Notation::Ndjson => Box::new(Ndjson::new(settings.max_json_depth)),
        }
    }

    /// All records of a body. Fails with the first problem.
    pub(super) fn parse(self, body: &[u8], settings: &Settings) -> Result<Vec<Value>, Problem> {
        let mut reader = self.reader(settings);
        let mut records = Vec::new();
        reader.feed(body, &mut records)?;
        reader.finish(&mut records)?;
        records
            .into_iter()
            .map(|record| record.record.map(Value::Object))
            .collect()
    }

    /// The records of a body that is held, each made when it is asked for.
    pub fn records(self, body: Bytes, settings: &Settings) -> impl Iterator<Item = Streamed> + Send + use<> {
        Held {
            reader: Some(self.reader(settings)),
            body,
            records: VecDeque::new(),
        }
    }
}

/// Makes records of pieces of text.
pub trait Reader: Send {
    /// Takes a piece and adds the records that it completes. Fails when nothing after it can be read either.
    fn feed(&mut self, piece: &[u8], out: &mut Vec<StreamedRecord>) -> Result<(), Problem>;

    /// There are no more pieces.
    fn finish(&mut self, out: &mut Vec<StreamedRecord>) -> Result<(), Problem>;
}

/// A body that is held.
struct Held {
    /// None when nothing is left to be read.
    reader: Option<Box<dyn Reader>>,
    body: Bytes,
    records: VecDeque<Streamed>,
}

impl Iterator for Held {
    type Item = Streamed;

    fn next(&mut self) -> Option<Streamed> {
        loop {
            if let Some(record) = self.records.pop_front() {
                return Some(record);
            }
            let mut reader = self.reader.take()?;
            let piece = self.body.split_to(PIECE.min(self.body.len()));
            let mut records = Vec::new();
            let read = match piece.is_empty() {
                true => reader.finish(&mut records),
                false => reader.feed(&piece, &mut records),
            };
            // What was complete before a piece that cannot be read comes first.
            self.records.extend(records.into_iter().map(Ok));
            match read {
                Ok(()) if piece.is_empty() => {}
                Ok(()) => self.reader = Some(reader),
                Err(problem) => self.records.push_back(Err(problem)),
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads a text cut into pieces of some size.
    pub(in crate::body) fn read(
        mut reader: impl Reader,
        text: &[u8],
        piece: usize,
    ) -> Result<Vec<StreamedRecord>, Problem> {
        let mut records = Vec::new();
        for part in text.chunks(piece) {
            reader.feed(part, &mut records)?;
        }
        reader.finish(&mut records)?;
        Ok(records)
    }

    pub(in crate::body) fn values(records: &[StreamedRecord]) -> Vec<Value> {
        let records = records.iter().filter_map(|r| r.record.as_ref().ok());
        records.map(|record| Value::Object(record.clone())).collect()
    }

    pub(in crate::body) fn failures(records: &[StreamedRecord]) -> Vec<(u64, String)> {
        let failed = |r: &StreamedRecord| Some((r.number, r.record.as_ref().err()?.message.clone()));
        records.iter().filter_map(failed).collect()
    }

    #[test]
    fn media_types_of_records() {
        assert_eq!(Notation::of("text/csv; charset=utf-8"), Some(Notation::Csv));
        assert_eq!(Notation::of("Application/X-NDJSON"), Some(Notation::Ndjson));
        assert_eq!(Notation::of("application/json"), None);
        assert_eq!(Notation::of(""), None);
    }

    #[test]
    fn records_of_a_held_body_come_one_by_one() {
        let text = format!("a\n{}\u{fffd}\n", "1\n".repeat(PIECE));
        let settings = Settings::default();
        let records = Notation::Csv.records(text.into(), &settings);
        assert_eq!(records.count(), PIECE + 1);
        let mut broken = Notation::Csv.records(Bytes::from_static(b"\xff\n1\n"), &settings);
        assert!(broken.next().unwrap().is_err());
        assert!(broken.next().is_none());
    }
}
