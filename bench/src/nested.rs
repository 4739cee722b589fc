//! Related records two ways, by the bare drivers: one statement more for all parents, whose rows are put to their parents
//! here, and one statement in all, in which the database makes the JSON of what is related.
//!
//! The second is given every advantage: its text is taken as it comes, and the types are those that all databases
//! write as Dreamwright does.

mod mysql;
mod postgres;
mod sqlite;

use crate::json::{EMPLOYEE, Json, SALARY};
use crate::setup::Target;
use crate::shape::FILTER;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Parents of an answer.
const PARENTS: [usize; 2] = [25, 1000];
/// How long one way is measured before it is the other's turn.
const TURN: Duration = Duration::from_millis(100);

/// A cell of a row.
enum Cell<'a> {
    Null,
    Number(i64),
    Text(&'a [u8]),
}

/// What takes rows.
type Take<'t> = &'t mut (dyn FnMut(&[Cell<'_>]) + Send);

/// A connection through a bare driver, with its statements kept prepared.
enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(postgres::Connection),
    Mysql(mysql::Connection),
}

/// A relation of the fixtures, in the words of all databases.
struct Relation {
    name: &'static str,
    table: &'static str,
    fields: &'static [&'static str],
    order: &'static str,
    other: &'static str,
    other_fields: &'static [&'static str],
    many: bool,
}

const RELATIONS: [Relation; 2] = [
    Relation {
        name: "has_many",
        table: "employees",
        fields: &EMPLOYEE,
        order: "emp_no",
        other: "salaries",
        other_fields: &SALARY,
        many: true,
    },
    Relation {
        name: "belongs_to",
        table: "salaries",
        fields: &SALARY,
        order: "emp_no, from_date",
        other: "employees",
        other_fields: &EMPLOYEE,
        many: false,
    },
];

/// What one way took for an answer.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Median time.
    pub(crate) median: Duration,
    /// Processor time of this process.
    pub(crate) client: Duration,
    /// Processor time of the database's process; none for SQLite, which has no other.
    pub(crate) server: Duration,
}

/// Both ways for one relation and number of parents.
pub(crate) struct Line {
    pub(crate) database: String,
    pub(crate) what: String,
    pub(crate) batched: Cost,
    pub(crate) nested: Cost,
}

/// Measures a database.
pub(crate) async fn database(target: &Target, time: Duration) -> Result<Vec<Line>, String> {
    let mut connection = Connection::open(target).await?;
    let server = connection.server().await?;
    let mut lines = Vec::new();
    for relation in &RELATIONS {
        for parents in PARENTS {
            eprintln!(
                "measuring {}: {} of {parents} nested",
                target.label, relation.name
            );
            let (mut one, mut other) = (Json::default(), Json::default());
            connection.answer(relation, parents, false, &mut one).await?;
            connection.answer(relation, parents, true, &mut other).await?;
            if one.0 != other.0 {
                let brief =
                    |json: &Json| String::from_utf8_lossy(&json.0[..json.0.len().min(400)]).into_owned();
                return Err(format!(
                    "the two ways differ:\n{}\n{}",
                    brief(&one),
                    brief(&other)
                ));
            }
            let (mut batched, mut nested) = (Sum::default(), Sum::default());
            let end = Instant::now() + 2 * time;
            // In turn, so that both meet the same other load.
            while Instant::now() < end {
                connection
                    .turn(relation, parents, false, server, &mut batched)
                    .await?;
                connection
                    .turn(relation, parents, true, server, &mut nested)
                    .await?;
            }
            lines.push(Line {
                database: target.label.clone(),
                what: format!("{}, {parents} parents", relation.name),
                batched: batched.cost(),
                nested: nested.cost(),
            });
        }
    }
    Ok(lines)
}

/// What was measured of one way so far.
#[derive(Default)]
struct Sum {
    times: Vec<Duration>,
    client: Duration,
    server: Duration,
}

impl Sum {
    fn cost(mut self) -> Cost {
        self.times.sort_unstable();
        let count = self.times.len().max(1) as u32;
        Cost {
            median: self.times.get(self.times.len() / 2).copied().unwrap_or_default(),
            client: self.client / count,
            server: self.server / count,
        }
    }
}

