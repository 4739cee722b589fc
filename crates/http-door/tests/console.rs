//! The console's files, from the program and from a folder.
#![allow(clippy::unwrap_used, missing_docs)]

mod wire;

use async_trait::async_trait;
use contract::{Problem, Response, Settings, Value};
use http_door::{Console, ConsoleFile, Door, FirstAdministrator, Inside, NewAdministrator, Server, bind};
use platform::Incoming;
use serde_json::json;
use std::sync::Arc;
use wire::send;

struct Nothing;

#[async_trait]
impl Inside for Nothing {
    async fn run(&self, _: Incoming) -> Result<Response, Problem> {
        Ok(Response::value(json!("called")))
    }

    async fn index(&self, _: Incoming) -> Result<Response, Problem> {
        Ok(Response::value(json!("index")))
    }

    async fn status(&self, _: &str) -> Result<Value, Problem> {
        Ok(json!("status"))
    }

    async fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }
}

struct Anybody;

#[async_trait]
impl FirstAdministrator for Anybody {
    async fn admits(&self, token: &str) -> bool {
        token == "good"
    }

    async fn create(&self, _: &str, administrator: NewAdministrator) -> Result<Value, Problem> {
        match administrator.password.len() {
            16.. => Ok(json!({"email": administrator.email})),
            _ => Err(Problem::bad_request("Too short.").with_context(json!({"password": ["Too short."]}))),
        }
    }
}

const FILES: &[ConsoleFile] = &[
    ConsoleFile {
        path: "index.html",
        media: "text/html; charset=utf-8",
        tag: "page",
        plain: b"<!doctype html>the console",
        brotli: None,
        gzip: None,
    },
    ConsoleFile {
        path: "assets/main-1a2b.js",
        media: "text/javascript; charset=utf-8",
        tag: "main",
        plain: b"plain",
        brotli: Some(b"small"),
        gzip: Some(b"smaller"),
    },
];
const HTML: &str = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n";

async fn start(console: Option<Console>, settings: Settings) -> Server {
    let door = Door::new(Arc::new(Nothing), Arc::new(settings), "1.0").with_setup(Arc::new(Anybody));
    let door = match console {
        Some(console) => door.with_console(console),
        None => door,
    };
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    Server::start(listener, Arc::new(door), 16).unwrap()
}

async fn built() -> Server {
    start(Console::built(FILES), Settings::default()).await
}

