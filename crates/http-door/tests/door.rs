//! The door over real connections, with a stand-in behind it.
#![allow(clippy::unwrap_used, missing_docs)]

mod wire;

use async_trait::async_trait;
use bytes::Bytes;
use contract::{ByteStream, Format, Payload, Problem, Response, Settings, Value};
use http_door::{Door, FirstAdministrator, Inside, NewAdministrator, Server, bind};
use platform::Incoming;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use wire::{raw, send};

#[derive(Default)]
struct StandIn {
    arrived: Notify,
    go_on: Notify,
}

#[async_trait]
impl Inside for StandIn {
    async fn run(&self, incoming: Incoming) -> Result<Response, Problem> {
        match incoming.path.as_str() {
            "panic" => panic!("on purpose"),
            "never" => std::future::pending().await,
            "wait" => {
                self.arrived.notify_one();
                self.go_on.notified().await;
                Ok(Response::value(json!("done")))
            }
            "broken" => Err(Problem::internal("secret detail")),
            "busy" => Err(Problem::unavailable("Later.")),
            "stream" => Ok(Response::json_stream(ByteStream::new(
                futures_util::stream::unfold(0, piece),
            ))),
            "breaks" => {
                let pieces = futures_util::stream::unfold(0, |n| async move {
                    // The server sends what it has while it waits.
                    tokio::task::yield_now().await;
                    assert_eq!(n, 0, "on purpose");
                    Some((Ok(Bytes::from(vec![b' '; 2000])), n + 1))
                });
                Ok(Response::json_stream(ByteStream::new(pieces)))
            }
            "large" => Ok(Response::json(Bytes::from(format!("\"{}\"", "x".repeat(5000))))),
            _ => Ok(Response::value(described(&incoming))),
        }
    }

    async fn index(&self, _: Incoming) -> Result<Response, Problem> {
        Ok(Response::value(json!({"services": []})))
    }

    async fn status(&self, base_url: &str) -> Result<Value, Problem> {
        Ok(json!({ "uri": base_url }))
    }

    async fn ready(&self) -> Result<(), Problem> {
        Ok(())
    }
}

/// A stream that does not bear being polled beyond its end.
async fn piece(n: u32) -> Option<(Result<Bytes, Problem>, u32)> {
    let text = match n {
        0 => "[0".to_owned(),
        1..2000 => format!(",{n}"),
        2000 => "]".to_owned(),
        _ => return None,
    };
    Some((Ok(Bytes::from(text)), n + 1))
}

fn described(incoming: &Incoming) -> Value {
    let payload = match &incoming.payload {
        Payload::None => Value::Null,
        Payload::Value(value) => value.clone(),
        Payload::Text(text) => json!(text),
        Payload::Form(form) => json!(form.fields),
        Payload::Records(_) => json!("records"),
        Payload::Bytes(_) => json!("bytes"),
    };
    json!({
        "verb": incoming.verb.as_str(), "service": incoming.service, "path": incoming.path,
        "slash": incoming.trailing_slash, "params": incoming.params.0, "payload": payload,
        "json": incoming.format == Format::Json, "base": incoming.base_url.as_ref(),
    })
}

#[derive(Default)]
struct Once(AtomicBool);

#[async_trait]
impl FirstAdministrator for Once {
    async fn admits(&self, token: &str) -> bool {
        token == "good" && !self.0.load(Ordering::SeqCst)
    }

    async fn create(&self, _: &str, administrator: NewAdministrator) -> Result<Value, Problem> {
        if administrator.email.is_empty() {
            return Err(Problem::bad_request("No <e-mail>."));
        }
        self.0.store(true, Ordering::SeqCst);
        Ok(json!({"email": administrator.email}))
    }
}

async fn start(change: impl FnOnce(&mut Settings)) -> (Server, Arc<StandIn>) {
    let mut settings = Settings::default();
    change(&mut settings);
    let inside = Arc::new(StandIn::default());
    let door = Door::new(Arc::clone(&inside) as Arc<dyn Inside>, Arc::new(settings), "1.0");
    let door = door.with_setup(Arc::new(Once::default()));
    let listener = bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    (Server::start(listener, Arc::new(door), 64).unwrap(), inside)
}

