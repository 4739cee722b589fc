//! Other servers on the same data. Each is installed into a folder beside the built program at its first use, where its
//! registry answers, and left out by name where it does not.

mod datasette;
mod install;
mod platformatic;
mod soul;

use crate::load::{CONCURRENCY, Numbers};
use crate::measure::over_http;
use crate::setup::{Stage, Target};
use crate::shape::Shape;
use kit::Client;
use kit::guard::{Guarded, Process};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(60);

/// What starts a peer: where it is installed, a folder for its configuration, its database, its port.
type Command = fn(&Path, &Path, &Target, u16) -> Result<Vec<String>, String>;

/// Another server.
struct Kind {
    name: &'static str,
    /// Services whose databases it is measured on.
    services: &'static [&'static str],
    /// Puts it into a folder that is empty.
    install: fn(&Path) -> Result<(), String>,
    command: Command,
    /// The same question in its words, and the number of rows of the answer; none for what it does not do.
    path: fn(Shape, u64) -> Option<(usize, String)>,
    /// The number of rows of an answer.
    rows: fn(&Value) -> Option<usize>,
}

const KINDS: [Kind; 3] = [datasette::KIND, soul::KIND, platformatic::KIND];

/// The numbers of a peer on one database.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) service: &'static str,
    pub(crate) label: String,
    pub(crate) lines: Vec<(Shape, Numbers)>,
    pub(crate) memory: u64,
}

/// The numbers of all peers, and why others were left out.
#[derive(Default)]
pub(crate) struct Peers {
    pub(crate) measured: Vec<Peer>,
    pub(crate) left_out: Vec<String>,
}

/// Measures every peer that can be installed.
pub(crate) async fn all(stage: &Stage, shapes: &[Shape], time: Duration) -> Peers {
    let mut peers = Peers::default();
    for kind in &KINDS {
        let targets = stage.databases.iter();
        let targets: Vec<&Target> = targets.filter(|t| kind.services.contains(&t.service)).collect();
        let measured = match install::folder(kind.name, kind.install) {
            Ok(folder) => measure(kind, &folder, &targets, shapes, time, &mut peers.measured).await,
            Err(reason) => Err(reason),
        };
        if let Err(reason) = measured {
            eprintln!("left out: {}: {reason}", kind.name);
            peers.left_out.push(format!("{}: {reason}", kind.name));
        }
    }
    peers
}

async fn measure(
    kind: &Kind,
    installed: &Path,
    targets: &[&Target],
    shapes: &[Shape],
    time: Duration,
    measured: &mut Vec<Peer>,
) -> Result<(), String> {
    for target in targets {
        let (process, address) = start(kind, installed, target)?;
        let client = Client::new(address);
        let mut lines = Vec::new();
        for shape in shapes {
            let Some((rows, first)) = (kind.path)(*shape, 0) else {
                continue;
            };
            eprintln!("measuring {} on {}: {}", kind.name, target.label, shape.name());
            let first = client.get(&first).await;
            if (kind.rows)(&first.json()) != Some(rows) {
                let text: String = first.text().chars().take(200).collect();
                return Err(format!("it answers {} otherwise: {text}", shape.name()));
            }
            let (shape, path) = (*shape, kind.path);
            let request = move |n| ("GET", path(shape, n).unwrap_or_default().1, None);
            let numbers = over_http(&client, process.id(), time, CONCURRENCY, request).await?;
            lines.push((shape, numbers));
        }
        measured.push(Peer {
            name: kind.name,
            service: target.service,
            label: target.label.clone(),
            lines,
            memory: kit::program::memory(process.id()),
        });
    }
    Ok(())
}

fn start(kind: &Kind, installed: &Path, target: &Target) -> Result<(Process, SocketAddr), String> {
    let folder = tempfile::Builder::new()
        .prefix("dw-peer-")
        .tempdir()
        .map_err(|e| e.to_string())?
        .keep();
    let port = kit::free_port();
    let process = Process::start(&Guarded {
        command: (kind.command)(installed, &folder, target, port)?,
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
            return Err(format!("it did not start: {}", process.output()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok((process, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_peer_is_asked_for_rows_and_what_it_does_not_do_is_left_out() {
        for kind in &KINDS {
            let asked = Shape::ALL.map(|shape| (kind.path)(shape, 3).map(|(rows, _)| rows));
            assert_eq!(
                asked,
                [Some(1), Some(25), Some(1000), None, None],
                "{}",
                kind.name
            );
        }
    }
}
