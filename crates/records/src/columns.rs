//! Which columns a read gives: `fields`, `group`, `order` and identifiers, bound to a table.

use crate::plan::{Column, OrderItem};
use crate::related::Wanted;
use crate::value::Shape;
use crate::{Kind, Table};
use contract::{Problem, Request, word};
use query::fields::{FieldItem, aggregate_key};
use sql::Aggregate;

/// The columns of a read.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Columns in the order of the request.
    pub columns: Vec<Column>,
    /// Fields to group by.
    pub group: Vec<usize>,
}

/// What stands in for `fields` when it is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// All fields: reading.
    All,
    /// The identifier: writing.
    Identifier,
}

impl Columns {
    /// Reads `fields` and `group`. An empty `fields` means the identifier (without one, everything).
    pub fn of(
        request: &Request,
        table: &Table,
        identifier: &[usize],
        absent: Absent,
    ) -> Result<Columns, Problem> {
        let group = group(request, table)?;
        let asked = request.list(&word::FIELDS);
        let all = |columns: &mut Vec<Column>| {
            let fields = (0..table.fields.len()).filter(|i| !table.fields[*i].extra.is_aggregate);
            columns.extend(fields.map(Column::Field));
        };
        let mut columns = Vec::with_capacity(table.fields.len());
        match asked.as_deref() {
            None if !group.is_empty() => columns.extend(group.iter().copied().map(Column::Field)),
            None if absent == Absent::All => all(&mut columns),
            None | Some([]) if identifier.is_empty() => all(&mut columns),
            None | Some([]) => columns.extend(identifier.iter().copied().map(Column::Field)),
            Some(list) => {
                for item in query::fields::parse(list) {
                    match item {
                        FieldItem::All if group.is_empty() => all(&mut columns),
                        FieldItem::All => columns.extend(group.iter().copied().map(Column::Field)),
                        FieldItem::Field(name) => columns.push(Column::Field(field(table, &name)?)),
                        FieldItem::Aggregate {
                            function,
                            field,
                            text,
                        } => {
                            columns.push(aggregate(
                                table,
                                function,
                                field.as_deref(),
                                &text,
                                !group.is_empty(),
                            )?);
                        }
                    }
                }
            }
        }
        // Each once, in the order of their first mention.
        let mut seen = vec![false; table.fields.len()];
        let mut aggregates: Vec<Column> = Vec::new();
        columns.retain(|column| match column {
            Column::Field(i) => !std::mem::replace(&mut seen[*i], true),
            aggregate if aggregates.contains(aggregate) => false,
            aggregate => {
                aggregates.push(aggregate.clone());
                true
            }
        });
        if !group.is_empty()
            && let Some(Column::Field(loose)) = columns
                .iter()
                .find(|c| matches!(c, Column::Field(i) if !group.contains(i) && !table.fields[*i].extra.is_aggregate))
        {
            return Err(Problem::bad_request(format!(
                "Field '{}' must be one of the fields in the group by clause, or inside SUM, COUNT, AVG, MIN or MAX.",
                table.fields[*loose].name
            )));
        }
        let is_aggregate = |c: &Column| matches!(c, Column::Field(i) if table.fields[*i].extra.is_aggregate);
        if group.is_empty()
            && columns.iter().any(is_aggregate)
            && let Some(Column::Field(loose)) = columns.iter().find(|c| !is_aggregate(c))
        {
            return Err(Problem::bad_request(format!(
                "Field '{}' can stand beside fields that are computed over rows only in the group by clause.",
                table.fields[*loose].name
            )));
        }
        Ok(Columns { columns, group })
    }

    /// Adds the fields by which relations find their records.
    pub(crate) fn ensure_keys(&mut self, table: &Table, wanted: &[Wanted]) {
        let names = wanted.iter().flat_map(|wanted| &wanted.relation.fields);
        for field in names.filter_map(|name| table.column(name)) {
            self.ensure(field);
        }
    }

    /// Adds a field at the end when it is not there yet. Whether it was added.
    pub fn ensure(&mut self, field: usize) -> bool {
        let there = self.columns.contains(&Column::Field(field));
        if !there {
            self.columns.push(Column::Field(field));
        }
        !there
    }
}

