//! Records by identifier: one, or several in the order they were asked for.

use super::Read;
use super::answer::{Meta, list, whole};
use crate::batch::{Batch, OnFailure};
use crate::collect::{self, Objects, own};
use crate::columns::no_identifier;
use crate::encode::RowWriter;
use crate::ident::{Ident, matches};
use crate::plan::{Column, Condition, Target};
use crate::{Scalar, columns};
use bytes::Bytes;
use contract::{Map, Problem, Response, Value};
use std::collections::{HashMap, HashSet};

/// Most identifiers that one statement looks for.
const PIECE: usize = 1000;

pub(crate) fn not_found(ident: &Ident) -> Problem {
    Problem::not_found(format!("Record with identifier '{}' not found.", ident.label()))
}

impl Read<'_> {
    pub(super) async fn one(self, id: &str) -> Result<Response, Problem> {
        let ident = Ident::Text(id.to_owned());
        let condition = self.identified(&ident)?;
        let plan = self.plan(Some(condition), Some(1));
        if self.needs_values() {
            let rows = self.values(&plan).await?;
            let row = rows.into_iter().next().ok_or_else(|| not_found(&ident))?;
            return Ok(Response::value(Value::Object(row)));
        }
        let format = self.request.format;
        let sink = RowWriter::of(format, &plan, None);
        let mut sink = own::<RowWriter>(self.engine.backend.read(&plan, Box::new(sink)).await?);
        if sink.rows == 0 {
            return Err(not_found(&ident));
        }
        Ok(whole(format, Bytes::from(sink.finish())))
    }

    fn identified(&self, ident: &Ident) -> Result<Condition, Problem> {
        if self.identifier.is_empty() {
            return Err(no_identifier());
        }
        let values = ident.bind_leading(self.table(), &self.identifier)?;
        Ok(matches(&self.identifier, &values))
    }

    pub(super) async fn by_ids(self, ids: Vec<Ident>) -> Result<Response, Problem> {
        if self.identifier.is_empty() {
            return Err(no_identifier());
        }
        let on_failure = OnFailure::of(self.request)?;
        let found = self.rows_by_ids(&ids).await?;
        let mut batch = Batch::new(on_failure);
        for row in found {
            if !batch.push(row.map(Value::Object)) {
                break;
            }
        }
        let records = batch.finish("retrieved", &self.engine.settings)?;
        Ok(list(
            self.request,
            &self.engine.settings,
            records,
            Meta::default(),
        ))
    }

    /// A row or a problem per identifier, in order. Duplicates give the same row again.
    pub(crate) async fn rows_by_ids(
        &self,
        ids: &[Ident],
    ) -> Result<Vec<Result<Map<String, Value>, Problem>>, Problem> {
        let max = self.engine.settings.max_records_returned;
        if ids.len() as u64 > max {
            return Err(Problem::bad_request(format!(
                "At most {max} identifiers can be asked for at once, and these are {}.",
                ids.len()
            )));
        }
        let keys: Vec<_> = ids
            .iter()
            .map(|ident| ident.bind_leading(self.table(), &self.identifier))
            .collect();
        let rows = match self.single_unique() {
            Some(field) => self.by_unique(field, &keys).await?,
            None => self.one_by_one(&keys).await?,
        };
        let results = keys.into_iter().zip(ids).zip(rows);
        Ok(results
            .map(|((key, ident), row)| key.and_then(|_| row.ok_or_else(|| not_found(ident))))
            .collect())
    }

    /// The identifying field, when it is one and no two rows share a value.
    fn single_unique(&self) -> Option<usize> {
        let [field] = self.identifier.as_slice() else {
            return None;
        };
        let unique = self.table().primary_key == [*field] || self.table().fields[*field].is_unique;
        unique.then_some(*field)
    }

    /// All rows with a few statements, then put in order.
    async fn by_unique(
        &self,
        field: usize,
        keys: &[Result<Vec<Scalar>, Problem>],
    ) -> Result<Vec<Option<Map<String, Value>>>, Problem> {
        let wanted: Vec<&Scalar> = keys.iter().filter_map(|k| k.as_ref().ok()?.first()).collect();
        let mut positions: HashMap<String, usize> = HashMap::new();
        let mut rows = Vec::new();
        // The key is read beside what was asked for, under a name that no field has.
        const KEY: &str = "\u{0}key";
        for piece in wanted.chunks(PIECE) {
            let values = piece.iter().map(|v| (*v).clone()).collect();
            let mut plan = self.plan(Some(Condition::In(Target::Field(field), values)), None);
            plan.columns.push(Column::Field(field));
            let shapes = columns::shapes(&plan.table, &plan.columns);
            let count = plan.columns.len() - 1;
            let named = shapes
                .enumerate()
                .map(|(i, (name, shape))| (if i == count { KEY } else { name }, shape));
            let sink = Objects::new(named);
            rows.extend(own::<Objects>(self.engine.backend.read(&plan, Box::new(sink)).await?).rows);
        }
        for (i, row) in rows.iter_mut().enumerate() {
            if let Some(key) = row.shift_remove(KEY) {
                positions.entry(key_text(&key)).or_insert(i);
            }
        }
        self.complete(&mut rows).await?;
        let shape = crate::value::Shape::of_field(&self.table().fields[field]);
        let find = |key: &Scalar| {
            let shown = crate::value::to_json(shape, crate::value::cell(key));
            let exact = positions.get(&key_text(&shown));
            // A database that compares without case finds more than the text that was asked for.
            exact.or_else(|| {
                let lower = key_text(&shown).to_lowercase();
                positions
                    .iter()
                    .find(|(k, _)| k.to_lowercase() == lower)
                    .map(|(_, i)| i)
            })
        };
        let position = |key: &Result<Vec<Scalar>, Problem>| find(key.as_ref().ok()?.first()?).copied();
        let places: Vec<Option<usize>> = keys.iter().map(position).collect();
        let claimed: HashSet<usize> = places.iter().flatten().copied().collect();
        let mut found: Vec<Option<Map<String, Value>>> = places
            .iter()
            .map(|place| place.map(|i| rows[i].clone()))
            .collect();
        // A row that was found and is nobody's has a key that the database writes otherwise than it was asked for.
        if claimed.len() < rows.len() {
            for (row, key) in found.iter_mut().zip(keys).filter(|(row, _)| row.is_none()) {
                *row = self.one_by_one(std::slice::from_ref(key)).await?.pop().flatten();
            }
        }
        Ok(found)
    }

    /// For composite keys and fields that are not unique: the first row of each.
    async fn one_by_one(
        &self,
        keys: &[Result<Vec<Scalar>, Problem>],
    ) -> Result<Vec<Option<Map<String, Value>>>, Problem> {
        let (mut rows, mut found) = (Vec::with_capacity(keys.len()), Vec::with_capacity(keys.len()));
        for key in keys {
            let row = match key {
                Ok(values) => {
                    let plan = self.plan(Some(matches(&self.identifier, values)), Some(1));
                    collect::rows(&*self.engine.backend, &plan).await?.pop()
                }
                Err(_) => None,
            };
            found.push(row.is_some());
            rows.extend(row);
        }
        self.complete(&mut rows).await?;
        let mut rows = rows.into_iter();
        Ok(found
            .into_iter()
            .map(|found| rows.next().filter(|_| found))
            .collect())
    }
}

fn key_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
