//! Reads the related rows of rows and puts them in.

use super::wanted::options;
use super::{Trail, Wanted, has_one_of};
use crate::collect::{self, Objects, own};
use crate::columns::{self, Columns};
use crate::engine::{Engine, Opened};
use crate::plan::{Column, Condition, ReadPlan};
use crate::service::Peer;
use crate::value::from_json;
use crate::{Relation, RelationKind, Scalar, Table};
use contract::{Map, Params, Problem, Request, ServiceRef, Value, Verb, word};
use futures_util::future::BoxFuture;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Most keys that one statement looks for.
const PIECE: usize = 1000;
/// Most related records that one relation puts into an answer, those inside of them included. A record that is related
/// to many parents is there many times, and what is inside of it too.
const MOST: usize = 200_000;

/// Adds the wanted relations to the rows; gives how many records were put into each row.
pub(crate) fn attach<'f>(
    engine: &'f Engine,
    request: &'f Request,
    table: &'f Table,
    wanted: &'f [Wanted],
    rows: &'f mut [Map<String, Value>],
    trail: &Trail,
) -> BoxFuture<'f, Result<Vec<usize>, Problem>> {
    let trail = trail.with(request.service.id, table);
    Box::pin(async move {
        let mut counts = vec![0; rows.len()];
        for Wanted { relation } in wanted {
            let attach = Attach {
                engine,
                request,
                table,
                relation,
                trail: &trail,
            };
            attach.run(rows, &mut counts).await?;
        }
        Ok(counts)
    })
}

struct Attach<'a> {
    engine: &'a Engine,
    request: &'a Request,
    table: &'a Table,
    relation: &'a Relation,
    trail: &'a Trail,
}

/// A table that a relation leads to, and what reads it.
struct End {
    engine: Engine,
    /// With the options of the relation as its own.
    request: Request,
    opened: Opened,
    /// The service, where it is another.
    peer: Option<Peer>,
}

impl End {
    /// Lets the service note what a problem says of its schema.
    fn noted(&self, problem: Problem) -> Problem {
        if let Some(peer) = &self.peer {
            peer.note(&problem);
        }
        problem
    }

    fn read_plan(&self, columns: Vec<Column>, keys: Condition) -> ReadPlan {
        ReadPlan {
            table: self.opened.table.clone(),
            columns,
            condition: Condition::and(Some(keys), self.opened.condition.clone()),
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
        }
    }
}

