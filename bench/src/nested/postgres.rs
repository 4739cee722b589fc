//! tokio-postgres.

use super::{Cell, Take, Words};
use std::collections::HashMap;
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, NoTls, Statement};

/// `json_agg` and `json_build_object` write spaces and line feeds that no other database and no answer has, so the text
/// is put together.
pub(super) const WORDS: Words = Words {
    mark: ("$", true),
    array: true,
    date: ("", "::text"),
    list: |fields| format!("'[' || string_agg({}, ',') || ']'", object(fields)),
    object,
};

fn object(fields: &[&str]) -> String {
    let member = |(index, field): (usize, &&str)| {
        let comma = if index == 0 { "" } else { "," };
        // Numbers need no quotes, and dates no escapes.
        let value = match *field {
            "emp_no" | "salary" => format!("r.{field}"),
            field if field.ends_with("_date") => format!("'\"' || r.{field} || '\"'"),
            field => format!("to_json(r.{field}::text)::text"),
        };
        format!("'{comma}\"{field}\":' || {value}")
    };
    let members: Vec<String> = fields.iter().enumerate().map(member).collect();
    format!("'{{' || {} || '}}'", members.join(" || "))
}

pub(super) struct Connection {
    client: Client,
    statements: HashMap<String, Statement>,
}

impl Connection {
    pub(super) async fn open(place: &str) -> Result<Connection, String> {
        let (client, driver) = tokio_postgres::connect(place, NoTls)
            .await
            .map_err(|e| e.to_string())?;
        tokio::spawn(driver);
        Ok(Connection {
            client,
            statements: HashMap::new(),
        })
    }

    pub(super) async fn server(&self) -> Result<u32, String> {
        let row = self.client.query_one("SELECT pg_backend_pid()", &[]).await;
        row.map(|row| row.get::<_, i32>(0) as u32)
            .map_err(|e| e.to_string())
    }

    /// Keys are one value, an array.
    pub(super) async fn rows(
        &mut self,
        sql: &str,
        keys: &[i32],
        values: &[i32],
        take: Take<'_>,
    ) -> Result<(), String> {
        if !self.statements.contains_key(sql) {
            let prepared = self
                .client
                .prepare(sql)
                .await
                .map_err(|e| format!("{sql}: {e:?}"))?;
            self.statements.insert(sql.to_owned(), prepared);
        }
        let array = (!keys.is_empty()).then_some(&keys as &(dyn ToSql + Sync));
        let single = values.iter().map(|value| value as &(dyn ToSql + Sync));
        let values: Vec<&(dyn ToSql + Sync)> = array.into_iter().chain(single).collect();
        let rows = self.client.query(&self.statements[sql], &values).await;
        for row in rows.map_err(|e| e.to_string())? {
            take(&(0..row.len()).map(|index| row.get(index)).collect::<Vec<_>>());
        }
        Ok(())
    }
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Cell<'a>, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match *kind {
            Type::INT4 => Cell::Number(i32::from_sql(kind, raw)?.into()),
            _ => Cell::Text(raw),
        })
    }

    fn from_sql_null(_: &Type) -> Result<Cell<'a>, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Cell::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
