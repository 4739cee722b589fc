//! Files on a vsftpd server.

use super::{Store, large, outage, promises, surroundings, tried, with};
use kit::{FileServer, Program};
use serde_json::{Value, json};
use std::fs;

fn config(server: &FileServer) -> Value {
    json!({"host": "127.0.0.1", "port": server.port(), "username": FileServer::FTP_USER,
           "password": FileServer::PASSWORD, "timeout": 5, "container": server.root()})
}

#[tokio::test(flavor = "multi_thread")]
async fn files_on_ftp_are_like_local_ones() {
    let Some(server) = FileServer::ftp() else { return };
    let program = Program::start();
    let store = Store::new(&program, "ftp_file", config(&server), server.root()).await;
    promises::keep(&store).await;
    large::pass(&program, &store).await;
    outage::survive(&store, &server, &[FileServer::PASSWORD]).await;
    assert!(!program.log().contains(FileServer::PASSWORD));
    drop(program);
    surroundings::fit("ftp_file", config(&server), &server.root()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_and_ways_of_all_kinds() {
    let Some(server) = FileServer::ftp() else { return };
    let program = Program::start();
    let admin = program.admin().await;
    for fields in [
        json!({}),
        json!({"container": null}),
        json!({"passive": false}),
        json!({"username": null}),
    ] {
        let answer = tried(&admin, "ftp_file", &with(config(&server), fields.clone())).await;
        assert!(answer["error"].is_null(), "{fields}: {answer}");
    }
    let wrong = "Wrong-Secret-Password";
    for (field, fields) in [
        ("username", json!({"password": wrong})),
        ("username", json!({"username": "nobody-of-that-name"})),
        ("host", json!({"port": kit::free_port()})),
        ("container", json!({"container": "/nowhere/at/all"})),
        // The server speaks no TLS: nothing is sent in clear instead.
        ("ssl", json!({"ssl": true, "password": wrong})),
    ] {
        let answer = tried(&admin, "ftp_file", &with(config(&server), fields.clone())).await;
        let text = answer.to_string();
        assert!(text.contains(&format!("config.{field}")), "{fields}: {answer}");
        assert!(!text.contains(wrong), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_neither_shown_nor_walked() {
    let Some(server) = FileServer::ftp() else { return };
    let program = Program::start();
    let store = Store::new(&program, "ftp_file", config(&server), server.root()).await;
    let outside = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(outside.path().join("secret.txt"), "secret").expect("it can be written");
    store.folder("docs/").await;
    store.put("docs/a.txt", b"inside").await;
    std::os::unix::fs::symlink(outside.path(), server.root().join("docs/out")).expect("links can be made");
    assert_eq!(
        store.paths("?full_tree=true").await,
        json!(["docs/", "docs/a.txt"])
    );
    for (verb, path) in [
        ("GET", "docs/out/"),
        ("GET", "docs/out/secret.txt"),
        ("PUT", "docs/out/new.txt"),
        ("POST", "docs/out/folder/"),
        ("DELETE", "docs/out/secret.txt"),
        ("DELETE", "docs/out/?force=true"),
    ] {
        let answer = store.send(verb, path, &[], b"x").await;
        assert!(
            (400..500).contains(&answer.status),
            "{verb} {path}: {}",
            answer.text()
        );
    }
    assert_eq!(
        store.send("DELETE", "docs/?force=true", &[], b"").await.status,
        200
    );
    let left = fs::read_to_string(outside.path().join("secret.txt")).ok();
    assert_eq!(left.as_deref(), Some("secret"), "what links lead to stays");
}
