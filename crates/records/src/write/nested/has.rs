//! What belongs to a record: children that are made, linked, changed, unlinked or removed after the record is there.

use super::{Group, Name, Nest, items, key_of, makes_keys, missing, remote, says_more};
use crate::engine::Opened;
use crate::ident::{matches, member};
use crate::plan::{Condition, DeletePlan, Target};
use crate::related::has_one_of;
use crate::write::record::Incoming;
use crate::{NewValue, Relation, RelationKind, Scalar, Table};
use contract::{Map, Problem, Value, Verb, word};
use std::sync::Arc;

/// The children of all records by one relation, sorted by what is to be done.
#[derive(Default)]
struct Plan<'r> {
    /// To be made.
    new: Vec<Incoming<'r>>,
    /// Named by nothing but their key, after the parent's: to be linked.
    links: Vec<(Vec<Scalar>, Vec<Scalar>)>,
    /// To be changed and linked; those that can be missing are made then.
    changes: Vec<Change<'r>>,
    /// To be unlinked.
    unlinks: Vec<Change<'r>>,
    /// Parents that shall have no child any more.
    bare: Vec<Vec<Scalar>>,
}

struct Change<'r> {
    parent: Vec<Scalar>,
    key: Vec<Scalar>,
    record: &'r Map<String, Value>,
}

impl<'r> Change<'r> {
    fn incoming(&self, side: &Side) -> Incoming<'r> {
        Incoming {
            record: self.record,
            preset: side.set(&self.parent),
        }
    }
}

/// The other table of a relation and its fields that point at this one.
struct Side {
    table: Arc<Table>,
    fields: Vec<usize>,
}

impl Side {
    /// Whether one of the fields is a part of the other table's key.
    fn in_key(&self) -> bool {
        self.fields
            .iter()
            .any(|field| self.table.primary_key.contains(field))
    }

    /// The fields that can be NULL: what does not point at all points nowhere.
    fn loose(&self) -> Vec<usize> {
        let may = |field: &&usize| {
            self.table.fields[**field].column.allow_null && !self.table.primary_key.contains(field)
        };
        self.fields.iter().filter(may).copied().collect()
    }

    /// The fields with the values of a parent.
    fn set(&self, parent: &[Scalar]) -> Vec<(usize, Scalar)> {
        self.fields.iter().copied().zip(parent.iter().cloned()).collect()
    }

    fn belongs_to(&self, parent: &[Scalar]) -> Condition {
        matches(&self.fields, parent)
    }

    /// That a row belongs to a parent or to nobody.
    fn free_for(&self, parent: &[Scalar]) -> Condition {
        let null = |field: &usize| Condition::IsNull(Target::Field(*field));
        let nobody = self.fields.iter().map(null);
        Condition::Or(std::iter::once(self.belongs_to(parent)).chain(nobody).collect())
    }
}

