//! The providers, against a server that answers as they do and keeps what it is asked.

use crate::bitbucket::Bitbucket;
use crate::github::GitHub;
use crate::place::{Place, Reference, RepoPath};
use crate::provider::{Failure, Found, Provider};
use contract::{Map, Value};
use kit::{Asked, RemoteServer, Reply};
use serde_json::json;

fn config(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn answer(found: Value) -> Reply {
    Reply::new(200, "application/json", found.to_string())
}

fn missing() -> Reply {
    Reply::new(404, "application/json", r#"{"message":"Not Found"}"#)
}

fn targets(server: &RemoteServer) -> Vec<String> {
    server.asked().into_iter().map(|asked| asked.target).collect()
}

async fn find(provider: &dyn Provider, path: &str, reference: &Reference) -> Result<Found, Failure> {
    let path = RepoPath::parse(path).unwrap();
    let place = Place {
        repository: "tools",
        path: &path,
        reference,
    };
    provider.find(place).await
}

async fn content(provider: &dyn Provider, path: &str, file: &Value) -> Vec<u8> {
    let path = RepoPath::parse(path).unwrap();
    let place = Place {
        repository: "tools",
        path: &path,
        reference: &Reference::Branch("main".into()),
    };
    provider.content(place, file).await.unwrap().to_vec()
}

fn github(asked: &Asked) -> Reply {
    match asked.path() {
        "/user" => answer(json!({"login": "Acme"})),
        "/user/repos" => answer(json!([{"name": "private"}])),
        "/users/other/repos" => answer(json!([{"name": "public"}])),
        "/repos/acme/tools" => answer(json!({"default_branch": "trunk"})),
        "/repos/acme/tools/contents" => answer(json!([{"name": "a b.txt", "type": "file"}])),
        "/repos/acme/tools/contents/src/a%20b.txt" if asked.header("accept").contains("raw") => {
            Reply::new(200, "application/vnd.github.raw+json", "large")
        }
        "/repos/acme/tools/contents/src/a%20b.txt" => {
            answer(json!({"name": "a b.txt", "encoding": "base64", "content": "aGVs\nbG8=\n"}))
        }
        _ => missing(),
    }
}

#[tokio::test]
async fn github_is_read_with_a_token() {
    let server = RemoteServer::start(github);
    let account = config(json!({"vendor": "acme", "token": "t0ken"}));
    let provider = GitHub::new(&account, &server.url()).unwrap();
    assert_eq!(
        provider.repositories(2, 50).await.unwrap(),
        [json!({"name": "private"})]
    );
    for asked in server.asked() {
        assert_eq!(asked.header("authorization"), "Bearer t0ken");
    }
    let other = config(json!({"vendor": "other", "token": null}));
    let other = GitHub::new(&other, &server.url()).unwrap();
    assert_eq!(
        other.repositories(2, 50).await.unwrap(),
        [json!({"name": "public"})]
    );
    assert_eq!(
        targets(&server),
        [
            "/orgs/other/repos?page=2&per_page=50",
            "/users/other/repos?page=2&per_page=50"
        ]
    );

    let branch = Reference::Branch("feature/x".into());
    let Ok(Found::Folder(list)) = find(&provider, "", &branch).await else {
        panic!("the root is a folder")
    };
    assert_eq!(list[0]["name"], "a b.txt");
    let Ok(Found::File(file)) = find(&provider, "src/a b.txt", &branch).await else {
        panic!("this is a file")
    };
    assert_eq!(content(&provider, "src/a b.txt", &file).await, b"hello");
    let large = json!({"encoding": "none", "content": ""});
    assert_eq!(content(&provider, "src/a b.txt", &large).await, b"large");
    assert_eq!(
        targets(&server),
        [
            "/repos/acme/tools/contents?ref=feature%2Fx",
            "/repos/acme/tools/contents/src/a%20b.txt?ref=feature%2Fx",
            "/repos/acme/tools/contents/src/a%20b.txt?ref=main",
        ]
    );
    assert_eq!(provider.default_branch("tools").await.unwrap(), "trunk");
    let failure = find(&provider, "nothing", &branch).await.unwrap_err();
    assert!(matches!(&failure, Failure::Answered { status: 404, message } if message == "Not Found"));
}

fn bitbucket(asked: &Asked) -> Reply {
    let entry =
        |path: &str, kind: &str| json!({"path": path, "type": kind, "size": 5, "commit": {"hash": "abc"}});
    match asked.target.as_str() {
        "/repositories/acme?page=1&pagelen=10" => answer(json!({"values": [{"name": "tools"}]})),
        "/repositories/acme/tools" => answer(json!({"mainbranch": {"name": "trunk"}})),
        "/repositories/acme/tools/refs/branches/feature%2Fx"
        | "/repositories/acme/tools/refs/branches/main" => answer(json!({"target": {"hash": "abc"}})),
        "/repositories/acme/tools/src/abc/?pagelen=100" => {
            let next = "https://evil.example/elsewhere?page=2x";
            answer(json!({"values": [entry("src", "commit_directory")], "next": next}))
        }
        "/repositories/acme/tools/src/abc/?pagelen=100&page=2x" => {
            answer(json!({"values": [entry("a.txt", "commit_file")]}))
        }
        "/repositories/acme/tools/src/abc/src/a.txt?format=meta" => answer(entry("src/a.txt", "commit_file")),
        "/repositories/acme/tools/src/abc/src/a.txt" => Reply::new(200, "text/plain", "hello"),
        _ => Reply::new(
            404,
            "application/json",
            r#"{"type":"error","error":{"message":"No such thing"}}"#,
        ),
    }
}

#[tokio::test]
async fn bitbucket_is_read_with_a_password() {
    let server = RemoteServer::start(bitbucket);
    let account = config(json!({"vendor": "acme", "username": "ann", "password": "p", "token": "t"}));
    let provider = Bitbucket::new(&account, &server.url()).unwrap();
    assert_eq!(
        provider.repositories(1, 10).await.unwrap(),
        [json!({"name": "tools"})]
    );
    assert_eq!(server.asked()[0].header("authorization"), "Basic YW5uOnA=");
    let branch = Reference::Branch("feature/x".into());
    let Ok(Found::Folder(list)) = find(&provider, "", &branch).await else {
        panic!("the root is a folder")
    };
    let shown: Vec<_> = list
        .iter()
        .map(|e| (e["name"].as_str(), e["type"].as_str()))
        .collect();
    assert_eq!(shown, [(Some("src"), Some("dir")), (Some("a.txt"), Some("file"))]);
    let Ok(Found::File(file)) = find(&provider, "src/a.txt", &branch).await else {
        panic!("this is a file")
    };
    assert_eq!((&file["name"], &file["node"]), (&json!("a.txt"), &json!("abc")));
    assert_eq!(content(&provider, "src/a.txt", &file).await, b"hello");
    assert_eq!(provider.default_branch("tools").await.unwrap(), "trunk");
    let failure = find(&provider, "", &Reference::Tag("v1".into()))
        .await
        .unwrap_err();
    assert!(matches!(&failure, Failure::Answered { status: 404, message } if message == "No such thing"));
    for asked in server.asked() {
        assert_eq!(asked.header("host"), server.address().to_string());
    }
}
