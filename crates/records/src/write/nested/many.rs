//! Records on the far side of a table between: made, changed, linked and unlinked, with the rows between.

use super::{Group, Nest, items, key_of, label, makes_keys, missing, no_key, one_of, remote, says_more};
use crate::catalogue::Junction;
use crate::engine::Opened;
use crate::plan::{Condition, DeletePlan, Operand, Target};
use crate::write::record::Incoming;
use crate::{Relation, Scalar, Table};
use contract::{Map, Problem, Value, Verb};
use sql::BinaryOp;
use std::collections::HashSet;
use std::sync::Arc;

/// A far record of a parent.
struct Far<'r> {
    parent: Scalar,
    record: &'r Map<String, Value>,
    /// None for one that is to be made.
    key: Option<Vec<Scalar>>,
}

/// The table between and its two fields.
struct Between {
    table: Arc<Table>,
    near: usize,
    far: usize,
}

impl Nest<'_> {
    /// Writes the far records of records, and the rows between. `fresh` says that the records were made a moment
    /// ago.
    pub(super) async fn write_many(
        &self,
        table: &Arc<Table>,
        relation: &Relation,
        junction: &Junction,
        groups: Vec<Group<'_>>,
        fresh: bool,
    ) -> Result<(), Problem> {
        let other = self.related(&relation.ref_table)?;
        let between = self.related(&junction.table)?;
        let (Some(near), Some(far)) = (
            between.column(&junction.field),
            between.column(&junction.ref_field),
        ) else {
            return Err(super::hidden(relation));
        };
        let between = Between {
            table: between,
            near,
            far,
        };
        let names = [&table.name, &relation.ref_table, &junction.table];
        let (mut links, mut unlinks) = (Vec::new(), Vec::new());
        for group in &groups {
            for record in items(group.value)? {
                let parent = group.parent.clone();
                let key = key_of(&other, record, None)?;
                let unlinked = key.is_some() && unlinks_by(record, &names);
                let list = if unlinked { &mut unlinks } else { &mut links };
                list.push(Far { parent, record, key });
            }
        }
        if !unlinks.is_empty() {
            self.take_apart(relation, junction, &other, &between, unlinks)
                .await?;
        }
        if !links.is_empty() {
            let pairs = self.far_records(relation, &other, links).await?;
            self.join(junction, &between, pairs, fresh).await?;
        }
        Ok(())
    }

    /// Makes, changes or looks for the far records; gives each parent with the value that the row between holds.
    async fn far_records(
        &self,
        relation: &Relation,
        other: &Arc<Table>,
        links: Vec<Far<'_>>,
    ) -> Result<Vec<(Scalar, Scalar)>, Problem> {
        let field = remote(other, relation)?;
        let mut pairs = Vec::with_capacity(links.len());
        let (mut parents, mut new, mut named) = (Vec::new(), Vec::new(), Vec::new());
        let there = self.there(other, &links).await?;
        for (far, there) in links.into_iter().zip(there) {
            match far.key {
                Some(key) if there && says_more(other, far.record, None) => {
                    let opened = self.open(&relation.ref_table, Verb::Patch).await?;
                    let incoming = Incoming::plain(far.record);
                    let found = self
                        .patch(&opened, &other.primary_key, &key, incoming, true)
                        .await?;
                    found.ok_or_else(|| missing(other, &key))?;
                    let value = self.value_of(other, &other.primary_key, &key, field).await?;
                    pairs.push((far.parent, value));
                }
                Some(key) if there => named.push((far.parent, key)),
                _ => {
                    parents.push(far.parent);
                    new.push(Incoming::plain(far.record));
                }
            }
        }
        self.visible(relation, other, &named).await?;
        for (parent, key) in named {
            let value = self.value_of(other, &other.primary_key, &key, field).await?;
            pairs.push((parent, value));
        }
        if !new.is_empty() {
            let opened = self.open(&relation.ref_table, Verb::Post).await?;
            let rows = self.create(&opened, &[field], new).await?;
            for (parent, row) in parents.into_iter().zip(rows) {
                let value = row.get(field).filter(|v| !v.is_null()).cloned();
                pairs.push((parent, value.ok_or_else(|| no_key(other, field))?));
            }
        }
        Ok(pairs)
    }

    /// Which of the far records are to be taken as being there: all that have a key, unless the key is of the
    /// client's own making and the record could be made with it.
    async fn there(&self, other: &Arc<Table>, links: &[Far<'_>]) -> Result<Vec<bool>, Problem> {
        let open = |far: &&Far<'_>| far.key.is_some() && says_more(other, far.record, None);
        let keys: Vec<Vec<Scalar>> = links
            .iter()
            .filter(open)
            .filter_map(|far| far.key.clone())
            .collect();
        if makes_keys(other) || keys.is_empty() {
            return Ok(links.iter().map(|far| far.key.is_some()).collect());
        }
        let mut found = self.existing(other, &keys).await?.into_iter();
        let one = |far: &Far<'_>| {
            if open(&far) {
                found.next().unwrap_or(false)
            } else {
                far.key.is_some()
            }
        };
        Ok(links.iter().map(one).collect())
    }

    /// Refuses keys that name no far record that the caller can see.
    async fn visible(
        &self,
        relation: &Relation,
        other: &Arc<Table>,
        named: &[(Scalar, Vec<Scalar>)],
    ) -> Result<(), Problem> {
        if named.is_empty() {
            return Ok(());
        }
        let opened = self.open(&relation.ref_table, Verb::Get).await?;
        let keys: Vec<Vec<Scalar>> = named.iter().map(|(_, key)| key.clone()).collect();
        for piece in keys.chunks(super::PIECE) {
            let condition = Condition::and(Some(one_of(&other.primary_key, piece)), opened.condition.clone());
            let rows = self.rows(other, &other.primary_key, condition).await?;
            let seen: HashSet<String> = rows.iter().map(|row| label(row)).collect();
            if let Some(absent) = piece.iter().find(|key| !seen.contains(&label(key))) {
                return Err(missing(other, absent));
            }
        }
        Ok(())
    }

    /// Stores the rows between that are not there yet.
    async fn join(
        &self,
        junction: &Junction,
        between: &Between,
        pairs: Vec<(Scalar, Scalar)>,
        fresh: bool,
    ) -> Result<(), Problem> {
        let mut seen = HashSet::new();
        let mut wanted: Vec<(Scalar, Scalar)> = Vec::with_capacity(pairs.len());
        for (near, far) in pairs {
            if seen.insert(label(&[near.clone(), far.clone()])) {
                wanted.push((near, far));
            }
        }
        let mut linked = HashSet::new();
        if !fresh {
            for same_parent in wanted.chunk_by(|(a, _), (b, _)| a == b) {
                for piece in same_parent.chunks(super::PIECE) {
                    let fields = [between.near, between.far];
                    let rows = self
                        .rows(&between.table, &fields, Some(between.pairs(piece)))
                        .await?;
                    linked.extend(rows.iter().map(|row| label(row)));
                }
            }
        }
        let record = Map::new();
        let incoming = |(near, far): (Scalar, Scalar)| Incoming {
            record: &record,
            preset: vec![(between.near, near), (between.far, far)],
        };
        wanted.retain(|(near, far)| !linked.contains(&label(&[near.clone(), far.clone()])));
        if wanted.is_empty() {
            return Ok(());
        }
        let opened = self.open(&junction.table, Verb::Post).await?;
        self.create(&opened, &[], wanted.into_iter().map(incoming).collect())
            .await?;
        Ok(())
    }

    /// Removes rows between.
    async fn take_apart(
        &self,
        relation: &Relation,
        junction: &Junction,
        other: &Arc<Table>,
        between: &Between,
        unlinks: Vec<Far<'_>>,
    ) -> Result<(), Problem> {
        let field = remote(other, relation)?;
        let mut named = Vec::with_capacity(unlinks.len());
        for far in unlinks {
            named.extend(far.key.map(|key| (far.parent, key)));
        }
        self.visible(relation, other, &named).await?;
        let mut pairs = Vec::with_capacity(named.len());
        for (parent, key) in named {
            pairs.push((
                parent,
                self.value_of(other, &other.primary_key, &key, field).await?,
            ));
        }
        let opened: Opened = self.open(&junction.table, Verb::Delete).await?;
        for same_parent in pairs.chunk_by(|(a, _), (b, _)| a == b) {
            for piece in same_parent.chunks(super::PIECE) {
                let condition = Condition::and(Some(between.pairs(piece)), opened.condition.clone());
                let table = between.table.clone();
                self.session.delete(&DeletePlan { table, condition }).await?;
            }
        }
        Ok(())
    }
}

impl Between {
    /// The condition that a row is between one parent and one of its far records.
    fn pairs(&self, same_parent: &[(Scalar, Scalar)]) -> Condition {
        let far = same_parent.iter().map(|(_, far)| far.clone()).collect();
        let near = same_parent
            .first()
            .map(|(near, _)| near.clone())
            .unwrap_or_default();
        Condition::And(vec![
            Condition::Compare(Target::Field(self.near), BinaryOp::Eq, Operand::Value(near)),
            Condition::In(Target::Field(self.far), far),
        ])
    }
}

/// Whether an item says `"contact.id": null`: a name with one of the tables before its point, and NULL.
fn unlinks_by(record: &Map<String, Value>, tables: &[&String]) -> bool {
    let names = |name: &String| {
        let table = name.rsplit_once('.').map(|(table, _)| table);
        table.is_some_and(|table| tables.iter().any(|known| known.eq_ignore_ascii_case(table)))
    };
    record.iter().any(|(name, value)| value.is_null() && names(name))
}
