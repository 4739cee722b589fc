//! Soul over the SQLite file.

use super::{Kind, install};
use crate::setup::Target;
use crate::shape::{Shape, key, letter};
use std::path::Path;

pub(super) const KIND: Kind = Kind {
    name: "Soul",
    services: &["sqlite"],
    // Its SQLite is compiled here: the first time takes minutes.
    install: |folder| install::npm(folder, &["soul-cli@0.8.2"]),
    command,
    path,
    rows: |answer| answer["data"].as_array().map(Vec::len),
};

fn command(installed: &Path, _: &Path, target: &Target, port: u16) -> Result<Vec<String>, String> {
    let program = installed.join("node_modules/soul-cli/src/server.js");
    let (program, port) = (program.display().to_string(), port.to_string());
    let command = ["node", &program, "-d", &target.place, "-p", &port];
    Ok(command.map(String::from).into())
}

fn path(shape: Shape, n: u64) -> Option<(usize, String)> {
    let table = "/api/tables/employees/rows";
    Some(match shape {
        Shape::One => (1, format!("{table}/{}", key(n))),
        Shape::Page => (
            25,
            format!(
                "{table}?_limit=25&_ordering=last_name&_filters=last_name__gte:{}",
                letter(n)
            ),
        ),
        Shape::Thousand => (1000, format!("{table}?_limit=1000")),
        Shape::Related | Shape::Insert => return None,
    })
}