#[tokio::test]
async fn a_call_arrives_as_it_was_sent() {
    let (server, _) = start(|_| ()).await;
    let headers = "Content-Type: application/json\r\nX-HTTP-METHOD: GET\r\n";
    let answer = send(
        &server,
        "POST /api/v2/Db/_table/a%20b/?x=1+2",
        headers,
        r#"{"ids":[1]}"#,
    )
    .await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("x-request-id").is_some());
    let expected = json!({"verb": "GET", "service": "db", "path": "_table/a b", "slash": true, "params": [["x", "1 2"]],
        "payload": {"ids": [1]}, "json": true, "base": "http://here:81"});
    assert_eq!(answer.json(), expected);
    server.shutdown().await;
}

#[tokio::test]
async fn addresses_beside_the_api() {
    let (server, _) = start(|_| ()).await;
    assert_eq!(
        send(&server, "GET /api/v2", "", "").await.json(),
        json!({"services": []})
    );
    assert_eq!(
        send(&server, "GET /status", "", "").await.json(),
        json!({"uri": "http://here:81"})
    );
    assert_eq!(send(&server, "GET /live", "", "").await.status, 200);
    assert_eq!(send(&server, "GET /ready", "", "").await.status, 200);
    assert_eq!(send(&server, "GET /", "", "").await.json()["version"], "1.0");
    let page = send(&server, "GET /", "Accept: text/html\r\n", "").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=UTF-8"));
    let nothing = send(&server, "GET /nosuchpage", "", "").await;
    assert_eq!(
        (nothing.status, nothing.json()["error"]["status_code"].clone()),
        (404, json!(404))
    );
    let wrong = send(&server, "POST /api/v2", "", "").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn verbs_that_are_none_and_heads_without_body() {
    let (server, _) = start(|_| ()).await;
    let copy = send(&server, "COPY /api/v2/db/a", "", "").await;
    assert_eq!(
        (copy.status, copy.header("content-type")),
        (405, Some("application/json"))
    );
    assert_eq!(
        copy.header("allow"),
        Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
    );
    let get = send(&server, "GET /api/v2/db/large", "", "").await;
    let head = send(&server, "HEAD /api/v2/db/large", "", "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), get.header("content-length"));
    let preflight = send(
        &server,
        "OPTIONS /api/v2/db/a",
        "Access-Control-Request-Method: GET\r\n",
        "",
    )
    .await;
    assert_eq!(
        (preflight.status, preflight.header("access-control-allow-origin")),
        (405, None)
    );
}

#[tokio::test]
async fn formats_are_negotiated() {
    let (server, _) = start(|_| ()).await;
    let csv = send(&server, "GET /api/v2/db/a?file=x.csv", "", "").await;
    assert_eq!(csv.header("content-type"), Some("text/csv; charset=UTF-8"));
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"x.csv\";")
    );
    assert!(csv.body.starts_with(b"verb,service,path"));
    let png = send(&server, "GET /api/v2/db/a", "Accept: image/png\r\n", "").await;
    assert_eq!((png.status, png.header("content-type")), (400, None));
    let text = send(&server, "GET /api/v2/db/stream", "Accept: text/plain\r\n", "").await;
    assert_eq!(text.header("content-type"), Some("text/plain; charset=UTF-8"));
}

#[tokio::test]
async fn large_answers_are_compressed_and_small_ones_are_not() {
    let (server, _) = start(|_| ()).await;
    for path in ["large", "stream"] {
        let answer = send(
            &server,
            &format!("GET /api/v2/db/{path}"),
            "Accept-Encoding: gzip\r\n",
            "",
        )
        .await;
        assert_eq!(answer.header("content-encoding"), Some("gzip"), "{path}");
    }
    let plain = send(&server, "GET /api/v2/db/stream", "", "").await;
    assert_eq!(plain.header("transfer-encoding"), Some("chunked"));
    let broken = send(&server, "GET /api/v2/db/breaks", "", "").await;
    assert!(broken.status == 200 && !broken.body.ends_with(b"0\r\n\r\n"));
    let small = send(&server, "GET /api/v2/db/a", "Accept-Encoding: gzip\r\n", "").await;
    assert_eq!(small.header("content-encoding"), None);
}

