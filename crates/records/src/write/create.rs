//! POST: new records.

use super::record::{Purpose, object, values};
use super::{Place, Write};
use crate::batch::{Batch, OnFailure};
use crate::engine::Engine;
use crate::ident::{no_records, records_of};
use crate::plan::InsertPlan;
use contract::{Map, Problem, Request, Response, Value, Verb};

impl Engine {
    /// Answers `POST _table/{table}`.
    pub async fn create(&self, request: &Request, table: &str) -> Result<Response, Problem> {
        let write = Write::open(self, request, table, Verb::Post).await?;
        let records = records_of(request, &self.settings).filter(|r| !r.is_empty());
        let records = records.ok_or_else(|| no_records(&self.settings))?;
        let on_failure = OnFailure::of(request)?;
        let place = write.place(on_failure).await?;
        let mut batch = Batch::new(on_failure);
        for record in &records {
            let stored = match object(record) {
                Ok(record) => write.insert(&place, record).await,
                Err(problem) => Err(problem),
            };
            if !batch.push(stored.map(Value::Object)) {
                break;
            }
        }
        write.answer(place, batch, "created").await
    }
}

impl Write<'_> {
    /// Stores a record and gives its identifier.
    pub(super) async fn insert(
        &self,
        place: &Place<'_>,
        record: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Problem> {
        let plan = InsertPlan {
            table: self.table().clone(),
            values: values(self.table(), record, Purpose::Create)?,
            returning: self.identifier.clone(),
            check: self.opened.condition.clone(),
        };
        let stored = place.session().insert(&plan).await?;
        Ok(self.key(&stored))
    }
}
