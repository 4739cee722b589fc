//! What a relation leads to: the table at its end, how it is read, and the table between.

use super::Wanted;
use crate::Table;
use crate::columns::Columns;
use crate::engine::{Engine, Opened};
use crate::plan::{Column, Condition, OrderItem, ReadPlan};
use crate::service::Peer;
use contract::{Problem, Request};

/// A table that a relation leads to, and what reads it.
pub(super) struct End {
    pub(super) engine: Engine,
    /// With the options of the relation as its own.
    pub(super) request: Request,
    pub(super) opened: Opened,
    /// The service, where it is another.
    pub(super) peer: Option<Peer>,
}

impl End {
    /// Lets the service note what a problem says of its schema.
    pub(super) fn noted(&self, problem: Problem) -> Problem {
        if let Some(peer) = &self.peer {
            peer.note(&problem);
        }
        problem
    }

    pub(super) fn read_plan(&self, columns: Vec<Column>, keys: Condition) -> ReadPlan {
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

/// What is read of the other table, and how.
pub(super) struct Reading {
    pub(super) columns: Columns,
    pub(super) order: Vec<OrderItem>,
    pub(super) filter: Option<Condition>,
    pub(super) nested: Vec<Wanted>,
    /// Fields that are read for us alone.
    pub(super) added: Vec<usize>,
    /// The greatest number of rows that was asked for.
    pub(super) limit: Option<u64>,
    /// The greatest number of rows.
    pub(super) most: u64,
}

impl Reading {
    /// Whether a row stands for itself, and none is left out but beyond what is bearable.
    pub(super) fn is_plain(&self) -> bool {
        self.columns.group.is_empty() && self.limit.is_none()
    }

    /// Reads these fields too.
    pub(super) fn ensure(&mut self, fields: &[usize]) {
        let columns = &mut self.columns;
        self.added
            .extend(fields.iter().copied().filter(|field| columns.ensure(*field)));
    }

    pub(super) fn plan(&self, other: &End, keys: Option<Condition>) -> ReadPlan {
        let parts = keys.into_iter().chain(self.filter.clone()).collect();
        ReadPlan {
            group: self.columns.group.clone(),
            order: self.order.clone(),
            ..other.read_plan(self.columns.columns.clone(), Condition::And(parts))
        }
    }
}

/// The table between two others.
pub(super) struct Link<'e> {
    pub(super) between: &'e End,
    pub(super) other: &'e End,
    /// Its fields that hold the key of this side, and of the other.
    pub(super) near: Vec<usize>,
    pub(super) far: Vec<usize>,
}

impl Link<'_> {
    /// Whether a statement can read both tables: in one database, joined by columns of one type. What identifies a row
    /// must be what its column holds, not what a function makes of it.
    pub(super) fn is_one_place(&self, on: &[(usize, usize)]) -> bool {
        let (between, other) = (&self.between.opened.table, &self.other.opened.table);
        let real = |table: &Table, field: usize| {
            let extra = &table.fields[field].extra;
            !extra.is_virtual && extra.select.is_none()
        };
        let base = |table: &Table, field: usize| {
            let native = &table.fields[field].column.native;
            native.split('(').next().unwrap_or_default().to_ascii_lowercase()
        };
        self.between.request.service.id == self.other.request.service.id
            && !other.primary_key.is_empty()
            && other.primary_key.iter().all(|field| real(other, *field))
            && self.near.iter().all(|field| real(between, *field))
            && on.iter().all(|(theirs, ours)| {
                real(other, *theirs) && real(between, *ours) && base(other, *theirs) == base(between, *ours)
            })
    }
}
