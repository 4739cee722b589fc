//! An SMTP server that keeps what it is sent.

use parking_lot::Mutex;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Recipients of this domain are refused.
pub const REFUSED: &str = "refused.example";

/// A mail as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// The envelope's sender.
    pub from: String,
    /// The envelope's recipients, those of blind copies included.
    pub to: Vec<String>,
    /// Headers and body as they were sent.
    pub data: String,
    /// Base64 of the AUTH PLAIN response, when the client logged in.
    pub login: Option<String>,
}

impl Received {
    /// The data with the quoted-printable encoding undone.
    pub fn text(&self) -> String {
        let joined = self.data.replace("=\r\n", "");
        let mut bytes = Vec::with_capacity(joined.len());
        let mut rest = joined.as_bytes();
        while let Some((first, tail)) = rest.split_first() {
            let sign = tail
                .get(..2)
                .filter(|_| *first == b'=')
                .and_then(|hex| std::str::from_utf8(hex).ok())
                .and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(sign.unwrap_or(*first));
            rest = if sign.is_some() { &tail[2..] } else { tail };
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The value of a header, without folding.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next().unwrap_or_default();
        let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

/// A running server. It speaks plain SMTP, offers AUTH PLAIN and takes every login; it offers no STARTTLS.
pub struct MailSink {
    address: SocketAddr,
    mails: Arc<Mutex<Vec<Received>>>,
}

impl MailSink {
    /// Starts on a free port of this machine. It ends with the test's process.
    pub fn start() -> MailSink {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("the machine has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let mails = Arc::<Mutex<Vec<Received>>>::default();
        let kept = Arc::clone(&mails);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let kept = Arc::clone(&kept);
                // A client that goes away in the middle has sent no mail.
                thread::spawn(move || serve(stream, &kept).ok());
            }
        });
        MailSink { address, mails }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All mails so far. A mail is here before its sender is told that it was taken.
    pub fn mails(&self) -> Vec<Received> {
        self.mails.lock().clone()
    }
}

fn serve(stream: TcpStream, mails: &Mutex<Vec<Received>>) -> std::io::Result<()> {
    let mut out = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    let mut mail = Received::default();
    let mut login = None;
    out.write_all(b"220 sink ready\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?;
        let upper = line.to_ascii_uppercase();
        let address = || {
            let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
            inside.map_or_else(String::new, |(inside, _)| inside.to_owned())
        };
        let answer: &[u8] = if upper.starts_with("EHLO") {
            b"250-sink\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n"
        } else if upper.starts_with("AUTH PLAIN ") {
            login = line.get(11..).map(str::to_owned);
            b"235 welcome\r\n"
        } else if upper.starts_with("MAIL FROM:") {
            mail = Received {
                from: address(),
                login: login.clone(),
                ..Received::default()
            };
            b"250 ok\r\n"
        } else if upper.starts_with("RCPT TO:") {
            let to = address();
            if to.ends_with(REFUSED) {
                b"550 nobody of that name here\r\n"
            } else {
                mail.to.push(to);
                b"250 ok\r\n"
            }
        } else if upper == "DATA" {
            out.write_all(b"354 go on\r\n")?;
            for line in lines.by_ref() {
                let line = line?;
                if line == "." {
                    break;
                }
                mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                mail.data.push_str("\r\n");
            }
            mails.lock().push(std::mem::take(&mut mail));
            b"250 taken\r\n"
        } else if upper == "QUIT" {
            out.write_all(b"221 bye\r\n")?;
            return Ok(());
        } else if upper == "RSET" || upper == "NOOP" || upper.starts_with("HELO") {
            b"250 ok\r\n"
        } else {
            b"502 not here\r\n"
        };
        out.write_all(answer)?;
    }
    Ok(())
}
