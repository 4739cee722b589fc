//! File services on servers: each does what a service on the local disk does, and says so when its server is gone.

#[path = "stores/ftp.rs"]
mod ftp;
#[path = "stores/large.rs"]
mod large;
#[path = "stores/outage.rs"]
mod outage;
#[path = "stores/promises.rs"]
mod promises;
#[path = "stores/sftp.rs"]
mod sftp;
#[path = "stores/surroundings.rs"]
mod surroundings;
#[path = "stores/webdav.rs"]
mod webdav;

use kit::{Answer, Client, Program};
use scenarios::furnished::create;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Longest wait for what happens by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A file service, and where its files lie on this machine.
struct Store {
    admin: Client,
    service: String,
    root: PathBuf,
}

impl Store {
    /// Sets a service up.
    async fn new(program: &Program, kind: &str, config: Value, root: PathBuf) -> Store {
        let admin = program.admin().await;
        let service = format!("a_{kind}");
        let fields =
            json!({"name": service, "label": "Files", "type": kind, "is_active": true, "config": config});
        create(&admin, "service", fields).await;
        Store { admin, service, root }
    }

    fn path(&self, path: &str) -> String {
        format!("/api/v2/{}/{path}", self.service)
    }

    async fn get(&self, path: &str) -> Answer {
        self.admin.get(&self.path(path)).await
    }

    async fn send(&self, verb: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let sent = self.admin.send(verb, &self.path(path), headers, Some(body)).await;
        sent.unwrap_or_else(|e| panic!("{verb} {path}: no answer: {e}"))
    }

    /// Stores a file, whose folder must exist.
    async fn put(&self, path: &str, body: &[u8]) {
        let answer = self.send("PUT", path, &[], body).await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text());
    }

    /// Makes a folder.
    async fn folder(&self, path: &str) {
        let answer = self.send("POST", path, &[], b"").await;
        assert_eq!(answer.status, 201, "{path}: {}", answer.text());
    }

    /// Paths of what lies in a folder.
    async fn paths(&self, folder: &str) -> Value {
        let sign = if folder.contains('?') { '&' } else { '?' };
        self.get(&format!("{folder}{sign}as_list=true")).await.json()["resource"].clone()
    }

    /// Waits until exactly these names lie in the root folder on the disk: what is left of writes that failed goes soon.
    async fn holds(&self, expected: &[&str]) {
        let began = Instant::now();
        loop {
            let entries = std::fs::read_dir(&self.root).expect("it is there").flatten();
            let mut names: Vec<_> = entries
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            names.sort();
            if names == expected {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "{names:?} instead of {expected:?}");
            tokio::task::yield_now().await;
        }
    }
}

/// A configuration with other values for some fields.
fn with(mut config: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().into_iter().flatten() {
        config[name] = value.clone();
    }
    config
}

/// What a test of a service's configuration says of it: the sentence, and the field that is concerned.
async fn tried(admin: &Client, kind: &str, config: &Value) -> Value {
    let service = json!({"name": "tried", "label": "x", "type": kind, "is_active": true, "config": config});
    let answer = admin
        .post(
            "/api/v2/system/service?test=true",
            &json!({"resource": [service]}),
        )
        .await;
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_on_the_local_disk_are_what_others_are_like() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let program = Program::start();
    let config = json!({"container": folder.path()});
    let store = Store::new(&program, "local_file", config.clone(), folder.path().to_owned()).await;
    promises::keep(&store).await;
    large::pass(&program, &store).await;
    large::come_packed(&program, &store).await;
    drop(program);
    surroundings::fit("local_file", config, folder.path()).await;
}