#[tokio::test]
async fn browsers_get_the_page_at_every_address_that_is_nothing_else() {
    let server = built().await;
    for path in [
        "/",
        "/services/5",
        "/setup?token=x",
        "/setup",
        "/login",
        "/data/db/a%20b?limit=1",
    ] {
        let page = send(&server, &format!("GET {path}"), HTML, "").await;
        assert_eq!(page.body, FILES[0].plain, "{path}");
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        assert_eq!(page.header("vary"), Some("accept, accept-encoding"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'self';") && !policy.contains("unsafe"),
            "{policy}"
        );
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    }
    for (path, body) in [
        ("/api/v2", "index"),
        ("/api/v2/db", "called"),
        ("/status", "status"),
    ] {
        assert_eq!(send(&server, &format!("GET {path}"), HTML, "").await.json(), body);
    }
    for path in ["/live", "/up", "/ready"] {
        assert!(send(&server, &format!("GET {path}"), HTML, "").await.json()["status"].is_string());
    }
    for path in ["/api/v2/a%20b", "/assets/gone.js", "/a%00b", "/assets/"] {
        assert_eq!(
            send(&server, &format!("GET {path}"), HTML, "").await.status,
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn programs_get_what_they_always_got() {
    let server = built().await;
    assert_eq!(send(&server, "GET /", "", "").await.json()["api"], "/api/v2");
    assert_eq!(
        send(&server, "GET /services", "Accept: */*\r\n", "").await.status,
        404
    );
    assert_eq!(send(&server, "POST /services", HTML, "").await.status, 404);
    assert_eq!(send(&server, "POST /", HTML, "").await.status, 405);
    let settings = Settings {
        landing_page: Some("/elsewhere".into()),
        ..Settings::default()
    };
    let server = start(Console::built(FILES), settings).await;
    let led = send(&server, "GET /", HTML, "").await;
    assert_eq!((led.status, led.header("location")), (302, Some("/elsewhere")));
    assert_eq!(send(&server, "GET /login", HTML, "").await.body, FILES[0].plain);
}

#[tokio::test]
async fn assets_come_compressed_and_are_kept() {
    let server = built().await;
    let get = async |headers: &str| send(&server, "GET /assets/main-1a2b.js", headers, "").await;
    for (accepted, encoding, body) in [
        ("Accept-Encoding: gzip, deflate, br\r\n", Some("br"), "small"),
        ("Accept-Encoding: gzip\r\n", Some("gzip"), "smaller"),
        ("Accept-Encoding: br;q=0\r\n", None, "plain"),
        ("", None, "plain"),
    ] {
        let file = get(accepted).await;
        assert_eq!(file.header("content-encoding"), encoding);
        assert_eq!(file.body, body.as_bytes());
        assert_eq!(
            file.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(file.header("vary"), Some("accept-encoding"));
        let tag = file.header("etag").unwrap().to_owned();
        let again = get(&format!("{accepted}If-None-Match: \"x\", {tag}\r\n")).await;
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), Some(tag.as_str()));
        let other = format!("Accept-Encoding: identity\r\nIf-None-Match: {tag}\r\n");
        assert_eq!(
            get(&other).await.status,
            if encoding.is_some() { 200 } else { 304 }
        );
    }
    let head = send(
        &server,
        "HEAD /assets/main-1a2b.js",
        "Accept-Encoding: gzip\r\n",
        "",
    )
    .await;
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, Some("7"), 0)
    );
}

#[tokio::test]
async fn a_folder_is_read_again_each_time_and_nothing_leads_out_of_it() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("dist");
    std::fs::create_dir_all(folder.join("assets")).unwrap();
    std::fs::write(place.path().join("secret.js"), "secret").unwrap();
    std::fs::write(folder.join("index.html"), "one").unwrap();
    std::fs::write(folder.join("assets/a.js"), "script").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../../secret.js", folder.join("assets/link.js")).unwrap();
    let server = start(Some(Console::folder(&folder).unwrap()), Settings::default()).await;
    assert_eq!(send(&server, "GET /roles", HTML, "").await.body, b"one");
    std::fs::write(folder.join("index.html"), "two").unwrap();
    let page = send(&server, "GET /", HTML, "").await;
    assert_eq!(
        (page.body.as_slice(), page.header("cache-control")),
        (b"two".as_slice(), Some("no-store"))
    );
    let script = send(&server, "GET /assets/a.js", "", "").await;
    assert_eq!(
        script.header("content-type"),
        Some("text/javascript; charset=utf-8")
    );
    for out in [
        "/assets/link.js",
        "/../secret.js",
        "/assets/../../secret.js",
        "/assets/%2e%2e/%2e%2e/secret.js",
        "/..%2fsecret.js",
        "/..%5csecret.js",
        "//secret.js",
        "/assets",
    ] {
        assert_eq!(
            send(&server, &format!("GET {out}"), "", "").await.status,
            404,
            "{out}"
        );
    }
    assert!(Console::folder(&place.path().join("missing")).is_err());
    assert!(Console::folder(&folder.join("index.html")).is_err());
}

#[tokio::test]
async fn the_console_creates_the_first_administrator_with_json() {
    for console in [Console::built(FILES), None] {
        let server = start(console, Settings::default()).await;
        let post = async |body: Value| {
            send(
                &server,
                "POST /setup",
                "Content-Type: application/json\r\n",
                &body.to_string(),
            )
            .await
        };
        let long = "a password of some length";
        assert_eq!(
            post(json!({"token": "bad", "email": "a@b.c", "password": long}))
                .await
                .status,
            404
        );
        let short = post(json!({"token": "good", "email": "a@b.c", "password": "short"})).await;
        assert_eq!(short.status, 400);
        assert_eq!(
            short.json()["error"]["context"]["password"],
            json!(["Too short."])
        );
        let differing = json!({"token": "good", "password": long, "password_confirmation": "x"});
        let differing = post(differing).await;
        assert!(differing.json()["error"]["context"]["password_confirmation"].is_array());
        let made = post(json!({"token": "good", "email": "a@b.c", "password": long})).await;
        assert_eq!((made.status, made.json()), (201, json!({"email": "a@b.c"})));
    }
}
