//! Records with related records inside them, to any depth: parents are written first, then the record, then what
//! belongs to it.
//!
//! Everything runs on one session for each service that is reached, level by level: what is new on a level is stored
//! with as few statements as the database allows. The caller's rights and row filter count on every table that is
//! reached; a row that the filter hides can be neither linked nor changed nor unlinked, and none can be made that it
//! would hide. A key that crosses from one service to another is converted to the field's type there.

mod has;
mod many;
mod parents;
mod sides;
mod survey;

pub(super) use sides::{Side, Sides};
pub(super) use survey::{Reach, Survey};

use super::record::{Incoming, Intake, Purpose, no_fields};
use crate::collect::own;
use crate::engine::Opened;
use crate::ident::{Ident, matches, member};
use crate::plan::{Column, Condition, InsertPlan, ReadPlan, UpdatePlan};
use crate::read::not_found;
use crate::related::has_one_of;
use crate::value::from_json;
use crate::{NewValue, Relation, RelationKind, Scalar, Table};
use contract::{Map, Problem, Value, Verb};
use futures_util::future::BoxFuture;
use sides::carried;
use std::collections::HashSet;
use std::sync::Arc;
use survey::Name;

/// Most keys that one statement looks for.
const PIECE: usize = 500;

/// Writes records with what is nested in them: here, and at the other sides of relations.
pub(super) struct Nest<'a> {
    side: Side<'a>,
    sides: &'a Sides<'a>,
    reach: &'a Reach,
}

/// What is known of a stored row: values by field.
#[derive(Debug, Default)]
pub(super) struct Row(Vec<(usize, Scalar)>);

impl Row {
    fn get(&self, field: usize) -> Option<&Scalar> {
        self.0.iter().find(|(i, _)| *i == field).map(|(_, value)| value)
    }

    /// The values of fields, none of which may be NULL.
    fn key(&self, table: &Table, fields: &[usize]) -> Result<Vec<Scalar>, Problem> {
        let value = |field: &usize| self.get(*field).filter(|v| !v.is_null()).cloned();
        let key: Option<Vec<Scalar>> = fields.iter().map(value).collect();
        key.ok_or_else(|| no_key(table, fields))
    }

    /// The values of fields, NULL for what is not known.
    pub(super) fn values(&self, fields: &[usize]) -> Vec<Scalar> {
        fields
            .iter()
            .map(|i| self.get(*i).cloned().unwrap_or_default())
            .collect()
    }
}

/// A member of a record that is named like a relation.
#[derive(Clone, Copy)]
struct Member<'r> {
    relation: &'r Relation,
    value: &'r Value,
}

/// The members of a record that are named like relations, without case. A field of the same name goes first.
fn members<'r>(table: &'r Table, record: &'r Map<String, Value>) -> impl Iterator<Item = Member<'r>> {
    let single = |value: &Value| matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
    record
        .iter()
        .filter(move |(name, value)| !single(value) && table.field(name).is_none())
        .filter_map(|(name, value)| {
            let relation = table.relation(name)?;
            Some(Member { relation, value })
        })
}

/// Whether related records are inside a record.
pub(super) fn is_in(table: &Table, record: &Map<String, Value>) -> bool {
    members(table, record).next().is_some()
}

/// The related records of one record by one relation.
struct Group<'r> {
    /// The values of the record's fields that the relation is about.
    parent: Vec<Scalar>,
    value: &'r Value,
}

