//! POST of records that arrive one after the other: an import. Never more than a batch of them is in memory.
//!
//! Without `rollback` each batch is stored as it is complete: with few statements in a unit of work of its own or, when
//! a record of it is refused, one by one, which tells the record. With `rollback` all is one unit of work; the batch
//! that is refused is tried again in another one, which is always undone, only to tell the record.
//!
//! The answer is a number, since identifiers of millions would be what an import must not hold.

use super::nested::{Nest, Survey};
use super::record::Incoming;
use super::{Place, Write};
use crate::batch::{self, OnFailure};
use crate::ident::no_records;
use contract::{Map, Problem, RecordStream, Response, Streamed, StreamedRecord, Value};
use driver::{Fault, FaultKind};
use futures_util::{Stream, StreamExt};
use serde_json::json;

/// Most records of a batch. A batch is there several times while it is stored: as records, plans, bound values and what
/// the driver sends.
const ROWS: usize = 250;
/// Bytes of the body after which a batch is complete.
const BYTES: usize = 256 * 1024;
/// Most refused records that the answer describes; the others are counted.
const TOLD: usize = 100;

/// Records that go together.
#[derive(Default)]
struct Portion {
    /// The records and their places in the body.
    records: Vec<Value>,
    numbers: Vec<u64>,
    /// Records that cannot be read.
    unread: Vec<(u64, Problem)>,
    /// Why nothing after them can be read.
    broken: Option<Problem>,
    ended: bool,
}

impl Portion {
    /// The next records of a stream. With `stop`, the first that cannot be read is the last one.
    async fn next(stream: &mut (impl Stream<Item = Streamed> + Unpin), stop: bool) -> Portion {
        let mut portion = Portion::default();
        let mut bytes = 0;
        while portion.records.len() < ROWS && bytes < BYTES {
            match stream.next().await {
                None => portion.ended = true,
                Some(Err(problem)) => {
                    portion.ended = true;
                    portion.broken = Some(problem);
                }
                Some(Ok(StreamedRecord {
                    number,
                    bytes: size,
                    record: Ok(record),
                })) => {
                    bytes += size;
                    portion.records.push(Value::Object(record));
                    portion.numbers.push(number);
                }
                Some(Ok(StreamedRecord {
                    number,
                    bytes: size,
                    record: Err(problem),
                })) => {
                    // They take memory too, and no more are told.
                    bytes += size.max(256);
                    portion.ended = stop;
                    portion.unread.push((number, problem));
                }
            }
            if portion.ended {
                break;
            }
        }
        portion
    }
}

/// What came of an import so far.
#[derive(Default)]
struct Done {
    stored: u64,
    refused: u64,
    /// Of the first refused records: the first and the last that it can be, and why.
    told: Vec<(u64, u64, Problem)>,
}

impl Done {
    fn refuse(&mut self, records: (u64, u64), problem: Problem) {
        self.refused += 1;
        if self.told.len() < TOLD {
            self.told.push((records.0, records.1, problem));
        }
    }

    fn answer(mut self, settings: &contract::Settings, on_failure: OnFailure) -> Result<Response, Problem> {
        if self.refused == 0 && self.stored == 0 {
            return Err(no_records(settings));
        }
        if self.refused == 0 {
            return Ok(Response::value(json!({"success": true, "count": self.stored})));
        }
        self.told.sort_by_key(|(first, ..)| *first);
        let state = match (on_failure, self.stored) {
            (OnFailure::Rollback, _) => "All changes rolled back.".to_owned(),
            (_, 1) => "1 is stored.".to_owned(),
            (_, stored) => format!("{stored} are stored."),
        };
        let first = match self.told.first() {
            Some((first, last, problem)) if first == last => {
                format!(" Record {first}: {}", problem.message)
            }
            Some((first, last, problem)) => {
                format!(" One of the records {first} to {last}: {}", problem.message)
            }
            None => String::new(),
        };
        let errors: Vec<Value> = self.told.iter().map(refusal).collect();
        let context = json!({"count": self.stored, "failed": self.refused, "errors": errors});
        let message = format!("Batch Error: Not all requested records could be created. {state}{first}");
        Err(Problem::bad_request(message)
            .with_code(1000)
            .with_context(context))
    }

