//! Introspection: names of all tables in one query, everything else for one table at a time.

use crate::columns;
use crate::config::Schemas;
use crate::foreign::Place;
use crate::source::Source;
use driver::{Fault, Scalar, Statement, rows};
use records::{RawForeignKey, RawNeighbour, RawTable, RawTableName, RawUnique};
use serde_json::{Map, Value, json};
use sql::TableName;

/// Schemas of the server itself.
pub(crate) const OWN: &str = "('information_schema', 'mysql', 'performance_schema', 'phpmyadmin', 'sys')";

/// What is asked of a server once.
#[derive(Debug)]
pub(crate) struct Server {
    /// The connection's database, as the server writes it.
    pub(crate) database: String,
    /// Whether defaults are told as SQL: MariaDB since 10.2.7.
    pub(crate) quoted: bool,
    /// Whether there is a dictionary to ask instead of the tables: MySQL since 8.
    pub(crate) dictionary: bool,
}

impl Server {
    fn new(database: String, version: &str) -> Server {
        let mariadb = version.to_ascii_lowercase().contains("mariadb");
        // MariaDB may put a version before its own for the sake of old clients.
        let own = version.strip_prefix("5.5.5-").unwrap_or(version);
        let mut numbers = own
            .split(|c: char| !c.is_ascii_digit())
            .map(|n| n.parse::<u32>().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let number = (next(), next(), next());
        Server {
            database,
            quoted: mariadb && number >= (10, 2, 7),
            dictionary: !mariadb && number.0 >= 8,
        }
    }

    /// Where a table lies, for statements.
    fn table(&self, (schema, name): &Place) -> TableName {
        TableName {
            schema: (*schema != self.database).then(|| schema.clone()),
            name: name.clone(),
        }
    }
}

/// One part of a key as `information_schema.key_column_usage` tells it.
struct Part {
    constraint: String,
    column: String,
    /// Schema, table and column that it refers to.
    reference: Option<(Place, String)>,
}

/// A constraint with all its columns.
struct Constraint {
    name: String,
    columns: Vec<String>,
    reference: Option<(Place, Vec<String>)>,
    /// Rules on update and on delete.
    rules: Option<(String, String)>,
}

impl Constraint {
    fn is_primary(&self) -> bool {
        self.name == "PRIMARY"
    }
}

pub(crate) fn statement(text: impl Into<String>, values: &[&str]) -> Statement {
    Statement {
        text: text.into(),
        values: values.iter().map(|value| Scalar::from(*value)).collect(),
    }
}

pub(crate) fn text(row: &[Scalar], index: usize) -> String {
    row.get(index).and_then(Scalar::to_text).unwrap_or_default()
}

impl Source {
    pub(crate) async fn server(&self) -> Result<&Server, Fault> {
        let ask = || async {
            let answer = rows(self, Statement::fixed("SELECT DATABASE(), VERSION()")).await?;
            let row = answer.into_iter().next().unwrap_or_default();
            Ok(Server::new(text(&row, 0), &text(&row, 1)))
        };
        self.server.get_or_try_init(ask).await
    }

    /// The schema whose tables have no prefix.
    pub(crate) fn home<'a>(&'a self, server: &'a Server) -> &'a str {
        match &self.config().schemas {
            Schemas::One(name) => name,
            Schemas::Default | Schemas::All => &server.database,
        }
    }

    pub(crate) fn public(&self, server: &Server, (schema, name): &Place) -> String {
        if schema == self.home(server) {
            name.clone()
        } else {
            format!("{schema}.{name}")
        }
    }

    /// Where something may lie that a client calls by this name. Names have no signs beyond the first 65,536; the
    /// server cannot even be asked for one.
    pub(crate) fn places(&self, server: &Server, public: &str) -> Vec<Place> {
        if public.chars().any(|c| c > '\u{ffff}') {
            return Vec::new();
        }
        let mut places = vec![(self.home(server).to_owned(), public.to_owned())];
        if self.config().schemas == Schemas::All
            && let Some((schema, name)) = public.split_once('.')
            && !OWN.contains(&format!("'{}'", schema.to_ascii_lowercase()))
        {
            places.push((schema.to_owned(), name.to_owned()));
        }
        places
    }

