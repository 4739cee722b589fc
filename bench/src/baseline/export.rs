//! A million rows through a bare driver, in pieces as they fill, each export over a connection of its own.

use super::told;
use crate::json::Json;
use crate::setup::EXPORTED;
use crate::shape::PLENTY;
use axum::body::Bytes;
use futures_util::TryStreamExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Value};
use rusqlite::types::ValueRef;
use std::pin::pin;
use tokio::sync::mpsc::Sender;
use tokio_postgres::NoTls;

/// Bytes gathered before a piece is handed on: as many as Dreamwright's.
const PIECE: usize = 64 * 1024;
const FIELDS: [&str; 3] = ["id", "name", "quantity"];

fn statement(mark: &str) -> String {
    format!(
        "SELECT {} FROM {EXPORTED} WHERE quantity > {mark}",
        FIELDS.join(", ")
    )
}

/// Exports, and ends early when nobody takes the pieces.
pub(crate) async fn export(place: String, pieces: Sender<Bytes>) -> Result<(), String> {
    let mut json = Json::default();
    json.raw("{\"resource\":[");
    if place.starts_with("postgres:") {
        postgres(&place, &mut json, &pieces).await?;
    } else if place.starts_with("mysql:") {
        mysql(&place, &mut json, &pieces).await?;
    } else {
        let (own, to) = (std::mem::take(&mut json), pieces.clone());
        let done = tokio::task::spawn_blocking(move || sqlite(&place, own, &to));
        json = done.await.map_err(told)?.map_err(told)?;
    }
    json.raw("]}");
    let _ = pieces.send(json.0.into()).await;
    Ok(())
}

async fn postgres(place: &str, json: &mut Json, pieces: &Sender<Bytes>) -> Result<(), String> {
    let (client, driver) = tokio_postgres::connect(place, NoTls).await.map_err(told)?;
    tokio::spawn(driver);
    let rows = client.query_raw(&statement("$1"), [PLENTY]).await.map_err(told)?;
    let mut rows = pin!(rows);
    while let Some(row) = rows.try_next().await.map_err(told)? {
        begin(json);
        json.number(row.get::<_, i32>(0).into());
        json.key(FIELDS[1], false);
        json.text(row.get::<_, &str>(1).as_bytes());
        json.key(FIELDS[2], false);
        json.number(row.get::<_, i32>(2).into());
        json.raw("}");
        if is_full(json) && pieces.send(taken(json)).await.is_err() {
            break;
        }
    }
    Ok(())
}

async fn mysql(place: &str, json: &mut Json, pieces: &Sender<Bytes>) -> Result<(), String> {
    let mut connection = Conn::from_url(place).await.map_err(told)?;
    let result = connection.exec_iter(statement("?"), (PLENTY,)).await;
    let mut result = result.map_err(told)?;
    while let Some(row) = result.next().await.map_err(told)? {
        begin(json);
        for (index, name) in FIELDS.iter().enumerate() {
            if index > 0 {
                json.key(name, false);
            }
            match row.as_ref(index) {
                Some(Value::Int(number)) => json.number(*number),
                Some(Value::Bytes(text)) => json.text(text),
                _ => json.raw("null"),
            }
        }
        json.raw("}");
        if is_full(json) && pieces.send(taken(json)).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn sqlite(place: &str, mut json: Json, pieces: &Sender<Bytes>) -> rusqlite::Result<Json> {
    let connection = rusqlite::Connection::open(place)?;
    let mut statement = connection.prepare(&statement("?1"))?;
    let mut rows = statement.query([PLENTY])?;
    while let Some(row) = rows.next()? {
        begin(&mut json);
        for (index, name) in FIELDS.iter().enumerate() {
            if index > 0 {
                json.key(name, false);
            }
            match row.get_ref(index)? {
                ValueRef::Integer(number) => json.number(number),
                ValueRef::Text(text) => json.text(text),
                _ => json.raw("null"),
            }
        }
        json.raw("}");
        if is_full(&json) && pieces.blocking_send(taken(&mut json)).is_err() {
            break;
        }
    }
    Ok(json)
}

/// Begins a row with the key of its first field.
fn begin(json: &mut Json) {
    if json.0.last() != Some(&b'[') {
        json.raw(",");
    }
    json.raw("{");
    json.key(FIELDS[0], true);
}

fn is_full(json: &Json) -> bool {
    json.0.len() >= PIECE
}

fn taken(json: &mut Json) -> Bytes {
    std::mem::replace(&mut json.0, Vec::with_capacity(PIECE + 4096)).into()
}
