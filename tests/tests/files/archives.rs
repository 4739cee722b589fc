//! Archives that go in and out.

use super::{get, put, root, send};
use kit::{Client, Program};
use std::io::{Cursor, Read, Write};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        match name.ends_with('/') {
            true => zip
                .add_directory(*name, SimpleFileOptions::default())
                .expect("a name"),
            false => {
                zip.start_file(*name, SimpleFileOptions::default())
                    .expect("a name");
                zip.write_all(content).expect("memory");
            }
        }
    }
    zip.finish().expect("memory").into_inner()
}

async fn unpack(admin: &Client, path: &str, bytes: &[u8]) -> (u16, String) {
    let headers = [("X-File-Name", "x.zip"), ("Content-Type", "application/zip")];
    let answer = send(admin, "POST", path, &headers, bytes).await;
    (answer.status, answer.text())
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_are_unpacked_and_packed() {
    let program = Program::start();
    let admin = program.admin().await;
    admin.call("POST", "/api/v2/files/docs/", None).await;
    put(&admin, "docs/old.txt", b"old").await;
    let bytes = archive(&[("a.txt", b"one"), ("deep/er/b.txt", b"two"), ("empty/", b"")]);
    let (status, text) = unpack(&admin, "docs/?extract=true", &bytes).await;
    assert_eq!(status, 201, "{text}");
    assert_eq!(text, r#"{"name":"docs","path":"docs/","type":"file"}"#);
    assert_eq!(get(&admin, "docs/deep/er/b.txt").await.text(), "two");
    assert_eq!(get(&admin, "docs/old.txt").await.text(), "old");
    let packed = get(&admin, "docs/?zip=true").await;
    assert_eq!(
        packed.header("content-disposition"),
        "attachment; filename=\"docs.zip\";"
    );
    let mut zip = ZipArchive::new(Cursor::new(packed.body)).expect("an archive");
    let names: Vec<String> = (0..zip.len())
        .map(|index| {
            zip.by_index(index)
                .expect("an entry")
                .name()
                .expect("UTF-8")
                .into_owned()
        })
        .collect();
    let expected = [
        "docs/a.txt",
        "docs/deep/",
        "docs/deep/er/",
        "docs/deep/er/b.txt",
        "docs/empty/",
        "docs/old.txt",
    ];
    assert_eq!(names, expected);
    let mut text = String::new();
    let mut entry = zip.by_name("docs/deep/er/b.txt").expect("an entry");
    entry.read_to_string(&mut text).expect("text");
    assert_eq!(text, "two");
    let (status, text) = unpack(
        &admin,
        "docs/?extract=true&clean=true",
        &archive(&[("n.txt", b"n")]),
    )
    .await;
    assert_eq!(status, 201, "{text}");
    assert_eq!(
        get(&admin, "docs/?as_list=true").await.text(),
        r#"{"resource":["docs/n.txt"]}"#
    );
    // Not asked to, nobody unpacks.
    let (status, text) = unpack(&admin, "docs/", &bytes).await;
    assert_eq!(status, 201, "{text}");
    assert_eq!(get(&admin, "docs/x.zip").await.body, bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_archives_leave_no_trace() {
    let program = Program::start();
    let admin = program.admin().await;
    admin.call("POST", "/api/v2/files/docs/", None).await;
    put(&admin, "docs/old.txt", b"old").await;
    let zeros = vec![0_u8; 16 << 20];
    let many: Vec<String> = (0..10_001).map(|number| format!("{number}.txt")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
    let cut = archive(&[("a.txt", b"one")]);
    // A size that is told too small: what comes out is counted.
    let mut lying = archive(&[("good.txt", b"good"), ("bomb.bin", &zeros)]);
    let told = (zeros.len() as u32).to_le_bytes();
    for at in 0..lying.len() - 4 {
        if lying[at..at + 4] == told {
            lying[at..at + 4].copy_from_slice(&100_u32.to_le_bytes());
        }
    }
    let bad: [(&str, Vec<u8>); 9] = [
        ("up", archive(&[("good.txt", b"good"), ("../../up.txt", b"bad")])),
        (
            "absolute",
            archive(&[("good.txt", b"good"), ("/tmp/up.txt", b"bad")]),
        ),
        ("drive", archive(&[("C:/up.txt", b"bad")])),
        ("backslash", archive(&[("a\\..\\..\\up.txt", b"bad")])),
        ("encoded", archive(&[("%2e%2e/up.txt", b"bad")])),
        ("bomb", archive(&[("bomb.bin", &zeros)])),
        ("crowd", archive(&many)),
        ("cut", cut[..cut.len() - 10].to_vec()),
        ("no archive", b"PK\x03\x04 and no more".to_vec()),
    ];
    for (what, bytes) in bad {
        let (status, text) = unpack(&admin, "docs/?extract=true&clean=true", &bytes).await;
        assert_eq!(status, 400, "{what}: {text}");
        assert_eq!(
            get(&admin, "?full_tree=true&as_list=true").await.text(),
            r#"{"resource":["docs/","docs/old.txt"]}"#,
            "{what}"
        );
    }
    let (status, text) = unpack(&admin, "docs/?extract=true", &lying).await;
    assert!((400..500).contains(&status), "{text}");
    assert_eq!(get(&admin, "docs/bomb.bin").await.status, 404);
    assert!(!root(&program).join("../../up.txt").exists());
}
