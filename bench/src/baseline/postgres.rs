//! tokio-postgres: statements prepared once per connection, JSON straight from the cells.

use crate::json::{EMPLOYEE, Json, SALARY};
use crate::shape::{FILTER, Shape, after, key, letter, quantity};
use std::error::Error as StdError;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Error, NoTls, Row, Statement};

const COLUMNS: &str = "SELECT emp_no, birth_date, first_name, last_name, gender, hire_date FROM employees";

pub(crate) struct Connections {
    all: Vec<Connection>,
    next: AtomicUsize,
}

struct Connection {
    client: Client,
    one: Statement,
    page: Statement,
    thousand: Statement,
    parents: Statement,
    children: Statement,
    insert: Statement,
}

impl Connections {
    pub(super) async fn open(url: &str, count: usize) -> Result<Connections, Error> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(Connection::open(url).await?);
        }
        Ok(Connections {
            all,
            next: AtomicUsize::new(0),
        })
    }

    pub(super) async fn answer(&self, shape: Shape, n: u64) -> Result<Vec<u8>, Error> {
        let at = self.next.fetch_add(1, Ordering::Relaxed) % self.all.len();
        self.all[at].answer(shape, n).await
    }
}

impl Connection {
    async fn open(url: &str) -> Result<Connection, Error> {
        let (client, driver) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(driver);
        let places: Vec<String> = (1..=25).map(|n| format!("${n}")).collect();
        let children = format!(
            "SELECT emp_no, salary, from_date, to_date FROM salaries WHERE emp_no IN ({}) AND emp_no > $26",
            places.join(",")
        );
        let order = "ORDER BY last_name ASC, emp_no ASC";
        Ok(Connection {
            one: client
                .prepare(&format!("{COLUMNS} WHERE emp_no = $1 AND emp_no > $2"))
                .await?,
            page: client
                .prepare(&format!(
                    "{COLUMNS} WHERE last_name >= $1 AND emp_no > $2 {order} LIMIT 25"
                ))
                .await?,
            thousand: client
                .prepare(&format!("{COLUMNS} WHERE emp_no > $1 LIMIT 1000"))
                .await?,
            parents: client
                .prepare(&format!(
                    "{COLUMNS} WHERE emp_no > $1 AND emp_no > $2 ORDER BY emp_no ASC LIMIT 25"
                ))
                .await?,
            children: client.prepare(&children).await?,
            insert: client
                .prepare("INSERT INTO supplies (name, quantity) VALUES ($1, $2) RETURNING id")
                .await?,
            client,
        })
    }

    async fn answer(&self, shape: Shape, n: u64) -> Result<Vec<u8>, Error> {
        let mut json = Json::default();
        match shape {
            Shape::One => {
                let rows = self.client.query(&self.one, &[&key(n), &FILTER]).await?;
                list(&rows, &EMPLOYEE, &mut json);
                return Ok(json.0);
            }
            Shape::Insert => {
                let row = self
                    .client
                    .query_one(&self.insert, &[&format!("item {n}"), &quantity(n)])
                    .await?;
                return Ok(super::inserted(row.get::<_, i32>(0).into()));
            }
            Shape::Page => {
                let rows = self
                    .client
                    .query(&self.page, &[&letter(n).to_string(), &FILTER])
                    .await?;
                json.raw("{\"resource\":[");
                list(&rows, &EMPLOYEE, &mut json);
            }
            Shape::Thousand => {
                let rows = self.client.query(&self.thousand, &[&FILTER]).await?;
                json.raw("{\"resource\":[");
                list(&rows, &EMPLOYEE, &mut json);
            }
            Shape::Related => {
                json.raw("{\"resource\":[");
                self.related(n, &mut json).await?;
            }
        }
        json.raw("]}");
        Ok(json.0)
    }

    async fn related(&self, n: u64, json: &mut Json) -> Result<(), Error> {
        let parents = self.client.query(&self.parents, &[&after(n), &FILTER]).await?;
        let keys: Vec<i32> = parents.iter().map(|row| row.get(0)).collect();
        let mut values: Vec<&(dyn ToSql + Sync)> =
            keys.iter().map(|key| key as &(dyn ToSql + Sync)).collect();
        values.push(&FILTER);
        let rows = self.client.query(&self.children, &values).await?;
        let mut children: Vec<Json> = keys.iter().map(|_| Json::default()).collect();
        for row in &rows {
            let parent: i32 = row.get(0);
            if let Some(at) = keys.iter().position(|key| *key == parent) {
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
            match row.get(index) {
                Cell::Number(number) => json.number(number),
                Cell::Text(text) => json.text(text),
                Cell::Days(days) => {
                    let (year, month, day) = civil(days);
                    json.date(year, month, day);
                }
            }
        }
        json.raw("}");
    }
}

enum Cell<'a> {
    Number(i64),
    Text(&'a [u8]),
    /// Since 2000-01-01.
    Days(i64),
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Cell<'a>, Box<dyn StdError + Sync + Send>> {
        Ok(match *kind {
            Type::INT4 => Cell::Number(i32::from_sql(kind, raw)?.into()),
            Type::DATE => Cell::Days(i32::from_be_bytes(raw.try_into()?).into()),
            _ => Cell::Text(raw),
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// Year, month and day of a number of days since 2000-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 730_425;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), (2000, 1, 1));
        assert_eq!(civil(59), (2000, 2, 29));
        assert_eq!(civil(-1), (1999, 12, 31));
        assert_eq!(civil(9497), (2026, 1, 1));
    }
}
