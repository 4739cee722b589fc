//! Files that are fetched: from where the settings allow, and from nowhere else.

use super::get;
use kit::{Program, Start};
use scenarios::served::{Served, whole};

/// `/file.txt` is a file, `/away` leads to another address of this machine, `/here` to the file, `/long` is larger than
/// may be, `/cut` is shorter than it says.
async fn server() -> Served {
    Served::start(|path| {
        let led = |to: &str| {
            let head = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: ";
            format!("{head}{to}\r\n\r\n").into_bytes()
        };
        match path {
            "/file.txt" => whole("200 OK", b"fetched"),
            "/here" => led("/file.txt"),
            "/long" => b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                .iter()
                .copied()
                .chain([b'x'; 5000])
                .collect(),
            "/cut" => b"HTTP/1.1 200 OK\r\nContent-Length: 70\r\nConnection: close\r\n\r\ncut".to_vec(),
            path => match path.strip_prefix("/away/") {
                Some(port) => led(&format!("http://127.0.0.2:{port}/file.txt")),
                None => whole("404 Not Found", b""),
            },
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_fetched_from_allowed_networks() {
    let server = server().await;
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
                &format!("/api/v2/files/?url=http://{}{path}{more}", server.address),
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
    let before = server.asked();
    let away = format!("/away/{}", server.address.port());
    assert_eq!(fetch(&away, "").await.0, 404);
    assert_eq!(server.asked(), before + 1, "the second address was not asked");
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
    let server = server().await;
    let program = Program::start();
    let admin = program.admin().await;
    let port = server.address.port();
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
        assert_eq!(
            answer.json()["error"]["message"],
            "Invalid URL entered. File not found."
        );
    }
    for url in ["file:///etc/passwd", "ftp://x/y", "http://me@127.0.0.1/"] {
        let answer = admin
            .call("POST", &format!("/api/v2/files/?url={url}"), None)
            .await;
        assert_eq!(answer.status, 404, "{url}: {}", answer.text());
    }
    assert_eq!(server.asked(), 0);
}
