//! PUT and PATCH: changes of the fields that are sent.

use super::nested::{Survey, Tables};
use super::record::{Incoming, Intake, Purpose, object};
use super::{Place, Write};
use crate::batch::{Batch, OnFailure};
use crate::columns::no_identifier;
use crate::engine::Engine;
use crate::ident::{Ident, no_records, records_of};
use crate::plan::{Column, Condition, ReadPlan, UpdatePlan};
use crate::read::{Meta, Read, list, not_found};
use crate::sql_backend::settle;
use crate::{Scalar, Session};
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
        let used = if ids.is_some() { &records[..1] } else { &records };
        let mut survey = Survey::of(self, request, write.table(), used.iter()).await;
        // One patch for many rows is good or bad for all of them.
        if ids.is_some()
            && let Some(problem) = survey.problems.remove(0)
        {
            return Err(problem);
        }
        let place = write.place(on_failure).await?;
        let mut batch = Batch::new(on_failure);
        let mut problems = survey.problems.into_iter();
        let steps: Vec<(Ident, &Value)> = match ids {
            Some(ids) => ids.into_iter().map(|ident| (ident, &records[0])).collect(),
            None => records
                .iter()
                .map(|record| (Ident::from_json(record.clone()), record))
                .collect(),
        };
        for (ident, record) in &steps {
            let done = match (problems.next().flatten(), object(record)) {
                (None, Ok(record)) => write.change(&place, ident, record, &survey.tables).await,
                (Some(problem), _) | (_, Err(problem)) => Err(problem),
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
        let whole = Value::Object(record.clone());
        let survey = Survey::of(self, request, write.table(), std::iter::once(&whole)).await;
        if let Some(problem) = survey.problems.into_iter().flatten().next() {
            return Err(problem);
        }
        let place = Place::Own(&*self.backend);
        let key = write.change(&place, &ident, record, &survey.tables).await?;
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
        tables: &Tables,
    ) -> Result<Map<String, Value>, Problem> {
        let key = ident.bind(self.table(), &self.identifier)?;
        let changed = match self.unit(place, record).await? {
            Some(work) => {
                let done = self.change_one(&*work, ident, &key, record, tables).await;
                settle(work, done).await?
            }
            None => {
                self.change_one(place.session(), ident, &key, record, tables)
                    .await?
            }
        };
        match changed {
            Some(now) => Ok(self.key(&now)),
            None if self.engine.limits.allow_upsert => {
                self.insert(place, &self.with_key(record, &key), tables).await
            }
            None => Err(not_found(ident)),
        }
    }

    async fn change_one(
        &self,
        session: &dyn Session,
        ident: &Ident,
        key: &[Scalar],
        record: &Map<String, Value>,
        tables: &Tables,
    ) -> Result<Option<Vec<Scalar>>, Problem> {
        // A record that names its own row does not change the name.
        let keeps_key = matches!(ident, Ident::Record(_));
        let nest = self.nest(session, tables);
        let incoming = Incoming::plain(record);
        nest.patch(&self.opened, &self.identifier, key, incoming, keeps_key)
            .await
    }

    fn with_key(&self, record: &Map<String, Value>, key: &[Scalar]) -> Map<String, Value> {
        let mut record = record.clone();
        for (name, value) in self.key(key) {
            record.insert(name, value);
        }
        record
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
    pub(super) async fn filtered(&self) -> Result<Option<Condition>, Problem> {
        let read = Read::of(
            self.engine,
            self.request,
            self.opened.clone(),
            crate::columns::Absent::Identifier,
        )?;
        Ok(Condition::and(
            read.client_filter().await?,
            self.opened.condition.clone(),
        ))
    }

    /// The rows that meet the filter after the change, for tables that have nothing to name them by.
    async fn meeting(&self) -> Result<Response, Problem> {
        let absent = crate::columns::Absent::Identifier;
        let read = Read::of(self.engine, self.request, self.opened.clone(), absent)?;
        let plan = read.plan(read.client_filter().await?, Some(self.engine.limits.max_records));
        let rows = read.values(&plan).await?;
        let rows = rows.into_iter().map(Value::Object).collect();
        Ok(list(self.request, &self.engine.settings, rows, Meta::default()))
    }

    /// Changes all rows that meet the filter. The answer names those that met it before the change.
    async fn by_filter(&self, record: &Map<String, Value>) -> Result<Response, Problem> {
        if super::nested::is_in(self.table(), record) {
            return Err(Problem::bad_request(
                "Related records can not be written by a filter: name the records by their identifiers.",
            ));
        }
        let intake = Intake::of(self.request, &self.engine.settings);
        let set = intake.values(self.table(), &Incoming::plain(record), Purpose::Update)?;
        let condition = self.filtered().await?;
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
        if !set.is_empty() {
            let plan = UpdatePlan {
                table: self.table().clone(),
                values: set,
                condition,
                check: self.opened.condition.clone(),
            };
            self.engine.backend.update(&plan).await?;
        }
        if self.identifier.is_empty() {
            return self.meeting().await;
        }
        self.answer_rows(keys.into_iter().map(Value::Object).collect())
            .await
    }
}
