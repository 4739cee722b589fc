//! Reads the related rows of rows and puts them in.

use super::end::{End, Link, Reading};
use super::wanted::options;
use super::{Trail, Wanted, has_one_of};
use crate::collect::{self, Objects, own};
use crate::columns::{self, Columns};
use crate::engine::Engine;
use crate::plan::{Column, Condition, OrderItem, PairedPlan, ReadPlan};
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

pub(super) struct Attach<'a> {
    pub(super) engine: &'a Engine,
    pub(super) request: &'a Request,
    pub(super) table: &'a Table,
    pub(super) relation: &'a Relation,
    pub(super) trail: &'a Trail,
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
        let (mut found, linked) = match &between {
            Some((junction, between)) => {
                let link = Link {
                    between,
                    other: &other,
                    near: self.columns(between, &junction.fields)?,
                    far: self.columns(between, &junction.ref_fields)?,
                };
                self.through(&link, &keys).await?
            }
            None => self.direct(&other, &keys).await?,
        };
        let shown: Vec<&[usize]> = parents
            .into_iter()
            .map(|parent| parent.and_then(|key| linked.get(&text_of(&key))))
            .map(|places| self.shown(places.map(Vec::as_slice).unwrap_or_default()))
            .collect();
        let mut uses = vec![0_usize; found.rows.len()];
        shown
            .iter()
            .copied()
            .flatten()
            .for_each(|place| uses[*place] += 1);
        let mut sum = 0_usize;
        for ((row, places), count) in rows.iter_mut().zip(shown).zip(counts) {
            let records = places.iter().map(|place| found.weights[*place]).sum::<usize>();
            sum += records;
            if sum > MOST {
                return Err(Problem::bad_request(format!(
                    "The relationship '{}' puts too many records into the answer: ask for fewer at once.",
                    relation.name
                )));
            }
            *count += records;
            let list = places
                .iter()
                .map(|place| found.handed_out(*place, &mut uses[*place]));
            row.insert(relation.name.clone(), self.value(list));
        }
        Ok(())
    }

    /// Opens a table that the relation leads to.
    pub(super) async fn end(
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
        Ok(self.table.names(&fields.ok_or_else(|| self.broken())?))
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

    /// The fields of a table that a relation leads to.
    fn columns(&self, end: &End, names: &[String]) -> Result<Vec<usize>, Problem> {
        end.opened.table.columns(names).ok_or_else(|| self.broken())
    }

    /// Children that hold the parents' keys, or whose key the parents hold.
    async fn direct(&self, other: &End, keys: &[Vec<Value>]) -> Result<(Children, Linked), Problem> {
        let (found, own) = self.children(other, keys).await.map_err(|p| other.noted(p))?;
        let mut linked = Linked::new();
        for (place, key) in own.into_iter().enumerate() {
            linked.entry(key).or_default().push(place);
        }
        Ok((found, linked))
    }

    /// Children through the table between: in one statement where both tables lie in one place, else pairs of keys
    /// first and then the rows that they lead to.
    async fn through(&self, link: &Link<'_>, keys: &[Vec<Value>]) -> Result<(Children, Linked), Problem> {
        let (between, other) = (link.between, link.other);
        let reading = self.reading(other).await.map_err(|p| other.noted(p))?;
        let on = self.columns(other, &self.relation.ref_fields)?;
        let on: Vec<(usize, usize)> = on.into_iter().zip(link.far.iter().copied()).collect();
        if link.is_one_place(&on) && reading.is_plain() {
            let paired = self.paired(link, reading, on, keys).await;
            return paired.map_err(|p| other.noted(p));
        }
        let pairs = self.pairs(link, keys).await.map_err(|p| between.noted(p))?;
        let (found, by_key) = self
            .direct(other, &distinct(pairs.iter().map(|(_, far)| far)))
            .await?;
        let mut linked = Linked::new();
        for (near, far) in &pairs {
            let places = by_key.get(&text_of(far)).into_iter().flatten();
            linked.entry(text_of(near)).or_default().extend(places);
        }
        for places in linked.values_mut() {
            places.sort_unstable();
            places.dedup();
        }
        Ok((found, linked))
    }

    /// Pairs of keys from the table between.
    async fn pairs(
        &self,
        link: &Link<'_>,
        keys: &[Vec<Value>],
    ) -> Result<Vec<(Vec<Value>, Vec<Value>)>, Problem> {
        let table = &link.between.opened.table;
        let fields = link.near.iter().chain(&link.far).copied();
        let columns: Vec<Column> = fields.map(Column::Field).collect();
        let names: Vec<String> = (0..columns.len()).map(|i| i.to_string()).collect();
        let mut pairs = Vec::new();
        for piece in keys.chunks(PIECE) {
            let plan = link
                .between
                .read_plan(columns.clone(), one_of(table, &link.near, piece));
            let shapes = columns::shapes(table, &plan.columns).zip(&names);
            let sink = Objects::new(shapes.map(|((_, shape), name)| (name.as_str(), shape)));
            let backend = &link.between.engine.backend;
            let rows = own::<Objects>(backend.read(&plan, Box::new(sink)).await?).rows;
            pairs.extend(rows.into_iter().map(|row| {
                let mut near: Vec<Value> = row.into_iter().map(|(_, value)| value).collect();
                let far = near.split_off(link.near.len());
                (near, far)
            }));
        }
        Ok(pairs)
    }

    /// Children and the keys that the table between has for them, in one statement.
    async fn paired(
        &self,
        link: &Link<'_>,
        mut reading: Reading,
        on: Vec<(usize, usize)>,
        keys: &[Vec<Value>],
    ) -> Result<(Children, Linked), Problem> {
        let (other, between) = (link.other, &link.between.opened);
        let table = &other.opened.table;
        reading.ensure(&table.primary_key);
        // Rows that are found through another table have no order of their own.
        let natural = |field: &usize| OrderItem {
            field: *field,
            descending: false,
            nulls: None,
        };
        if reading.order.is_empty() {
            reading.order = table.primary_key.iter().map(natural).collect();
        }
        let near: Vec<Column> = link.near.iter().copied().map(Column::Field).collect();
        // No field has such a name.
        let names: Vec<String> = (0..near.len()).map(|i| format!("\u{0}{i}")).collect();
        let (mut rows, mut linked, mut seen) = (Vec::new(), Linked::new(), HashMap::new());
        for piece in keys.chunks(PIECE) {
            let condition = one_of(&between.table, &link.near, piece);
            let plan = PairedPlan {
                read: ReadPlan {
                    limit: Some(MOST as u64 + 1),
                    ..reading.plan(other, None)
                },
                between: between.table.clone(),
                condition: Condition::and(Some(condition), between.condition.clone()),
                near: link.near.clone(),
                on: on.clone(),
            };
            let near = columns::shapes(&between.table, &near).zip(&names);
            let near = near.map(|((_, shape), name)| (name.as_str(), shape));
            let sink = Objects::new(columns::shapes(table, &plan.read.columns).chain(near));
            let sink = other.engine.backend.read_paired(&plan, Box::new(sink)).await?;
            for mut row in own::<Objects>(sink).rows {
                let near: Vec<Value> = names.iter().filter_map(|name| row.shift_remove(name)).collect();
                // A row without a whole key cannot be known again.
                let place = match key_of(&row, &table.names(&table.primary_key)) {
                    Some(identity) => *seen.entry(text_of(&identity)).or_insert(rows.len()),
                    None => rows.len(),
                };
                if place == rows.len() {
                    rows.push(row);
                }
                linked.entry(text_of(&near)).or_default().push(place);
            }
        }
        rows.truncate(usize::try_from(reading.most).unwrap_or(usize::MAX));
        // The pairs of a parent come in the order that was asked for; its rows may stand elsewhere in the list, where
        // another parent's piece has found them first.
        for places in linked.values_mut() {
            let mut fresh = HashSet::new();
            places.retain(|place| *place < rows.len() && fresh.insert(*place));
        }
        Ok((self.finished(other, reading, rows).await?, linked))
    }

    /// Rows of the other table whose key is one of `keys`, with what is nested in them, and the text of the key of each.
    async fn children(&self, other: &End, keys: &[Vec<Value>]) -> Result<(Children, Vec<String>), Problem> {
        let table = &other.opened.table;
        let key = self.columns(other, &self.relation.ref_fields)?;
        let mut reading = self.reading(other).await?;
        if reading.columns.group.is_empty() {
            reading.ensure(&key);
        }
        let mut left = reading.limit.unwrap_or(reading.most);
        let mut rows = Vec::new();
        for piece in keys.chunks(PIECE) {
            if left == 0 {
                break;
            }
            let plan = ReadPlan {
                limit: Some(left),
                ..reading.plan(other, Some(one_of(table, &key, piece)))
            };
            let found = collect::rows(&*other.engine.backend, &plan).await?;
            left = left.saturating_sub(found.len() as u64);
            rows.extend(found);
        }
        let names = table.names(&key);
        let text = |row| key_of(row, &names).map(|key| text_of(&key)).unwrap_or_default();
        let keys = rows.iter().map(text).collect();
        Ok((self.finished(other, reading, rows).await?, keys))
    }

    /// What the options of the relation ask for.
    pub(super) async fn reading(&self, other: &End) -> Result<Reading, Problem> {
        let (table, request) = (&other.opened.table, &other.request);
        let mut columns = Columns::of(request, table, &table.primary_key, columns::Absent::All)?;
        let order = match request.text(&word::ORDER) {
            Some(text) => columns::order(&text, table, &columns)?,
            None => Vec::new(),
        };
        let mut nested = Vec::new();
        if columns.group.is_empty() {
            let strict = other.engine.catalogue.strict_relations();
            nested = Wanted::of(request, table, strict, self.trail)?;
            columns.ensure_keys(table, &nested);
        }
        let (own, others) = (self.engine.limits.max_records, other.engine.limits.max_records);
        let most = own.min(others);
        let limit = request.number(&word::LIMIT).and_then(|n| u64::try_from(n).ok());
        Ok(Reading {
            columns,
            order,
            filter: crate::read::client_filter(&other.engine, request, table).await?,
            nested,
            added: Vec::new(),
            limit: limit.filter(|n| (1..=most).contains(n)),
            most,
        })
    }

    /// Completes rows, puts what is nested into them, and takes out what was read for us alone.
    async fn finished(
        &self,
        other: &End,
        reading: Reading,
        mut rows: Vec<Map<String, Value>>,
    ) -> Result<Children, Problem> {
        let (table, request) = (&other.opened.table, &other.request);
        other.engine.catalogue.complete(request, table, &mut rows).await?;
        let inside = super::attach(
            &other.engine,
            request,
            table,
            &reading.nested,
            &mut rows,
            self.trail,
        )
        .await?;
        for name in table.names(&reading.added) {
            for row in &mut rows {
                row.shift_remove(name);
            }
        }
        Ok(Children {
            rows,
            weights: inside.into_iter().map(|inside| inside + 1).collect(),
        })
    }
}

/// The places of the children of each parent, by the text of its key.
type Linked = HashMap<String, Vec<usize>>;

/// Rows of the other table in the database's order.
struct Children {
    rows: Vec<Map<String, Value>>,
    /// How many records each is, with those inside of it.
    weights: Vec<usize>,
}

impl Children {
    /// A record for one of its parents. Only what several parents share is copied, and for the last of them not even
    /// that.
    fn handed_out(&mut self, place: usize, uses: &mut usize) -> Map<String, Value> {
        *uses -= 1;
        match *uses {
            0 => std::mem::take(&mut self.rows[place]),
            _ => self.rows[place].clone(),
        }
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
