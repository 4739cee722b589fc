//! Writing through a face: every record is one call of the store, alone or in one transaction for all.

use crate::answer::{list, sent_flag};
use crate::face::Face;
use crate::read::{Absent, Reading, as_read, matching};
use contract::{Map, Payload, Problem, Request, Response, Settings, Value, word};
use records::Engine;
use records::batch::{Batch, OnFailure};
use records::ident::{Ident, no_records, records_of};
use serde_json::json;
use std::collections::HashMap;
use store::{Entity, Store, StoreTx};

/// A write of a face.
pub(crate) struct Writing<'a> {
    pub(crate) store: &'a Store,
    pub(crate) engine: &'a Engine,
    pub(crate) settings: &'a Settings,
    pub(crate) face: &'static Face,
    pub(crate) entity: Entity,
    pub(crate) request: &'a Request,
}

type Record = Map<String, Value>;

/// What is done with one record.
enum Step<'r> {
    Create(Record),
    Update(i64, &'r Record),
    Delete(i64),
    /// It cannot even be tried.
    Refuse(Problem),
}

impl Writing<'_> {
    /// Nobody but an administrator without a role makes, changes or removes administrators: a role could otherwise
    /// be used to get out of it. And what cannot be mailed is refused before anything is stored.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let caller = &self.request.caller;
        let unrestricted = caller.role.is_none() && caller.user.as_ref().is_some_and(|u| u.is_sys_admin);
        if self.entity == Entity::Admin && !unrestricted {
            return Err(Problem::forbidden(
                "Only an administrator without a role may change administrators.",
            ));
        }
        if matches!(self.entity, Entity::Admin | Entity::User) && sent_flag(self.request, "send_invite") {
            return Err(Problem::bad_request(
                "Error processing user invite. There is no e-mail service that could send it.",
            ));
        }
        Ok(())
    }

    /// POST of records: 201.
    pub(crate) async fn create(&self) -> Result<Response, Problem> {
        let records = self.records()?;
        let steps = records.iter().map(|record| match record {
            Value::Object(record) => Step::Create(self.cleaned(record)),
            _ => Step::Refuse(not_a_record()),
        });
        let ids = self.run(steps.collect(), "created").await?;
        let rows = self.rows(&ids).await?;
        Ok(Response::created(list(self.request, self.settings, rows)))
    }

    /// PUT or PATCH of one record.
    pub(crate) async fn update_one(&self, id: i64) -> Result<Response, Problem> {
        let empty = Map::new();
        let wrapped = records_of(self.request, self.settings).and_then(|records| records.into_iter().next());
        let record = match (&wrapped, &self.request.payload) {
            (Some(Value::Object(record)), _) => record,
            (None, Payload::Value(Value::Object(record))) => record,
            (None, Payload::None) => &empty,
            _ => return Err(not_a_record()),
        };
        self.alone(Step::Update(id, record)).await?;
        Ok(Response::value(self.row(id).await?))
    }

    /// PUT or PATCH of several: each by its own identifier, or all of `ids` or `filter` with one patch.
    pub(crate) async fn update(&self) -> Result<Response, Problem> {
        let ids = match Ident::of(self.request)? {
            Some(ids) => Some(ids.iter().map(number).collect()),
            None => self
                .filtered()
                .await?
                .map(|ids| ids.into_iter().map(Ok).collect::<Vec<_>>()),
        };
        let records = match (&ids, &self.request.payload) {
            // With the rows named beside it, a bare record is understood as the patch.
            (Some(_), Payload::Value(Value::Object(bare)))
                if !bare.contains_key(&self.settings.resource_wrapper) && !bare.is_empty() =>
            {
                vec![Value::Object(bare.clone())]
            }
            _ => self.records()?,
        };
        let steps = match ids {
            Some(ids) => {
                let patch = records
                    .first()
                    .and_then(Value::as_object)
                    .ok_or_else(not_a_record)?;
                let step = |id| match id {
                    Ok(id) => Step::Update(id, patch),
                    Err(problem) => Step::Refuse(problem),
                };
                ids.into_iter().map(step).collect()
            }
            None => records.iter().map(own_update).collect(),
        };
        let ids = self.run(steps, "updated").await?;
        let rows = self.rows(&ids).await?;
        Ok(Response::value(list(self.request, self.settings, rows)))
    }

    /// DELETE of one record.
    pub(crate) async fn delete_one(&self, id: i64) -> Result<Response, Problem> {
        // What is asked for beyond the identifier must be read before it is gone.
        let row = self.row(id).await?;
        self.alone(Step::Delete(id)).await?;
        Ok(Response::value(row))
    }

    /// DELETE of several: `ids`, records, `filter`, or everything with `force`.
    pub(crate) async fn delete(&self) -> Result<Response, Problem> {
        let named = match Ident::of(self.request)? {
            Some(ids) => Some(ids),
            None => records_of(self.request, self.settings)
                .filter(|records| !records.is_empty())
                .map(|records| records.into_iter().map(Ident::from_json).collect()),
        };
        let ids: Vec<Result<i64, Problem>> = match named {
            Some(ids) => ids.iter().map(number).collect(),
            None => match self.filtered().await? {
                Some(ids) => ids.into_iter().map(Ok).collect(),
                None if self.request.flag(&word::FORCE) => {
                    matching(self.engine, self.face, self.request, self.settings)
                        .await?
                        .into_iter()
                        .map(Ok)
                        .collect()
                }
                None => {
                    return Err(Problem::bad_request(
                        "No filter or records given for delete request.",
                    ));
                }
            },
        };
        let mut before = HashMap::new();
        if self.wants_rows() {
            for id in ids.iter().flatten() {
                if let Ok(row) = self.row(*id).await {
                    before.insert(*id, row);
                }
            }
        }
        let step = |id| match id {
            Ok(id) => Step::Delete(id),
            Err(problem) => Step::Refuse(problem),
        };
        let gone = self.run(ids.into_iter().map(step).collect(), "deleted").await?;
        let rows = gone
            .into_iter()
            .map(|id| before.remove(&id).unwrap_or_else(|| json!({"id": id})));
        Ok(Response::value(list(self.request, self.settings, rows.collect())))
    }

    /// A new key for an app.
    pub(crate) async fn regenerate(&self, id: i64) -> Result<Response, Problem> {
        let tx = self.begin().await?;
        tx.regenerate_api_key(id).await?;
        tx.commit().await?;
        Ok(Response::value(self.row(id).await?))
    }

    fn records(&self) -> Result<Vec<Value>, Problem> {
        let records = records_of(self.request, self.settings).filter(|records| !records.is_empty());
        records.ok_or_else(|| no_records(self.settings))
    }

    /// A new user is given only what has a value: empty fields of a form mean nothing.
    fn cleaned(&self, record: &Record) -> Record {
        let empty = |value: &Value| value.is_null() || value == "";
        match self.entity {
            Entity::Admin | Entity::User => record
                .iter()
                .filter(|(_, v)| !empty(v))
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            _ => record.clone(),
        }
    }

    /// The records of the request's filter; `None` without one.
    async fn filtered(&self) -> Result<Option<Vec<i64>>, Problem> {
        if self
            .request
            .text(&word::FILTER)
            .is_none_or(|filter| filter.trim().is_empty())
        {
            return Ok(None);
        }
        matching(self.engine, self.face, self.request, self.settings)
            .await
            .map(Some)
    }

    pub(crate) async fn begin(&self) -> Result<StoreTx, Problem> {
        self.store
            .begin(self.request.caller.user.as_ref().map(|user| user.id))
            .await
    }

    /// Does the steps in order and gives the identifiers, or the batch error.
    async fn run(&self, steps: Vec<Step<'_>>, done: &str) -> Result<Vec<i64>, Problem> {
        let on_failure = OnFailure::of(self.request)?;
        let mut batch = Batch::new(on_failure);
        let all = match on_failure {
            OnFailure::Rollback => Some(self.begin().await?),
            _ => None,
        };
        for step in steps {
            let result = match &all {
                Some(tx) => self.step(tx, step).await,
                None => self.alone(step).await,
            };
            if !batch.push(result.map(|id| json!({"id": id}))) {
                break;
            }
        }
        match all {
            Some(tx) if batch.failed() => tx.rollback().await?,
            Some(tx) => tx.commit().await.map(|_| ())?,
            None => {}
        }
        let keys = batch.finish(done, self.settings)?;
        Ok(keys
            .iter()
            .filter_map(|key| key.get("id").and_then(Value::as_i64))
            .collect())
    }

    /// A step in a transaction of its own.
    async fn alone(&self, step: Step<'_>) -> Result<i64, Problem> {
        if let Step::Refuse(problem) = step {
            return Err(problem);
        }
        let tx = self.begin().await?;
        let id = self.step(&tx, step).await?;
        tx.commit().await?;
        Ok(id)
    }

    async fn step(&self, tx: &StoreTx, step: Step<'_>) -> Result<i64, Problem> {
        match step {
            Step::Create(record) => tx.create(self.entity, &record).await,
            Step::Update(id, record) => tx.update(self.entity, id, record).await.map(|()| id),
            Step::Delete(id) => tx.delete(self.entity, id).await.map(|()| id),
            Step::Refuse(problem) => Err(problem),
        }
    }

    fn wants_rows(&self) -> bool {
        let asked = self
            .request
            .text(&word::FIELDS)
            .is_some_and(|fields| !fields.trim().is_empty());
        asked || self.request.text(&word::RELATED).is_some()
    }

    /// What the answer shows of a record: its identifier, or what `fields` and `related` ask for.
    async fn row(&self, id: i64) -> Result<Value, Problem> {
        if !self.wants_rows() {
            return Ok(json!({"id": id}));
        }
        Reading::of(self.face, &as_read(self.request), Absent::Identifier)?
            .one(self.engine, id)
            .await
    }

    async fn rows(&self, ids: &[i64]) -> Result<Vec<Value>, Problem> {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            rows.push(self.row(*id).await?);
        }
        Ok(rows)
    }
}

fn not_a_record() -> Problem {
    Problem::bad_request("The request contains no valid record fields.")
}

/// An update by the identifier inside the record.
fn own_update(record: &Value) -> Step<'_> {
    let Value::Object(record) = record else {
        return Step::Refuse(not_a_record());
    };
    match record.get("id").filter(|id| !id.is_null() && *id != "") {
        None => Step::Refuse(Problem::bad_request(
            "Identifying field \"id\" can not be empty for update request . ",
        )),
        Some(id) => match number(&Ident::from_json(id.clone())) {
            Ok(id) => Step::Update(id, record),
            Err(problem) => Step::Refuse(problem),
        },
    }
}

/// An identifier as a number; what is none identifies nothing.
fn number(ident: &Ident) -> Result<i64, Problem> {
    let id = match ident {
        Ident::Text(text) => text.trim().parse().ok(),
        Ident::Json(value) => value.as_i64(),
        Ident::Record(record) => record.get("id").and_then(|id| match id {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_i64(),
        }),
    };
    id.ok_or_else(|| Problem::not_found(format!("Record with identifier '{}' not found.", ident.label())))
}
