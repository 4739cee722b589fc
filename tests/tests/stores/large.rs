//! Large files pass through; they are never in memory.

use super::Store;
use kit::Program;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PIECE: usize = 1 << 20;
const PIECES: usize = 96;
/// What the program may take more than before, in bytes: less than half of the file.
const MORE: u64 = 40 << 20;

/// Sends a large file and reads it again, and looks at the program's memory meanwhile.
pub(super) async fn pass(program: &Program, store: &Store) {
    // What is needed once, for the first connection, does not count.
    store.put("large.bin", &vec![0; PIECE]).await;
    let before = program.memory();
    let mut most = before;
    let length = PIECE * PIECES;
    let mut upload = connect(store, &format!("PUT {}", store.path("large.bin"))).await;
    let head = format!("Content-Length: {length}\r\n\r\n");
    upload.write_all(head.as_bytes()).await.expect("it is read");
    for number in 0..PIECES {
        let piece = vec![number as u8; PIECE];
        upload.write_all(&piece).await.expect("it is read");
        most = most.max(program.memory());
    }
    let mut answer = String::new();
    upload.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let written = std::fs::metadata(store.root.join("large.bin")).expect("it is there");
    assert_eq!(written.len(), length as u64);
    let mut download = connect(store, &format!("GET {}", store.path("large.bin"))).await;
    download.write_all(b"\r\n").await.expect("it is read");
    let (mut count, mut piece) = (0, vec![0; PIECE]);
    loop {
        match download.read(&mut piece).await.expect("it comes") {
            0 => break,
            read => count += read,
        }
        most = most.max(program.memory());
    }
    assert!(count > length && count < length + 2000, "{count}");
    let more = most - before;
    assert!(
        more < MORE,
        "{more} bytes more than before, for a file of {length}"
    );
    assert_eq!(store.send("DELETE", "large.bin", &[], b"").await.status, 200);
}

async fn connect(store: &Store, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(store.admin.address())
        .await
        .expect("it listens");
    let mut text = format!("{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    for (name, value) in store.admin.headers() {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(text.as_bytes()).await.expect("it is read");
    stream
}
