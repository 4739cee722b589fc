//! A small HTTP/1.1 client that sends exactly what it is given.
//!
//! Written by hand because libraries refuse or repair the very requests that tests must be able to send: raw
//! bytes in a path, odd methods, broken bodies. Connections are kept and used again.

use serde_json::Value;
use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longest wait for an answer.
const LIMIT: Duration = Duration::from_secs(120);

/// An answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// First header of a name (lower case); empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v.as_str())
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The sentence of an error's envelope; empty when the body is none.
    pub fn message(&self) -> String {
        self.json()["error"]["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Status and sentence: what a refusal is.
    pub fn refusal(&self) -> (u16, String) {
        (self.status, self.message())
    }
}

/// A client of one server. Clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    address: SocketAddr,
    headers: Vec<(String, String)>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Client {
    /// A client of the server at an address.
    pub fn new(address: SocketAddr) -> Client {
        Client {
            address,
            headers: Vec::new(),
            idle: Arc::default(),
        }
    }

    /// The same client with a header in every request.
    pub fn with(&self, name: &str, value: &str) -> Client {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// The headers of every request.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// Where it connects to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request and reads the whole answer. `path` is sent as it is, apart from bytes that would end
    /// the request line (controls, spaces, non-ASCII), which are percent-encoded.
    ///
    /// A kept connection that the server has closed meanwhile is replaced once.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
    ) -> Result<Answer> {
        let request = self.request(method, path, headers, body);
        let exchange = async {
            let kept = self.lock().pop();
            if let Some(connection) = kept {
                match self.exchange(connection, method, &request).await {
                    Err(error) if gone(&error) => {}
                    other => return other,
                }
            }
            self.exchange(Connection::open(self.address).await?, method, &request)
                .await
        };
        tokio::time::timeout(LIMIT, exchange)
            .await
            .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// Sends bytes as they are on a connection of their own and reads one answer.
    pub async fn raw(&self, request: &[u8]) -> Result<Answer> {
        let exchange = async {
            let mut connection = Connection::open(self.address).await?;
            connection.stream.write_all(request).await?;
            connection.read("GET").await.map(|(answer, _)| answer)
        };
        tokio::time::timeout(LIMIT, exchange)
            .await
            .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
    }

    /// Sends JSON (or nothing) and panics when no answer comes.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string);
        let content: &[(&str, &str)] = if text.is_some() {
            &[("Content-Type", "application/json")]
        } else {
            &[]
        };
        let answer = self
            .send(method, path, content, text.as_deref().map(str::as_bytes))
            .await;
        answer.unwrap_or_else(|e| panic!("{method} {path}: no answer: {e}"))
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    /// `POST` of JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Vec<u8> {
        let mut head = format!("{method} ");
        for byte in path.bytes() {
            if byte > 32 && byte < 127 {
                head.push(byte as char)
            } else {
                head.push_str(&format!("%{byte:02X}"))
            }
        }
        head.push_str(&format!(" HTTP/1.1\r\nHost: {}\r\n", self.address));
        let own = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str()));
        for (name, value) in own.chain(headers.iter().copied()) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if body.is_some() || matches!(method, "POST" | "PUT" | "PATCH") {
            head.push_str(&format!("Content-Length: {}\r\n", body.map_or(0, <[u8]>::len)));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(body.unwrap_or_default());
        bytes
    }

    async fn exchange(&self, mut connection: Connection, method: &str, request: &[u8]) -> Result<Answer> {
        connection.stream.write_all(request).await?;
        let (answer, keep) = connection.read(method).await?;
        if keep {
            self.lock().push(connection);
        }
        Ok(answer)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn gone(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted
    ) || error.to_string() == CLOSED
}

const CLOSED: &str = "the server closed the connection before an answer";

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: Vec::with_capacity(8192),
        })
    }

    async fn more(&mut self) -> Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "the answer is cut off"));
        }
        Ok(())
    }

    /// Reads an answer; the flag says whether the connection can be used again.
    async fn read(&mut self, method: &str) -> Result<(Answer, bool)> {
        let mut answer = loop {
            let end = loop {
                if let Some(at) = self.buffer.windows(4).position(|w| w == b"\r\n\r\n") {
                    break at;
                }
                let empty = self.buffer.is_empty();
                if let Err(error) = self.more().await {
                    return Err(if empty {
                        Error::new(error.kind(), CLOSED)
                    } else {
                        error
                    });
                }
            };
            let answer = head(&self.buffer[..end])?;
            self.buffer.drain(..end + 4);
            // 1xx announce; the answer follows.
            if answer.status >= 200 {
                break answer;
            }
        };
        let mut keep = !answer.header("connection").eq_ignore_ascii_case("close");
        if method == "HEAD" || matches!(answer.status, 204 | 304) {
        } else if answer.header("transfer-encoding").eq_ignore_ascii_case("chunked") {
            answer.body = self.chunks().await?;
        } else if let Ok(length) = answer.header("content-length").parse() {
            answer.body = self.take(length).await?;
        } else {
            while self.more().await.is_ok() {}
            answer.body = std::mem::take(&mut self.buffer);
            keep = false;
        }
        Ok((answer, keep))
    }

    async fn take(&mut self, length: usize) -> Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.more().await?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    async fn line(&mut self) -> Result<String> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|w| w == b"\r\n") {
                let line = String::from_utf8_lossy(&self.buffer[..at]).into_owned();
                self.buffer.drain(..at + 2);
                return Ok(line);
            }
            self.more().await?;
        }
    }

    async fn chunks(&mut self) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16);
            let size = size.map_err(|_| Error::new(ErrorKind::InvalidData, "a chunk has no size"))?;
            if size == 0 {
                while !self.line().await?.is_empty() {}
                return Ok(body);
            }
            body.extend(self.take(size).await?);
            self.line().await?;
        }
    }
}

