//! Platformatic DB over the three databases.

use super::{Kind, install};
use crate::setup::Target;
use crate::shape::{Shape, key, letter};
use serde_json::json;
use std::path::Path;

pub(super) const KIND: Kind = Kind {
    name: "Platformatic DB",
    services: &["sqlite", "pgsql", "mysql"],
    // Its SQLite is compiled here: the first time takes minutes.
    install: |folder| install::npm(folder, &["@platformatic/db@2.61.0"]),
    command,
    path,
    rows: |answer| match answer.is_object() {
        true => Some(1),
        false => answer.as_array().map(Vec::len),
    },
};

fn command(installed: &Path, folder: &Path, target: &Target, port: u16) -> Result<Vec<String>, String> {
    let place = match target.service {
        "sqlite" => format!("sqlite://{}", target.place),
        _ => target.place.clone(),
    };
    let config = json!({
        "$schema": "https://schemas.platformatic.dev/@platformatic/db/2.61.0.json",
        "server": {"hostname": "127.0.0.1", "port": port, "logger": {"level": "error"}},
        "db": {"connectionString": place, "openapi": true, "graphql": false,
               // It refuses other keys of the fixtures on SQLite.
               "include": {"employees": true},
               "limit": {"default": 100, "max": 1000}},
        "watch": false,
    });
    let file = folder.join("platformatic.db.json");
    std::fs::write(&file, config.to_string()).map_err(|e| e.to_string())?;
    let package = installed.join("node_modules/@platformatic/db");
    let script = format!(
        "require({}).buildServer({}).then(server => server.start())",
        json!(package),
        json!(file)
    );
    Ok(["node", "-e", &script].map(String::from).into())
}

fn path(shape: Shape, n: u64) -> Option<(usize, String)> {
    Some(match shape {
        Shape::One => (1, format!("/employees/{}", key(n))),
        Shape::Page => (
            25,
            format!(
                "/employees?limit=25&where.lastName.gte={}&orderby.lastName=asc&orderby.empNo=asc",
                letter(n)
            ),
        ),
        Shape::Thousand => (1000, "/employees?limit=1000".into()),
        Shape::Related | Shape::Insert => return None,
    })
}
