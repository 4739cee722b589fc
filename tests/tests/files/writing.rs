//! What is written is there, whole, and what fails leaves what was there.

use super::{get, put, root, send};
use kit::{Program, Start};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_kept_byte_by_byte() {
    let program = Program::start();
    let admin = program.admin().await;
    let bodies: [(&str, &str, &[u8]); 5] = [
        ("a.json", "application/json", b"{\"b\" : 1.50,\"a\":[ ]}\n"),
        ("broken.json", "application/json", b"{\"b\" :"),
        ("a.xml", "application/xml", b"<a>\r\n</a>"),
        ("rows.csv", "text/csv", b"a,b\n1,2\n"),
        ("b.bin", "application/octet-stream", b"\xff\x00\xfe"),
    ];
    for (name, media, body) in bodies {
        let answer = send(&admin, "POST", name, &[("Content-Type", media)], body).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.text());
        assert_eq!(answer.json(), json!({"name": name, "path": name, "type": "file"}));
        let read = get(&admin, name).await;
        assert_eq!((read.status, read.body.as_slice()), (200, body), "{name}");
        assert_eq!(read.header("x-content-type-options"), "nosniff");
        assert_eq!(read.header("content-security-policy"), "sandbox");
    }
    let named = [
        ("X-File-Name", "named.json"),
        ("Content-Type", "application/json"),
    ];
    let answer = send(&admin, "POST", "", &named, b"[1]").await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(get(&admin, "named.json").await.text(), "[1]");
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_bring_files() {
    let program = Program::start();
    let admin = program.admin().await;
    let part = |field: &str, name: &str, body: &str| {
        format!(
            "--B\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n{body}\r\n"
        )
    };
    let form = [("Content-Type", "multipart/form-data; boundary=B")];
    let two =
        part("files[]", "a b.txt", "one") + &part("other", "no.txt", "-") + &part("files[]", "c.zip", "PK");
    let answer = send(&admin, "POST", "", &form, (two.clone() + "--B--\r\n").as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let file = |name: &str| json!({"name": name, "path": name, "type": "file"});
    assert_eq!(
        answer.json(),
        json!({"resource": [file("a_b.txt"), file("c.zip")]})
    );
    assert_eq!(get(&admin, "a_b.txt").await.text(), "one");
    assert_eq!(get(&admin, "no.txt").await.status, 404);
    // At the path of a file there is place for one; two store none.
    put(&admin, "kept.txt", b"kept").await;
    for body in [
        two + "--B--\r\n",
        "--B--\r\n".to_owned(),
        part("files", "x", "cut off"),
    ] {
        let answer = send(&admin, "PUT", "kept.txt", &form, body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert_eq!(get(&admin, "kept.txt").await.text(), "kept");
    }
    let one = part("files", "x", "replaced") + "--B--\r\n";
    let answer = send(&admin, "PUT", "kept.txt", &form, one.as_bytes()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(get(&admin, "kept.txt").await.text(), "replaced");
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_a_list_fail_by_themselves() {
    let program = Program::start();
    let admin = program.admin().await;
    put(&admin, "there.txt", b"there").await;
    let list = json!({"resource": [
        {"type": "folder", "name": "new"},
        {"type": "file", "name": "bad", "content": "***", "is_base64": true},
        {"type": "file", "name": "new/raw.txt", "content": "aGk="},
        {"type": "file", "name": "new/decoded.txt", "content": "aGk=", "is_base64": true},
        {"type": "file", "name": "there.txt", "source_path": "new/raw.txt"},
        {"type": "file", "name": "moved.txt", "source_path": "there.txt", "delete_source": true},
        {"type": "folder", "name": "copy", "source_path": "new/"},
        {"type": "folder", "name": "new/inside", "source_path": "new/"},
        {"type": "else", "name": "passed over"}, {"type": "file", "name": "without content"}]});
    let answer = admin.post("/api/v2/files/", &list).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let entries = answer.json()["resource"].as_array().cloned().unwrap_or_default();
    let failed: Vec<bool> = entries
        .iter()
        .map(|entry| entry["error"]["message"].is_string())
        .collect();
    assert_eq!(
        failed,
        [false, true, false, false, true, false, false, true],
        "{entries:?}"
    );
    let list = get(&admin, "?full_tree=true&as_list=true").await.json();
    let expected = [
        "copy/",
        "copy/decoded.txt",
        "copy/raw.txt",
        "moved.txt",
        "new/",
        "new/decoded.txt",
        "new/raw.txt",
    ];
    assert_eq!(list, json!({"resource": expected}));
    assert_eq!(get(&admin, "copy/raw.txt").await.text(), "aGk=");
    assert_eq!(get(&admin, "new/decoded.txt").await.text(), "hi");
    assert_eq!(get(&admin, "moved.txt").await.text(), "there");
    // Deleting goes on in the same way, and lists of folders obey force.
    let doomed = json!({"resource": [{"name": "moved.txt", "type": "file"}, {"path": "gone", "type": "file"},
                                     {"path": "new/", "type": "folder"}]});
    let answer = admin.call("DELETE", "/api/v2/files/", Some(&doomed)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let entries = answer.json()["resource"].as_array().cloned().unwrap_or_default();
    let failed: Vec<bool> = entries
        .iter()
        .map(|entry| entry["error"]["message"].is_string())
        .collect();
    assert_eq!(failed, [false, true, true], "{entries:?}");
    assert_eq!(
        admin
            .call("DELETE", "/api/v2/files/new/?force=true", None)
            .await
            .status,
        200
    );
    assert_eq!(get(&admin, "new/").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_write_one_name_each_writes_all_of_it() {
    let program = Program::start();
    let admin = program.admin().await;
    put(&admin, "one.txt", &vec![b'.'; 300_000]).await;
    let mut work = tokio::task::JoinSet::new();
    for letter in b'a'..b'm' {
        let writer = admin.clone();
        work.spawn(async move { put(&writer, "one.txt", &vec![letter; 300_000]).await });
        let reader = admin.clone();
        work.spawn(async move {
            let body = get(&reader, "one.txt").await.body;
            assert_eq!(body.len(), 300_000);
            assert!(body.iter().all(|b| *b == body[0]), "two contents in one file");
        });
    }
    work.join_all().await;
    // Of those who insist on being first, one is.
    let mut work = tokio::task::JoinSet::new();
    for letter in b'a'..b'i' {
        let writer = admin.clone();
        work.spawn(async move {
            let body = vec![letter; 1000];
            send(&writer, "POST", "first.txt?check_exist=true", &[], &body)
                .await
                .status
        });
    }
    let mut statuses = work.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(std::fs::read_dir(root(&program)).expect("it is there").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_fails_keeps_the_old_file() {
    let program = Program::with(Start {
        environment: vec![("DW_MAX_UPLOAD_BYTES".into(), "3000000".into())],
        ..Start::default()
    });
    let admin = program.admin().await;
    put(&admin, "kept.txt", b"old").await;
    // The connection ends in the middle, before and after the point to which bodies are held.
    for sent in [10_000, 2_000_000] {
        let mut stream = TcpStream::connect(program.address()).await.expect("it listens");
        let mut head =
            "PUT /api/v2/files/kept.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 2900000\r\n".to_owned();
        for (name, value) in admin.headers() {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is read");
        stream.write_all(&vec![b'x'; sent]).await.expect("it is read");
        drop(stream);
        let began = Instant::now();
        while std::fs::read_dir(root(&program)).expect("it is there").count() != 1 {
            assert!(
                began.elapsed() < Duration::from_secs(30),
                "what failed stays on the disk"
            );
            tokio::task::yield_now().await;
        }
        assert_eq!(get(&admin, "kept.txt").await.text(), "old");
    }
    // Too large, announced or not.
    let large = vec![b'x'; 3_100_000];
    assert_eq!(send(&admin, "PUT", "kept.txt", &[], &large).await.status, 413);
    let mut chunked =
        "PUT /api/v2/files/kept.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n".to_owned();
    for (name, value) in admin.headers() {
        chunked.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut chunked = (chunked + "\r\n2f4d60\r\n").into_bytes();
    chunked.extend_from_slice(&large);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let answer = program.client().raw(&chunked).await.expect("an answer");
    assert_eq!(answer.status, 413, "{}", answer.text());
    assert_eq!(get(&admin, "kept.txt").await.text(), "old");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_and_copies_that_are_known() {
    let program = Program::start();
    let admin = program.admin().await;
    put(&admin, "ten.txt", b"0123456789").await;
    let read = async |name: &str, value: &str| {
        let answer = admin
            .send("GET", "/api/v2/files/ten.txt", &[(name, value)], None)
            .await;
        answer.expect("an answer")
    };
    let part = read("Range", "bytes=2-4").await;
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert_eq!(part.header("content-range"), "bytes 2-4/10");
    assert_eq!(read("Range", "bytes=-3").await.text(), "789");
    let beyond = read("Range", "bytes=10-").await;
    assert_eq!(
        (beyond.status, beyond.header("content-range")),
        (416, "bytes */10")
    );
    assert_eq!(read("Range", "bytes=0-1,3-4").await.status, 200);
    let whole = get(&admin, "ten.txt").await;
    assert_eq!(read("If-None-Match", whole.header("etag")).await.status, 304);
    assert_eq!(
        read("If-Modified-Since", whole.header("last-modified"))
            .await
            .status,
        304
    );
    let head = admin
        .send("HEAD", "/api/v2/files/ten.txt", &[], None)
        .await
        .expect("an answer");
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, "10", 0)
    );
}
