//! Files that are fetched: from where the settings allow, and from nowhere else.

use super::get;
use kit::{Program, Start};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server of this machine: `/file.txt` is a file, `/away` leads to another address of this machine, `/here` to the
/// file, `/long` is larger than may be.
async fn server() -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..read]).into_owned();
            let led = |to: String| {
                format!(
                    "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
            };
            let answer = match request.split(' ').nth(1).unwrap_or_default() {
                "/file.txt" => {
                    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nfetched".to_owned()
                }
                "/away" => led(format!("http://127.0.0.2:{port}/file.txt")),
                "/here" => led("/file.txt".to_owned()),
                "/long" => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", "x".repeat(5000)),
                "/cut" => "HTTP/1.1 200 OK\r\nContent-Length: 70\r\nConnection: close\r\n\r\ncut".to_owned(),
                _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
            };
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (SocketAddr::from(([127, 0, 0, 1], port)), asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_fetched_from_allowed_networks() {
    let (server, asked) = server().await;
    let program = Program::with(Start {
        environment: vec![
            ("DW_OUTBOUND_NETWORKS".into(), "127.0.0.1/32".into()),
            ("DW_MAX_UPLOAD_BYTES".into(), "4096".into()),
        ],
        ..Start::default()
    });
    let admin = program.admin().await;
    let fetch = async |path: &str, more: &str| {
        let answer = admin
            .call(
                "POST",
                &format!("/api/v2/files/?url=http://{server}{path}{more}"),
                None,
            )
            .await;
        (answer.status, answer.text())
    };
    let (status, text) = fetch("/file.txt", "").await;
    assert_eq!(
        (status, text.as_str()),
        (201, r#"{"name":"file.txt","path":"file.txt","type":"file"}"#)
    );
    assert_eq!(get(&admin, "file.txt").await.text(), "fetched");
    let (status, text) = fetch("/here", "&filename=other.txt").await;
    assert_eq!(status, 201, "{text}");
    assert_eq!(get(&admin, "other.txt").await.text(), "fetched");
    let before = asked.load(Ordering::SeqCst);
    assert_eq!(fetch("/away", "").await.0, 404);
    assert_eq!(
        asked.load(Ordering::SeqCst),
        before + 1,
        "the second address was not asked"
    );
    assert_eq!(fetch("/long", "").await.0, 413);
    assert_eq!(fetch("/cut", "").await.0, 404);
    assert_eq!(fetch("/missing", "").await.0, 404);
    assert_eq!(fetch("/file.txt", "&filename=../x").await.0, 400);
    assert_eq!(
        get(&admin, "?as_list=true").await.text(),
        r#"{"resource":["file.txt","other.txt"]}"#
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn this_machine_is_not_asked() {
    let (server, asked) = server().await;
    let program = Program::start();
    let admin = program.admin().await;
    let port = server.port();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "127.1",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f000001",
    ];
    for host in hosts {
        let answer = admin
            .call(
                "POST",
                &format!("/api/v2/files/?url=http://{host}:{port}/file.txt"),
                None,
            )
            .await;
        assert_eq!(answer.status, 404, "{host}: {}", answer.text());
        assert_eq!(answer.message(), "Invalid URL entered. File not found.");
    }
    for url in ["file:///etc/passwd", "ftp://x/y", "http://me@127.0.0.1/"] {
        let answer = admin
            .call("POST", &format!("/api/v2/files/?url={url}"), None)
            .await;
        assert_eq!(answer.status, 404, "{url}: {}", answer.text());
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
