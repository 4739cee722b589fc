//! Datasette over the SQLite file.

use super::{Kind, install};
use crate::setup::Target;
use crate::shape::{FIRST, Shape, key, letter};
use std::path::Path;

pub(super) const KIND: Kind = Kind {
    name: "Datasette",
    services: &["sqlite"],
    install: |folder| install::pip(folder, &["datasette==0.65.5"]),
    command,
    path,
    rows: |answer| answer.as_array().map(Vec::len),
};

fn command(installed: &Path, _: &Path, target: &Target, port: u16) -> Result<Vec<String>, String> {
    let program = installed.join("bin/datasette").display().to_string();
    let port = port.to_string();
    let command = [
        &program,
        "serve",
        &target.place,
        "--host",
        "127.0.0.1",
        "--port",
        &port,
        "--setting",
        "max_returned_rows",
        "1000",
    ];
    Ok(command.map(String::from).into())
}

fn path(shape: Shape, n: u64) -> Option<(usize, String)> {
    let table = "/bench/employees.json?_shape=array&_nocount=1&_nofacet=1";
    Some(match shape {
        Shape::One => (1, format!("/bench/employees/{}.json?_shape=array", key(n))),
        Shape::Page => (
            25,
            format!("{table}&last_name__gte={}&_sort=last_name&_size=25", letter(n)),
        ),
        Shape::Thousand => (1000, format!("{table}&emp_no__gte={FIRST}&_size=1000")),
        Shape::Related | Shape::Insert => return None,
    })
}
