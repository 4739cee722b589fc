//! A door between the program and a PostgreSQL server that counts what passes: statements one way, bytes the other.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The code that asks for TLS where a connection begins; the message after it begins anew.
const ASKS_FOR_TLS: u32 = 80_877_103;

/// What has passed.
#[derive(Debug, Default)]
pub struct Counts {
    statements: AtomicU64,
    bytes: AtomicU64,
}

/// Statements and bytes of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    /// Statements that were run.
    pub statements: u64,
    /// Bytes that the server answered.
    pub bytes: u64,
}

/// A listener that passes everything on and counts.
#[derive(Debug, Clone)]
pub struct Wire {
    port: u16,
    counts: Arc<Counts>,
}

impl Wire {
    /// Listens in front of a server of this machine, for as long as the test's runtime lives.
    pub async fn before(port: u16) -> Wire {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let wire = Wire {
            port: listener.local_addr().expect("an address").port(),
            counts: Arc::default(),
        };
        let counts = Arc::clone(&wire.counts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(
                    client,
                    SocketAddr::from(([127, 0, 0, 1], port)),
                    Arc::clone(&counts),
                ));
            }
        });
        wire
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What has passed since it was asked last.
    pub fn passed(&self) -> Passed {
        Passed {
            statements: self.counts.statements.swap(0, Ordering::SeqCst),
            bytes: self.counts.bytes.swap(0, Ordering::SeqCst),
        }
    }
}

async fn pass(client: TcpStream, server: SocketAddr, counts: Arc<Counts>) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asked = Arc::clone(&counts);
    let requests = async move {
        let mut messages = Messages::default();
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            let statements = messages.statements(&buffer[..read]);
            asked.statements.fetch_add(statements, Ordering::SeqCst);
            if to_server.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        let _ = to_server.shutdown().await;
    };
    let answers = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            counts.bytes.fetch_add(read as u64, Ordering::SeqCst);
            if to_client.write_all(&buffer[..read]).await.is_err() {
                break;
            }
        }
        let _ = to_client.shutdown().await;
    };
    tokio::join!(requests, answers);
}

/// The messages of a client, cut out of its bytes.
#[derive(Default)]
struct Messages {
    rest: Vec<u8>,
    begun: bool,
}

impl Messages {
    /// Takes bytes and counts the messages among them that run a statement: Query and Execute.
    fn statements(&mut self, bytes: &[u8]) -> u64 {
        self.rest.extend_from_slice(bytes);
        let mut statements = 0;
        // The first message has no kind before its length.
        while let kind = usize::from(self.begun)
            && let Some(length) = self.rest.get(kind..kind + 4)
            && let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize + kind
            && self.rest.len() >= length
        {
            let message: Vec<u8> = self.rest.drain(..length).collect();
            if self.begun {
                statements += u64::from(matches!(message[0], b'Q' | b'E'));
            } else {
                self.begun = message.get(4..8) != Some(&ASKS_FOR_TLS.to_be_bytes()[..]);
            }
        }
        statements
    }
}

#[cfg(test)]
mod tests {
    use super::Messages;

    #[test]
    fn statements_are_counted_however_they_are_cut() {
        let mut bytes = vec![0, 0, 0, 8, 4, 210, 22, 47, 0, 0, 0, 9, 0, 3, 0, 0, 0];
        bytes.extend([b'Q', 0, 0, 0, 6, b';', 0]);
        bytes.extend([b'P', 0, 0, 0, 5, b'E', b'E', 0, 0, 0, 4, b'S', 0, 0, 0, 4]);
        for piece in [1, 3, 100] {
            let mut messages = Messages::default();
            let counted: u64 = bytes.chunks(piece).map(|part| messages.statements(part)).sum();
            assert_eq!(counted, 2, "in pieces of {piece}");
        }
    }
}