fn head(bytes: &[u8]) -> Result<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|s| s.parse().ok());
    let status = status.ok_or_else(|| Error::new(ErrorKind::InvalidData, "the answer has no status"))?;
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers
        .map(|(n, v)| (n.trim().to_ascii_lowercase(), v.trim().to_owned()))
        .collect();
    Ok(Answer {
        status,
        headers,
        body: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn serve(answers: Vec<&'static str>) -> (Client, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("bind");
        let client = Client::new(listener.local_addr().expect("address"));
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("accept");
            let mut seen = Vec::new();
            for answer in answers {
                let mut buffer = vec![0; 4096];
                let n = stream.read(&mut buffer).await.expect("read");
                seen.push(String::from_utf8_lossy(&buffer[..n]).into_owned());
                stream.write_all(answer.as_bytes()).await.expect("write");
            }
            seen
        });
        (client, server)
    }

    #[tokio::test]
    async fn answers_are_read_whole_and_connections_are_kept() {
        let (client, server) = serve(vec![
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n",
            "HTTP/1.1 204 No Content\r\n\r\n",
            "HTTP/1.1 400 Bad\r\nContent-Length: 2\r\nX-A: b\r\n\r\n{}",
        ])
        .await;
        assert_eq!(client.get("/a?filter=x>\"1 ü").await.text(), "abcde");
        assert_eq!(client.get("/").await.status, 204);
        let last = client
            .with("X-Key", "k")
            .post("/", &serde_json::json!({"a": 1}))
            .await;
        assert_eq!(
            (last.status, last.header("x-a"), last.json()),
            (400, "b", serde_json::json!({}))
        );
        let seen = server.await.expect("server");
        assert!(
            seen[0].starts_with("GET /a?filter=x>\"1%20%C3%BC HTTP/1.1\r\n"),
            "{}",
            seen[0]
        );
        assert!(
            seen[2].contains("X-Key: k\r\n") && seen[2].ends_with("\r\n\r\n{\"a\":1}"),
            "{}",
            seen[2]
        );
    }
}