impl<'a> Nest<'a> {
    /// Writes records of the service of the request.
    pub(super) fn new(sides: &'a Sides<'a>, reach: &'a Reach) -> Nest<'a> {
        Nest {
            side: sides.home,
            sides,
            reach,
        }
    }

    /// Stores new records with what is nested in them, and gives what is known of each: its identifier at least.
    pub(super) fn create<'f>(
        &'f self,
        opened: &'f Opened,
        identifier: &'f [usize],
        mut records: Vec<Incoming<'f>>,
    ) -> BoxFuture<'f, Result<Vec<Row>, Problem>> {
        Box::pin(async move {
            let table = &opened.table;
            for relation in self.relations(table, &records, |kind| kind == RelationKind::BelongsTo) {
                self.link_parents(table, relation, &mut records).await?;
            }
            let children = self.relations(table, &records, |kind| kind != RelationKind::BelongsTo);
            let mut returning = identifier.to_vec();
            for relation in &children {
                let new = local(table, relation)?;
                returning.extend(new.into_iter().filter(|field| !identifier.contains(field)));
            }
            let mut seen = HashSet::new();
            returning.retain(|field| seen.insert(*field));
            let plans: Vec<InsertPlan> = records
                .iter()
                .map(|incoming| self.insert_plan(opened, incoming, &returning))
                .collect::<Result<_, _>>()?;
            let stored = match plans.as_slice() {
                [one] => vec![self.side.session.insert(one).await?],
                many => self.side.session.insert_many(many).await?,
            };
            let row = |values: Vec<Scalar>| Row(returning.iter().copied().zip(values).collect());
            let rows: Vec<Row> = stored.into_iter().map(row).collect();
            for relation in children {
                let fields = local(table, relation)?;
                let mut groups = Vec::new();
                for (incoming, row) in records.iter().zip(&rows) {
                    let found = members(table, incoming.record).find(|m| m.relation.name == relation.name);
                    if let Some(found) = found {
                        groups.push(Group {
                            parent: row.key(table, &fields)?,
                            value: found.value,
                        });
                    }
                }
                self.write_related(table, relation, groups, true).await?;
            }
            Ok(rows)
        })
    }

    fn insert_plan(
        &self,
        opened: &Opened,
        incoming: &Incoming<'_>,
        returning: &[usize],
    ) -> Result<InsertPlan, Problem> {
        let values = self.intake().values(&opened.table, incoming, Purpose::Create)?;
        // Nothing sent is a mistake; a record that only holds related ones is a row of defaults.
        let sent = incoming
            .record
            .keys()
            .any(|name| opened.table.field(name).is_some());
        if !sent && incoming.preset.is_empty() && !is_in(&opened.table, incoming.record) {
            return Err(no_fields());
        }
        Ok(InsertPlan {
            table: opened.table.clone(),
            values,
            returning: returning.to_vec(),
            check: opened.condition.clone(),
        })
    }

    fn intake(&self) -> Intake<'a> {
        Intake::of(self.side.request, &self.side.engine.settings)
    }

    /// The relations of some kinds that any of the records has members of.
    fn relations<'t>(
        &self,
        table: &'t Table,
        records: &[Incoming<'_>],
        wanted: impl Fn(RelationKind) -> bool,
    ) -> Vec<&'t Relation> {
        if !records.iter().any(|incoming| is_in(table, incoming.record)) {
            return Vec::new();
        }
        let has = |relation: &&Relation| {
            records
                .iter()
                .any(|incoming| members(table, incoming.record).any(|m| m.relation.name == relation.name))
        };
        table
            .all_relations()
            .filter(|r| wanted(r.kind))
            .filter(has)
            .collect()
    }

    /// Changes the row of an identifier, with what is nested in the record. `None` when there is none; otherwise
    /// the identifier as it is now.
    pub(super) fn patch<'f>(
        &'f self,
        opened: &'f Opened,
        identifier: &'f [usize],
        key: &'f [Scalar],
        mut incoming: Incoming<'f>,
        keeps_key: bool,
    ) -> BoxFuture<'f, Result<Option<Vec<Scalar>>, Problem>> {
        Box::pin(async move {
            let table = &opened.table;
            let condition = Condition::and(Some(matches(identifier, key)), opened.condition.clone());
            let record = incoming.record;
            let kinds = |wanted: fn(RelationKind) -> bool| {
                members(table, record).filter(move |m| wanted(m.relation.kind))
            };
            let parents: Vec<Member<'_>> = kinds(|k| k == RelationKind::BelongsTo).collect();
            if !parents.is_empty() {
                // Nothing may be made for a row that is not there.
                if self.count(table, condition.clone()).await? == 0 {
                    return Ok(None);
                }
                let mut one = vec![incoming];
                for parent in parents {
                    self.link_parents(table, parent.relation, &mut one).await?;
                }
                incoming = one.remove(0);
            }
            let mut set = self.intake().values(table, &incoming, Purpose::Update)?;
            if keeps_key {
                set.retain(|(field, _)| !identifier.contains(field));
            }
            if !self.update(opened, set.clone(), condition).await? {
                return Ok(None);
            }
            // The new value counts where the key itself was changed.
            let new = |field: usize| set.iter().find(|(i, _)| *i == field).and_then(|(_, v)| v.value());
            let now = identifier
                .iter()
                .zip(key)
                .map(|(field, old)| new(*field).unwrap_or(old).clone());
            let now: Vec<Scalar> = now.collect();
            for member in kinds(|k| k != RelationKind::BelongsTo) {
                let fields = local(table, member.relation)?;
                let parent = self.values_of(table, identifier, &now, &fields).await?;
                let group = Group {
                    parent,
                    value: member.value,
                };
                self.write_related(table, member.relation, vec![group], false)
                    .await?;
            }
            Ok(Some(now))
        })
    }

    async fn write_related(
        &self,
        table: &Arc<Table>,
        relation: &Relation,
        groups: Vec<Group<'_>>,
        fresh: bool,
    ) -> Result<(), Problem> {
        let (done, text) = match &relation.junction {
            Some(junction) => (
                self.write_many(table, relation, junction, groups, fresh).await,
                "Failed to update many to one map assignment.",
            ),
            None => (
                self.write_there(table, relation, groups, fresh).await,
                "Failed to update many to one assignment.",
            ),
        };
        done.map_err(|problem| within(problem, text))
    }

    /// Writes children where they lie.
    async fn write_there(
        &self,
        table: &Arc<Table>,
        relation: &Relation,
        mut groups: Vec<Group<'_>>,
        fresh: bool,
    ) -> Result<(), Problem> {
        let there = self.at(relation.extra.ref_service.as_ref())?;
        let other = there.related(Name::of(relation))?;
        let (from, to) = (local(table, relation)?, remote(&other, relation)?);
        for group in &mut groups {
            group.parent = carried(table, &from, &other, &to, &group.parent)?;
        }
        there.write_children(relation, groups, fresh).await
    }

    /// Sets fields of the rows that meet a condition; whether there were any. Without fields it only looks.
    async fn update(
        &self,
        opened: &Opened,
        values: Vec<(usize, NewValue)>,
        condition: Option<Condition>,
    ) -> Result<bool, Problem> {
        if values.is_empty() {
            return Ok(self.count(&opened.table, condition).await? > 0);
        }
        let plan = UpdatePlan {
            table: opened.table.clone(),
            values,
            condition,
            check: opened.condition.clone(),
        };
        Ok(self.side.session.update(&plan).await? > 0)
    }

    async fn count(&self, table: &Arc<Table>, condition: Option<Condition>) -> Result<u64, Problem> {
        self.side.session.count(&reading(table, &[0], condition)).await
    }

    /// Values of fields of the rows that meet a condition.
    async fn rows(
        &self,
        table: &Arc<Table>,
        fields: &[usize],
        condition: Option<Condition>,
    ) -> Result<Vec<Vec<Scalar>>, Problem> {
        let plan = reading(table, fields, condition);
        let sink = self
            .side
            .session
            .read(&plan, Box::<driver::Collect>::default())
            .await?;
        Ok(own::<driver::Collect>(sink).rows)
    }

    /// The values of fields of the one row of an identifier, none of which may be NULL.
    async fn values_of(
        &self,
        table: &Arc<Table>,
        identifier: &[usize],
        key: &[Scalar],
        fields: &[usize],
    ) -> Result<Vec<Scalar>, Problem> {
        let place = |field: &usize| identifier.iter().position(|i| i == field);
        if let Some(places) = fields.iter().map(place).collect::<Option<Vec<usize>>>() {
            return Ok(places.into_iter().map(|place| key[place].clone()).collect());
        }
        let mut rows = self.rows(table, fields, Some(matches(identifier, key))).await?;
        match (rows.pop(), rows.is_empty()) {
            (Some(values), true) => Row(fields.iter().copied().zip(values).collect()).key(table, fields),
            (Some(_), false) => Err(Problem::bad_request(
                "Related records can only be written together with one record, and the identifier names several.",
            )),
            (None, _) => Err(no_key(table, fields)),
        }
    }

    async fn open(&self, name: Name<&str>, verb: Verb) -> Result<Opened, Problem> {
        let Side { engine, request, .. } = self.side;
        match self.reach.tables.get(request.service.id, name, verb) {
            Some(opened) => opened.cloned(),
            None => name.open(engine, request, verb).await,
        }
    }

    /// A related table, whatever the caller may do to it.
    fn related(&self, name: Name<&str>) -> Result<Arc<Table>, Problem> {
        let found = self.reach.tables.any(self.side.request.service.id, name).cloned();
        found.ok_or_else(|| Problem::internal("a related table was not opened before the work began"))
    }

    /// Which of the keys exist, row filter or not.
    async fn existing(&self, table: &Arc<Table>, keys: &[Vec<Scalar>]) -> Result<Vec<bool>, Problem> {
        let mut found = Vec::with_capacity(keys.len());
        let names: Vec<String> = keys.iter().map(|key| label(key)).collect();
        for (piece, names) in keys.chunks(PIECE).zip(names.chunks(PIECE)) {
            let condition = has_one_of(&table.primary_key, piece);
            let rows = self.rows(table, &table.primary_key, Some(condition)).await?;
            let rows: Vec<String> = rows.iter().map(|row| label(row)).collect();
            found.extend(names.iter().map(|name| rows.contains(name)));
        }
        Ok(found)
    }
}

