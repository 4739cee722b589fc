//! Records on the far side of a table between: made, changed, linked and unlinked, with the rows between.

use super::{
    Group, Name, Nest, carried, items, key_of, label, local, makes_keys, missing, remote, says_more,
};
use crate::catalogue::Junction;
use crate::engine::Opened;
use crate::plan::{Condition, DeletePlan};
use crate::related::{has, has_one_of};
use crate::write::record::Incoming;
use crate::{Relation, Scalar, Table};
use contract::{Map, Problem, Value, Verb};
use std::collections::HashSet;
use std::sync::Arc;

/// A far record of a parent.
struct Far<'r> {
    parent: Vec<Scalar>,
    record: &'r Map<String, Value>,
    /// None for one that is to be made.
    key: Option<Vec<Scalar>>,
}

/// The values of a parent and of a far record.
type Pair = (Vec<Scalar>, Vec<Scalar>);

/// The table between and its fields.
struct Between<'n> {
    /// What writes there.
    nest: Nest<'n>,
    name: Name<&'n str>,
    table: Arc<Table>,
    near: Vec<usize>,
    far: Vec<usize>,
}

/// The far table of a relation.
struct FarSide<'n> {
    /// What writes there.
    nest: Nest<'n>,
    name: Name<&'n str>,
    table: Arc<Table>,
    /// The fields that the table between refers to.
    fields: Vec<usize>,
}

impl<'a> Nest<'a> {
    /// Writes the far records of records, and the rows between; each in the service it lies in. `fresh` says that the
    /// records were made a moment ago.
    pub(super) async fn write_many(
        &self,
        table: &Arc<Table>,
        relation: &Relation,
        junction: &Junction,
        mut groups: Vec<Group<'_>>,
        fresh: bool,
    ) -> Result<(), Problem> {
        let far = self.far_side(relation)?;
        let between = self.between(relation, junction)?;
        let own = local(table, relation)?;
        for group in &mut groups {
            group.parent = carried(table, &own, &between.table, &between.near, &group.parent)?;
        }
        let names = [&table.name, &far.table.name, &between.table.name];
        let (mut links, mut unlinks) = (Vec::new(), Vec::new());
        for group in &groups {
            for record in items(group.value)? {
                let parent = group.parent.clone();
                let key = key_of(&far.table, record, &[])?;
                let unlinked = key.is_some() && unlinks_by(record, &names);
                let list = if unlinked { &mut unlinks } else { &mut links };
                list.push(Far { parent, record, key });
            }
        }
        if !unlinks.is_empty() {
            let named = far.unlinked(unlinks).await?;
            between.take_apart(far.carry_to(&between, named)?).await?;
        }
        if !links.is_empty() {
            let pairs = far.records(links).await?;
            between.join(far.carry_to(&between, pairs)?, fresh).await?;
        }
        Ok(())
    }

    fn far_side<'n>(&self, relation: &'n Relation) -> Result<FarSide<'n>, Problem>
    where
        'a: 'n,
    {
        let nest = self.at(relation.extra.ref_service.as_ref())?;
        let name = Name::of(relation);
        let table = nest.related(name)?;
        let fields = remote(&table, relation)?;
        Ok(FarSide {
            nest,
            name,
            table,
            fields,
        })
    }

    fn between<'n>(&self, relation: &Relation, junction: &'n Junction) -> Result<Between<'n>, Problem>
    where
        'a: 'n,
    {
        let nest = self.at(relation.extra.junction_service.as_ref())?;
        let name = Name::between(relation, junction);
        let table = nest.related(name)?;
        let (Some(near), Some(far)) = (
            table.columns(&junction.fields),
            table.columns(&junction.ref_fields),
        ) else {
            return Err(super::hidden(relation));
        };
        Ok(Between {
            nest,
            name,
            table,
            near,
            far,
        })
    }
}

