//! An HTTP server that keeps what it is sent and answers as a test says: it stands for somebody else's.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use url::form_urlencoded;

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Method.
    pub method: String,
    /// Path and query as they stood in the request line.
    pub target: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Asked {
    /// First header of a name (lower case); empty when absent.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The path of the target.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The values of the query, and those of a body that is a form.
    pub fn values(&self) -> HashMap<String, String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let is_form = self
            .header("content-type")
            .starts_with("application/x-www-form-urlencoded");
        let body: &[u8] = if is_form { &self.body } else { &[] };
        let parts = [query.as_bytes(), body].map(form_urlencoded::parse);
        parts.into_iter().flat_map(|part| part.into_owned()).collect()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// Status.
    pub status: u16,
    /// Headers; the length of the body is added.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer with a body of a media type.
    pub fn new(status: u16, media: &str, body: impl Into<Vec<u8>>) -> Reply {
        let reply = Reply {
            status,
            headers: Vec::new(),
            body: body.into(),
        };
        reply.with("content-type", media)
    }

    /// The same with another header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl From<serde_json::Value> for Reply {
    /// 200 with JSON.
    fn from(value: serde_json::Value) -> Reply {
        Reply::new(200, "application/json", value.to_string())
    }
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A running server.
pub struct RemoteServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl RemoteServer {
    /// Starts on a free port of this machine. It ends with the test's process.
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> RemoteServer {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the machine has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let kept = Arc::clone(&asked);
        let answer: Arc<Handler> = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                // A client may go away at any time.
                thread::spawn(move || serve(stream, &kept, &*answer).ok());
            }
        });
        RemoteServer { address, asked }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked since the last time this was called.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock())
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Asked>>, answer: &Handler) -> Result<()> {
    let mut out = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader)? {
        let reply = answer(&asked);
        let is_head = asked.method == "HEAD";
        kept.lock().push(asked);
        let mut head = format!("HTTP/1.1 {} Said\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", reply.body.len()));
        out.write_all(head.as_bytes())?;
        if !is_head {
            out.write_all(&reply.body)?;
        }
    }
    Ok(())
}

/// The next request; none when the client is done.
fn read(reader: &mut BufReader<TcpStream>) -> Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut asked = Asked {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        ..Asked::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let header = (name.to_ascii_lowercase(), value.trim().to_owned());
        asked.headers.push(header);
    }
    match asked.header("transfer-encoding") {
        "chunked" => asked.body = chunks(reader)?,
        _ => {
            let length = asked.header("content-length").parse().unwrap_or_default();
            asked.body = vec![0; length];
            reader.read_exact(&mut asked.body)?;
        }
    }
    Ok(Some(asked))
}

fn chunks(reader: &mut BufReader<TcpStream>) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = usize::from_str_radix(line.trim(), 16);
        let length = length.map_err(|e| Error::new(ErrorKind::InvalidData, e))?;
        let mut piece = vec![0; length + 2];
        reader.read_exact(&mut piece)?;
        if length == 0 {
            return Ok(body);
        }
        body.extend_from_slice(&piece[..length]);
    }
}
