//! Large files pass through; they are never in memory.

use super::Store;
use kit::Program;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PIECE: usize = 1 << 20;
const PIECES: usize = 96;
const LENGTH: usize = PIECE * PIECES;
/// What the program may take more than before, in bytes: less than half of the file.
const MORE: u64 = 40 << 20;

/// A large file is sent and read again.
pub(super) async fn pass(program: &Program, store: &Store) {
    let mut memory = Memory::watch(program, store).await;
    upload(store, &mut memory).await;
    let count = download(store, "large.bin", &mut memory).await.len();
    assert!(count > LENGTH && count < LENGTH + 2000, "{count}");
    memory.check();
    assert_eq!(store.send("DELETE", "large.bin", &[], b"").await.status, 200);
}

/// A large file is packed. The program does that itself, in the same way wherever the file is.
pub(super) async fn come_packed(program: &Program, store: &Store) {
    let mut memory = Memory::watch(program, store).await;
    upload(store, &mut memory).await;
    let archive = download(store, "?zip=true", &mut memory).await;
    assert!(
        archive.windows(4).any(|four| four == b"PK\x01\x02"),
        "an archive with an end"
    );
    memory.check();
    assert_eq!(store.send("DELETE", "large.bin", &[], b"").await.status, 200);
}

/// The program's memory, before and at most.
struct Memory<'p> {
    program: &'p Program,
    before: u64,
    most: u64,
}

impl<'p> Memory<'p> {
    async fn watch(program: &'p Program, store: &Store) -> Memory<'p> {
        // What is needed once, for the first connection, does not count.
        store.put("large.bin", &vec![0; PIECE]).await;
        let before = program.memory();
        Memory {
            program,
            before,
            most: before,
        }
    }

    fn look(&mut self) {
        self.most = self.most.max(self.program.memory());
    }

    fn check(&self) {
        let more = self.most - self.before;
        assert!(
            more < MORE,
            "{more} bytes more than before, for a file of {LENGTH}"
        );
    }
}

async fn upload(store: &Store, memory: &mut Memory<'_>) {
    let mut stream = connect(store, &format!("PUT {}", store.path("large.bin"))).await;
    let head = format!("Content-Type: text/csv\r\nContent-Length: {LENGTH}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("it is read");
    for number in 0..PIECES {
        let piece = vec![number as u8; PIECE];
        stream.write_all(&piece).await.expect("it is read");
        memory.look();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let written = std::fs::metadata(store.root.join("large.bin")).expect("it is there");
    assert_eq!(written.len(), LENGTH as u64);
}

/// The bytes of a whole answer.
async fn download(store: &Store, path: &str, memory: &mut Memory<'_>) -> Vec<u8> {
    let mut stream = connect(store, &format!("GET {}", store.path(path))).await;
    stream.write_all(b"\r\n").await.expect("it is read");
    let (mut bytes, mut piece) = (Vec::new(), vec![0; PIECE]);
    loop {
        match stream.read(&mut piece).await.expect("it comes") {
            0 => return bytes,
            count => bytes.extend_from_slice(&piece[..count]),
        }
        memory.look();
    }
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