impl FarSide<'_> {
    /// The pairs with the far values as the table between holds them.
    fn carry_to(&self, between: &Between<'_>, pairs: Vec<Pair>) -> Result<Vec<Pair>, Problem> {
        let carry = |(parent, key): Pair| {
            let key = carried(&self.table, &self.fields, &between.table, &between.far, &key)?;
            Ok((parent, key))
        };
        pairs.into_iter().map(carry).collect()
    }

    /// Makes, changes or looks for the far records; gives each parent with the values that the row between holds.
    async fn records(&self, links: Vec<Far<'_>>) -> Result<Vec<Pair>, Problem> {
        let (nest, other) = (&self.nest, &self.table);
        let mut pairs = Vec::with_capacity(links.len());
        let (mut parents, mut new, mut named) = (Vec::new(), Vec::new(), Vec::new());
        let there = self.there(&links).await?;
        for (far, there) in links.into_iter().zip(there) {
            match far.key {
                Some(key) if there && says_more(other, far.record, &[]) => {
                    let opened = nest.open(self.name, Verb::Patch).await?;
                    let incoming = Incoming::plain(far.record);
                    let found = nest
                        .patch(&opened, &other.primary_key, &key, incoming, true)
                        .await?;
                    found.ok_or_else(|| missing(other, &key))?;
                    pairs.push((far.parent, self.value(&key).await?));
                }
                Some(key) if there => named.push((far.parent, key)),
                _ => {
                    parents.push(far.parent);
                    new.push(Incoming::plain(far.record));
                }
            }
        }
        self.visible(&named).await?;
        for (parent, key) in named {
            pairs.push((parent, self.value(&key).await?));
        }
        if !new.is_empty() {
            let opened = nest.open(self.name, Verb::Post).await?;
            let rows = nest.create(&opened, &self.fields, new).await?;
            for (parent, row) in parents.into_iter().zip(rows) {
                pairs.push((parent, row.key(other, &self.fields)?));
            }
        }
        Ok(pairs)
    }

    /// Those that are to be taken from their parents.
    async fn unlinked(&self, unlinks: Vec<Far<'_>>) -> Result<Vec<Pair>, Problem> {
        let mut named = Vec::with_capacity(unlinks.len());
        for far in unlinks {
            named.extend(far.key.map(|key| (far.parent, key)));
        }
        self.visible(&named).await?;
        let mut pairs = Vec::with_capacity(named.len());
        for (parent, key) in named {
            pairs.push((parent, self.value(&key).await?));
        }
        Ok(pairs)
    }

    /// What the row between holds of a far record.
    async fn value(&self, key: &[Scalar]) -> Result<Vec<Scalar>, Problem> {
        let (nest, table) = (&self.nest, &self.table);
        nest.values_of(table, &table.primary_key, key, &self.fields).await
    }

    /// Which of the far records are to be taken as being there: all that have a key, unless the key is of the
    /// client's own making and the record could be made with it.
    async fn there(&self, links: &[Far<'_>]) -> Result<Vec<bool>, Problem> {
        let other = &self.table;
        let open = |far: &&Far<'_>| far.key.is_some() && says_more(other, far.record, &[]);
        let keys: Vec<Vec<Scalar>> = links
            .iter()
            .filter(open)
            .filter_map(|far| far.key.clone())
            .collect();
        if makes_keys(other) || keys.is_empty() {
            return Ok(links.iter().map(|far| far.key.is_some()).collect());
        }
        let mut found = self.nest.existing(other, &keys).await?.into_iter();
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
    async fn visible(&self, named: &[Pair]) -> Result<(), Problem> {
        if named.is_empty() {
            return Ok(());
        }
        let key = &self.table.primary_key;
        let opened = self.nest.open(self.name, Verb::Get).await?;
        let keys: Vec<Vec<Scalar>> = named.iter().map(|(_, key)| key.clone()).collect();
        for piece in keys.chunks(super::PIECE) {
            let condition = Condition::and(Some(has_one_of(key, piece)), opened.condition.clone());
            let rows = self.nest.rows(&self.table, key, condition).await?;
            let seen: HashSet<String> = rows.iter().map(|row| label(row)).collect();
            if let Some(absent) = piece.iter().find(|key| !seen.contains(&label(key))) {
                return Err(missing(&self.table, absent));
            }
        }
        Ok(())
    }
}

impl Between<'_> {
    /// Stores the rows between that are not there yet.
    async fn join(&self, pairs: Vec<Pair>, fresh: bool) -> Result<(), Problem> {
        let named = |(near, far): &Pair| format!("{}\u{0}{}", label(near), label(far));
        let mut seen = HashSet::new();
        let mut wanted: Vec<Pair> = Vec::with_capacity(pairs.len());
        for pair in pairs {
            if seen.insert(named(&pair)) {
                wanted.push(pair);
            }
        }
        let mut linked = HashSet::new();
        if !fresh {
            let fields = [self.near.as_slice(), self.far.as_slice()].concat();
            for same_parent in wanted.chunk_by(|(a, _), (b, _)| a == b) {
                for piece in same_parent.chunks(super::PIECE) {
                    let condition = Some(self.pairs(piece));
                    let rows = self.nest.rows(&self.table, &fields, condition).await?;
                    linked.extend(rows.iter().map(|row| label(row)));
                }
            }
        }
        let record = Map::new();
        let fields = || self.near.iter().chain(&self.far).copied();
        let incoming = |(near, far): Pair| Incoming {
            record: &record,
            preset: fields().zip(near.into_iter().chain(far)).collect(),
        };
        wanted.retain(|pair| !linked.contains(&named(pair)));
        if wanted.is_empty() {
            return Ok(());
        }
        let opened = self.nest.open(self.name, Verb::Post).await?;
        let new = wanted.into_iter().map(incoming).collect();
        self.nest.create(&opened, &[], new).await?;
        Ok(())
    }

    /// Removes rows between.
    async fn take_apart(&self, pairs: Vec<Pair>) -> Result<(), Problem> {
        let opened: Opened = self.nest.open(self.name, Verb::Delete).await?;
        for same_parent in pairs.chunk_by(|(a, _), (b, _)| a == b) {
            for piece in same_parent.chunks(super::PIECE) {
                let condition = Condition::and(Some(self.pairs(piece)), opened.condition.clone());
                let table = self.table.clone();
                let plan = DeletePlan { table, condition };
                self.nest.side.session.delete(&plan).await?;
            }
        }
        Ok(())
    }

    /// The condition that a row is between one parent and one of its far records.
    fn pairs(&self, same_parent: &[Pair]) -> Condition {
        let far: Vec<Vec<Scalar>> = same_parent.iter().map(|(_, far)| far.clone()).collect();
        let near = same_parent
            .first()
            .map(|(near, _)| near.as_slice())
            .unwrap_or_default();
        Condition::And(vec![has(&self.near, near), has_one_of(&self.far, &far)])
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