    /// The answer when the import had to end for a reason that is not in its records.
    fn broken(&self, problem: Problem) -> Problem {
        match problem.context {
            Some(_) => problem,
            None => problem.with_context(json!({"count": self.stored})),
        }
    }
}

fn refusal((first, last, problem): &(u64, u64, Problem)) -> Value {
    let mut entry = Map::from_iter([("record".to_owned(), json!(first))]);
    if first != last {
        entry.insert("last_record".into(), json!(last));
    }
    if let Value::Object(members) = batch::entry(problem) {
        entry.extend(members);
    }
    Value::Object(entry)
}

impl Write<'_> {
    /// Stores the records of a stream and answers how many; they are in the order of the stream.
    pub(super) async fn import(&self, records: &RecordStream) -> Result<Response, Problem> {
        let on_failure = OnFailure::of(self.request)?;
        let taken = records.take();
        let mut stream = taken.ok_or_else(|| Problem::internal("an import's records were taken before"))?;
        let mut done = Done::default();
        let ended = match on_failure {
            OnFailure::Rollback => self.import_all_or_nothing(&mut stream, &mut done).await,
            _ => self.import_by_batches(&mut stream, &mut done, on_failure).await,
        };
        match ended {
            Ok(()) => done.answer(&self.engine.settings, on_failure),
            Err(problem) => Err(done.broken(problem)),
        }
    }

    async fn import_by_batches(
        &self,
        stream: &mut (impl Stream<Item = Streamed> + Unpin),
        done: &mut Done,
        on_failure: OnFailure,
    ) -> Result<(), Problem> {
        let stop = on_failure == OnFailure::Stop;
        loop {
            let portion = Portion::next(stream, stop).await;
            self.store(&portion, done, stop).await?;
            if stop && done.refused > 0 {
                return Ok(());
            }
            for (number, problem) in portion.unread {
                done.refuse((number, number), problem);
            }
            match portion.broken {
                Some(problem) => return Err(problem),
                None if portion.ended => return Ok(()),
                None => {}
            }
        }
    }

    /// Stores a batch: at once or, when that is refused, record by record.
    async fn store(&self, portion: &Portion, done: &mut Done, stop: bool) -> Result<(), Problem> {
        let records = &portion.records;
        let survey = Survey::of(self.engine, self.request, self.table(), records.iter()).await;
        if self.engine.backend.capabilities().transactions
            && let Some(keys) = self.insert_all(records, &survey).await?
        {
            done.stored += keys.len() as u64;
            return Ok(());
        }
        let place = Place::Own(&*self.engine.backend);
        for ((record, number), problem) in records.iter().zip(&portion.numbers).zip(survey.problems) {
            let stored = match (problem, super::record::object(record)) {
                (None, Ok(record)) => self.insert(&place, record, &survey.reach).await.map(|_| ()),
                (Some(problem), _) | (_, Err(problem)) => Err(problem),
            };
            match stored {
                Ok(()) => done.stored += 1,
                Err(problem) if problem.status() >= 500 => return Err(problem),
                Err(problem) => {
                    done.refuse((*number, *number), problem);
                    if stop {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    async fn import_all_or_nothing(
        &self,
        stream: &mut (impl Stream<Item = Streamed> + Unpin),
        done: &mut Done,
    ) -> Result<(), Problem> {
        let mut place = self.place(OnFailure::Rollback, &[]).await?;
        let mut stored = 0;
        loop {
            let portion = Portion::next(stream, true).await;
            let refused = match (portion.unread.into_iter().next(), portion.broken) {
                (Some((number, problem)), _) => Some(((number, number), problem)),
                (None, Some(problem)) => {
                    place.end(true).await?;
                    return Err(problem);
                }
                (None, None) => None,
            };
            // The unit of work was begun before anything was known of the records.
            let survey = Survey::at_home(self.engine, self.request, self.table(), &portion.records).await;
            let batch = Batched {
                records: &portion.records,
                numbers: &portion.numbers,
                survey: &survey,
            };
            let refused = match refused {
                Some(refused) => Some(refused),
                None => match self.store_batch(&place, &batch).await {
                    Ok(()) => None,
                    Err(problem) => {
                        place.end(true).await?;
                        place = Place::Own(&*self.engine.backend);
                        if problem.status() >= 500 {
                            return Err(problem);
                        }
                        Some(self.culprit(&batch, problem).await?)
                    }
                },
            };
            if let Some((records, problem)) = refused {
                place.end(true).await?;
                done.refuse(records, problem);
                return Ok(());
            }
            stored += portion.records.len() as u64;
            if portion.ended {
                break;
            }
        }
        place.end(false).await?;
        done.stored = stored;
        Ok(())
    }

    async fn store_batch(&self, place: &Place<'_>, batch: &Batched<'_>) -> Result<(), Problem> {
        if let Some(problem) = batch.survey.problems.iter().flatten().next() {
            return Err(Problem::new(problem.kind, problem.message.clone()));
        }
        let objects = batch.records.iter().filter_map(Value::as_object);
        let incoming: Vec<Incoming<'_>> = objects.map(Incoming::plain).collect();
        if incoming.is_empty() {
            return Ok(());
        }
        let sides = self.sides(place);
        let nest = Nest::new(&sides, &batch.survey.reach);
        nest.create(&self.opened, &self.identifier, incoming)
            .await
            .map(|_| ())
    }

    /// Which record of a refused batch it was: they are stored one by one until one is refused, and undone. Without
    /// the records of earlier batches another may be refused, or none; then it is one of all.
    async fn culprit(&self, batch: &Batched<'_>, problem: Problem) -> Result<((u64, u64), Problem), Problem> {
        // A record that refers to one of an earlier batch would be refused for the wrong reason.
        let refers = fault_kind(&problem) == Some(FaultKind::Reference);
        let found = match refers {
            true => None,
            false => {
                let place = self.place(OnFailure::Rollback, &[]).await?;
                self.first_refused(place, batch).await?
            }
        };
        let found = found.filter(|(_, other)| other.message == problem.message);
        let all = (batch.numbers.first(), batch.numbers.last());
        Ok(match (found, all) {
            (Some((number, problem)), _) => ((number, number), problem),
            (None, (Some(first), Some(last))) => ((*first, *last), problem),
            (None, _) => ((0, 0), problem),
        })
    }

    async fn first_refused(
        &self,
        place: Place<'_>,
        batch: &Batched<'_>,
    ) -> Result<Option<(u64, Problem)>, Problem> {
        let mut found = None;
        let surveyed = batch.records.iter().zip(&batch.survey.problems);
        for ((record, problem), number) in surveyed.zip(batch.numbers) {
            let stored = match (problem, super::record::object(record)) {
                (None, Ok(record)) => self.insert(&place, record, &batch.survey.reach).await.map(|_| ()),
                (Some(problem), _) => Err(Problem::new(problem.kind, problem.message.clone())),
                (_, Err(problem)) => Err(problem),
            };
            if let Err(problem) = stored {
                found = Some((*number, problem));
                break;
            }
        }
        place.end(true).await?;
        match found {
            Some((_, problem)) if problem.status() >= 500 => Err(problem),
            found => Ok(found),
        }
    }
}

fn fault_kind(problem: &Problem) -> Option<FaultKind> {
    let fault = problem.source.as_ref()?.downcast_ref::<Fault>()?;
    Some(fault.kind)
}

/// A batch with what is known of its relations.
struct Batched<'a> {
    records: &'a [Value],
    numbers: &'a [u64],
    survey: &'a Survey,
}