#[tokio::test]
async fn what_is_said_of_encodings() {
    let (server, _) = start(|_| ()).await;
    let tells = Some("accept-encoding");
    for (path, accepted, status, encoding, vary) in [
        ("large", "", 200, None, tells),
        ("large", "Accept-Encoding: identity\r\n", 200, None, tells),
        ("large", "Accept-Encoding: gzip;q=0\r\n", 200, None, tells),
        (
            "large",
            "Accept-Encoding: gzip;q=0.5, br\r\n",
            200,
            Some("br"),
            tells,
        ),
        (
            "large",
            "Accept-Encoding: x\r\nAccept-Encoding: gzip\r\n",
            200,
            Some("gzip"),
            tells,
        ),
        ("large", "Accept-Encoding: *;q=0\r\n", 406, None, tells),
        ("a", "", 200, None, None),
        ("a", "Accept-Encoding: gzip\r\n", 200, None, None),
        ("a", "Accept-Encoding: identity;q=0\r\n", 406, None, tells),
    ] {
        let answer = send(&server, &format!("GET /api/v2/db/{path}"), accepted, "").await;
        let found = (
            answer.status,
            answer.header("content-encoding"),
            answer.header("vary"),
        );
        assert_eq!(found, (status, encoding, vary), "{path} {accepted}");
    }
}

#[tokio::test]
async fn faults_are_envelopes_without_detail() {
    let (server, _) = start(|s| s.request_timeout = 1).await;
    for (path, status) in [("panic", 500), ("broken", 500), ("busy", 503), ("never", 504)] {
        let answer = send(
            &server,
            &format!("GET /api/v2/db/{path}"),
            "X-Request-Id: trace-me-1\r\n",
            "",
        )
        .await;
        assert_eq!(
            (answer.status, answer.json()["error"]["code"].clone()),
            (status, json!(status))
        );
        assert_eq!(answer.header("x-request-id"), Some("trace-me-1"));
        assert!(!answer.message().contains("secret") && !answer.message().contains("on purpose"));
    }
    assert_eq!(
        send(&server, "GET /api/v2/db/busy", "", "")
            .await
            .header("retry-after"),
        Some("2")
    );
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let (server, _) = start(|s| s.max_body_bytes = 1024).await;
    let announced =
        "POST /api/v2/db/a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n";
    assert_eq!(raw(&server, announced).await.status, 413);
    let chunk = format!("800\r\n{}\r\n0\r\n\r\n", "x".repeat(2048));
    let chunked = send(
        &server,
        "POST /api/v2/db/a",
        &format!("Transfer-Encoding: chunked\r\n\r\n{chunk}"),
        "",
    )
    .await;
    assert_eq!(
        (chunked.status, chunked.json()["error"]["code"].clone()),
        (413, json!(413))
    );
    // Exactly the bytes that the limit lets in, so that nothing is left unread when the connection ends.
    let head = "GET /api/v2/db/a HTTP/1.1\r\nHost: a\r\nX-Large: ";
    assert_eq!(
        raw(&server, &format!("{head}{}", "x".repeat(65_536 - head.len())))
            .await
            .status,
        431
    );
    assert_eq!(send(&server, "GET /api/v2/db/%ff", "", "").await.status, 400);
    assert_eq!(send(&server, "GET /api/v2/db?a=%ff", "", "").await.status, 400);
}

#[tokio::test]
async fn targets_may_be_typed_as_they_are_meant() {
    let (server, _) = start(|_| ()).await;
    let line = "GET /api/v2/db/_table/a`<\"b\">?filter=(a>5)AND(b<\"ü\")&x={|}\\^`";
    let answer = send(&server, line, "X-Note: <\">\r\n", "").await.json();
    assert_eq!(answer["path"], "_table/a`<\"b\">");
    assert_eq!(
        answer["params"],
        json!([["filter", "(a>5)AND(b<\"ü\")"], ["x", "{|}\\^`"]])
    );

    // The bounds of a head hold for what it becomes.
    let head = "GET /api/v2/db/a?b=";
    let long = format!("{head}{}", "<".repeat(65_536 - head.len()));
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(long.as_bytes()).await.unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 431");
}

#[tokio::test]
async fn bytes_that_are_no_text_get_an_envelope() {
    let (server, _) = start(|_| ()).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let request = b"GET /api/v2/db/a?b=\xff HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    assert!(all.starts_with("HTTP/1.1 400") && all.contains("UTF-8"), "{all}");
}

