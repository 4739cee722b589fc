//! The services that related records lie in, and keys on their way from one to another.

use super::Nest;
use crate::engine::Engine;
use crate::{Scalar, Session, Table};
use contract::{Problem, Request, ServiceRef};
use std::sync::Arc;

/// What writes in one service.
#[derive(Clone, Copy)]
pub(in crate::write) struct Side<'a> {
    pub(in crate::write) engine: &'a Engine,
    /// The caller's request as one to this service.
    pub(in crate::write) request: &'a Request,
    pub(in crate::write) session: &'a dyn Session,
}

/// What writes in the services that a request reaches.
pub(in crate::write) struct Sides<'a> {
    /// The service of the request.
    pub(in crate::write) home: Side<'a>,
    pub(in crate::write) others: Vec<Side<'a>>,
}

impl<'a> Nest<'a> {
    /// The same work where a relation leads to: here, or in another service.
    pub(super) fn at(&self, service: Option<&Arc<ServiceRef>>) -> Result<Nest<'a>, Problem> {
        let Some(service) = service else {
            return Ok(Nest { ..*self });
        };
        let mut sides = std::iter::once(&self.sides.home).chain(&self.sides.others);
        let side = sides.find(|side| side.request.service.id == service.id);
        let side = side.ok_or_else(|| {
            Problem::internal(format!(
                "service {} was not found before the work began",
                service.name
            ))
        })?;
        Ok(Nest { side: *side, ..*self })
    }
}

/// A key of one table as a key of another, whose fields may be of other types and in another database.
pub(super) fn carried(
    table: &Table,
    from: &[usize],
    other: &Table,
    to: &[usize],
    key: &[Scalar],
) -> Result<Vec<Scalar>, Problem> {
    let part = |((from, to), value): ((&usize, &usize), &Scalar)| {
        let (from, to) = (&table.fields[*from], &other.fields[*to]);
        if from.column.native == to.column.native && from.kind == to.kind {
            return Ok(value.clone());
        }
        let shape = crate::value::Shape::of_field(from);
        let shown = crate::value::to_json(shape, crate::value::cell(value));
        crate::value::from_json(to, &shown)
    };
    from.iter().zip(to).zip(key).map(part).collect()
}
