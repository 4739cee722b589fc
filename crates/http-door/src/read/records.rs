//! Bodies that are lists of records: CSV and NDJSON, read in pieces, whole or as they arrive.

use super::csv::Csv;
use super::ndjson::Ndjson;
use bytes::Bytes;
use contract::{Problem, RecordStream, Settings, Streamed, StreamedRecord, Value};
use futures_util::stream;
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Bytes that one record may have.
pub(super) const LARGEST: usize = 16 * 1024 * 1024;
/// Bytes read at once, so that there are never many records between the body and whoever takes them.
const PIECE: usize = 64 * 1024;

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
        let kind = media.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Notation::Ndjson),
            _ if kind.contains("csv") && !kind.contains("xml") => Some(Notation::Csv),
            _ => None,
        }
    }

    fn reader(self, settings: &Settings) -> Box<dyn Reader> {
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

    /// The records of a body as it arrives: what has come already, then the rest.
    pub(crate) fn stream(
        self,
        begun: Bytes,
        rest: mpsc::Receiver<Result<Bytes, Problem>>,
        settings: &Settings,
    ) -> RecordStream {
        let arriving = Arriving {
            reader: self.reader(settings),
            piece: begun,
            rest: Some(rest),
            records: Vec::new(),
            ready: VecDeque::new(),
        };
        RecordStream::new(stream::unfold(Some(arriving), |arriving| async {
            let mut arriving = arriving?;
            match arriving.next().await {
                Ok(Some(record)) => Some((Ok(record) as Streamed, Some(arriving))),
                Ok(None) => None,
                Err(problem) => Some((Err(problem), None)),
            }
        }))
    }
}

/// Makes records of pieces of text.
pub(super) trait Reader: Send {
    /// Takes a piece and adds the records that it completes. Fails when nothing after it can be read either.
    fn feed(&mut self, piece: &[u8], out: &mut Vec<StreamedRecord>) -> Result<(), Problem>;

    /// There are no more pieces.
    fn finish(&mut self, out: &mut Vec<StreamedRecord>) -> Result<(), Problem>;
}

/// A body on its way.
struct Arriving {
    reader: Box<dyn Reader>,
    piece: Bytes,
    /// None when all has come.
    rest: Option<mpsc::Receiver<Result<Bytes, Problem>>>,
    records: Vec<StreamedRecord>,
    ready: VecDeque<Streamed>,
}

impl Arriving {
    async fn next(&mut self) -> Result<Option<StreamedRecord>, Problem> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return ready.map(Some);
            }
            let end = if !self.piece.is_empty() {
                let piece = self.piece.split_to(PIECE.min(self.piece.len()));
                self.reader.feed(&piece, &mut self.records)
            } else if let Some(rest) = &mut self.rest {
                match rest.recv().await {
                    Some(piece) => self.piece = piece?,
                    None => self.rest = None,
                }
                if self.rest.is_some() {
                    continue;
                }
                self.reader.finish(&mut self.records)
            } else {
                return Ok(None);
            };
            // What was complete before a piece that cannot be read comes first.
            self.ready.extend(self.records.drain(..).map(Ok));
            if let Err(problem) = end {
                self.ready.push_back(Err(problem));
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Reads a text cut into pieces of some size.
    pub(in crate::read) fn read(
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

    pub(in crate::read) fn values(records: &[StreamedRecord]) -> Vec<Value> {
        let records = records.iter().filter_map(|r| r.record.as_ref().ok());
        records.map(|record| Value::Object(record.clone())).collect()
    }

    pub(in crate::read) fn failures(records: &[StreamedRecord]) -> Vec<(u64, String)> {
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

    #[tokio::test]
    async fn records_come_as_the_body_arrives() {
        let (send, rest) = mpsc::channel(2);
        let settings = Settings::default();
        let stream = Notation::Csv.stream(Bytes::from_static(b"a\n1\n2"), rest, &settings);
        let clone = stream.clone();
        let mut records = stream.take().unwrap();
        assert!(clone.take().is_none(), "they are taken once");
        let next = futures_util::StreamExt::next(&mut records).await;
        assert_eq!(next.unwrap().unwrap().record.unwrap()["a"], "1");
        send.send(Ok(Bytes::from_static(b"3\n4\n"))).await.unwrap();
        let broken = Problem::bad_request("gone");
        send.send(Err(broken)).await.unwrap();
        drop(send);
        let rest: Vec<_> = futures_util::StreamExt::collect::<Vec<_>>(records).await;
        assert_eq!(rest.len(), 3);
        assert_eq!(rest[0].as_ref().unwrap().record.as_ref().unwrap()["a"], "23");
        assert_eq!(rest[2].as_ref().unwrap_err().message, "gone");
    }
}