/// Name and shape of each column.
pub fn shapes<'t>(table: &'t Table, columns: &'t [Column]) -> impl Iterator<Item = (&'t str, Shape)> + 't {
    columns.iter().map(|column| match column {
        Column::Field(i) => {
            let field = &table.fields[*i];
            (field.name.as_str(), Shape::of_field(field))
        }
        Column::Aggregate { function, field, key } => {
            let kind = field.map_or(Kind::Integer, |i| table.fields[i].kind);
            let shape = match function {
                Aggregate::Min | Aggregate::Max => Shape::of(kind),
                Aggregate::Count | Aggregate::Sum | Aggregate::Avg => Shape::Number,
            };
            (key.as_str(), shape)
        }
    })
}

fn field(table: &Table, name: &str) -> Result<usize, Problem> {
    table
        .field(name)
        .ok_or_else(|| Problem::bad_request(format!("Invalid field requested: {name}")))
}

fn aggregate(
    table: &Table,
    function: Aggregate,
    of: Option<&str>,
    text: &str,
    grouped: bool,
) -> Result<Column, Problem> {
    let invalid = || Problem::bad_request(format!("Invalid field requested: {text}"));
    if !grouped {
        return Err(invalid());
    }
    let index = match of {
        Some(name) => Some(table.field(name).ok_or_else(invalid)?),
        None if function == Aggregate::Count => None,
        None => return Err(invalid()),
    };
    let key = aggregate_key(function, index.map(|i| table.fields[i].name.as_str()));
    Ok(Column::Aggregate {
        function,
        field: index,
        key,
    })
}

fn group(request: &Request, table: &Table) -> Result<Vec<usize>, Problem> {
    let names = request.list(&word::GROUP).unwrap_or_default();
    fields_of(&names, table, |name| {
        format!("Invalid or unknown field '{name}' in group by clause.")
    })
}

fn fields_of(
    names: &[String],
    table: &Table,
    refuse: impl Fn(&str) -> String,
) -> Result<Vec<usize>, Problem> {
    names
        .iter()
        .map(|name| {
            table
                .field(name)
                .ok_or_else(|| Problem::bad_request(refuse(name)))
        })
        .collect()
}

/// Binds an order clause. A number is the position of a column of the result, counted from 1.
pub fn order(text: &str, table: &Table, columns: &Columns) -> Result<Vec<OrderItem>, Problem> {
    let parsed = query::order::parse(text).map_err(|e| Problem::bad_request(e.message))?;
    let mut order = Vec::with_capacity(parsed.len());
    for item in parsed {
        let position = item
            .field
            .parse::<usize>()
            .ok()
            .and_then(|n| columns.columns.get(n.checked_sub(1)?));
        let spaced = item
            .spaced
            .and_then(|(name, desc)| Some((table.field(&name)?, desc)));
        let descending = spaced.map_or(item.descending, |(_, descending)| descending);
        let named = spaced
            .map(|(field, _)| field)
            .or_else(|| table.field(&item.field));
        let field = match (named, position) {
            (Some(field), _) => field,
            (None, Some(Column::Field(field))) => *field,
            _ => {
                let message = format!("Invalid field '{}' in order by clause.", item.field);
                return Err(Problem::bad_request(message));
            }
        };
        if !columns.group.is_empty() && !columns.group.contains(&field) {
            return Err(Problem::bad_request(format!(
                "Groups can only be ordered by grouped fields, and '{}' is none.",
                item.field
            )));
        }
        order.push(OrderItem {
            field,
            descending,
            nulls: item.nulls,
        });
    }
    Ok(order)
}

/// The fields that identify a record: those of `id_field` that exist, else the primary key. Empty when there is
/// neither.
pub fn identifier(request: &Request, table: &Table) -> Result<Vec<usize>, Problem> {
    match request.list(&word::ID_FIELD) {
        Some(names) if !names.is_empty() => {
            let fields: Vec<usize> = names.iter().filter_map(|name| table.field(name)).collect();
            if fields.is_empty() {
                Err(no_identifier())
            } else {
                Ok(fields)
            }
        }
        _ => Ok(table.primary_key.clone()),
    }
}

/// The refusal where an identifier is needed and there is none.
pub fn no_identifier() -> Problem {
    Problem::bad_request(
        "Identifying field(s) could not be determined. Name them with id_field, or use a filter.",
    )
}