impl Attach<'_> {
    async fn run(&self, rows: &mut [Map<String, Value>], counts: &mut [usize]) -> Result<(), Problem> {
        let relation = self.relation;
        let between = match &relation.junction {
            Some(junction) => {
                let service = relation.extra.junction_service.as_ref();
                Some((
                    junction,
                    self.end(service, &junction.table, Params::default()).await?,
                ))
            }
            None => None,
        };
        let params = options(&self.request.params, &relation.name);
        let other = self
            .end(relation.extra.ref_service.as_ref(), &relation.ref_table, params)
            .await?;
        let local = self.local()?;
        let parents: Vec<Option<Vec<Value>>> = rows.iter().map(|row| key_of(row, &local)).collect();
        let keys = distinct(parents.iter().flatten());
        // The children of each parent by their places in the list.
        let found: Children;
        let mut linked: HashMap<String, Vec<usize>> = HashMap::new();
        match between {
            Some((junction, end)) => {
                let pairs = self
                    .pairs(&end, &junction.fields, &junction.ref_fields, &keys)
                    .await
                    .map_err(|p| end.noted(p))?;
                let far = distinct(pairs.iter().map(|(_, far)| far));
                found = self.children(&other, &far).await.map_err(|p| other.noted(p))?;
                let by_key = found.by_key();
                for (near, far) in &pairs {
                    let places = by_key.get(text_of(far).as_str()).into_iter().flatten();
                    linked.entry(text_of(near)).or_default().extend(places);
                }
                for places in linked.values_mut() {
                    places.sort_unstable();
                    places.dedup();
                }
            }
            None => {
                found = self.children(&other, &keys).await.map_err(|p| other.noted(p))?;
                let by_key = found.by_key().into_iter();
                linked = by_key.map(|(key, places)| (key.to_owned(), places)).collect();
            }
        }
        let mut sum = 0_usize;
        for ((row, parent), count) in rows.iter_mut().zip(parents).zip(counts) {
            let places = parent.and_then(|key| linked.get(&text_of(&key)));
            let places: &[usize] = self.shown(places.map(Vec::as_slice).unwrap_or_default());
            let records = places.iter().map(|place| found.weights[*place]).sum::<usize>();
            sum += records;
            if sum > MOST {
                return Err(Problem::bad_request(format!(
                    "The relationship '{}' puts too many records into the answer: ask for fewer at once.",
                    relation.name
                )));
            }
            *count += records;
            let list = places.iter().map(|place| found.rows[*place].clone());
            row.insert(relation.name.clone(), self.value(list));
        }
        Ok(())
    }

    /// Opens a table that the relation leads to.
    async fn end(
        &self,
        service: Option<&Arc<ServiceRef>>,
        table: &str,
        params: Params,
    ) -> Result<End, Problem> {
        match service {
            Some(service) => {
                let peer = Peer::find(self.engine, self.request, service, params).await?;
                Ok(End {
                    opened: peer.open(table, Verb::Get).await?,
                    engine: peer.engine().clone(),
                    request: peer.request.clone(),
                    peer: Some(peer),
                })
            }
            None => {
                let request = self.request.aimed_at(self.request.service.clone(), params);
                Ok(End {
                    opened: self.engine.catalogue.open(&request, table, Verb::Get).await?,
                    engine: self.engine.clone(),
                    request,
                    peer: None,
                })
            }
        }
    }

    /// The names of this table's key in a row.
    fn local(&self) -> Result<Vec<&str>, Problem> {
        let fields = self.table.columns(&self.relation.fields);
        let fields = fields.ok_or_else(|| self.broken())?;
        Ok(fields
            .iter()
            .map(|i| self.table.fields[*i].name.as_str())
            .collect())
    }

    fn broken(&self) -> Problem {
        Problem::internal(format!(
            "relation {} names a field that its table does not show",
            self.relation.name
        ))
    }

    /// Those that are shown of the children of a parent: of one that can only have one, the first.
    fn shown<'p>(&self, places: &'p [usize]) -> &'p [usize] {
        match self.relation.kind {
            RelationKind::HasMany | RelationKind::ManyMany => places,
            RelationKind::BelongsTo | RelationKind::HasOne => places.get(..1).unwrap_or_default(),
        }
    }

    fn value(&self, mut list: impl Iterator<Item = Map<String, Value>>) -> Value {
        match self.relation.kind {
            RelationKind::HasMany | RelationKind::ManyMany => list.map(Value::Object).collect(),
            RelationKind::BelongsTo => list.next().map_or(Value::Null, Value::Object),
            RelationKind::HasOne => list.next().map_or(Value::Array(Vec::new()), Value::Object),
        }
    }

    /// Pairs of keys from the table between.
    async fn pairs(
        &self,
        between: &End,
        near: &[String],
        far: &[String],
        keys: &[Vec<Value>],
    ) -> Result<Vec<(Vec<Value>, Vec<Value>)>, Problem> {
        let table = &between.opened.table;
        let (Some(near), Some(far)) = (table.columns(near), table.columns(far)) else {
            return Err(self.broken());
        };
        let columns: Vec<Column> = near.iter().chain(&far).copied().map(Column::Field).collect();
        let names: Vec<String> = (0..columns.len()).map(|i| i.to_string()).collect();
        let mut pairs = Vec::new();
        for piece in keys.chunks(PIECE) {
            let plan = between.read_plan(columns.clone(), one_of(table, &near, piece));
            let shapes = columns::shapes(table, &plan.columns).zip(&names);
            let sink = Objects::new(shapes.map(|((_, shape), name)| (name.as_str(), shape)));
            let rows = own::<Objects>(between.engine.backend.read(&plan, Box::new(sink)).await?).rows;
            pairs.extend(rows.into_iter().map(|row| {
                let mut near_values: Vec<Value> = row.into_iter().map(|(_, value)| value).collect();
                let far_values = near_values.split_off(near.len());
                (near_values, far_values)
            }));
        }
        Ok(pairs)
    }

    /// Rows of the other table whose key is one of `keys`, with the key of each, and with what is nested in them.
    async fn children(&self, other: &End, keys: &[Vec<Value>]) -> Result<Children, Problem> {
        let (table, request) = (&other.opened.table, &other.request);
        let key = table.columns(&self.relation.ref_fields);
        let key = key.ok_or_else(|| self.broken())?;
        let mut columns = Columns::of(request, table, &table.primary_key, columns::Absent::All)?;
        let order = match request.text(&word::ORDER) {
            Some(text) => columns::order(&text, table, &columns)?,
            None => Vec::new(),
        };
        let filter = crate::read::client_filter(&other.engine, request, table).await?;
        let mut nested = Vec::new();
        let mut added = Vec::new();
        if columns.group.is_empty() {
            let strict = other.engine.catalogue.strict_relations();
            nested = Wanted::of(request, table, strict, self.trail)?;
            columns.ensure_keys(table, &nested);
            added.extend(key.iter().copied().filter(|field| columns.ensure(*field)));
        }
        let max = self
            .engine
            .limits
            .max_records
            .min(other.engine.limits.max_records);
        let limit = request
            .number(&word::LIMIT)
            .and_then(|n| u64::try_from(n).ok())
            .filter(|n| (1..=max).contains(n));
        let mut left = limit.unwrap_or(max);
        let mut rows = Vec::new();
        for piece in keys.chunks(PIECE) {
            if left == 0 {
                break;
            }
            let keys = Condition::and(Some(one_of(table, &key, piece)), filter.clone());
            let plan = ReadPlan {
                group: columns.group.clone(),
                order: order.clone(),
                limit: Some(left),
                ..other.read_plan(
                    columns.columns.clone(),
                    Condition::And(keys.into_iter().collect()),
                )
            };
            let found = collect::rows(&*other.engine.backend, &plan).await?;
            left = left.saturating_sub(found.len() as u64);
            rows.extend(found);
        }
        let names: Vec<&str> = key.iter().map(|i| table.fields[*i].name.as_str()).collect();
        other.engine.catalogue.complete(request, table, &mut rows).await?;
        let keys = rows
            .iter()
            .map(|row| key_of(row, &names).map(|key| text_of(&key)).unwrap_or_default())
            .collect();
        let inside = super::attach(&other.engine, request, table, &nested, &mut rows, self.trail).await?;
        for field in added {
            for row in &mut rows {
                row.shift_remove(&table.fields[field].name);
            }
        }
        Ok(Children {
            keys,
            rows,
            weights: inside.into_iter().map(|inside| inside + 1).collect(),
        })
    }
}

