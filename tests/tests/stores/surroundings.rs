//! What other parts of the program do with a file service.

use super::Store;
use kit::{Program, Start};
use scenarios::furnished::upload;
use serde_json::{Value, json};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Public files, files that are fetched, and packages.
pub(super) async fn fit(kind: &str, mut config: Value, root: &Path) {
    let program = Program::with(Start {
        environment: vec![("DW_OUTBOUND_NETWORKS".into(), "127.0.0.1/32".into())],
        ..Start::default()
    });
    config["public_path"] = json!(["open/"]);
    let store = Store::new(&program, kind, config, root.to_owned()).await;
    store.folder("open/").await;
    store.put("open/a b.html", b"<p>public</p>").await;
    store.put("closed.txt", b"closed").await;
    let anybody = program.client();
    let read = anybody.get(&format!("/{}/open/a%20b.html", store.service)).await;
    assert_eq!((read.status, read.text().as_str()), (200, "<p>public</p>"));
    let closed = anybody.get(&format!("/{}/closed.txt", store.service)).await;
    assert_eq!(closed.status, 403, "{}", closed.text());

    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let _ = stream.read(&mut request).await;
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nfetched";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let fetched = store
        .send("POST", &format!("open/?url=http://{address}/file.txt"), &[], b"")
        .await;
    assert_eq!(fetched.status, 201, "{}", fetched.text());
    assert_eq!(store.get("open/file.txt").await.text(), "fetched");
    packed(&store).await;
    assert_eq!(
        store.send("DELETE", "open/?force=true", &[], b"").await.status,
        200
    );
    assert_eq!(store.send("DELETE", "closed.txt", &[], b"").await.status, 200);
}

/// Files go into a package that lies in the same service, and come out of it again.
async fn packed(store: &Store) {
    let wanted = json!({
        "service": {&store.service: ["open/"]},
        "storage": {"name": store.service, "folder": "packages", "filename": "own.zip"},
    });
    let told = store.admin.post("/api/v2/system/package", &wanted).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let package = store.get("packages/own.zip").await;
    assert_eq!(
        (package.status, package.header("content-type")),
        (200, "application/zip")
    );
    assert_eq!(
        store
            .send("DELETE", "packages/?force=true", &[], b"")
            .await
            .status,
        200
    );
    assert_eq!(
        store.send("DELETE", "open/?force=true", &[], b"").await.status,
        200
    );
    let answer = upload(&store.admin, &[], &package.body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(store.get("open/file.txt").await.text(), "fetched");
    assert_eq!(store.get("open/a%20b.html").await.text(), "<p>public</p>");
}
