//! Conditions on related records: `locations_by_supply_id.city = 'Berlin'` is met by a row when some related row
//! meets it.

use crate::engine::Engine;
use crate::plan::{Condition, Hop};
use crate::{Relation, Table};
use contract::{Problem, Request, Verb};
use query::filter::{FieldRef, Filter};
use std::sync::Arc;

/// The related tables that a filter names.
#[derive(Debug, Default)]
pub(crate) struct Ways(Vec<Way>);

/// A relation, with its tables opened for the caller.
#[derive(Debug)]
pub(crate) struct Way {
    name: String,
    /// The other table.
    pub(crate) table: Arc<Table>,
    field: usize,
    ref_field: usize,
    rows: Option<Condition>,
    /// The table between, for many-to-many: its near and far fields, and its row filter.
    between: Option<(Arc<Table>, usize, usize, Option<Condition>)>,
}

impl Ways {
    /// No related tables.
    pub(crate) const NONE: &'static Ways = &Ways(Vec::new());

    /// The way of `relation.field`, and the field's name.
    pub(crate) fn find<'t>(&self, text: &'t str) -> Option<(&Way, &'t str)> {
        let (relation, field) = text.split_once('.')?;
        let way = self
            .0
            .iter()
            .find(|way| way.name.eq_ignore_ascii_case(relation))?;
        Some((way, field))
    }
}

impl Way {
    /// That some related row which the caller may see meets the condition.
    pub(crate) fn condition(&self, condition: Condition) -> Condition {
        let there = Condition::and(Some(condition), self.rows.clone());
        let hop = |field, table: &Arc<Table>, ref_field, condition| {
            let table = table.clone();
            Condition::Related(Box::new(Hop {
                field,
                table,
                ref_field,
                condition,
            }))
        };
        match &self.between {
            None => hop(self.field, &self.table, self.ref_field, there),
            Some((table, near, far, rows)) => {
                let far = hop(*far, &self.table, self.ref_field, there);
                hop(self.field, table, *near, Condition::and(Some(far), rows.clone()))
            }
        }
    }
}

/// Opens the related tables that a filter names. The caller needs the right to read each, and sees of each only
/// what the role's row filter lets through.
pub(crate) async fn ways(
    engine: &Engine,
    request: &Request,
    table: &Table,
    filter: &Filter,
) -> Result<Ways, Problem> {
    let mut names = Vec::new();
    fields(filter, &mut |field| {
        if table.field(&field.text).is_none()
            && let Some(relation) = named(table, &field.text)
            && !names.iter().any(|r: &&Relation| r.name == relation.name)
        {
            names.push(relation);
        }
    });
    let mut ways = Ways::default();
    for relation in names {
        if relation.is_remote() {
            return Err(Problem::bad_request(format!(
                "The relationship '{}' leads to another service, whose records cannot be part of a filter here.",
                relation.name
            )));
        }
        ways.0.push(open(engine, request, table, relation).await?);
    }
    Ok(ways)
}

fn several() -> Problem {
    Problem::not_implemented(
        "Filtering by relations of several fields is not supported. Filter by the fields themselves.",
    )
}

/// The relation of `relation.field`; the names of those to other services hold a dot themselves.
fn named<'t>(table: &'t Table, text: &str) -> Option<&'t Relation> {
    let ends = [text.split_once('.'), text.rsplit_once('.')];
    ends.into_iter()
        .flatten()
        .find_map(|(name, _)| table.relation(name))
}

async fn open(
    engine: &Engine,
    request: &Request,
    table: &Table,
    relation: &Relation,
) -> Result<Way, Problem> {
    let broken = || {
        Problem::internal(format!(
            "relation {} names a field that its table does not show",
            relation.name
        ))
    };
    let ([field], [ref_field]) = (relation.fields.as_slice(), relation.ref_fields.as_slice()) else {
        return Err(several());
    };
    let field = table.column(field).ok_or_else(broken)?;
    let between = match &relation.junction {
        Some(junction) => {
            let opened = engine.catalogue.open(request, &junction.table, Verb::Get).await?;
            let ([near], [far]) = (junction.fields.as_slice(), junction.ref_fields.as_slice()) else {
                return Err(several());
            };
            let near = opened.table.column(near).ok_or_else(broken)?;
            let far = opened.table.column(far).ok_or_else(broken)?;
            Some((opened.table, near, far, opened.condition))
        }
        None => None,
    };
    let other = engine
        .catalogue
        .open(request, &relation.ref_table, Verb::Get)
        .await?;
    let ref_field = other.table.column(ref_field).ok_or_else(broken)?;
    Ok(Way {
        name: relation.name.clone(),
        table: other.table,
        field,
        ref_field,
        rows: other.condition,
        between,
    })
}

/// Calls `each` for every field that a filter names.
fn fields<'f>(filter: &'f Filter, each: &mut impl FnMut(&'f FieldRef)) {
    match filter {
        Filter::And(parts) | Filter::Or(parts) => parts.iter().for_each(|part| fields(part, each)),
        Filter::Xor(left, right) => {
            fields(left, each);
            fields(right, each);
        }
        Filter::Not(inner) => fields(inner, each),
        Filter::Compare { field, .. }
        | Filter::In { field, .. }
        | Filter::Null { field, .. }
        | Filter::Between { field, .. } => each(field),
    }
}
