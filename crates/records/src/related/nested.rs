//! Related records in the statement of their parents, as JSON that the database makes.
//!
//! Only what is then equal to the byte to what [`super::attach`] puts together: rows of another table of the same
//! database that belong to a row by keys which every database compares alike, as they stand in their columns, of types
//! that the database writes as JSON as answers do, with nothing nested in them.

use super::attach::Attach;
use super::end::{End, Reading};
use super::{Trail, Wanted};
use crate::engine::Engine;
use crate::plan::{Column, NestedList};
use crate::value::Shape;
use crate::{Field, Nesting, RelationKind, Table};
use contract::{Problem, Request};
use std::collections::HashSet;

/// Whole numbers.
const WHOLE: [&str; 3] = ["smallint", "integer", "bigint"];
/// Most records of one relation that are put together so: they are in memory at once.
const MOST: u64 = 10_000;
/// Longest name that a column of a subquery keeps.
const LONGEST: usize = 63;

/// The related records of a row, as a part of its statement.
pub(crate) struct List {
    pub(crate) name: String,
    pub(crate) kind: RelationKind,
    pub(crate) plan: NestedList,
    /// The greatest number of records for all rows. Beyond it, which of them are shown is for the way that reads them
    /// together.
    pub(crate) most: u64,
}

/// The wanted relations of a table's rows; `None` where one of them must be read in another way.
pub(crate) async fn lists(
    engine: &Engine,
    nesting: &dyn Nesting,
    request: &Request,
    table: &Table,
    wanted: &[Wanted],
) -> Result<Option<Vec<List>>, Problem> {
    let trail = Trail::default().with(request.service.id, table);
    let mut lists = Vec::with_capacity(wanted.len());
    for Wanted { relation } in wanted {
        if relation.junction.is_some() || relation.extra.ref_service.is_some() {
            return Ok(None);
        }
        let attach = Attach {
            engine,
            request,
            table,
            relation,
            trail: &trail,
        };
        match attach.list(nesting).await? {
            Some(list) => lists.push(list),
            None => return Ok(None),
        }
    }
    let fields = table.fields.iter().map(|field| &field.name);
    let all = fields.chain(wanted.iter().map(|wanted| &wanted.relation.name));
    Ok(Some(lists).filter(|_| each_once(all)))
}

/// Whether no name comes twice: of two members with one name, only one would be shown.
fn each_once<'n>(mut names: impl Iterator<Item = &'n String>) -> bool {
    let mut seen = HashSet::new();
    names.all(|name| seen.insert(name))
}

impl Attach<'_> {
    async fn list(&self, nesting: &dyn Nesting) -> Result<Option<List>, Problem> {
        let relation = self.relation;
        let params = super::wanted::options(&self.request.params, &relation.name);
        let other = self.end(None, &relation.ref_table, params).await?;
        let table = &other.opened.table;
        let on = self
            .table
            .columns(&relation.fields)
            .zip(table.columns(&relation.ref_fields));
        let Some((near, far)) = on else {
            return Ok(None);
        };
        let on: Vec<(usize, usize)> = near.into_iter().zip(far).collect();
        let exact = |(near, far): &(usize, usize)| {
            let (near, far) = (&self.table.fields[*near], &table.fields[*far]);
            is_real(near)
                && is_real(far)
                && near.column.native == far.column.native
                && (WHOLE.contains(&far.column.native.as_str()) || far.column.native == "uuid")
        };
        if !on.iter().all(exact) || self.engine.catalogue.completes(table) {
            return Ok(None);
        }
        let reading = self.reading(&other).await?;
        if !reading.is_plain() || !reading.nested.is_empty() || !all_written(nesting, table, &reading) {
            return Ok(None);
        }
        Ok(Some(self.planned(&other, reading, on)))
    }

    fn planned(&self, other: &End, reading: Reading, on: Vec<(usize, usize)>) -> List {
        let relation = self.relation;
        let most = reading.most.min(MOST);
        let mut read = reading.plan(other, None);
        read.limit = Some(match relation.kind {
            RelationKind::HasMany | RelationKind::ManyMany => most + 1,
            RelationKind::BelongsTo | RelationKind::HasOne => 1,
        });
        List {
            name: relation.name.clone(),
            kind: relation.kind,
            plan: NestedList { read, on },
            most,
        }
    }
}

/// Whether the database writes every field that is read as an answer does.
fn all_written(nesting: &dyn Nesting, table: &Table, reading: &Reading) -> bool {
    let written = |column: &Column| match column {
        Column::Field(field) => {
            let field = &table.fields[*field];
            let native = field.column.native.as_str();
            let as_it_is = match Shape::of_field(field) {
                Shape::Plain => true,
                Shape::Boolean => native == "boolean",
                Shape::Number => WHOLE.contains(&native),
                Shape::Base64 => false,
            };
            as_it_is && is_real(field) && field.name.len() <= LONGEST && nesting.writes(native)
        }
        Column::Aggregate { .. } => false,
    };
    each_once(table.fields.iter().map(|field| &field.name)) && reading.columns.columns.iter().all(written)
}

/// Whether a field is what its column holds.
fn is_real(field: &Field) -> bool {
    !field.extra.is_virtual && field.extra.select.is_none()
}
