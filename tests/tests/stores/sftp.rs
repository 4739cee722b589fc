//! Files on an OpenSSH server.

use super::{Store, large, outage, promises, surroundings, tried, with};
use kit::{FileServer, Program};
use serde_json::{Value, json};
use std::fs;

fn config(server: &FileServer) -> Value {
    json!({"host": "127.0.0.1", "port": server.port(), "username": FileServer::own_user(),
           "password": FileServer::PASSPHRASE, "private_key": text(server, "secret_key"), "timeout": 5,
           "container": server.root()})
}

fn text(server: &FileServer, name: &str) -> String {
    fs::read_to_string(server.folder().join(name)).expect("it was made")
}

#[tokio::test(flavor = "multi_thread")]
async fn files_on_sftp_are_like_local_ones() {
    let Some(server) = FileServer::sftp() else { return };
    let program = Program::start();
    let store = Store::new(&program, "sftp_file", config(&server), server.root()).await;
    promises::keep(&store).await;
    large::pass(&program, &store).await;
    outage::survive(&store, &server, &[FileServer::PASSPHRASE, "PRIVATE KEY"]).await;
    assert!(!program.log().contains(FileServer::PASSPHRASE));
    drop(program);
    surroundings::fit("sftp_file", config(&server), &server.root()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_and_keys_of_all_kinds() {
    let Some(server) = FileServer::sftp_with_passwords() else {
        return;
    };
    let program = Program::start();
    let admin = program.admin().await;
    let config = with(
        config(&server),
        json!({"username": FileServer::USER, "password": FileServer::PASSWORD, "private_key": null}),
    );
    let named = |name: &str| server.folder().join(name).display().to_string();
    for fields in [
        json!({}),
        json!({"container": server.root().join(".")}),
        json!({"password": null, "private_key": text(&server, "user_key")}),
        json!({"password": null, "private_key": text(&server, "rsa_key").replace('\n', "\r\n")}),
        json!({"password": FileServer::PASSPHRASE, "private_key": text(&server, "secret_key")}),
        json!({"password": FileServer::PASSPHRASE, "private_key": named("secret_key")}),
    ] {
        let answer = tried(&admin, "sftp_file", &with(config.clone(), fields.clone())).await;
        assert!(answer["error"].is_null(), "{fields}: {answer}");
    }
    let wrong = "Wrong-Secret-Password";
    for (field, fields) in [
        ("username", json!({"password": wrong})),
        ("username", json!({"password": null})),
        ("username", json!({"username": "nobody-of-that-name"})),
        (
            "private_key",
            json!({"password": wrong, "private_key": text(&server, "secret_key")}),
        ),
        ("private_key", json!({"private_key": "no key at all\nreally"})),
        ("private_key", json!({"private_key": named("host_key.pub")})),
        ("private_key", json!({"private_key": "/proc/self/mem"})),
        (
            "username",
            json!({"password": null, "private_key": text(&server, "host_key")}),
        ),
        ("host", json!({"port": kit::free_port()})),
        ("container", json!({"container": "/nowhere/at/all"})),
        ("container", json!({"container": named("host_key")})),
    ] {
        let answer = tried(&admin, "sftp_file", &with(config.clone(), fields.clone())).await;
        let text = answer.to_string();
        assert!(text.contains(&format!("config.{field}")), "{fields}: {answer}");
        assert!(!text.contains(wrong) && !text.contains("PRIVATE"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_another_one_gets_no_login() {
    let Some(server) = FileServer::sftp() else { return };
    let program = Program::start();
    let admin = program.admin().await;
    let fingerprint = |hash: &str| {
        let listed = std::process::Command::new("ssh-keygen")
            .args(["-l", "-E", hash, "-f"])
            .arg(server.folder().join("host_key.pub"))
            .output();
        let listed = String::from_utf8_lossy(&listed.expect("it is installed").stdout).into_owned();
        listed.split(' ').nth(1).expect("a fingerprint").to_owned()
    };
    for right in [
        fingerprint("sha256"),
        fingerprint("md5"),
        text(&server, "host_key.pub"),
    ] {
        let answer = tried(
            &admin,
            "sftp_file",
            &with(config(&server), json!({"host_fingerprint": right})),
        )
        .await;
        assert!(answer["error"].is_null(), "{right}: {answer}");
    }
    let wrong = json!({"host_fingerprint": format!("SHA256:{}", "A".repeat(43))});
    let answer = tried(&admin, "sftp_file", &with(config(&server), wrong))
        .await
        .to_string();
    assert!(
        answer.contains("config.host_fingerprint") && answer.contains("another key"),
        "{answer}"
    );
    // Without a fingerprint, the first key is the right one from then on.
    let store = Store::new(&program, "sftp_file", config(&server), server.root()).await;
    assert_eq!(store.get("").await.status, 200);
    server.crash();
    FileServer::make_key(server.folder(), "host_key", "ed25519", "");
    server.start();
    let answer = store.get("").await;
    assert_eq!(answer.status, 500, "{}", answer.text());
    assert!(
        answer
            .text()
            .contains("shows another key than the one that is trusted"),
        "{}",
        answer.text()
    );
    fs::write(program.data().join("known_hosts"), "").expect("it can be written");
    assert_eq!(
        store.get("").await.status,
        200,
        "an administrator made it forgotten"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_followed_inside_and_never_out() {
    let Some(server) = FileServer::sftp() else { return };
    let program = Program::start();
    let store = Store::new(&program, "sftp_file", config(&server), server.root()).await;
    let outside = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(outside.path().join("secret.txt"), "secret").expect("it can be written");
    store.folder("docs/sub/").await;
    store.put("docs/a.txt", b"inside").await;
    let link = |to: &std::path::Path, name: &str| {
        std::os::unix::fs::symlink(to, server.root().join(name)).expect("links can be made");
    };
    link(outside.path(), "docs/out");
    link(&outside.path().join("secret.txt"), "docs/file");
    link("a.txt".as_ref(), "docs/same.txt");
    link("nowhere".as_ref(), "docs/dangling");
    link("..".as_ref(), "docs/sub/loop");
    assert_eq!(store.get("docs/same.txt").await.text(), "inside");
    assert_eq!(store.get("docs/sub/loop/a.txt").await.text(), "inside");
    let shown = [
        "docs/",
        "docs/a.txt",
        "docs/same.txt",
        "docs/sub/",
        "docs/sub/loop/",
    ];
    assert_eq!(store.paths("?full_tree=true").await, json!(shown));
    for closed in ["docs/out/", "docs/out/secret.txt", "docs/file", "docs/dangling"] {
        let answer = store.get(closed).await;
        assert!((400..500).contains(&answer.status), "{closed}: {}", answer.status);
        assert!(!answer.text().contains("secret\""), "{}", answer.text());
    }
    for (verb, path) in [
        ("PUT", "docs/out/new.txt"),
        ("DELETE", "docs/out/secret.txt"),
        ("POST", "docs/out/folder/"),
    ] {
        let answer = store.send(verb, path, &[], b"x").await;
        assert!(
            (400..500).contains(&answer.status),
            "{verb} {path}: {}",
            answer.text()
        );
    }
    // Writing to the name of a link replaces the link.
    store.put("docs/file", b"own").await;
    store.put("docs/same.txt", b"own").await;
    assert_eq!(store.get("docs/a.txt").await.text(), "inside");
    assert_eq!(
        store.send("DELETE", "docs/?force=true", &[], b"").await.status,
        200
    );
    store.holds(&[]).await;
    let left = fs::read_to_string(outside.path().join("secret.txt")).ok();
    assert_eq!(left.as_deref(), Some("secret"), "what links lead to stays");
}