impl Nest<'_> {
    /// Writes the children of records. `fresh` says that the records were made a moment ago.
    pub(super) async fn write_children(
        &self,
        relation: &Relation,
        groups: Vec<Group<'_>>,
        fresh: bool,
    ) -> Result<(), Problem> {
        let side = self.side(relation)?;
        let mut plan = sorted(&side, relation, &groups, fresh)?;
        self.remove_missing(&side, &mut plan, fresh).await?;
        for parent in &plan.bare {
            self.unlink_all(relation, &side, parent).await?;
        }
        for unlink in &plan.unlinks {
            self.unlink(relation, &side, unlink).await?;
        }
        self.link(relation, &side, &plan.links).await?;
        if !plan.changes.is_empty() {
            let opened = self.open(Name::of(relation), Verb::Patch).await?;
            for change in &plan.changes {
                let incoming = change.incoming(&side);
                let found = self
                    .patch(&opened, &side.table.primary_key, &change.key, incoming, true)
                    .await?;
                found.ok_or_else(|| missing(&side.table, &change.key))?;
            }
        }
        if !plan.new.is_empty() {
            let opened = self.open(Name::of(relation), Verb::Post).await?;
            self.create(&opened, &[], plan.new).await?;
        }
        Ok(())
    }

    fn side(&self, relation: &Relation) -> Result<Side, Problem> {
        let table = self.related(Name::of(relation))?;
        let fields = remote(&table, relation)?;
        Ok(Side { table, fields })
    }

    /// Children with keys of the client's own making are made where they are not there yet.
    async fn remove_missing<'r>(&self, side: &Side, plan: &mut Plan<'r>, fresh: bool) -> Result<(), Problem> {
        if plan.changes.is_empty() || makes_keys(&side.table) {
            return Ok(());
        }
        let changes = std::mem::take(&mut plan.changes);
        // What has the key of a new record in its own key cannot be there yet.
        let there = if fresh && side.in_key() {
            vec![false; changes.len()]
        } else {
            let keys: Vec<Vec<Scalar>> = changes.iter().map(|change| change.key.clone()).collect();
            self.existing(&side.table, &keys).await?
        };
        for (change, there) in changes.into_iter().zip(there) {
            if there {
                plan.changes.push(change);
            } else {
                plan.new.push(change.incoming(side));
            }
        }
        Ok(())
    }

    /// Lets children point at their parents: one statement for all children of a parent.
    async fn link(
        &self,
        relation: &Relation,
        side: &Side,
        links: &[(Vec<Scalar>, Vec<Scalar>)],
    ) -> Result<(), Problem> {
        if links.is_empty() {
            return Ok(());
        }
        let opened = self.open(Name::of(relation), Verb::Patch).await?;
        for same_parent in links.chunk_by(|(a, _), (b, _)| a == b) {
            let mut keys: Vec<Vec<Scalar>> = Vec::with_capacity(same_parent.len());
            for (_, key) in same_parent {
                if !keys.contains(key) {
                    keys.push(key.clone());
                }
            }
            for piece in keys.chunks(super::PIECE) {
                self.point(&opened, side, &same_parent[0].0, piece).await?;
            }
        }
        Ok(())
    }

    async fn point(
        &self,
        opened: &Opened,
        side: &Side,
        parent: &[Scalar],
        keys: &[Vec<Scalar>],
    ) -> Result<(), Problem> {
        let key = &side.table.primary_key;
        let visible = Condition::and(Some(has_one_of(key, keys)), opened.condition.clone());
        let plan = crate::UpdatePlan {
            table: side.table.clone(),
            values: values(side.set(parent)),
            condition: visible,
            check: opened.condition.clone(),
        };
        if self.side.session.update(&plan).await? >= keys.len() as u64 {
            return Ok(());
        }
        for one in keys {
            let condition = Condition::and(Some(matches(key, one)), opened.condition.clone());
            if self.count(&side.table, condition).await? == 0 {
                return Err(missing(&side.table, one));
            }
        }
        Ok(())
    }

    /// Takes a child from its parent: its field becomes NULL, or it is removed where the field cannot be NULL and the
    /// request allows it. A child of another parent is not touched.
    async fn unlink(&self, relation: &Relation, side: &Side, change: &Change<'_>) -> Result<(), Problem> {
        let own = side.free_for(&change.parent);
        let named = Condition::And(vec![matches(&side.table.primary_key, &change.key), own]);
        let found = if self.removes(side)? {
            self.remove(relation, side, named).await? > 0
        } else {
            let opened = self.open(Name::of(relation), Verb::Patch).await?;
            let incoming = Incoming {
                record: change.record,
                preset: side
                    .loose()
                    .into_iter()
                    .map(|field| (field, Scalar::Null))
                    .collect(),
            };
            let mut values = self
                .intake()
                .values(&side.table, &incoming, super::Purpose::Update)?;
            let loose = side.loose();
            values.retain(|(field, _)| {
                let points = side.fields.contains(field) && !loose.contains(field);
                !points && !side.table.primary_key.contains(field)
            });
            let condition = Condition::and(Some(named), opened.condition.clone());
            self.update(&opened, values, condition).await?
        };
        if found {
            Ok(())
        } else {
            Err(missing(&side.table, &change.key))
        }
    }

    async fn unlink_all(&self, relation: &Relation, side: &Side, parent: &[Scalar]) -> Result<(), Problem> {
        let children = side.belongs_to(parent);
        if self.removes(side)? {
            self.remove(relation, side, children).await?;
            return Ok(());
        }
        let opened = self.open(Name::of(relation), Verb::Patch).await?;
        let condition = Condition::and(Some(children), opened.condition.clone());
        let nulls = side.loose().into_iter().map(|field| (field, Scalar::Null));
        self.update(&opened, values(nulls.collect()), condition)
            .await
            .map(|_| ())
    }

    /// Whether a child that is unlinked is removed.
    fn removes(&self, side: &Side) -> Result<bool, Problem> {
        if !side.loose().is_empty() {
            return Ok(false);
        }
        if self.side.request.flag(&word::ALLOW_RELATED_DELETE) {
            return Ok(true);
        }
        Err(Problem::bad_request(format!(
            "Field '{}' can not be NULL. Send allow_related_delete=true to delete related records that are unlinked.",
            side.table.fields[side.fields[0]].name.to_lowercase()
        )))
    }

    async fn remove(&self, relation: &Relation, side: &Side, which: Condition) -> Result<u64, Problem> {
        let opened = self.open(Name::of(relation), Verb::Delete).await?;
        let condition = Condition::and(Some(which), opened.condition);
        let table = side.table.clone();
        self.side.session.delete(&DeletePlan { table, condition }).await
    }
}

/// What is to be done with each child.
fn sorted<'r>(
    side: &Side,
    relation: &Relation,
    groups: &[Group<'r>],
    fresh: bool,
) -> Result<Plan<'r>, Problem> {
    let mut plan = Plan::default();
    for group in groups {
        if relation.kind == RelationKind::HasOne && is_nothing(group.value) {
            if !fresh {
                plan.bare.push(group.parent.clone());
            }
            continue;
        }
        for record in items(group.value)? {
            let parent = group.parent.clone();
            let preset = side.set(&parent);
            let Some(key) = key_of(&side.table, record, &preset)? else {
                plan.new.push(Incoming { record, preset });
                continue;
            };
            let taken =
                |field: &usize| member(record, &side.table.fields[*field].name).is_some_and(Value::is_null);
            let change = Change { parent, key, record };
            if side.fields.iter().any(taken) {
                plan.unlinks.push(change);
            } else if side.in_key() || says_more(&side.table, record, &side.fields) {
                plan.changes.push(change);
            } else {
                plan.links.push((change.parent, change.key));
            }
        }
    }
    Ok(plan)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

fn values(fields: Vec<(usize, Scalar)>) -> Vec<(usize, NewValue)> {
    let value = |(field, value)| (field, NewValue::Value(value));
    fields.into_iter().map(value).collect()
}
