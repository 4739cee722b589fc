//! Nothing leads out of the root folder.

use super::{get, put, root, send};
use kit::Program;
use serde_json::json;
use std::fs;

const SECRET: &str = "Nobody reads this";

/// Ways to say `..`, `/` and to end a name, as clients have tried them elsewhere.
const WAYS_OUT: &[&str] = &[
    "../secret.txt",
    "%2e%2e/secret.txt",
    "%2e%2e%2fsecret.txt",
    "..%2fsecret.txt",
    "..%5csecret.txt",
    "..\\secret.txt",
    "%252e%252e/secret.txt",
    "....//secret.txt",
    "..;/secret.txt",
    "a/../../secret.txt",
    "a/%2e%2e/%2e%2e/secret.txt",
    "./../secret.txt",
    "//../secret.txt",
    "..%00/secret.txt",
    "%c0%ae%c0%ae/secret.txt",
    "..%c0%af../secret.txt",
    "%uff0e%uff0e/secret.txt",
    ".%2e/secret.txt",
    "%2e./secret.txt",
    "link/secret.txt",
    "file",
    "deep/up/up/secret.txt",
    "..%ef%bc%8fsecret.txt",
    "a%00/../../secret.txt",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_leads_out() {
    let program = Program::start();
    let admin = program.admin().await;
    let root = root(&program);
    let outside = root.parent().expect("it has one").to_owned();
    fs::write(outside.join("secret.txt"), SECRET).expect("it can be written");
    fs::create_dir_all(root.join("a")).expect("it can be written");
    fs::create_dir_all(root.join("deep")).expect("it can be written");
    let link = |to: &std::path::Path, name: &str| {
        std::os::unix::fs::symlink(to, root.join(name)).expect("links can be made");
    };
    link(&outside, "link");
    link(&outside.join("secret.txt"), "file");
    link("..".as_ref(), "deep/up");
    let before = names(&outside);
    for way in WAYS_OUT {
        let absolute = outside.join("secret.txt").display().to_string();
        for path in [
            way.to_string(),
            format!("{way}/"),
            format!("{way}?include_properties=true&content=true"),
        ] {
            let answer = get(&admin, &path).await;
            assert!(
                answer.status >= 300 && answer.status < 500,
                "{path}: {}",
                answer.status
            );
            assert!(!answer.text().contains(SECRET), "{path}");
        }
        for verb in ["PUT", "DELETE"] {
            let answer = send(&admin, verb, way, &[], b"").await;
            assert!(answer.status < 500, "{verb} {way}: {}", answer.text());
        }
        for header in ["X-File-Name", "X-Folder-Name"] {
            let answer = send(&admin, "POST", "a/", &[(header, way)], b"").await;
            assert!(answer.status < 500, "{header} {way}: {}", answer.text());
        }
        for source in [way.to_string(), absolute] {
            let list = json!({"resource": [
                {"type": "file", "name": "copied", "source_path": source},
                {"type": "file", "name": "moved", "source_path": source, "delete_source": true},
                {"type": "file", "path": source, "content": "overwritten"},
                {"type": "folder", "name": source}]});
            let answer = admin.post("/api/v2/files/a/", &list).await;
            assert!(answer.status < 500, "{source}: {}", answer.text());
            let list =
                json!({"resource": [{"path": source, "type": "file"}, {"name": source, "type": "folder"}]});
            let answer = admin
                .call("DELETE", "/api/v2/files/a/?force=true", Some(&list))
                .await;
            assert!(answer.status < 500, "{source}: {}", answer.text());
            for copy in ["a/copied", "a/moved"] {
                assert!(!get(&admin, copy).await.text().contains(SECRET), "{source}");
            }
        }
        assert_eq!(
            fs::read_to_string(outside.join("secret.txt")).ok().as_deref(),
            Some(SECRET),
            "{way}"
        );
        assert_eq!(names(&outside), before, "{way}");
    }
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is there");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn links_are_followed_inside_and_never_walked() {
    let program = Program::start();
    let admin = program.admin().await;
    let root = root(&program);
    let outside = tempfile::tempdir().expect("a temporary folder can be made");
    fs::write(outside.path().join("secret.txt"), SECRET).expect("it can be written");
    fs::create_dir_all(root.join("docs/sub")).expect("it can be written");
    put(&admin, "docs/a.txt", b"inside").await;
    let link = |to: &std::path::Path, name: &str| {
        std::os::unix::fs::symlink(to, root.join(name)).expect("links can be made");
    };
    link(outside.path(), "docs/out");
    link("a.txt".as_ref(), "docs/same.txt");
    link("nowhere".as_ref(), "docs/dangling");
    link("..".as_ref(), "docs/sub/loop");
    assert_eq!(get(&admin, "docs/same.txt").await.text(), "inside");
    assert!(get(&admin, "docs/out/secret.txt").await.status >= 400);
    let list = get(&admin, "?full_tree=true&as_list=true").await;
    let shown = [
        "docs/",
        "docs/a.txt",
        "docs/same.txt",
        "docs/sub/",
        "docs/sub/loop/",
    ];
    assert_eq!(list.json(), json!({"resource": shown}));
    let zip = get(&admin, "?zip=true").await;
    assert_eq!(zip.status, 200);
    assert!(!zip.text().contains("secret.txt") && !zip.text().contains("loop/a.txt"));
    // Writing to the name of a link replaces the link.
    put(&admin, "docs/same.txt", b"own").await;
    assert_eq!(get(&admin, "docs/a.txt").await.text(), "inside");
    let answer = admin.call("DELETE", "/api/v2/files/docs/?force=true", None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(!root.join("docs").exists());
    assert!(
        outside.path().join("secret.txt").exists(),
        "what links lead to stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_and_the_instance_are_no_roots() {
    let program = Program::start();
    let admin = program.admin().await;
    let data = program.data();
    let own = [
        data.clone(),
        data.join("databases"),
        data.parent().expect("it has one").to_owned(),
    ];
    let own = own.iter().map(|folder| folder.display().to_string());
    let system = ["/", "/etc", "/proc/self", "..", "../.."].map(str::to_owned);
    for (number, container) in own.chain(system).enumerate() {
        let name = format!("wrong{number}");
        let service = json!({"name": name, "label": "x", "type": "local_file", "is_active": true,
                             "config": {"container": container}});
        let tried = admin
            .post(
                "/api/v2/system/service?test=true",
                &json!({"resource": [service]}),
            )
            .await;
        assert!(
            !tried.text().contains("\"success\":true"),
            "{container}: {}",
            tried.text()
        );
        scenarios::furnished::create(&admin, "service", service).await;
        let answer = admin.get(&format!("/api/v2/{name}/")).await;
        assert_eq!(answer.status, 500, "{container}: {}", answer.text());
        let text = answer.text();
        assert!(
            text.contains("Invalid root directory") && !text.contains("/etc"),
            "{text}"
        );
    }
}
