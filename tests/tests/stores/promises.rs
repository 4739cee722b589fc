//! What every file service promises, wherever its files are.

use super::Store;
use kit::Answer;
use serde_json::json;
use std::io::{Cursor, Write};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// Names that are hard to bring across: as they are, and in an address.
const NAMES: [(&str, &str); 7] = [
    ("a b.txt", "a%20b.txt"),
    ("größe.txt", "gr%C3%B6%C3%9Fe.txt"),
    ("50%.txt", "50%25.txt"),
    ("%41.txt", "%2541.txt"),
    ("a+b&c=d#e!.txt", "a%2Bb%26c%3Dd%23e!.txt"),
    ("[x]{y}(z).txt", "%5Bx%5D%7By%7D(z).txt"),
    ("it's $5 ^ @ ; , :.txt", "it's%20$5%20%5E%20@%20;%20,%20:.txt"),
];

/// All of them, one after the other, in a store that is empty.
pub(super) async fn keep(store: &Store) {
    assert_eq!(store.paths("").await, json!([]));
    names_of_all_kinds(store).await;
    lists_and_trees(store).await;
    parts_and_properties(store).await;
    entries_of_lists(store).await;
    deleting(store).await;
    archives(store).await;
    one_writer_at_a_time(store).await;
    broken_uploads(store).await;
    store.holds(&[]).await;
}

/// Empties the store.
async fn clear(store: &Store) {
    for path in store.paths("").await.as_array().cloned().unwrap_or_default() {
        let doomed = json!({"resource": [{"path": path}]});
        let answer = store
            .admin
            .call("DELETE", &store.path("?force=true"), Some(&doomed))
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(!answer.text().contains("error"), "{}", answer.text());
    }
}

async fn names_of_all_kinds(store: &Store) {
    for (name, address) in NAMES {
        store.put(address, name.as_bytes()).await;
        assert_eq!(store.get(address).await.text(), name);
        assert!(store.root.join(name).is_file(), "{name}");
        let about = store
            .get(&format!("{address}?include_properties=true"))
            .await
            .json();
        assert_eq!((&about["name"], &about["path"]), (&json!(name), &json!(name)));
        let folder = format!("folder-{address}/");
        store.folder(&folder).await;
        store.put(&format!("{folder}{address}"), b"inside").await;
        assert_eq!(
            store.paths(&folder).await,
            json!([format!("folder-{name}/{name}")])
        );
    }
    let list = store.paths("?include_folders=false").await;
    let mut expected: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    assert_eq!(list, json!(expected));
    for (_, address) in NAMES {
        assert_eq!(
            store.send("DELETE", address, &[], b"").await.status,
            200,
            "{address}"
        );
        let folder = format!("folder-{address}/?force=true");
        assert_eq!(
            store.send("DELETE", &folder, &[], b"").await.status,
            200,
            "{address}"
        );
    }
    assert_eq!(store.paths("").await, json!([]));
    // What no path may hold leads nowhere, whatever it is called with.
    for wrong in ["a%0d%0aDELE%20x", "a%00", "a%5cb"] {
        let answer = store.send("PUT", wrong, &[], b"x").await;
        assert!((400..500).contains(&answer.status), "{wrong}: {}", answer.status);
    }
    store.holds(&[]).await;
}

