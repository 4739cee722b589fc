//! What a record belongs to: made, changed or only pointed at before the record itself is written.

use super::{
    Member, Name, Nest, carried, key_of, local, members, missing, no_key, remote, says_more, within,
};
use crate::engine::Opened;
use crate::ident::matches;
use crate::plan::Condition;
use crate::write::record::Incoming;
use crate::{Relation, Scalar, Table};
use contract::{Map, Problem, Value, Verb};
use std::sync::Arc;

impl Nest<'_> {
    /// Writes the records inside a belongs-to member of each record, and lets the record point at them.
    pub(super) async fn link_parents(
        &self,
        table: &Arc<Table>,
        relation: &Relation,
        records: &mut [Incoming<'_>],
    ) -> Result<(), Problem> {
        let done = self.parent_keys(table, relation, records).await;
        let keys = done.map_err(|p| within(p, "Failed to update belongs-to assignment."))?;
        let fields = local(table, relation)?;
        for (place, key) in keys {
            let preset = &mut records[place].preset;
            for (field, value) in fields.iter().zip(key) {
                // What the relation above says of the same field goes first.
                if !preset.iter().any(|(known, _)| known == field) {
                    preset.push((*field, value));
                }
            }
        }
        Ok(())
    }

    /// The keys of the parents as values of this table, each with the place of its record.
    async fn parent_keys(
        &self,
        table: &Arc<Table>,
        relation: &Relation,
        records: &[Incoming<'_>],
    ) -> Result<Vec<(usize, Vec<Scalar>)>, Problem> {
        let there = self.at(relation.extra.ref_service.as_ref())?;
        let keys = there.parents(table, relation, records).await?;
        let other = there.related(Name::of(relation))?;
        let (from, to) = (remote(&other, relation)?, local(table, relation)?);
        let here = |(place, key): (usize, Vec<Scalar>)| {
            carried(&other, &from, table, &to, &key).map(|key| (place, key))
        };
        keys.into_iter().map(here).collect()
    }

    /// The keys of the parents, each with the place of its record. Runs where the parents lie.
    async fn parents(
        &self,
        table: &Arc<Table>,
        relation: &Relation,
        records: &[Incoming<'_>],
    ) -> Result<Vec<(usize, Vec<Scalar>)>, Problem> {
        let mut keys = Vec::new();
        let (mut places, mut new) = (Vec::new(), Vec::new());
        for (place, incoming) in records.iter().enumerate() {
            let of = |m: &Member<'_>| m.relation.name == relation.name;
            let Some(Member { value, .. }) = members(table, incoming.record).find(of) else {
                continue;
            };
            let object = match value {
                Value::Object(object) if !object.is_empty() => object,
                Value::Null | Value::Object(_) => continue,
                Value::Array(list) if list.is_empty() => continue,
                _ => {
                    return Err(Problem::bad_request(
                        "A record belongs to one other, given as an object.",
                    ));
                }
            };
            match self.keyed_parent(relation, object).await? {
                Some(key) => keys.push((place, key)),
                None => {
                    places.push(place);
                    new.push(Incoming::plain(object));
                }
            }
        }
        if !new.is_empty() {
            let opened = self.open(Name::of(relation), Verb::Post).await?;
            keys.extend(
                places
                    .into_iter()
                    .zip(self.new_parents(relation, &opened, new).await?),
            );
        }
        Ok(keys)
    }

    async fn new_parents(
        &self,
        relation: &Relation,
        opened: &Opened,
        new: Vec<Incoming<'_>>,
    ) -> Result<Vec<Vec<Scalar>>, Problem> {
        let other = &opened.table;
        let fields = remote(other, relation)?;
        let required = other.primary_key.iter().find(|i| other.fields[**i].required);
        if let Some(key) = required {
            return Err(no_key(other, &[*key]));
        }
        let rows = self.create(opened, &fields, new).await?;
        rows.iter().map(|row| row.key(other, &fields)).collect()
    }

    /// The key of a parent that is named by its own key, after it was changed or, if need be, made. `None` when it
    /// is not named so.
    async fn keyed_parent(
        &self,
        relation: &Relation,
        object: &Map<String, Value>,
    ) -> Result<Option<Vec<Scalar>>, Problem> {
        let other = self.related(Name::of(relation))?;
        let fields = remote(&other, relation)?;
        let Some(key) = key_of(&other, object, &[])? else {
            return Ok(None);
        };
        if !says_more(&other, object, &[]) {
            // Naming a record that the caller can see is no change of it.
            let opened = self.open(Name::of(relation), Verb::Get).await?;
            let condition = Condition::and(Some(matches(&other.primary_key, &key)), opened.condition);
            if self.count(&other, condition).await? == 0 {
                return Err(missing(&other, &key));
            }
        } else {
            let there = self.existing(&other, std::slice::from_ref(&key)).await?;
            if there == [true] {
                let opened = self.open(Name::of(relation), Verb::Patch).await?;
                let incoming = Incoming::plain(object);
                let found = self
                    .patch(&opened, &other.primary_key, &key, incoming, true)
                    .await?;
                found.ok_or_else(|| missing(&other, &key))?;
            } else {
                let opened = self.open(Name::of(relation), Verb::Post).await?;
                let new = vec![Incoming::plain(object)];
                self.create(&opened, &other.primary_key, new).await?;
            }
        }
        self.values_of(&other, &other.primary_key, &key, &fields)
            .await
            .map(Some)
    }
}
