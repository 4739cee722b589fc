//! Writing records: create, update, delete; one or many; each on its own, or all or nothing; with related records
//! inside them.
//!
//! A record without related ones is one statement, atomic by itself. A record with related ones is one unit of work
//! ([`nested`], [`unit`]), also where they lie in other services. Statements of a unit of work, its reads included, go through its own session: where one connection
//! writes, another road would wait for it forever.

mod create;
mod delete;
mod formula;
mod import;
mod nested;
mod record;
mod unit;
mod update;

use crate::batch::{Batch, OnFailure};
use crate::columns::{self, Absent};
use crate::engine::{Engine, Opened};
use crate::ident::Ident;
use crate::plan::Column;
use crate::read::{Meta, Read, list};
use crate::service::Peer;
use crate::value::{Shape, to_json};
use crate::{Scalar, Session, Table};
use contract::{Map, Problem, Request, Response, Value, Verb, word};
use nested::{Reach, Side, Sides};
use std::sync::Arc;
use unit::Unit;

/// A write under way.
pub(crate) struct Write<'a> {
    engine: &'a Engine,
    request: &'a Request,
    opened: Opened,
    identifier: Vec<usize>,
}

/// Where a write's statements run: each on its own, or in one unit of work.
enum Place<'a> {
    Own(&'a dyn Session),
    Work(Unit<'a>),
}

impl Place<'_> {
    /// Makes the unit of work permanent, or undoes it.
    async fn end(self, failed: bool) -> Result<(), Problem> {
        match self {
            Place::Own(_) => Ok(()),
            Place::Work(unit) if failed => unit.rollback().await,
            Place::Work(unit) => unit.commit().await,
        }
    }
}

impl<'a> Write<'a> {
    async fn open(
        engine: &'a Engine,
        request: &'a Request,
        table: &str,
        verb: Verb,
    ) -> Result<Write<'a>, Problem> {
        let opened = engine.catalogue.open(request, table, verb).await?;
        let identifier = columns::identifier(request, &opened.table)?;
        Ok(Write {
            engine,
            request,
            opened,
            identifier,
        })
    }

    fn table(&self) -> &Arc<Table> {
        &self.opened.table
    }

    /// What runs the statements of a place.
    fn sides<'s>(&'s self, place: &'s Place<'_>) -> Sides<'s> {
        match place {
            Place::Work(unit) => unit.sides(self.engine, self.request),
            Place::Own(session) => Sides {
                home: Side {
                    engine: self.engine,
                    request: self.request,
                    session: *session,
                },
                others: Vec::new(),
            },
        }
    }

    /// A place for a batch, over this service and those that it reaches.
    async fn place<'s>(&'s self, on_failure: OnFailure, peers: &'s [Peer]) -> Result<Place<'s>, Problem> {
        if on_failure != OnFailure::Rollback {
            return Ok(Place::Own(&*self.engine.backend));
        }
        if !self.engine.backend.capabilities().transactions {
            return Err(Problem::bad_request(
                "This service cannot undo a batch: leave rollback out.",
            ));
        }
        Ok(Place::Work(Unit::begin(self.engine, self.request, peers).await?))
    }

    /// A unit of work for one record with related ones inside; none where the whole batch is one, or where there
    /// are no related records.
    async fn unit<'s>(
        &'s self,
        place: &Place<'_>,
        record: &Map<String, Value>,
        reach: &'s Reach,
    ) -> Result<Option<Unit<'s>>, Problem> {
        if matches!(place, Place::Work(_)) || !nested::is_in(self.table(), record) {
            return Ok(None);
        }
        if !self.engine.backend.capabilities().transactions {
            return Err(Problem::bad_request(
                "This service cannot write related records together with their record.",
            ));
        }
        Unit::begin(self.engine, self.request, &reach.peers)
            .await
            .map(Some)
    }

    /// The identifier of a record as it is answered.
    fn key(&self, values: &[Scalar]) -> Map<String, Value> {
        let columns: Vec<Column> = self.identifier.iter().copied().map(Column::Field).collect();
        let shapes = columns::shapes(self.table(), &columns);
        shapes
            .zip(values)
            .map(|((name, shape), value)| (name.to_owned(), shown(shape, value)))
            .collect()
    }

    /// Ends a batch and answers: the identifiers, or the stored rows where more is asked for.
    async fn answer(&self, place: Place<'_>, batch: Batch, done: &str) -> Result<Response, Problem> {
        place.end(batch.failed()).await?;
        let keys = batch.finish(done, &self.engine.settings)?;
        self.answer_rows(keys).await
    }

    async fn answer_rows(&self, keys: Vec<Value>) -> Result<Response, Problem> {
        let records = if self.wants_rows() {
            self.stored(keys).await?
        } else {
            keys
        };
        Ok(list(
            self.request,
            &self.engine.settings,
            records,
            Meta::default(),
        ))
    }

    fn wants_rows(&self) -> bool {
        let asked = self
            .request
            .text(&word::FIELDS)
            .is_some_and(|t| !t.trim().is_empty());
        (asked || self.request.text(&word::RELATED).is_some()) && !self.identifier.is_empty()
    }

    /// The rows behind identifiers, as `fields` and `related` ask for them.
    async fn stored(&self, keys: Vec<Value>) -> Result<Vec<Value>, Problem> {
        let read = Read::of(self.engine, self.request, self.opened.clone(), Absent::Identifier)?;
        let idents: Vec<Ident> = keys.into_iter().map(Ident::from_json).collect();
        let mut rows = Vec::with_capacity(idents.len());
        for piece in idents.chunks(self.most()) {
            // A row that is gone or hidden by now is left out, as it would be from any read.
            rows.extend(
                read.rows_by_ids(piece)
                    .await?
                    .into_iter()
                    .flatten()
                    .map(Value::Object),
            );
        }
        Ok(rows)
    }

    /// Most identifiers that one read takes.
    fn most(&self) -> usize {
        usize::try_from(self.engine.limits.max_records)
            .unwrap_or(usize::MAX)
            .max(1)
    }
}

fn shown(shape: Shape, value: &Scalar) -> Value {
    to_json(shape, crate::value::cell(value))
}
