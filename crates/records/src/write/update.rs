//! PUT and PATCH: changes of the fields that are sent.

use super::record::{Purpose, object, values};
use super::{Place, Write};
use crate::Scalar;
use crate::batch::{Batch, OnFailure};
use crate::columns::no_identifier;
use crate::engine::Engine;
use crate::ident::{Ident, matches, no_records, records_of};
use crate::plan::{Column, Condition, ReadPlan, UpdatePlan};
use crate::read::{Meta, Read, list, not_found};
use contract::{Map, Payload, Problem, Request, Response, Value, Verb, word};

impl Engine {
    /// Answers `PUT` and `PATCH _table/{table}`: by identifiers with one patch, by filter with one patch, or each
    /// record by the identifier inside it.
    pub async fn update(&self, request: &Request, table: &str, verb: Verb) -> Result<Response, Problem> {
        let write = Write::open(self, request, table, verb).await?;
        let ids = Ident::of(request)?;
        let by_filter = ids.is_none() && request.text(&word::FILTER).is_some_and(|f| !f.trim().is_empty());
        let records = match records_of(request, &self.settings).filter(|r| !r.is_empty()) {
            Some(records) => records,
            // With the rows named beside it, a bare record is understood as the patch.
            None => match &request.payload {
                Payload::Value(Value::Object(bare)) if !bare.is_empty() && (ids.is_some() || by_filter) => {
                    vec![Value::Object(bare.clone())]
                }
                _ => return Err(no_records(&self.settings)),
            },
        };
        if by_filter {
            return write.by_filter(object(&records[0])?).await;
        }
        if write.identifier.is_empty() {
            return Err(no_identifier());
        }
        let on_failure = OnFailure::of(request)?;
        let place = write.place(on_failure).await?;
        let mut batch = Batch::new(on_failure);
        let steps: Vec<(Ident, &Value)> = match ids {
            Some(ids) => ids.into_iter().map(|ident| (ident, &records[0])).collect(),
            None => records
                .iter()
                .map(|record| (Ident::from_json(record.clone()), record))
                .collect(),
        };
        for (ident, record) in &steps {
            let done = match object(record) {
                Ok(record) => write.change(&place, ident, record).await,
                Err(problem) => Err(problem),
            };
            if !batch.push(done.map(Value::Object)) {
                break;
            }
        }
        write.answer(place, batch, "updated").await
    }

    /// Answers `PUT` and `PATCH _table/{table}/{id}`.
    pub async fn update_one(
        &self,
        request: &Request,
        table: &str,
        id: &str,
        verb: Verb,
    ) -> Result<Response, Problem> {
        let write = Write::open(self, request, table, verb).await?;
        if write.identifier.is_empty() {
            return Err(no_identifier());
        }
        let record = match &request.payload {
            Payload::Value(Value::Object(record)) if !record.is_empty() => record,
            _ => return Err(no_records(&self.settings)),
        };
        let ident = Ident::Text(id.to_owned());
        let key = write.change(&Place::Own(&*self.backend), &ident, record).await?;
        let key = Value::Object(key);
        let answer = if write.wants_rows() {
            write.stored(vec![key.clone()]).await?.pop()
        } else {
            None
        };
        Ok(Response::value(answer.unwrap_or(key)))
    }
}

impl Write<'_> {
    /// Changes the row of an identifier, or creates it where the service allows that. Gives the identifier.
    async fn change(
        &self,
        place: &Place<'_>,
        ident: &Ident,
        record: &Map<String, Value>,
    ) -> Result<Map<String, Value>, Problem> {
        let key = ident.bind(self.table(), &self.identifier)?;
        let mut set = values(self.table(), record, Purpose::Update).or_else(|problem| {
            // A record that holds nothing but its identifier changes nothing, which is no failure.
            if self.only_identifies(record) {
                Ok(Vec::new())
            } else {
                Err(problem)
            }
        })?;
        if matches!(ident, Ident::Record(_)) {
            set.retain(|(field, _)| !self.identifier.contains(field));
        }
        let condition = Condition::and(
            Some(matches(&self.identifier, &key)),
            self.opened.condition.clone(),
        );
        let found = if set.is_empty() {
            self.count(place, condition).await?
        } else {
            let plan = UpdatePlan {
                table: self.table().clone(),
                values: set.clone(),
                condition,
                check: self.opened.condition.clone(),
            };
            place.session().update(&plan).await?
        };
        if found == 0 {
            if !self.engine.limits.allow_upsert {
                return Err(not_found(ident));
            }
            return self.insert(place, &self.with_key(record, &key)).await;
        }
        // The new value counts where the key itself was changed.
        let now = self.identifier.iter().zip(&key);
        let now: Vec<Scalar> = now
            .map(|(field, old)| {
                set.iter()
                    .find(|(f, _)| f == field)
                    .and_then(|(_, v)| v.value())
                    .unwrap_or(old)
                    .clone()
            })
            .collect();
        Ok(self.key(&now))
    }

    fn only_identifies(&self, record: &Map<String, Value>) -> bool {
        let table = self.table();
        record
            .keys()
            .any(|name| table.field(name).is_some_and(|f| self.identifier.contains(&f)))
    }

    fn with_key(&self, record: &Map<String, Value>, key: &[Scalar]) -> Map<String, Value> {
        let mut record = record.clone();
        for (name, value) in self.key(key) {
            record.insert(name, value);
        }
        record
    }

    async fn count(&self, place: &Place<'_>, condition: Option<Condition>) -> Result<u64, Problem> {
        place
            .session()
            .count(&self.read_plan(vec![Column::Field(0)], condition, None))
            .await
    }

    pub(super) fn read_plan(
        &self,
        columns: Vec<Column>,
        condition: Option<Condition>,
        limit: Option<u64>,
    ) -> ReadPlan {
        ReadPlan {
            table: self.table().clone(),
            columns,
            condition,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit,
            offset: 0,
        }
    }

    /// The request's filter together with the row filter.
    pub(super) fn filtered(&self) -> Result<Option<Condition>, Problem> {
        let read = Read::of(
            self.engine,
            self.request,
            self.opened.clone(),
            crate::columns::Absent::Identifier,
        )?;
        Ok(Condition::and(
            read.client_filter()?,
            self.opened.condition.clone(),
        ))
    }

    /// Changes all rows that meet the filter. The answer names those that met it before the change.
    async fn by_filter(&self, record: &Map<String, Value>) -> Result<Response, Problem> {
        let set = values(self.table(), record, Purpose::Update)?;
        let condition = self.filtered()?;
        let columns: Vec<Column> = self.identifier.iter().copied().map(Column::Field).collect();
        let keys = if columns.is_empty() {
            Vec::new()
        } else {
            let limit = Some(self.engine.limits.max_records);
            crate::collect::rows(
                &*self.engine.backend,
                &self.read_plan(columns, condition.clone(), limit),
            )
            .await?
        };
        let plan = UpdatePlan {
            table: self.table().clone(),
            values: set,
            condition,
            check: self.opened.condition.clone(),
        };
        self.engine.backend.update(&plan).await?;
        let keys = keys.into_iter().map(Value::Object).collect();
        let records = if self.wants_rows() {
            self.stored(keys).await?
        } else {
            keys
        };
        Ok(list(
            self.request,
            &self.engine.settings,
            records,
            Meta::default(),
        ))
    }
}
