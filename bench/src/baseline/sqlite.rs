//! rusqlite: cached statements, JSON straight from the cells.

use crate::json::{EMPLOYEE, Json, SALARY};
use crate::shape::{FILTER, Shape, after, key, letter, quantity};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Result, Row, ToSql};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const COLUMNS: &str = "SELECT emp_no, birth_date, first_name, last_name, gender, hire_date FROM employees";

pub(crate) struct Connections {
    idle: Mutex<Vec<Connection>>,
    /// SQLite has one writer at a time; waiting here is cheaper than being refused there.
    writer: Mutex<Connection>,
}

impl Connections {
    pub(super) fn open(path: &str, count: usize) -> Result<Connections> {
        let open = || {
            let connection = Connection::open(path)?;
            connection.busy_timeout(Duration::from_secs(10))?;
            // As durable as the program's: what is answered is on the disk.
            connection.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")?;
            Ok(connection)
        };
        let idle = (0..count).map(|_| open()).collect::<Result<Vec<_>>>()?;
        Ok(Connections {
            idle: Mutex::new(idle),
            writer: Mutex::new(open()?),
        })
    }

    pub(super) fn answer(&self, shape: Shape, n: u64) -> Result<Vec<u8>> {
        if shape == Shape::Insert {
            return insert(&lock(&self.writer), n);
        }
        let taken = lock(&self.idle).pop();
        let connection = taken.expect("there is a connection per worker");
        let answer = read(&connection, shape, n);
        lock(&self.idle).push(connection);
        answer
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read(connection: &Connection, shape: Shape, n: u64) -> Result<Vec<u8>> {
    let mut json = Json::default();
    match shape {
        Shape::One => {
            let sql = format!("{COLUMNS} WHERE emp_no = ?1 AND emp_no > ?2");
            employees(connection, &sql, &[&key(n), &FILTER], &mut json, |_, _| Ok(()))?;
            return Ok(json.0);
        }
        Shape::Page => {
            let sql = format!(
                "{COLUMNS} WHERE last_name >= ?1 AND emp_no > ?2 ORDER BY last_name ASC, emp_no ASC LIMIT 25"
            );
            json.raw("{\"resource\":[");
            employees(
                connection,
                &sql,
                &[&letter(n).to_string(), &FILTER],
                &mut json,
                |_, _| Ok(()),
            )?;
        }
        Shape::Thousand => {
            let sql = format!("{COLUMNS} WHERE emp_no > ?1 LIMIT 1000");
            json.raw("{\"resource\":[");
            employees(connection, &sql, &[&FILTER], &mut json, |_, _| Ok(()))?;
        }
        Shape::Related | Shape::Insert => {
            let sql = format!("{COLUMNS} WHERE emp_no > ?1 AND emp_no > ?2 ORDER BY emp_no ASC LIMIT 25");
            let mut parents = Vec::new();
            employees(
                connection,
                &sql,
                &[&after(n), &FILTER],
                &mut Json::default(),
                |row, own| {
                    parents.push((row.get::<_, i64>(0)?, std::mem::take(&mut own.0)));
                    Ok(())
                },
            )?;
            json.raw("{\"resource\":[");
            related(connection, parents, &mut json)?;
        }
    }
    json.raw("]}");
    Ok(json.0)
}

fn employees(
    connection: &Connection,
    sql: &str,
    values: &[&dyn ToSql],
    json: &mut Json,
    mut each: impl FnMut(&Row<'_>, &mut Json) -> Result<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        if json.0.last() == Some(&b'}') {
            json.raw(",");
        }
        json.raw("{");
        cells(row, &EMPLOYEE, json)?;
        json.raw("}");
        each(row, json)?;
    }
    Ok(())
}

fn cells(row: &Row<'_>, keys: &[&str], json: &mut Json) -> Result<()> {
    for (index, name) in keys.iter().enumerate() {
        json.key(name, index == 0);
        match row.get_ref(index)? {
            ValueRef::Integer(number) => json.number(number),
            ValueRef::Text(text) => json.text(text),
            _ => json.raw("null"),
        }
    }
    Ok(())
}

fn related(connection: &Connection, mut parents: Vec<(i64, Vec<u8>)>, json: &mut Json) -> Result<()> {
    let places: Vec<String> = (1..=parents.len()).map(|n| format!("?{n}")).collect();
    let sql = format!(
        "SELECT emp_no, salary, from_date, to_date FROM salaries WHERE emp_no IN ({}) AND emp_no > {FILTER}",
        places.join(",")
    );
    let keys: Vec<i64> = parents.iter().map(|(key, _)| *key).collect();
    let mut children: Vec<Json> = parents.iter().map(|_| Json::default()).collect();
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(&keys))?;
    while let Some(row) = rows.next()? {
        let parent: i64 = row.get(0)?;
        let Some(at) = keys.iter().position(|key| *key == parent) else {
            continue;
        };
        let child = &mut children[at];
        child.raw(if child.0.is_empty() { "{" } else { ",{" });
        cells(row, &SALARY, child)?;
        child.raw("}");
    }
    for (at, ((_, parent), child)) in parents.iter_mut().zip(children).enumerate() {
        super::join(json, at, parent, &child);
    }
    Ok(())
}

fn insert(connection: &Connection, n: u64) -> Result<Vec<u8>> {
    let mut statement =
        connection.prepare_cached("INSERT INTO supplies (name, quantity) VALUES (?1, ?2) RETURNING id")?;
    let id: i64 = statement.query_row((format!("item {n}"), quantity(n)), |row| row.get(0))?;
    Ok(super::inserted(id))
}
