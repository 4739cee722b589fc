//! Records by filter: the main road. Rows go from the driver to text; large results leave in pieces.

use super::Read;
use super::answer::{Meta, list, streamed, whole};
use crate::collect::own;
use crate::columns;
use crate::encode::RowWriter;
use crate::plan::{Column, ReadPlan};
use bytes::Bytes;
use contract::{ByteStream, Format, Problem, Response, Value, word};
use futures_util::future::{Either, select};
use futures_util::stream;
use serde_json::json;
use std::pin::pin;
use tokio::sync::mpsc;

impl Read<'_> {
    pub(super) async fn by_filter(mut self) -> Result<Response, Problem> {
        let filter = self.client_filter().await?;
        if self.request.flag(&word::COUNT_ONLY) {
            let count = self.engine.backend.count(&self.plan(filter, None)).await?;
            return Ok(Response::value(json!(count)));
        }
        let as_list = self.request.flag(&word::AS_LIST);
        if as_list && self.columns.group.is_empty() {
            self.columns.columns = self.list_columns().into_iter().map(Column::Field).collect();
            self.related.clear();
        }
        let (limit, usable) = self.limit();
        let mut plan = self.plan(filter, Some(limit));
        plan.having = self.having()?;
        if let Some(text) = self.request.text(&word::ORDER) {
            plan.order = columns::order(&text, self.table(), &self.columns)?;
        }
        plan.offset = self
            .request
            .number(&word::OFFSET)
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or(0);
        let mut meta = Meta::default();
        if self.request.flag(&word::INCLUDE_SCHEMA) {
            meta.schema = Some(crate::describe::table(self.table(), self.request, true));
        }
        if self.request.text(&word::AFTER).is_some() {
            return self.keyset(plan, meta).await;
        }
        if as_list {
            let rows = self.values(&plan).await?;
            return Ok(list(
                self.request,
                &self.engine.settings,
                list_values(rows),
                Meta::default(),
            ));
        }
        if usable && !self.related.is_empty() {
            let (prefix, wrapped) = self.frame(meta.schema.is_some());
            if let Some(mut rows) = self.nested(&plan, &prefix).await? {
                let mut body = rows.finish();
                self.counting(usable).add(&plan, rows.rows, &mut meta).await?;
                meta.close(&mut body, wrapped);
                return Ok(whole(self.request.format, body.into()));
            }
        }
        if self.needs_values() {
            let rows = self.values(&plan).await?;
            self.counting(usable)
                .add(&plan, rows.len() as u64, &mut meta)
                .await?;
            let rows = rows.into_iter().map(Value::Object).collect();
            return Ok(list(self.request, &self.engine.settings, rows, meta));
        }
        self.stream(plan, usable, meta).await
    }

    /// The limit, and whether the client gave one that counts.
    fn limit(&self) -> (u64, bool) {
        let max = self.engine.limits.max_records;
        match self
            .request
            .number(&word::LIMIT)
            .and_then(|n| u64::try_from(n).ok())
        {
            Some(n) if n >= 1 && n <= max => (n, true),
            _ => (max, false),
        }
    }

    /// The columns of `as_list`: `id_field`, else the field called `name`, else the primary key, else everything.
    fn list_columns(&self) -> Vec<usize> {
        let asked = self
            .request
            .params
            .get(word::ID_FIELD.name)
            .is_some_and(|t| !t.trim().is_empty());
        if !asked && let Some(name) = self.table().field("name") {
            return vec![name];
        }
        if self.identifier.is_empty() {
            vec![0]
        } else {
            self.identifier.clone()
        }
    }

    fn counting(&self, usable: bool) -> Counting {
        let asked = self.request.flag(&word::INCLUDE_COUNT);
        Counting {
            backend: self.engine.backend.clone(),
            asked,
            usable,
        }
    }

    /// What comes before the records in JSON, and whether that is an object.
    fn frame(&self, schema: bool) -> (String, bool) {
        let settings = &self.engine.settings;
        let needed = schema || self.request.flag(&word::INCLUDE_COUNT);
        let key = self.request.wrapper(settings);
        let key = key.or(needed.then_some(settings.resource_wrapper.as_str()));
        // A text can always be written as JSON.
        let text = |key: &str| serde_json::to_string(key).unwrap_or_default();
        let prefix = key.map_or_else(|| "[".to_owned(), |key| ["{", &text(key), ":["].concat());
        (prefix, key.is_some())
    }

    /// Runs the read with its rows written as the caller wants them. A result that fits one piece leaves whole; a
    /// larger one leaves in pieces while the database is still being read.
    async fn stream(self, plan: ReadPlan, usable: bool, mut meta: Meta) -> Result<Response, Problem> {
        let format = self.request.format;
        let (prefix, wrapped) = self.frame(meta.schema.is_some());
        let (send, mut receive) = mpsc::channel::<Bytes>(2);
        let mut sink = RowWriter::of(format, &plan, Some(send));
        if format == Format::Json {
            sink = sink.after(&prefix);
        }
        let backend = self.engine.backend.clone();
        let count = self.counting(usable);
        let run = async move {
            let mut sink = own::<RowWriter>(backend.read(&plan, Box::new(sink)).await?);
            let mut tail = sink.finish();
            // Lines and CSV have no place for what is said beside the records.
            if format == Format::Json {
                count.add(&plan, sink.rows, &mut meta).await?;
                meta.close(&mut tail, wrapped);
            }
            Ok::<Bytes, Problem>(Bytes::from(tail))
        };
        let mut run = Box::pin(run);
        // Whatever comes first: the whole result, or its first piece.
        let first = match next(&mut receive, &mut run).await {
            Next::Last(all) => return Ok(whole(format, all?)),
            Next::Piece(piece) => piece,
        };
        let begin = Streaming::First(first, receive, run);
        let pieces = stream::unfold(Some(begin), |state| async {
            match state? {
                Streaming::First(piece, receive, run) => {
                    Some((Ok(piece), Some(Streaming::Rest(receive, run))))
                }
                Streaming::Rest(mut receive, mut run) => match next(&mut receive, &mut run).await {
                    Next::Piece(piece) => Some((Ok(piece), Some(Streaming::Rest(receive, run)))),
                    Next::Last(last) => Some((last, None)),
                },
            }
        });
        Ok(streamed(format, ByteStream::new(pieces)))
    }
}

