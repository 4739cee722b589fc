//! A small HTTP/1.1 server that stands for somebody else's, such as a vendor's cloud.

use crate::Answer;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use url::form_urlencoded;

/// What the server was asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The verb.
    pub method: String,
    /// The path as it was sent, without the query.
    pub path: String,
    /// The query as it was sent; empty where there is none.
    pub query: String,
    /// Headers in order, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Asked {
    /// First header of a name (lower case); empty when absent.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The values of the query, and those of a body that is a form.
    pub fn values(&self) -> HashMap<String, String> {
        let is_form = self
            .header("content-type")
            .starts_with("application/x-www-form-urlencoded");
        let body: &[u8] = if is_form { &self.body } else { &[] };
        let parts = [self.query.as_bytes(), body].map(form_urlencoded::parse);
        parts.into_iter().flat_map(|part| part.into_owned()).collect()
    }
}

/// A running server. Each connection is for one question.
pub struct WebServer {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl WebServer {
    /// Starts on a free port of this machine and answers as told. It ends with the test's process.
    pub fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> WebServer {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the machine has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let (kept, answer) = (Arc::clone(&asked), Arc::new(answer));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, answer) = (Arc::clone(&kept), Arc::clone(&answer));
                // A client that goes away in the middle has asked nothing.
                thread::spawn(move || serve(stream, &kept, &*answer).ok());
            }
        });
        WebServer { address, asked }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything that it was asked so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<Asked>>, answer: &dyn Fn(&Asked) -> Answer) -> Result<()> {
    let mut out = stream.try_clone()?;
    let asked = read(&mut BufReader::new(stream))?;
    kept.lock().push(asked.clone());
    let answer = answer(&asked);
    let mut head = format!("HTTP/1.1 {} X\r\n", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!(
        "content-length: {}\r\nconnection: close\r\n\r\n",
        answer.body.len()
    ));
    out.write_all(head.as_bytes())?;
    out.write_all(&answer.body)
}

fn read(from: &mut BufReader<TcpStream>) -> Result<Asked> {
    let mut lines = from.by_ref().lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut words = first.split(' ');
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut asked = Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        ..Asked::default()
    };
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        asked
            .headers
            .push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
    }
    asked.body = vec![0; asked.header("content-length").parse().unwrap_or(0)];
    from.read_exact(&mut asked.body)?;
    Ok(asked)
}

impl From<serde_json::Value> for Answer {
    /// 200 with JSON.
    fn from(value: serde_json::Value) -> Answer {
        Answer {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: value.to_string().into_bytes(),
        }
    }
}
