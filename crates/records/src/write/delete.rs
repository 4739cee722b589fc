//! DELETE.

use super::{Place, Write};
use crate::batch::{Batch, OnFailure};
use crate::columns::{Absent, no_identifier};
use crate::engine::Engine;
use crate::ident::{Ident, matches, records_of};
use crate::plan::{Column, Condition, DeletePlan, Target};
use crate::read::{Meta, Read, list, not_found};
use contract::{Map, Problem, Request, Response, Value, Verb, word};
use serde_json::json;

impl Engine {
    /// Answers `DELETE _table/{table}`: by identifiers, by records, by filter, or all with `force`.
    pub async fn delete(&self, request: &Request, table: &str) -> Result<Response, Problem> {
        let write = Write::open(self, request, table, Verb::Delete).await?;
        let records = || records_of(request, &self.settings).filter(|r| !r.is_empty());
        if let Some(ids) = Ident::of(request)? {
            return write.delete_all(ids).await;
        }
        if let Some(records) = records() {
            return write
                .delete_all(records.into_iter().map(Ident::from_json).collect())
                .await;
        }
        match request.text(&word::FILTER) {
            Some(filter) if filter.trim().is_empty() => Err(Problem::bad_request(
                "Filter for delete request can not be empty.",
            )),
            Some(_) => write.delete_by_filter().await,
            None if request.flag(&word::FORCE) => {
                let plan = DeletePlan {
                    table: write.table().clone(),
                    condition: write.opened.condition.clone(),
                };
                self.backend.delete(&plan).await?;
                Ok(Response::value(json!({"success": true})))
            }
            None => Err(Problem::bad_request(
                "No filter or records given for delete request.",
            )),
        }
    }

    /// Answers `DELETE _table/{table}/{id}`.
    pub async fn delete_one(&self, request: &Request, table: &str, id: &str) -> Result<Response, Problem> {
        let write = Write::open(self, request, table, Verb::Delete).await?;
        let ident = Ident::Text(id.to_owned());
        if write.identifier.is_empty() {
            return Err(no_identifier());
        }
        let row = write.before(std::slice::from_ref(&ident)).await?.pop().flatten();
        let row = write.remove(&Place::Own(&*self.backend), &ident, row).await?;
        Ok(Response::value(Value::Object(row)))
    }
}

impl Write<'_> {
    async fn delete_all(&self, ids: Vec<Ident>) -> Result<Response, Problem> {
        if self.identifier.is_empty() {
            return Err(no_identifier());
        }
        let on_failure = OnFailure::of(self.request)?;
        let rows = self.before(&ids).await?;
        let place = self.place(on_failure, &[]).await?;
        let mut batch = Batch::new(on_failure);
        for (ident, row) in ids.iter().zip(rows) {
            if !batch.push(self.remove(&place, ident, row).await.map(Value::Object)) {
                break;
            }
        }
        place.end(batch.failed()).await?;
        let records = batch.finish("deleted", &self.engine.settings)?;
        Ok(list(
            self.request,
            &self.engine.settings,
            records,
            Meta::default(),
        ))
    }

    /// What the answer shows of each row beyond its identifier: read before the rows are gone, and before a unit of
    /// work could hold the only connection. `None` where the identifier is all.
    async fn before(
        &self,
        ids: &[Ident],
    ) -> Result<Vec<Option<Result<Map<String, Value>, Problem>>>, Problem> {
        let mut rows = Vec::with_capacity(ids.len());
        if !self.wants_rows() {
            rows.resize_with(ids.len(), || None);
            return Ok(rows);
        }
        let read = Read::of(self.engine, self.request, self.opened.clone(), Absent::Identifier)?;
        for piece in ids.chunks(self.most()) {
            rows.extend(read.rows_by_ids(piece).await?.into_iter().map(Some));
        }
        Ok(rows)
    }

    /// Removes the row of an identifier and gives what the answer shows of it.
    async fn remove(
        &self,
        place: &Place<'_>,
        ident: &Ident,
        row: Option<Result<Map<String, Value>, Problem>>,
    ) -> Result<Map<String, Value>, Problem> {
        let key = ident.bind(self.table(), &self.identifier)?;
        let row = row.transpose()?;
        let condition = Condition::and(
            Some(matches(&self.identifier, &key)),
            self.opened.condition.clone(),
        );
        let gone = self
            .sides(place)
            .home
            .session
            .delete(&DeletePlan {
                table: self.table().clone(),
                condition,
            })
            .await?;
        if gone == 0 {
            return Err(not_found(ident));
        }
        Ok(row.unwrap_or_else(|| self.key(&key)))
    }

    /// Removes all rows that meet the filter; with `limit`, at most so many.
    async fn delete_by_filter(&self) -> Result<Response, Problem> {
        let condition = self.filtered().await?;
        let read = Read::of(self.engine, self.request, self.opened.clone(), Absent::Identifier)?;
        let limit = self
            .request
            .number(&word::LIMIT)
            .and_then(|n| u64::try_from(n).ok())
            .filter(|n| *n > 0);
        let mut plan = read.plan(None, limit);
        plan.condition.clone_from(&condition);
        let rows = read.values(&plan).await?;
        let condition = match limit {
            None => condition,
            Some(_) => Condition::and(self.these(&plan).await?, condition),
        };
        self.engine
            .backend
            .delete(&DeletePlan {
                table: self.table().clone(),
                condition,
            })
            .await?;
        let rows = rows.into_iter().map(Value::Object).collect();
        Ok(list(self.request, &self.engine.settings, rows, Meta::default()))
    }

    /// The condition that a row is one of those a limited read gives.
    async fn these(&self, plan: &crate::ReadPlan) -> Result<Option<Condition>, Problem> {
        let [field] = self.table().primary_key.as_slice() else {
            return Err(Problem::bad_request(
                "A limit on DELETE needs a table with a primary key of one field.",
            ));
        };
        let mut keys = plan.clone();
        keys.columns = vec![Column::Field(*field)];
        let rows = crate::collect::rows(&*self.engine.backend, &keys).await?;
        let values = rows.iter().filter_map(|row| row.values().next());
        let values = values.map(|v| crate::value::from_json(&self.table().fields[*field], v));
        Ok(Some(Condition::In(
            Target::Field(*field),
            values.collect::<Result<_, _>>()?,
        )))
    }
}
