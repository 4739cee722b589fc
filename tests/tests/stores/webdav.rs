//! Files on an Apache server with WebDAV.

use super::{Store, large, outage, promises, surroundings, tried, with};
use kit::{FileServer, Program};
use serde_json::{Value, json};
use std::fs;

fn config(server: &FileServer) -> Value {
    json!({"base_uri": format!("http://127.0.0.1:{}", server.port()), "username": FileServer::USER,
           "password": FileServer::PASSWORD, "container": "/basic"})
}

#[tokio::test(flavor = "multi_thread")]
async fn files_on_webdav_are_like_local_ones() {
    let Some(server) = FileServer::webdav() else {
        return;
    };
    let program = Program::start();
    let store = Store::new(&program, "webdav_file", config(&server), server.root()).await;
    promises::keep(&store).await;
    large::pass(&program, &store).await;
    outage::survive(&store, &server, &[FileServer::PASSWORD]).await;
    assert!(!program.log().contains(FileServer::PASSWORD));
    drop(program);
    surroundings::fit("webdav_file", config(&server), &server.root()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_and_ways_of_all_kinds() {
    let Some(server) = FileServer::webdav() else {
        return;
    };
    let program = Program::start();
    let admin = program.admin().await;
    fs::create_dir(server.root().join("a folder")).expect("it can be written");
    let open: fs::Permissions = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    fs::set_permissions(server.root().join("a folder"), open).expect("it is ours");
    let base = format!("http://127.0.0.1:{}", server.port());
    for fields in [
        json!({}),
        json!({"auth_type": 1}),
        json!({"auth_type": 2, "container": "/digest"}),
        json!({"container": "/digest/"}),
        json!({"username": null, "password": null, "container": "open"}),
        json!({"container": "/basic/a folder"}),
        json!({"base_uri": format!("{base}/digest/"), "container": "a folder"}),
        json!({"encoding": 4}),
        json!({"encoding": 2}),
        json!({"encoding": 1, "proxy": ""}),
    ] {
        let answer = tried(&admin, "webdav_file", &with(config(&server), fields.clone())).await;
        assert!(answer["error"].is_null(), "{fields}: {answer}");
    }
    let wrong = "Wrong-Secret-Password";
    for (field, fields) in [
        ("username", json!({"password": wrong})),
        ("username", json!({"password": wrong, "auth_type": 1})),
        ("username", json!({"password": wrong, "container": "/digest"})),
        ("username", json!({"username": null})),
        // A password is not sent in clear to a server that wants a digest, and no digest to one that does not.
        ("username", json!({"auth_type": 1, "container": "/digest"})),
        ("username", json!({"auth_type": 2})),
        (
            "base_uri",
            json!({"base_uri": format!("http://127.0.0.1:{}", kit::free_port())}),
        ),
        (
            "base_uri",
            json!({"proxy": format!("http://127.0.0.1:{}", kit::free_port())}),
        ),
        ("container", json!({"container": "/basic/missing"})),
        ("container", json!({"container": "/nowhere"})),
    ] {
        let answer = tried(&admin, "webdav_file", &with(config(&server), fields.clone())).await;
        let text = answer.to_string();
        assert!(text.contains(&format!("config.{field}")), "{fields}: {answer}");
        assert!(!text.contains(wrong), "{text}");
    }
    for fields in [
        json!({"auth_type": 4}),
        json!({"auth_type": 3}),
        json!({"base_uri": "http://me:pw@host"}),
    ] {
        let answer = tried(&admin, "webdav_file", &with(config(&server), fields.clone())).await;
        assert!(!answer["error"].is_null(), "{fields}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contents_are_sent_with_digests_too() {
    let Some(server) = FileServer::webdav() else {
        return;
    };
    let program = Program::start();
    let config = with(config(&server), json!({"container": "/digest"}));
    let store = Store::new(&program, "webdav_file", config, server.root()).await;
    for number in 0..3 {
        let content = vec![b'a' + number; 200_000];
        store.put("a%20b.bin", &content).await;
        assert!(store.get("a%20b.bin").await.body == content);
    }
    store.holds(&["a b.bin"]).await;
}