enum Next {
    Piece(Bytes),
    Last(Result<Bytes, Problem>),
}

/// The next piece, or the end with whatever pieces were sent but not yet taken before it.
async fn next(
    receive: &mut mpsc::Receiver<Bytes>,
    run: &mut (impl Future<Output = Result<Bytes, Problem>> + Unpin),
) -> Next {
    let ended = {
        let piece = pin!(receive.recv());
        match select(&mut *run, piece).await {
            Either::Left((last, _)) => Some(last),
            Either::Right((Some(piece), _)) => return Next::Piece(piece),
            Either::Right((None, _)) => None,
        }
    };
    match ended {
        Some(last) => Next::Last(drained(receive, last)),
        // The sender is dropped when the rows are written; what is left is the count and the end.
        None => Next::Last(run.await),
    }
}

/// A streamed read that is not over.
enum Streaming<F> {
    First(Bytes, mpsc::Receiver<Bytes>, std::pin::Pin<Box<F>>),
    Rest(mpsc::Receiver<Bytes>, std::pin::Pin<Box<F>>),
}

/// The end of a streamed read: pieces that were sent but not yet taken come before it.
fn drained(receive: &mut mpsc::Receiver<Bytes>, last: Result<Bytes, Problem>) -> Result<Bytes, Problem> {
    let last = last?;
    let mut all = Vec::new();
    while let Ok(piece) = receive.try_recv() {
        all.extend_from_slice(&piece);
    }
    if all.is_empty() {
        return Ok(last);
    }
    all.extend_from_slice(&last);
    Ok(Bytes::from(all))
}

/// Counts after the rows are written: when asked to, or when the greatest number of records was reached without
/// the client having set a limit.
struct Counting {
    backend: std::sync::Arc<dyn crate::Backend>,
    asked: bool,
    usable: bool,
}

impl Counting {
    async fn add(&self, plan: &ReadPlan, rows: u64, meta: &mut Meta) -> Result<(), Problem> {
        let full = !self.usable && Some(rows) == plan.limit;
        if !self.asked && !full {
            return Ok(());
        }
        let count = self.backend.count(plan).await?;
        if self.asked || plan.limit.is_some_and(|limit| count > limit) {
            meta.count = Some(count);
            meta.next = Some(plan.offset + rows).filter(|next| *next < count);
        }
        Ok(())
    }
}

fn list_values(rows: Vec<contract::Map<String, Value>>) -> Vec<Value> {
    rows.into_iter()
        .map(|row| {
            let mut values: Vec<Value> = row.into_iter().map(|(_, v)| v).collect();
            if values.len() == 1 {
                return values.remove(0);
            }
            let parts: Vec<String> = values
                .iter()
                .map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned))
                .collect();
            Value::String(format!("({})", parts.join(",")))
        })
        .collect()
}