    fn name(&self, server: &Server, place: &Place, kind: &str) -> RawTableName {
        RawTableName {
            table: server.table(place),
            public: self.public(server, place),
            is_view: kind.contains("VIEW"),
        }
    }
}

const TABLES: &str = "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES";

/// All tables and views that the configuration shows.
pub(crate) async fn tables(source: &Source) -> Result<Vec<RawTableName>, Fault> {
    source.referrers.forget();
    let server = source.server().await?;
    let statement = match source.config().schemas {
        Schemas::All => Statement::fixed(format!("{TABLES} WHERE TABLE_SCHEMA NOT IN {OWN}")),
        _ => statement(format!("{TABLES} WHERE TABLE_SCHEMA = ?"), &[source.home(server)]),
    };
    let shown = rows(source, statement)
        .await?
        .into_iter()
        .filter(|row| text(row, 2) != "SEQUENCE");
    Ok(shown
        .map(|row| source.name(server, &(text(&row, 0), text(&row, 1)), &text(&row, 2)))
        .collect())
}

/// One table by its name for clients.
pub(crate) async fn describe(source: &Source, public: &str) -> Result<Option<RawTable>, Fault> {
    // Names hold no signs beyond the basic plane, and the dictionary cannot even be asked for one.
    if public.chars().any(|c| c > '\u{ffff}') {
        return Ok(None);
    }
    let server = source.server().await?;
    let Some((place, kind, comment)) = find(source, server, public).await? else {
        return Ok(None);
    };
    let (schema, name) = (place.0.as_str(), place.1.as_str());
    let columns = rows(source, statement(columns::SELECT, &[schema, name])).await?;
    if columns.is_empty() {
        return Ok(None);
    }
    let constraints = constraints(source, &place).await?;
    let neighbours = if kind.contains("VIEW") {
        Vec::new()
    } else {
        neighbours(source, server, &place).await?
    };
    Ok(Some(RawTable {
        name: source.name(server, &place, &kind),
        columns: columns
            .iter()
            .map(|row| columns::column(row, server.quoted))
            .collect(),
        primary_key: constraints
            .iter()
            .find(|c| c.is_primary())
            .map_or_else(|| columns::identifying(&columns), |c| c.columns.clone()),
        unique: unique(&constraints, false),
        foreign_keys: foreign_keys(source, server, &constraints),
        neighbours,
        constraints: shown(&place, &constraints),
        comment: Some(comment).filter(|comment| !comment.is_empty() && !kind.contains("VIEW")),
    }))
}

/// The table that a client's name means, its kind and its comment: matched exactly first, then without case.
async fn find(
    source: &Source,
    server: &Server,
    public: &str,
) -> Result<Option<(Place, String, String)>, Fault> {
    let places = source.places(server, public);
    for place in &places {
        if let Some(found) = exact(source, place).await? {
            return Ok(Some(found));
        }
    }
    for (schema, name) in &places {
        let lower = "SELECT TABLE_NAME FROM information_schema.TABLES \
                     WHERE TABLE_SCHEMA = ? AND LOWER(TABLE_NAME) = LOWER(?) ORDER BY TABLE_NAME";
        let names = rows(source, statement(lower, &[schema, name])).await?;
        if let Some(row) = names.first()
            && let Some(found) = exact(source, &(schema.clone(), text(row, 0))).await?
        {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

async fn exact(source: &Source, (schema, name): &Place) -> Result<Option<(Place, String, String)>, Fault> {
    let one = "SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM information_schema.TABLES \
               WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";
    let found = rows(source, statement(one, &[schema, name])).await?;
    // Names compare without case in the schema's own tables, so that more than one may be found.
    let place = |row: &[Scalar]| (text(row, 0), text(row, 1));
    let best = found
        .iter()
        .find(|row| place(row).1 == *name)
        .or_else(|| found.first());
    Ok(best
        .filter(|row| text(row, 2) != "SEQUENCE")
        .map(|row| (place(row), text(row, 2), text(row, 3))))
}

/// The constraints of a table: the primary key, unique keys, then foreign keys by name.
async fn constraints(source: &Source, (schema, name): &Place) -> Result<Vec<Constraint>, Fault> {
    let keys = "SELECT CONSTRAINT_NAME, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, \
                REFERENCED_COLUMN_NAME, ORDINAL_POSITION FROM information_schema.KEY_COLUMN_USAGE \
                WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?";
    let mut parts = rows(source, statement(keys, &[schema, name])).await?;
    parts.sort_by_key(|row| row.get(5).and_then(Scalar::to_int));
    let mut constraints: Vec<Constraint> = Vec::new();
    for row in &parts {
        let referenced = row.get(3).is_some_and(|cell| !cell.is_null());
        let reference = referenced.then(|| ((text(row, 2), text(row, 3)), text(row, 4)));
        add(
            &mut constraints,
            Part {
                constraint: text(row, 0),
                column: text(row, 1),
                reference,
            },
        );
    }
    if constraints
        .iter()
        .any(|constraint| constraint.reference.is_some())
    {
        let rules = "SELECT CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE \
                     FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = ? AND TABLE_NAME = ?";
        for row in rows(source, statement(rules, &[schema, name])).await? {
            let of = |c: &&mut Constraint| c.reference.is_some() && c.name == text(&row, 0);
            if let Some(constraint) = constraints.iter_mut().find(of) {
                constraint.rules = Some((text(&row, 1), text(&row, 2)));
            }
        }
    }
    constraints.sort_by_key(|c| match &c.reference {
        None if c.is_primary() => (0, String::new()),
        None => (1, String::new()),
        Some(_) => (2, c.name.clone()),
    });
    Ok(constraints)
}

fn add(constraints: &mut Vec<Constraint>, part: Part) {
    let same =
        |c: &&mut Constraint| c.name == part.constraint && c.reference.is_some() == part.reference.is_some();
    match constraints.iter_mut().find(same) {
        Some(constraint) => {
            constraint.columns.push(part.column);
            if let (Some((_, columns)), Some((_, column))) = (&mut constraint.reference, part.reference) {
                columns.push(column);
            }
        }
        None => constraints.push(Constraint {
            name: part.constraint,
            columns: vec![part.column],
            reference: part.reference.map(|(place, column)| (place, vec![column])),
            rules: None,
        }),
    }
}

fn unique(constraints: &[Constraint], with_primary: bool) -> Vec<RawUnique> {
    let keys = constraints
        .iter()
        .filter(|c| c.reference.is_none() && (with_primary || !c.is_primary()));
    keys.map(|c| RawUnique {
        columns: c.columns.clone(),
    })
    .collect()
}

fn foreign_keys(source: &Source, server: &Server, constraints: &[Constraint]) -> Vec<RawForeignKey> {
    let key = |constraint: &Constraint| {
        let (place, references) = constraint.reference.clone()?;
        let (on_update, on_delete) = constraint.rules.clone().unwrap_or_default();
        Some(RawForeignKey {
            columns: constraint.columns.clone(),
            table: server.table(&place),
            public: source.public(server, &place),
            references,
            on_update,
            on_delete,
        })
    };
    constraints.iter().filter_map(key).collect()
}

/// The tables that refer to `place`, with all their keys.
async fn neighbours(source: &Source, server: &Server, place: &Place) -> Result<Vec<RawNeighbour>, Fault> {
    let schema = match source.config().schemas {
        Schemas::All => None,
        _ => Some(source.home(server)),
    };
    let this = server.table(place);
    let mut neighbours = Vec::new();
    for other in source.referrers.of(source, server, schema, place).await? {
        let constraints = constraints(source, &other).await?;
        let foreign_keys = foreign_keys(source, server, &constraints);
        if foreign_keys.iter().any(|key| key.table == this) {
            neighbours.push(RawNeighbour {
                table: server.table(&other),
                public: source.public(server, &other),
                foreign_keys,
                keys: unique(&constraints, true),
            });
        }
    }
    Ok(neighbours)
}

/// The constraints as clients see them.
fn shown((schema, name): &Place, constraints: &[Constraint]) -> Map<String, Value> {
    let one_or_more = |columns: &[String]| match columns {
        [one] => json!(one),
        more => json!(more),
    };
    let descriptor = |constraint: &Constraint| {
        let kind = match &constraint.reference {
            Some(_) => "FOREIGN KEY",
            None if constraint.is_primary() => "PRIMARY KEY",
            None => "UNIQUE",
        };
        let referenced = constraint.reference.as_ref();
        json!({
            "constraint_type": kind,
            "constraint_schema": schema,
            "constraint_name": constraint.name,
            "table_schema": schema,
            "table_name": name,
            "column_name": one_or_more(&constraint.columns),
            "referenced_table_schema": referenced.map(|(place, _)| &place.0),
            "referenced_table_name": referenced.map(|(place, _)| &place.1),
            "referenced_column_name": referenced.map(|(_, columns)| one_or_more(columns)),
            "update_rule": constraint.rules.as_ref().map(|(update, _)| update),
            "delete_rule": constraint.rules.as_ref().map(|(_, delete)| delete),
        })
    };
    constraints
        .iter()
        .map(|constraint| (constraint.name.to_lowercase(), descriptor(constraint)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_tell_what_a_server_can_do() {
        let facts = |version| {
            let server = Server::new("d".into(), version);
            (server.quoted, server.dictionary)
        };
        assert_eq!(facts("10.11.19-MariaDB-0+deb12u1"), (true, false));
        assert_eq!(facts("5.5.5-10.1.48-MariaDB"), (false, false));
        assert_eq!(facts("8.4.0"), (false, true));
        assert_eq!(facts("5.7.44-log"), (false, false));
    }
}
