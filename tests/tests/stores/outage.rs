//! Servers that go away and come back.

use super::{PATIENCE, Store};
use kit::FileServer;
use std::time::Instant;

/// Ends a server in the middle, and starts it again.
pub(super) async fn survive(store: &Store, server: &FileServer, secrets: &[&str]) {
    store.put("kept.txt", b"kept").await;
    for _ in 0..2 {
        server.crash();
        for (verb, path) in [
            ("GET", ""),
            ("GET", "kept.txt"),
            ("PUT", "new.txt"),
            ("POST", "folder/"),
            ("DELETE", "kept.txt"),
        ] {
            let answer = store.send(verb, path, &[], b"").await;
            let text = answer.text();
            assert_eq!(answer.status, 503, "{verb} {path}: {text}");
            assert!(text.contains("The storage cannot be reached."), "{text}");
            for secret in secrets.iter().chain(&["127.0.0.1"]) {
                assert!(!text.contains(secret), "{text}");
            }
        }
        server.start();
        let began = Instant::now();
        let answer = loop {
            let answer = store.get("kept.txt").await;
            if answer.status == 200 || began.elapsed() > PATIENCE {
                break answer;
            }
        };
        assert_eq!((answer.status, answer.text().as_str()), (200, "kept"));
        store.put("new.txt", b"new").await;
        assert_eq!(store.send("DELETE", "new.txt", &[], b"").await.status, 200);
    }
    assert_eq!(store.send("DELETE", "kept.txt", &[], b"").await.status, 200);
    // A connection that ends while nobody uses it is not noticed by anybody.
    server.crash();
    server.start();
    store.folder("made/").await;
    assert_eq!(store.send("DELETE", "made/", &[], b"").await.status, 200);
}
