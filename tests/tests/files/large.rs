//! Large files pass through; they are never in memory.

use super::root;
use kit::{Client, Program};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PIECE: usize = 1 << 20;
const PIECES: usize = 160;
/// What the program may take more than before, in bytes: less than a quarter of the file.
const MORE: u64 = 36 << 20;

async fn connect(client: &Client, head: &str) -> TcpStream {
    let mut stream = TcpStream::connect(client.address()).await.expect("it listens");
    let mut text = format!("{head} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
    for (name, value) in client.headers() {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(text.as_bytes()).await.expect("it is read");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn large_files_pass_in_pieces() {
    let program = Program::start();
    let admin = program.admin().await;
    let before = program.memory();
    let mut most = 0;
    let mut upload = connect(&admin, "PUT /api/v2/files/large.bin").await;
    let length = PIECE * PIECES;
    let head = format!("Content-Type: text/csv\r\nContent-Length: {length}\r\n\r\n");
    upload.write_all(head.as_bytes()).await.expect("it is read");
    for number in 0..PIECES {
        upload
            .write_all(&vec![number as u8; PIECE])
            .await
            .expect("it is read");
        most = most.max(program.memory());
    }
    let mut answer = String::new();
    upload.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(
        std::fs::metadata(root(&program).join("large.bin"))
            .expect("it is there")
            .len(),
        length as u64
    );

    let mut download = connect(&admin, "GET /api/v2/files/large.bin").await;
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

    let mut zip = connect(&admin, "GET /api/v2/files/?zip=true").await;
    zip.write_all(b"\r\n").await.expect("it is read");
    let mut packed = Vec::new();
    zip.read_to_end(&mut packed).await.expect("it comes");
    most = most.max(program.memory());
    assert!(
        packed.windows(4).any(|four| four == b"PK\x01\x02"),
        "an archive with an end"
    );
    let more = most.saturating_sub(before);
    assert!(
        more < MORE,
        "{more} bytes more than before, for a file of {length}"
    );
}