/// Rows of the other table in the database's order.
struct Children {
    /// The text of the key of each.
    keys: Vec<String>,
    rows: Vec<Map<String, Value>>,
    /// How many records each is, with those inside of it.
    weights: Vec<usize>,
}

impl Children {
    /// The places of the rows by their keys.
    fn by_key(&self) -> HashMap<&str, Vec<usize>> {
        let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, key) in self.keys.iter().enumerate() {
            by_key.entry(key).or_default().push(place);
        }
        by_key
    }
}

/// A key that does not fit the other side's types matches nothing there.
fn one_of(table: &Table, fields: &[usize], keys: &[Vec<Value>]) -> Condition {
    let fitting = |key: &Vec<Value>| -> Option<Vec<Scalar>> {
        let parts = fields.iter().zip(key);
        parts
            .map(|(field, value)| from_json(&table.fields[*field], value).ok())
            .collect()
    };
    let keys: Vec<Vec<Scalar>> = keys.iter().filter_map(fitting).collect();
    has_one_of(fields, &keys)
}

/// The key of a row; `None` when a part of it is NULL.
fn key_of(row: &Map<String, Value>, names: &[&str]) -> Option<Vec<Value>> {
    let part = |name: &&str| row.get(*name).filter(|value| !value.is_null()).cloned();
    names.iter().map(part).collect()
}

/// The keys, each once, in order.
fn distinct<'v>(keys: impl Iterator<Item = &'v Vec<Value>>) -> Vec<Vec<Value>> {
    let mut seen = HashSet::new();
    keys.filter(|key| !key.iter().any(Value::is_null) && seen.insert(text_of(key)))
        .cloned()
        .collect()
}

/// A key as text, so that keys of two databases can be compared: `5` and `"5"` are the same, and so are `5` and `5.00`.
fn text_of(key: &[Value]) -> String {
    let part = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let text = number.to_string();
            match text.contains('.') && !text.contains(['e', 'E']) {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text,
            }
        }
        other => other.to_string(),
    };
    key.iter().map(part).collect::<Vec<_>>().join("\u{0}")
}

#[cfg(test)]
mod tests {
    use super::text_of;
    use serde_json::json;

    #[test]
    fn keys_of_two_databases_compare() {
        assert_eq!(text_of(&[json!(5)]), text_of(&[json!("5")]));
        let decimal = serde_json::from_str("100.00").unwrap();
        assert_eq!(text_of(&[decimal]), "100");
        assert_ne!(text_of(&[json!("a"), json!("b")]), text_of(&[json!("ab")]));
    }
}