/// A read of fields.
fn reading(table: &Arc<Table>, fields: &[usize], condition: Option<Condition>) -> ReadPlan {
    ReadPlan {
        table: table.clone(),
        columns: fields.iter().copied().map(Column::Field).collect(),
        condition,
        group: Vec::new(),
        having: None,
        order: Vec::new(),
        limit: None,
        offset: 0,
    }
}

/// A key as text, to compare what was sent with what was read.
fn label(key: &[Scalar]) -> String {
    let parts = key.iter().map(|v| v.to_text().unwrap_or_default());
    parts.collect::<Vec<_>>().join("\u{0}")
}

/// The fields of this table that a relation is about.
fn local(table: &Table, relation: &Relation) -> Result<Vec<usize>, Problem> {
    let found = table.columns(&relation.fields);
    found.ok_or_else(|| hidden(relation))
}

/// The fields of the other table that a relation is about.
fn remote(table: &Table, relation: &Relation) -> Result<Vec<usize>, Problem> {
    let found = table.columns(&relation.ref_fields);
    found.ok_or_else(|| hidden(relation))
}

fn hidden(relation: &Relation) -> Problem {
    Problem::bad_request(format!(
        "The relationship '{}' cannot be written: a field of it is not available.",
        relation.name
    ))
}

fn no_key(table: &Table, fields: &[usize]) -> Problem {
    let names: Vec<&str> = fields.iter().map(|i| table.fields[*i].name.as_str()).collect();
    let names = names.join(",");
    Problem::bad_request(format!("Related record has no primary key value for '{names}'."))
}

