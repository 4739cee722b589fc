//! File services over HTTP, on a real disk.

#[path = "files/access.rs"]
mod access;
#[path = "files/archives.rs"]
mod archives;
#[path = "files/confinement.rs"]
mod confinement;
#[path = "files/fetching.rs"]
mod fetching;
#[path = "files/public.rs"]
mod public;
#[path = "files/writing.rs"]
mod writing;

use kit::{Answer, Client, Program};
use std::path::PathBuf;

/// The folder of the service `files`.
fn root(program: &Program) -> PathBuf {
    let root = program.data().join("storage/app");
    std::fs::create_dir_all(&root).expect("the data folder can be written");
    root
}

/// Sends bytes to a path below the service `files`.
async fn send(client: &Client, verb: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let path = format!("/api/v2/files/{path}");
    let answer = client.send(verb, &path, headers, Some(body)).await;
    answer.unwrap_or_else(|e| panic!("{verb} {path}: no answer: {e}"))
}

/// Stores a file, whose folder must exist.
async fn put(client: &Client, path: &str, body: &[u8]) {
    let answer = send(client, "PUT", path, &[], body).await;
    assert_eq!(answer.status, 201, "{path}: {}", answer.text());
}

async fn get(client: &Client, path: &str) -> Answer {
    client.get(&format!("/api/v2/files/{path}")).await
}