/// Processor time of all threads of a process, to the nanosecond.
fn run_time(process: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task"));
    let times = threads.into_iter().flatten().flatten().filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(times.sum())
}

impl Connection {
    async fn open(target: &Target) -> Result<Connection, String> {
        Ok(match target.service {
            "sqlite" => Connection::Sqlite(sqlite::open(&target.place)?),
            "pgsql" => Connection::Postgres(postgres::Connection::open(&target.place).await?),
            _ => Connection::Mysql(mysql::Connection::open(&target.place).await?),
        })
    }

    /// The process that serves this connection; 0 where there is none.
    async fn server(&mut self) -> Result<u32, String> {
        match self {
            Connection::Sqlite(_) => Ok(0),
            Connection::Postgres(connection) => connection.server().await,
            Connection::Mysql(connection) => connection.server().await,
        }
    }

    /// How the database writes the JSON of related records.
    fn words(&self) -> Words {
        match self {
            Connection::Sqlite(_) => sqlite::WORDS,
            Connection::Postgres(_) => postgres::WORDS,
            Connection::Mysql(_) => mysql::WORDS,
        }
    }

    /// Runs a statement whose first placeholders are for `keys`, see [`Words::one_of`].
    async fn rows(&mut self, sql: &str, keys: &[i32], values: &[i32], take: Take<'_>) -> Result<(), String> {
        let all: Vec<i32> = keys.iter().chain(values).copied().collect();
        match self {
            Connection::Sqlite(connection) => sqlite::rows(connection, sql, &all, take),
            Connection::Postgres(connection) => connection.rows(sql, keys, values, take).await,
            Connection::Mysql(connection) => connection.rows(sql, &all, take).await,
        }
    }

    /// Answers again and again for a turn.
    async fn turn(
        &mut self,
        relation: &Relation,
        parents: usize,
        nested: bool,
        server: u32,
        sum: &mut Sum,
    ) -> Result<(), String> {
        let before = (run_time(std::process::id()), run_time(server));
        let end = Instant::now() + TURN;
        while Instant::now() < end {
            let (began, mut json) = (Instant::now(), Json::default());
            self.answer(relation, parents, nested, &mut json).await?;
            sum.times.push(began.elapsed());
        }
        sum.client += run_time(std::process::id()).saturating_sub(before.0);
        sum.server += run_time(server).saturating_sub(before.1);
        Ok(())
    }

    async fn answer(
        &mut self,
        relation: &Relation,
        parents: usize,
        nested: bool,
        json: &mut Json,
    ) -> Result<(), String> {
        json.raw("{\"resource\":[");
        match nested {
            true => self.nested(relation, parents, json).await?,
            false => self.batched(relation, parents, json).await?,
        }
        json.raw("]}");
        Ok(())
    }

    async fn nested(&mut self, relation: &Relation, parents: usize, json: &mut Json) -> Result<(), String> {
        let words = self.words();
        let (mark, mark2) = (words.mark(0), words.mark(1));
        let children = match relation.many {
            true => (words.list)(relation.other_fields),
            false => (words.object)(relation.other_fields),
        };
        let sql = format!(
            "SELECT {}, (SELECT {children} FROM {} r WHERE r.emp_no = p.emp_no AND r.emp_no > {mark}) \
             FROM {} p WHERE p.emp_no > {mark2} ORDER BY {} LIMIT {parents}",
            columns(words.date, "p", relation.fields),
            relation.other,
            relation.table,
            relation.order,
        );
        let width = relation.fields.len();
        let mut first = true;
        self.rows(&sql, &[], &[FILTER, FILTER], &mut |cells| {
            object(relation.fields, &cells[..width], !first, json);
            first = false;
            json.0.pop();
            json.key("related", false);
            match &cells[width] {
                Cell::Text(text) => json.0.extend_from_slice(text),
                _ => json.raw(if relation.many { "[]" } else { "null" }),
            }
            json.raw("}");
        })
        .await
    }

