//! What is written is there, whole, and what is refused leaves what was there.
//!
//! What holds on every store, such as entries of lists and uploads that break off, is tried with the stores.

use super::{get, put, send};
use kit::{Program, Start};
use serde_json::json;

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
async fn an_upload_that_is_too_large_keeps_the_old_file() {
    let program = Program::with(Start {
        environment: vec![("DW_MAX_UPLOAD_BYTES".into(), "3000000".into())],
        ..Start::default()
    });
    let admin = program.admin().await;
    put(&admin, "kept.txt", b"old").await;
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
