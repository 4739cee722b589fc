//! mysql_async: prepared statements, JSON straight from the cells.

use crate::json::{EMPLOYEE, Json, SALARY};
use crate::shape::{FILTER, Shape, after, key, letter, quantity};
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error, Params, Row, Value};
use tokio::sync::{Mutex, Semaphore};

const COLUMNS: &str = "SELECT emp_no, birth_date, first_name, last_name, gender, hire_date FROM employees";

pub(crate) struct Connections {
    idle: Mutex<Vec<Conn>>,
    /// One for each idle connection: requests that arrive on their own may be more than there are, and wait.
    free: Semaphore,
}

impl Connections {
    pub(super) async fn open(url: &str, count: usize) -> Result<Connections, Error> {
        let mut idle = Vec::new();
        for _ in 0..count {
            idle.push(Conn::from_url(url).await?);
        }
        Ok(Connections {
            free: Semaphore::new(idle.len()),
            idle: Mutex::new(idle),
        })
    }

    pub(super) async fn answer(&self, shape: Shape, n: u64) -> Result<Vec<u8>, Error> {
        let _turn = self.free.acquire().await.expect("it is never closed");
        let taken = self.idle.lock().await.pop();
        let mut connection = taken.expect("whose turn it is finds one");
        let answer = answer(&mut connection, shape, n).await;
        self.idle.lock().await.push(connection);
        answer
    }
}

async fn answer(connection: &mut Conn, shape: Shape, n: u64) -> Result<Vec<u8>, Error> {
    let mut json = Json::default();
    match shape {
        Shape::One => {
            let sql = format!("{COLUMNS} WHERE emp_no = ? AND emp_no > ?");
            let rows = fetch(connection, &sql, vec![key(n).into(), FILTER.into()]).await?;
            list(&rows, &EMPLOYEE, &mut json);
            return Ok(json.0);
        }
        Shape::Insert => {
            let values = vec![format!("item {n}").into(), quantity(n).into()];
            let sql = "INSERT INTO supplies (name, quantity) VALUES (?, ?)";
            connection.exec_drop(sql, Params::Positional(values)).await?;
            let id = connection.last_insert_id().unwrap_or_default();
            return Ok(super::inserted(id as i64));
        }
        Shape::Page => {
            let sql = format!(
                "{COLUMNS} WHERE last_name >= ? AND emp_no > ? ORDER BY last_name ASC, emp_no ASC LIMIT 25"
            );
            let rows = fetch(
                connection,
                &sql,
                vec![letter(n).to_string().into(), FILTER.into()],
            )
            .await?;
            json.raw("{\"resource\":[");
            list(&rows, &EMPLOYEE, &mut json);
        }
        Shape::Thousand => {
            let rows = fetch(
                connection,
                &format!("{COLUMNS} WHERE emp_no > ? LIMIT 1000"),
                vec![FILTER.into()],
            )
            .await?;
            json.raw("{\"resource\":[");
            list(&rows, &EMPLOYEE, &mut json);
        }
        Shape::Related => {
            json.raw("{\"resource\":[");
            related(connection, n, &mut json).await?;
        }
    }
    json.raw("]}");
    Ok(json.0)
}

async fn fetch(connection: &mut Conn, sql: &str, values: Vec<Value>) -> Result<Vec<Row>, Error> {
    connection.exec(sql, Params::Positional(values)).await
}

async fn related(connection: &mut Conn, n: u64, json: &mut Json) -> Result<(), Error> {
    let sql = format!("{COLUMNS} WHERE emp_no > ? AND emp_no > ? ORDER BY emp_no ASC LIMIT 25");
    let parents = fetch(connection, &sql, vec![after(n).into(), FILTER.into()]).await?;
    let keys: Vec<i64> = parents.iter().filter_map(number).collect();
    let sql = format!(
        "SELECT emp_no, salary, from_date, to_date FROM salaries WHERE emp_no IN ({}) AND emp_no > ?",
        vec!["?"; keys.len()].join(",")
    );
    let values = keys
        .iter()
        .map(|key| (*key).into())
        .chain([FILTER.into()])
        .collect();
    let rows = fetch(connection, &sql, values).await?;
    let mut children: Vec<Json> = keys.iter().map(|_| Json::default()).collect();
    for row in &rows {
        if let Some(at) = number(row).and_then(|parent| keys.iter().position(|key| *key == parent)) {
            list(std::slice::from_ref(row), &SALARY, &mut children[at]);
        }
    }
    for (at, (parent, child)) in parents.iter().zip(&children).enumerate() {
        let mut own = Json::default();
        list(std::slice::from_ref(parent), &EMPLOYEE, &mut own);
        super::join(json, at, &own.0, child);
    }
    Ok(())
}

fn number(row: &Row) -> Option<i64> {
    match row.as_ref(0) {
        Some(Value::Int(number)) => Some(*number),
        _ => None,
    }
}

/// Appends rows with commas between them.
fn list(rows: &[Row], keys: &[&str], json: &mut Json) {
    for row in rows {
        if json.0.last() == Some(&b'}') {
            json.raw(",");
        }
        json.raw("{");
        for (index, name) in keys.iter().enumerate() {
            json.key(name, index == 0);
            match row.as_ref(index) {
                Some(Value::Int(number)) => json.number(*number),
                Some(Value::Bytes(text)) => json.text(text),
                Some(Value::Date(year, month, day, ..)) => {
                    json.date((*year).into(), (*month).into(), (*day).into())
                }
                _ => json.raw("null"),
            }
        }
        json.raw("}");
    }
}