async fn lists_and_trees(store: &Store) {
    store.folder("docs/sub/deep/").await;
    store.put("docs/b.txt", b"12345").await;
    store.put("docs/.hidden", b"").await;
    store.put("docs/sub/a.json", b"{}").await;
    let list = store.get("docs/").await.json();
    let names: Vec<_> = list["resource"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|entry| entry["name"].clone())
        .collect();
    assert_eq!(json!(names), json!([".hidden", "b.txt", "sub"]));
    let file = &list["resource"][1];
    assert_eq!(
        (&file["path"], &file["type"]),
        (&json!("docs/b.txt"), &json!("file"))
    );
    assert_eq!(
        (&file["content_type"], &file["content_length"]),
        (&json!("text/plain"), &json!(5))
    );
    assert!(
        file["last_modified"]
            .as_str()
            .is_some_and(|date| date.ends_with("GMT")),
        "{file}"
    );
    let folder = &list["resource"][2];
    assert_eq!(
        (&folder["path"], &folder["type"]),
        (&json!("docs/sub/"), &json!("folder"))
    );
    let tree = store.paths("docs/?full_tree=true").await;
    let expected = [
        "docs/.hidden",
        "docs/b.txt",
        "docs/sub/",
        "docs/sub/a.json",
        "docs/sub/deep/",
    ];
    assert_eq!(tree, json!(expected));
    assert_eq!(
        store.paths("?full_tree=true&search=A.J").await,
        json!(["docs/sub/a.json"])
    );
    let about = store.get("docs/sub/?include_properties=true").await.json();
    assert_eq!(
        (&about["name"], &about["path"]),
        (&json!("sub"), &json!("docs/sub/"))
    );
    for (path, status) in [
        ("docs", 404),
        ("docs/b.txt/", 404),
        ("docs/missing/", 404),
        ("missing/x.txt", 404),
        ("docs/b.txt/x", 404),
        ("docs/sub/deep/", 200),
    ] {
        assert_eq!(store.get(path).await.status, status, "{path}");
    }
    // A folder that is there is not made twice, and no file is written where none is, or over one.
    for (path, status) in [
        ("docs/", 400),
        ("missing/x.txt", 404),
        ("docs", 409),
        ("docs/b.txt/x.txt", 404),
    ] {
        let verb = if path.ends_with('/') { "POST" } else { "PUT" };
        let answer = store.send(verb, path, &[], b"").await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    clear(store).await;
}

async fn parts_and_properties(store: &Store) {
    store.put("ten.txt", b"0123456789").await;
    let read = async |name: &str, value: &str| {
        store
            .admin
            .send("GET", &store.path("ten.txt"), &[(name, value)], None)
            .await
            .expect("an answer")
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
    let whole = store.get("ten.txt").await;
    assert_eq!((whole.status, whole.text().as_str()), (200, "0123456789"));
    assert_eq!(whole.header("content-length"), "10");
    assert_eq!(read("If-None-Match", whole.header("etag")).await.status, 304);
    assert_eq!(
        read("If-Modified-Since", whole.header("last-modified"))
            .await
            .status,
        304
    );
    let head = store.admin.send("HEAD", &store.path("ten.txt"), &[], None).await;
    let head = head.expect("an answer");
    assert_eq!(
        (head.status, head.header("content-length"), head.body.len()),
        (200, "10", 0)
    );
    let about = store
        .get("ten.txt?include_properties=true&content=true&is_base64=false")
        .await
        .json();
    assert_eq!(
        (&about["content"], &about["content_length"]),
        (&json!("0123456789"), &json!(10))
    );
    // Without an ending, the first bytes tell what it is.
    store.put("picture", b"\x89PNG\r\n\x1a\n0000").await;
    assert_eq!(store.get("picture").await.header("content-type"), "image/png");
    store.put("empty", b"").await;
    let empty = store.get("empty").await;
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    // Larger than what is asked for at once, and not a multiple of it.
    let large: Vec<u8> = (0..3_000_001_u32).map(|at| (at % 251) as u8).collect();
    store.put("large.bin", &large).await;
    assert!(store.get("large.bin").await.body == large, "it is the same");
    let part = store
        .admin
        .send(
            "GET",
            &store.path("large.bin"),
            &[("Range", "bytes=1000000-2999999")],
            None,
        )
        .await
        .expect("an answer");
    assert!(part.body == large[1_000_000..3_000_000], "a part of it");
    clear(store).await;
}

/// Which entries of a list have failed; those that are passed over are not told of.
fn failures(answer: &Answer) -> Vec<bool> {
    let answer = answer.json();
    let entries = answer["resource"].as_array().into_iter().flatten();
    entries
        .map(|entry| entry["error"]["message"].is_string())
        .collect()
}

async fn entries_of_lists(store: &Store) {
    store.put("there.txt", b"there").await;
    let list = json!({"resource": [
        {"type": "folder", "name": "new"},
        {"type": "file", "name": "bad", "content": "***", "is_base64": true},
        {"type": "file", "name": "new/raw.txt", "content": "aGk="},
        {"type": "file", "name": "new/decoded.txt", "content": "aGk=", "is_base64": true},
        {"type": "file", "name": "there.txt", "source_path": "new/raw.txt"},
        {"type": "file", "name": "moved.txt", "source_path": "there.txt", "delete_source": true},
        {"type": "folder", "name": "copy", "source_path": "new/"},
        {"type": "folder", "name": "new/inside", "source_path": "new/"},
        {"type": "folder", "name": "other", "source_path": "copy/", "delete_source": true},
        {"type": "folder", "name": "new"},
        {"type": "file", "name": "other", "content": "x"},
        {"type": "file", "name": "nowhere/x", "content": "x"},
        {"type": "else", "name": "passed over"},
        {"type": "file", "name": "without content"}]});
    let answer = store.admin.post(&store.path(""), &list).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let expected = [
        false, true, false, false, true, false, false, true, false, true, true, true,
    ];
    assert_eq!(failures(&answer), expected, "{}", answer.text());
    let tree = store.paths("?full_tree=true").await;
    let expected = [
        "moved.txt",
        "new/",
        "new/decoded.txt",
        "new/raw.txt",
        "other/",
        "other/decoded.txt",
        "other/raw.txt",
    ];
    assert_eq!(tree, json!(expected));
    assert_eq!(store.get("other/raw.txt").await.text(), "aGk=");
    assert_eq!(store.get("new/decoded.txt").await.text(), "hi");
    assert_eq!(store.get("moved.txt").await.text(), "there");
    let named = [("X-File-Name", "named é.txt")];
    assert_eq!(store.send("POST", "new/", &named, b"1").await.status, 201);
    let again = store.send("POST", "new/?check_exist=true", &named, b"2").await;
    assert_eq!(again.status, 409, "{}", again.text());
    assert_eq!(store.send("POST", "new/", &named, b"3").await.status, 201);
    assert_eq!(store.get("new/named%20%C3%A9.txt").await.text(), "3");
    clear(store).await;
}

async fn deleting(store: &Store) {
    store.folder("full/sub/").await;
    store.put("full/sub/a.txt", b"a").await;
    for (path, status) in [
        ("full/", 400),
        ("full/missing.txt", 404),
        ("full/sub", 404),
        ("full/missing.txt?no_check=true", 200),
        ("missing/", 200),
        ("full/sub/a.txt", 200),
        ("full/?content_only=true", 200),
    ] {
        let answer = store.send("DELETE", path, &[], b"").await;
        assert_eq!(answer.status, status, "{path}: {}", answer.text());
    }
    assert_eq!(store.paths("?full_tree=true").await, json!(["full/"]));
    // What a lost connection left of an upload keeps no folder from being removed, and is not shown.
    let left = store.root.join("full/.dreamwright-upload-0123");
    std::fs::write(&left, "half").expect("it can be written");
    assert_eq!(store.paths("full/").await, json!([]));
    assert_eq!(store.send("DELETE", "full/", &[], b"").await.status, 200);
    // Entries of a list fail by themselves, and lists of folders obey force.
    store.put("there.txt", b"there").await;
    store.folder("full/").await;
    store.put("full/a.txt", b"a").await;
    let doomed = json!({"resource": [{"name": "there.txt", "type": "file"}, {"name": "gone", "type": "file"},
                                     {"path": "gone/", "type": "folder"}, {"path": "full/", "type": "folder"}]});
    let answer = store.admin.call("DELETE", &store.path(""), Some(&doomed)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(failures(&answer), [false, true, false, true], "{}", answer.text());
    assert_eq!(store.paths("").await, json!(["full/"]));
    assert_eq!(
        store.send("DELETE", "full/?force=true", &[], b"").await.status,
        200
    );
    assert_eq!(store.get("full/").await.status, 404);
}

async fn archives(store: &Store) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("a.txt", "one"), ("deep/er/ä b.txt", "two")] {
        zip.start_file(name, SimpleFileOptions::default())
            .expect("a name");
        zip.write_all(content.as_bytes()).expect("memory");
    }
    let bytes = zip.finish().expect("memory").into_inner();
    store.folder("docs/").await;
    let headers = [("X-File-Name", "x.zip"), ("Content-Type", "application/zip")];
    let answer = store.send("POST", "docs/?extract=true", &headers, &bytes).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let expected = [
        "docs/",
        "docs/a.txt",
        "docs/deep/",
        "docs/deep/er/",
        "docs/deep/er/ä b.txt",
    ];
    assert_eq!(store.paths("?full_tree=true").await, json!(expected));
    let packed = store.get("docs/?zip=true").await;
    assert_eq!(packed.status, 200);
    let mut zip = ZipArchive::new(Cursor::new(packed.body)).expect("an archive");
    let text = std::io::read_to_string(zip.by_name("docs/deep/er/ä b.txt").expect("an entry"));
    assert_eq!(text.expect("text"), "two");
    clear(store).await;
}

async fn one_writer_at_a_time(store: &Store) {
    store.put("one.txt", &vec![b'.'; 300_000]).await;
    let mut work = tokio::task::JoinSet::new();
    for letter in b'a'..b'i' {
        let (client, path) = (store.admin.clone(), store.path("one.txt"));
        work.spawn(async move {
            let written = client
                .send("PUT", &path, &[], Some(&vec![letter; 300_000]))
                .await
                .expect("an answer");
            assert_eq!(written.status, 201, "{}", written.text());
        });
        let (client, path) = (store.admin.clone(), store.path("one.txt"));
        work.spawn(async move {
            let read = client.get(&path).await;
            assert_eq!((read.status, read.body.len()), (200, 300_000), "{}", read.text());
            assert!(
                read.body.iter().all(|byte| *byte == read.body[0]),
                "two contents in one file"
            );
        });
    }
    work.join_all().await;
    let mut work = tokio::task::JoinSet::new();
    for letter in b'a'..b'g' {
        let (client, path) = (store.admin.clone(), store.path("first.txt?check_exist=true"));
        work.spawn(async move {
            let sent = client.send("POST", &path, &[], Some(&vec![letter; 1000])).await;
            sent.expect("an answer").status
        });
    }
    let mut statuses = work.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409]);
    store.holds(&["first.txt", "one.txt"]).await;
    clear(store).await;
}

async fn broken_uploads(store: &Store) {
    store.put("kept.txt", b"old").await;
    for sent in [10_000, 2_000_000] {
        let mut stream = TcpStream::connect(store.admin.address())
            .await
            .expect("it listens");
        let mut head = format!(
            "PUT {} HTTP/1.1\r\nHost: x\r\nContent-Length: 2900000\r\n",
            store.path("kept.txt")
        );
        for (name, value) in store.admin.headers() {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is read");
        stream.write_all(&vec![b'x'; sent]).await.expect("it is read");
        drop(stream);
        store.holds(&["kept.txt"]).await;
        assert_eq!(store.get("kept.txt").await.text(), "old");
    }
    clear(store).await;
}