    async fn batched(&mut self, relation: &Relation, parents: usize, json: &mut Json) -> Result<(), String> {
        let words = self.words();
        let mark = words.mark(0);
        let sql = format!(
            "SELECT {} FROM {} p WHERE p.emp_no > {mark} ORDER BY {} LIMIT {parents}",
            columns(words.date, "p", relation.fields),
            relation.table,
            relation.order,
        );
        let mut rows: Vec<(i32, Vec<u8>)> = Vec::with_capacity(parents);
        self.rows(&sql, &[], &[FILTER], &mut |cells| {
            let mut own = Json::default();
            object(relation.fields, cells, false, &mut own);
            own.0.pop();
            rows.push((number(&cells[0]), own.0));
        })
        .await?;
        let mut keys: Vec<i32> = rows.iter().map(|(key, _)| *key).collect();
        keys.dedup();
        let places: HashMap<i32, usize> = keys
            .iter()
            .enumerate()
            .map(|(place, key)| (*key, place))
            .collect();
        let (one_of, mark) = words.one_of(keys.len());
        let sql = format!(
            "SELECT {} FROM {} r WHERE r.emp_no {one_of} AND r.emp_no > {mark}",
            columns(words.date, "r", relation.other_fields),
            relation.other,
        );
        let mut children: Vec<Json> = keys.iter().map(|_| Json::default()).collect();
        self.rows(&sql, &keys, &[FILTER], &mut |cells| {
            if let Some(place) = places.get(&number(&cells[0])) {
                let child = &mut children[*place];
                object(relation.other_fields, cells, !child.0.is_empty(), child);
            }
        })
        .await?;
        for (at, (key, own)) in rows.iter().enumerate() {
            json.raw(if at == 0 { "" } else { "," });
            json.0.extend_from_slice(own);
            json.key("related", false);
            json.raw(if relation.many { "[" } else { "" });
            if let Some(place) = places.get(key) {
                json.0.extend_from_slice(&children[*place].0);
            }
            json.raw(if relation.many { "]}" } else { "}" });
        }
        Ok(())
    }
}

/// How a database writes what differs.
struct Words {
    /// Begins a placeholder, and whether its number follows.
    mark: (&'static str, bool),
    /// Whether a list of keys is bound as one array.
    array: bool,
    /// A column as text of a date: what stands before and after it.
    date: (&'static str, &'static str),
    /// A list of the rows of `r` as JSON.
    list: fn(&[&str]) -> String,
    /// A row of `r` as JSON.
    object: fn(&[&str]) -> String,
}

impl Words {
    fn mark(&self, place: usize) -> String {
        match self.mark {
            (mark, true) => format!("{mark}{}", place + 1),
            (mark, false) => mark.to_owned(),
        }
    }

    /// The condition that a column has one of so many keys, and the placeholder after them. It is what Dreamwright
    /// sends.
    fn one_of(&self, keys: usize) -> (String, String) {
        if self.array {
            return (format!("= ANY({})", self.mark(0)), self.mark(1));
        }
        let marks: Vec<String> = (0..keys).map(|place| self.mark(place)).collect();
        (format!("IN ({})", marks.join(",")), self.mark(keys))
    }
}

/// Dates leave all drivers as text, so that both ways do the same with them.
fn columns(date: (&str, &str), table: &str, fields: &[&str]) -> String {
    let column = |field: &&str| match field.ends_with("_date") {
        true => format!("{}{table}.{field}{}", date.0, date.1),
        false => format!("{table}.{field}"),
    };
    fields.iter().map(column).collect::<Vec<_>>().join(", ")
}

fn number(cell: &Cell<'_>) -> i32 {
    match cell {
        Cell::Number(number) => *number as i32,
        _ => 0,
    }
}

fn object(fields: &[&str], cells: &[Cell<'_>], comma: bool, json: &mut Json) {
    json.raw(if comma { ",{" } else { "{" });
    for (index, (name, cell)) in fields.iter().zip(cells).enumerate() {
        json.key(name, index == 0);
        match cell {
            Cell::Null => json.raw("null"),
            Cell::Number(number) => json.number(*number),
            Cell::Text(text) => json.text(text),
        }
    }
    json.raw("}");
}

/// `'name', value` for functions that make objects of pairs.
fn pairs(fields: &[&str]) -> String {
    let pair = |field: &&str| format!("'{field}', r.{field}");
    fields.iter().map(pair).collect::<Vec<_>>().join(", ")
}
