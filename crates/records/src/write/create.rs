//! POST: new records.

use super::nested::{Nest, Reach, Sides, Survey};
use super::record::{Incoming, object};
use super::{Place, Write};
use crate::batch::{Batch, OnFailure};
use crate::engine::Engine;
use crate::ident::{no_records, records_of};
use contract::{Map, Payload, Problem, Request, Response, Value, Verb};

impl Engine {
    /// Answers `POST _table/{table}`.
    pub async fn create(&self, request: &Request, table: &str) -> Result<Response, Problem> {
        let write = Write::open(self, request, table, Verb::Post).await?;
        if let Payload::Records(stream) = &request.payload {
            return write.import(stream).await;
        }
        let records = records_of(request, &self.settings).filter(|r| !r.is_empty());
        let records = records.ok_or_else(|| no_records(&self.settings))?;
        let on_failure = OnFailure::of(request)?;
        let survey = Survey::of(self, request, write.table(), records.iter()).await;
        if write.goes_together(on_failure, records.len())
            && let Some(keys) = write.insert_all(&records, &survey).await?
        {
            return write.answer_rows(keys).await;
        }
        let place = write.place(on_failure, &survey.reach.peers).await?;
        let mut batch = Batch::new(on_failure);
        for (record, problem) in records.iter().zip(survey.problems) {
            let stored = match (problem, object(record)) {
                (None, Ok(record)) => write.insert(&place, record, &survey.reach).await,
                (Some(problem), _) | (_, Err(problem)) => Err(problem),
            };
            if !batch.push(stored.map(Value::Object)) {
                break;
            }
        }
        write.answer(place, batch, "created").await
    }
}

/// Batches of up to so many records are stored one by one unless they are to be undone together: a record that is
/// refused then uses up no key of the others.
const SINGLY: usize = 20;

impl Write<'_> {
    /// Whether the records of a batch are first tried as a whole.
    fn goes_together(&self, on_failure: OnFailure, records: usize) -> bool {
        match on_failure {
            OnFailure::Rollback => true,
            OnFailure::Stop => records > SINGLY && self.engine.backend.capabilities().transactions,
            OnFailure::Continue => false,
        }
    }

    /// Stores all records or none with few statements, and gives their identifiers. `None` when one is refused:
    /// the records are then to be stored one by one, which tells which one it is.
    pub(super) async fn insert_all(
        &self,
        records: &[Value],
        survey: &Survey,
    ) -> Result<Option<Vec<Value>>, Problem> {
        let objects: Option<Vec<_>> = records.iter().map(Value::as_object).collect();
        let Some(objects) = objects.filter(|o| o.len() > 1 && survey.problems.iter().all(Option::is_none))
        else {
            return Ok(None);
        };
        let place = self.place(OnFailure::Rollback, &survey.reach.peers).await?;
        let Place::Work(unit) = place else {
            return Ok(None);
        };
        let incoming = objects.into_iter().map(Incoming::plain).collect();
        let sides = unit.sides(self.engine, self.request);
        let nest = Nest::new(&sides, &survey.reach);
        let done = nest.create(&self.opened, &self.identifier, incoming).await;
        drop(sides);
        match unit.settle(done).await {
            Ok(rows) => {
                let key = |row: super::nested::Row| Value::Object(self.key(&row.values(&self.identifier)));
                Ok(Some(rows.into_iter().map(key).collect()))
            }
            Err(problem) if problem.status() < 500 => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    /// Stores a record and gives its identifier.
    pub(super) async fn insert(
        &self,
        place: &Place<'_>,
        record: &Map<String, Value>,
        reach: &Reach,
    ) -> Result<Map<String, Value>, Problem> {
        let row = match self.unit(place, record, reach).await? {
            Some(unit) => {
                let sides = unit.sides(self.engine, self.request);
                let done = self.insert_one(&sides, record, reach).await;
                drop(sides);
                unit.settle(done).await?
            }
            None => self.insert_one(&self.sides(place), record, reach).await?,
        };
        Ok(self.key(&row))
    }

    async fn insert_one(
        &self,
        sides: &Sides<'_>,
        record: &Map<String, Value>,
        reach: &Reach,
    ) -> Result<Vec<crate::Scalar>, Problem> {
        let nest = Nest::new(sides, reach);
        let incoming = vec![Incoming::plain(record)];
        let rows = nest.create(&self.opened, &self.identifier, incoming).await?;
        Ok(rows
            .into_iter()
            .next()
            .map(|row| row.values(&self.identifier))
            .unwrap_or_default())
    }
}