/// Tells in which relation something was refused.
fn within(problem: Problem, text: &str) -> Problem {
    if problem.status() >= 500 {
        return problem;
    }
    Problem::new(problem.kind, format!("{text}\n{}", problem.message)).with_source(problem)
}

/// The primary key inside an item; `known` is what the relation says of fields. `None` when a part is missing.
fn key_of(
    table: &Table,
    item: &Map<String, Value>,
    known: &[(usize, Scalar)],
) -> Result<Option<Vec<Scalar>>, Problem> {
    if table.primary_key.is_empty() {
        return Ok(None);
    }
    let mut key = Vec::with_capacity(table.primary_key.len());
    for index in &table.primary_key {
        let field = &table.fields[*index];
        let known = known.iter().find(|(field, _)| field == index);
        let value = match (known, member(item, &field.name)) {
            (Some((_, value)), _) => value.clone(),
            (None, Some(value)) => from_json(field, value)?,
            (None, None) => Scalar::Null,
        };
        if value.is_null() {
            return Ok(None);
        }
        key.push(value);
    }
    Ok(Some(key))
}

/// Whether the database makes the keys of a table, so that a key that is not there is a mistake.
fn makes_keys(table: &Table) -> bool {
    let [key] = table.primary_key.as_slice() else {
        return false;
    };
    table.fields[*key].kind == crate::Kind::Id || table.fields[*key].column.auto_increment
}

/// Whether an item says more than its key and the fields of the relation.
fn says_more(table: &Table, item: &Map<String, Value>, relation_fields: &[usize]) -> bool {
    let besides = |name: &String| {
        table
            .field(name)
            .is_some_and(|i| !table.primary_key.contains(&i) && !relation_fields.contains(&i))
    };
    item.keys().any(besides) || is_in(table, item)
}

/// The refusal of a key that names no row.
fn missing(table: &Table, key: &[Scalar]) -> Problem {
    let shape = crate::value::Shape::of_field;
    let parts = table.primary_key.iter().zip(key);
    let record = parts.map(|(i, value)| {
        let field = &table.fields[*i];
        (
            field.name.clone(),
            crate::value::to_json(shape(field), crate::value::cell(value)),
        )
    });
    not_found(&Ident::Record(record.collect()))
}

/// The items of a member: a list, or one alone. Null is nothing.
fn items(value: &Value) -> Result<Vec<&Map<String, Value>>, Problem> {
    let object = |value: &'_ Value| -> Result<(), Problem> {
        match value {
            Value::Object(_) => Ok(()),
            _ => Err(Problem::bad_request("Related records must be objects.")),
        }
    };
    let list: &[Value] = match value {
        Value::Null => &[],
        Value::Array(list) => list,
        one => std::slice::from_ref(one),
    };
    list.iter().try_for_each(object)?;
    Ok(list.iter().filter_map(Value::as_object).collect())
}
