//! Bodies as they arrive: their records, or their bytes.

use bytes::Bytes;
use contract::{ByteStream, Problem, RawBody, RecordStream, Settings, Streamed, StreamedRecord};
use futures_util::{StreamExt, stream};
use query::body::{Notation, PIECE, Reader};
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// The records of a body as it arrives: what has come already, then the rest.
pub(crate) fn stream(
    notation: Notation,
    begun: Bytes,
    rest: mpsc::Receiver<Result<Bytes, Problem>>,
    settings: &Settings,
) -> RecordStream {
    let arriving = Arriving {
        reader: notation.reader(settings),
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

/// The bytes of a body as it arrives: what has come already, then the rest.
pub(crate) fn bytes(begun: Bytes, rest: mpsc::Receiver<Result<Bytes, Problem>>) -> RawBody {
    let rest = stream::unfold(rest, |mut rest| async {
        let piece = rest.recv().await?;
        Some((piece, rest))
    });
    let begun = stream::once(std::future::ready(Ok(begun)));
    RawBody::new(ByteStream::new(StreamExt::chain(begun, rest)))
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
mod tests {
    use super::*;

    #[tokio::test]
    async fn records_come_as_the_body_arrives() {
        let (send, rest) = mpsc::channel(2);
        let settings = Settings::default();
        let records = super::stream(Notation::Csv, Bytes::from_static(b"a\n1\n2"), rest, &settings);
        let clone = records.clone();
        let mut records = records.take().unwrap();
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