#[tokio::test]
async fn every_request_of_a_connection_is_treated_alike() {
    let (server, _) = start(|_| ()).await;
    let body = "GET /api/v2/db/in?a=<> HTTP/1.1\r\n\r\n";
    let post = format!(
        "POST /api/v2/db/one?a=1>0 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let get = "GET /api/v2/db/two?a=\"x\" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(format!("{post}{get}").as_bytes()).await.unwrap();
    let mut all = String::new();
    stream.read_to_string(&mut all).await.unwrap();
    let answers: Vec<Value> = all
        .split("\r\n\r\n")
        .skip(1)
        .map(|part| {
            let json = part.split("HTTP/1.1 ").next().unwrap();
            serde_json::from_str(json).unwrap_or(Value::Null)
        })
        .collect();
    assert_eq!(all.matches("HTTP/1.1 200").count(), 2, "{all}");
    assert!(all.contains("in?a=<>"), "the body is as it was: {all}");
    assert_eq!(answers.last().unwrap()["params"], json!([["a", "\"x\""]]));
}

#[tokio::test]
async fn the_other_version_passes_as_it_is() {
    let (server, _) = start(|_| ()).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    // Empty settings, then a ping whose eight bytes come back.
    let ping = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\0\0\x08\x06\0\0\0\0\0P /<>\"\xff ";
    stream.write_all(ping).await.unwrap();
    let mut seen = Vec::new();
    while !seen.windows(8).any(|w| w == b"P /<>\"\xff ") {
        assert_ne!(stream.read_buf(&mut seen).await.unwrap(), 0, "{seen:?}");
    }
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let (server, _) = start(|_| ()).await;
    let json = "Content-Type: application/json\r\n";
    let answer = send(&server, "POST /api/v2/system/admin/session", json, "{\"email\":").await;
    assert_eq!(
        (answer.status, answer.message().contains("malformed JSON")),
        (400, true)
    );
    let deep = "[".repeat(100_000);
    assert_eq!(send(&server, "POST /api/v2/db/a", json, &deep).await.status, 400);
}

#[tokio::test]
async fn clients_that_say_nothing_lose_their_connection() {
    let (server, _) = start(|s| s.header_timeout = 1).await;
    for said in ["", "POST", "GET /api/v2/db/a HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        // Ends only because the server closes it.
        let _ = stream.read_to_end(&mut rest).await;
        assert!(!rest.starts_with(b"HTTP/1.1 200"), "{said}");
    }
}

#[tokio::test]
async fn running_requests_finish_at_shutdown() {
    let (server, inside) = start(|_| ()).await;
    let address = server.address();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(b"GET /api/v2/db/wait HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    inside.arrived.notified().await;
    let ended = tokio::spawn(server.shutdown());
    // The listener goes first: from then on nobody is let in.
    while TcpStream::connect(address).await.is_ok() {}
    inside.go_on.notify_one();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    assert!(
        text.starts_with("HTTP/1.1 200") && text.ends_with("\"done\""),
        "{text}"
    );
    ended.await.unwrap();
}

#[tokio::test]
async fn requests_that_never_finish_are_ended_at_shutdown() {
    let (server, _) = start(|s| s.shutdown_timeout = 0).await;
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream
        .write_all(b"GET /api/v2/db/never HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    server.shutdown().await;
    let mut text = Vec::new();
    let _ = stream.read_to_end(&mut text).await;
    assert!(text.is_empty());
}

#[tokio::test]
async fn the_setup_link_works_once() {
    let (server, _) = start(|_| ()).await;
    assert_eq!(send(&server, "GET /setup?token=bad", "", "").await.status, 404);
    let form = send(&server, "GET /setup?token=good", "", "").await;
    assert!(String::from_utf8_lossy(&form.body).contains("name=password_confirmation"));
    let media = "Content-Type: application/x-www-form-urlencoded\r\n";
    let differing = "token=good&email=a%40b.c&password=1&password_confirmation=2";
    let again = send(&server, "POST /setup", media, differing).await;
    assert!(again.status == 400 && String::from_utf8_lossy(&again.body).contains("value=\"a@b.c\""));
    let refused = send(
        &server,
        "POST /setup",
        media,
        "token=good&password=1&password_confirmation=1",
    )
    .await;
    assert!(String::from_utf8_lossy(&refused.body).contains("No &lt;e-mail&gt;."));
    let good = "token=good&email=a%40b.c&password=1&password_confirmation=1";
    let made = send(&server, "POST /setup", media, good).await;
    assert_eq!((made.status, made.header("location")), (302, Some("/")));
    assert_eq!(send(&server, "GET /setup?token=good", "", "").await.status, 404);
    assert_eq!(send(&server, "POST /setup", media, good).await.status, 404);
}
