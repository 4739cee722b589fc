//! Another server on the same data, where it is installed: Datasette over the SQLite file.

use crate::load::{CONCURRENCY, Numbers};
use crate::measure::over_http;
use crate::setup::Target;
use crate::shape::{FIRST, Shape, key, letter};
use kit::Client;
use kit::guard::{Guarded, Process};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Where the program is looked for before the path is.
const PLACE: &str = "BENCH_DATASETTE";
const LIMIT: Duration = Duration::from_secs(60);

/// The numbers of a peer.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) lines: Vec<(Shape, Numbers)>,
    pub(crate) memory: u64,
}

/// Measures Datasette over a SQLite database; `None` when it is not installed.
pub(crate) async fn datasette(
    target: &Target,
    shapes: &[Shape],
    time: Duration,
) -> Result<Option<Peer>, String> {
    let Some(program) = installed() else {
        eprintln!("skipped: Datasette, which is not installed (pip install datasette, or {PLACE}=FILE)");
        return Ok(None);
    };
    let (process, address) = start(&program, target)?;
    let client = Client::new(address);
    let mut lines = Vec::new();
    for shape in shapes {
        let Some((rows, _)) = path(*shape, 0) else {
            continue;
        };
        eprintln!("measuring Datasette: {}", shape.name());
        let shape = *shape;
        let request = move |n| {
            (
                "GET",
                path(shape, n).map_or_else(String::new, |(_, path)| path),
                None,
            )
        };
        let first = client.get(&request(0).1).await;
        if first.json().as_array().map(Vec::len) != Some(rows) {
            return Err(format!("Datasette answers otherwise: {}", first.text()));
        }
        lines.push((
            shape,
            over_http(&client, process.id(), time, CONCURRENCY, request).await?,
        ));
    }
    let memory = kit::program::memory(process.id());
    Ok(Some(Peer {
        name: "Datasette",
        lines,
        memory,
    }))
}

fn installed() -> Option<PathBuf> {
    if let Some(place) = std::env::var_os(PLACE) {
        return Some(PathBuf::from(place)).filter(|file| file.is_file());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join("datasette"))
        .find(|file| file.is_file())
}

fn start(program: &std::path::Path, target: &Target) -> Result<(Process, SocketAddr), String> {
    let folder = tempfile::Builder::new()
        .prefix("dw-peer-")
        .tempdir()
        .map_err(|e| e.to_string())?
        .keep();
    let port = kit::free_port();
    let command = [
        &program.display().to_string(),
        "serve",
        &target.place,
        "--host",
        "127.0.0.1",
        "--port",
        &port.to_string(),
        "--setting",
        "max_returned_rows",
        "1000",
    ];
    let process = Process::start(&Guarded {
        command: command.map(String::from).into(),
        environment: &[],
        forget: &[],
        log: &folder.join("log"),
        folder: &folder,
        signal: "KILL",
    });
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let limit = Instant::now() + LIMIT;
    while std::net::TcpStream::connect(address).is_err() {
        if !process.running() || Instant::now() > limit {
            return Err(format!("Datasette did not start: {}", process.output()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((process, address))
}

/// The same question in Datasette's words, and the number of rows of its answer; none for what it does not do.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_does_not_do_is_left_out() {
        let asked = Shape::ALL.map(|shape| path(shape, 3).map(|(rows, _)| rows));
        assert_eq!(asked, [Some(1), Some(25), Some(1000), None, None]);
    }
}
