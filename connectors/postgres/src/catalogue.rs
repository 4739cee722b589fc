//! Introspection: fixed statements on the system catalogue, and what their rows mean.

pub(crate) mod column;
mod key;
mod statements;

use crate::config::Schemas;
use crate::dialect::DIALECT;
use driver::{Executor, Fault, FaultKind};
use records::{RawTable, RawTableName};
use sql::{Dialect, Scalar, Statement, TableName};

/// All tables and views that the database user may use. One statement.
pub(crate) async fn tables(executor: &dyn Executor, schemas: &Schemas) -> Result<Vec<RawTableName>, Fault> {
    let rows = rows(executor, statements::TABLES, vec![shown(schemas)]).await?;
    rows.into_iter()
        .map(|mut row| Ok(found(schemas, &mut row)?.1))
        .collect()
}

/// One table by its name for clients, exactly first, then without case.
pub(crate) async fn describe(
    executor: &dyn Executor,
    schemas: &Schemas,
    public: &str,
) -> Result<Option<RawTable>, Fault> {
    let Some((oid, name, comment)) = locate(executor, schemas, public).await? else {
        return Ok(None);
    };
    let rows_of = |text| rows(executor, text, vec![Scalar::Int(oid)]);
    let columns = rows_of(statements::COLUMNS)
        .await?
        .into_iter()
        .map(|mut row| column::column(&mut row));
    let columns = columns.collect::<Result<Vec<_>, Fault>>()?;
    let keys = rows_of(statements::KEYS)
        .await?
        .into_iter()
        .map(|mut row| key::Key::read(&mut row));
    let keys = key::Keys::new(oid, schemas, keys.collect::<Result<Vec<_>, Fault>>()?);
    Ok(Some(RawTable {
        name,
        columns,
        primary_key: keys.primary_key(),
        unique: keys.unique(),
        foreign_keys: keys.foreign_keys(),
        neighbours: keys.neighbours(),
        constraints: keys.constraints(),
        comment,
    }))
}

type Found = (i64, RawTableName, Option<String>);

async fn locate(executor: &dyn Executor, schemas: &Schemas, public: &str) -> Result<Option<Found>, Fault> {
    let names = names_of(public);
    for (text, exact) in [(statements::LOCATE, true), (statements::LOCATE_ANY_CASE, false)] {
        let values = vec![shown(schemas), DIALECT.array(&names)];
        let same = |name: &RawTableName| match exact {
            true => name.public == public,
            false => name.public.to_lowercase() == public.to_lowercase(),
        };
        for mut row in rows(executor, text, values).await? {
            let (oid, name) = found(schemas, &mut row)?;
            if same(&name) {
                return Ok(Some((oid, name, row.optional_text())));
            }
        }
    }
    Ok(None)
}

/// What a name for clients may be called in its schema: a name with dots may be one of the default schema or of
/// another one.
pub(crate) fn names_of(public: &str) -> Vec<Scalar> {
    let dots = public
        .match_indices('.')
        .map(|(i, _)| Scalar::from(&public[i + 1..]));
    std::iter::once(Scalar::from(public)).chain(dots).collect()
}

/// Reads oid, schema, name and whether it is a view.
fn found(schemas: &Schemas, row: &mut Row) -> Result<(i64, RawTableName), Fault> {
    let (oid, schema, name) = (row.int()?, row.text()?, row.text()?);
    let is_view = row.flag()?;
    let table = table_name(&schema, &name);
    Ok((
        oid,
        RawTableName {
            table,
            public: public_name(schemas, &schema, &name),
            is_view,
        },
    ))
}

/// The schema is always told: the search path may begin with one that shadows it.
pub(crate) fn table_name(schema: &str, name: &str) -> TableName {
    TableName {
        schema: Some(schema.to_owned()),
        name: name.to_owned(),
    }
}

pub(crate) fn public_name(schemas: &Schemas, schema: &str, name: &str) -> String {
    match schemas {
        Schemas::All if schema != Schemas::DEFAULT => format!("{schema}.{name}"),
        _ => name.to_owned(),
    }
}

pub(crate) fn shown(schemas: &Schemas) -> Scalar {
    match schemas {
        Schemas::All => Scalar::Null,
        Schemas::Only(schema) => Scalar::from(schema.as_str()),
    }
}

pub(crate) async fn rows(
    executor: &dyn Executor,
    text: &str,
    values: Vec<Scalar>,
) -> Result<Vec<Row>, Fault> {
    let rows = driver::rows(
        executor,
        Statement {
            text: text.to_owned(),
            values,
        },
    )
    .await?;
    Ok(rows.into_iter().map(|row| Row(row.into_iter())).collect())
}

/// A row of the catalogue, read from left to right.
pub(crate) struct Row(std::vec::IntoIter<Scalar>);

impl Row {
    pub(crate) fn optional_int(&mut self) -> Option<i64> {
        self.next().to_int()
    }

    pub(crate) fn text_or_empty(&mut self) -> String {
        self.optional_text().unwrap_or_default()
    }

    fn next(&mut self) -> Scalar {
        self.0.next().unwrap_or_default()
    }

    pub(crate) fn int(&mut self) -> Result<i64, Fault> {
        self.next().to_int().ok_or_else(unexpected)
    }

    pub(crate) fn text(&mut self) -> Result<String, Fault> {
        self.optional_text().ok_or_else(unexpected)
    }

    pub(crate) fn optional_text(&mut self) -> Option<String> {
        match self.next() {
            Scalar::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Fault> {
        match self.next() {
            Scalar::Bool(flag) => Ok(flag),
            _ => Err(unexpected()),
        }
    }
}

fn unexpected() -> Fault {
    Fault::new(
        FaultKind::Other,
        "the system catalogue answered in an unexpected form",
    )
}
