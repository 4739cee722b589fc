//! Targets of requests as clients type them: `?filter=emp_no>5`.

use percent_encoding::percent_encode_byte;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// As much of a line as it takes to know it: a method, a version, or a header that tells where the body ends.
const KEPT: usize = 64;

/// A stream of requests in HTTP/1 that percent-encodes those bytes of their targets which the parser behind it
/// refuses, and nothing else. All other bytes, and every connection in HTTP/2, pass as they are.
///
/// Each request of a connection is treated, as long as it is beyond doubt where the next one begins: bodies with
/// one plain `Content-Length`, or none. From a request on whose body is delimited in another way (chunks), or that
/// the parser will refuse, the connection passes as it is: a byte that is changed in the wrong place would make
/// two readers of the connection see different requests.
///
/// What is added counts as if the client had sent it, so the limit of a head bounds it. Beyond one read's bytes,
/// encoded, nothing is kept.
pub(super) struct RawTarget<S> {
    stream: S,
    follower: Follower,
    /// Encoded bytes that did not fit into the reader's buffer, and how many of them it has taken since.
    ready: Vec<u8>,
    taken: usize,
}

impl<S> RawTarget<S> {
    pub(super) fn new(stream: S) -> RawTarget<S> {
        RawTarget {
            stream,
            follower: Follower::default(),
            ready: Vec::new(),
            taken: 0,
        }
    }

    fn hand_out(&mut self, buffer: &mut ReadBuf<'_>) {
        let rest = self.ready.get(self.taken..).unwrap_or_default();
        let fits = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..fits]);
        self.taken += fits;
        if self.taken >= self.ready.len() {
            self.ready = Vec::new();
            self.taken = 0;
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for RawTarget<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ready.is_empty() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
            match this.follower.encoded(&buffer.filled()[before..]) {
                Some(encoded) => this.ready = encoded,
                None => return Poll::Ready(Ok(())),
            }
            buffer.set_filled(before);
        }
        this.hand_out(buffer);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for RawTarget<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// What the parser refuses in a path, in a query, or (beyond ASCII) unless it is UTF-8. Braces, bars, backslashes
/// and carets it takes.
fn is_refused(byte: u8) -> bool {
    matches!(byte, b'"' | b'<' | b'>' | b'`' | 0x80..)
}

/// Where in a connection the next byte lies.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before a request, where empty lines are passed over.
    #[default]
    Between,
    Method,
    Target,
    Version,
    Header,
    /// In a body with so many bytes to come.
    Body(u64),
    /// Beyond what is followed.
    Rest,
}

/// Follows a connection from request to request.
#[derive(Debug, Default)]
struct Follower {
    place: Place,
    /// The beginning of the current word or line.
    line: Vec<u8>,
    /// Whether the line is longer than what is kept of it.
    cut: bool,
    /// Length of the body, as the head told it so far.
    length: Option<u64>,
    /// Whether the end of this request is in doubt.
    doubtful: bool,
}

impl Follower {
    /// The next bytes of the connection, encoded; none when they stay as they are.
    fn encoded(&mut self, bytes: &[u8]) -> Option<Vec<u8>> {
        let mut changed: Option<Vec<u8>> = None;
        let mut rest = bytes;
        while let Some((&byte, others)) = rest.split_first() {
            let passed = self.pass(rest);
            if passed > 0 {
                let (body, others) = rest.split_at(passed);
                if let Some(changed) = &mut changed {
                    changed.extend_from_slice(body);
                }
                rest = others;
                continue;
            }
            if self.place == Place::Target && is_refused(byte) {
                changed
                    .get_or_insert_with(|| bytes[..bytes.len() - rest.len()].to_vec())
                    .extend_from_slice(percent_encode_byte(byte).as_bytes());
            } else if let Some(changed) = &mut changed {
                changed.push(byte);
            }
            self.follow(byte);
            rest = others;
        }
        changed
    }

    /// How many bytes are of no interest one by one: those of a body, those of a line before its end, and those of a
    /// target that stay as they are.
    fn pass(&mut self, bytes: &[u8]) -> usize {
        match self.place {
            Place::Rest => bytes.len(),
            Place::Body(left) => {
                let passed = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                self.body(left - passed as u64);
                passed
            }
            Place::Target => {
                let ends = |b: &u8| matches!(b, b' ' | b'\n') || is_refused(*b);
                bytes.iter().position(ends).unwrap_or(bytes.len())
            }
            Place::Version | Place::Header => {
                let length = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
                self.keep(&bytes[..length]);
                length
            }
            _ => 0,
        }
    }

    fn body(&mut self, left: u64) {
        self.place = match left {
            0 => Place::Between,
            left => Place::Body(left),
        };
    }

    fn follow(&mut self, byte: u8) {
        match (self.place, byte) {
            (Place::Between, b'\r' | b'\n') => {}
            (Place::Between, _) => {
                self.enter(Place::Method);
                self.keep(&[byte]);
            }
            // The first of these opens HTTP/2, the second turns the connection into something else.
            (Place::Method, b' ') if matches!(&self.line[..], b"PRI" | b"CONNECT") => self.enter(Place::Rest),
            (Place::Method, b' ') => self.enter(Place::Target),
            (Place::Target, b' ') => self.enter(Place::Version),
            (Place::Method | Place::Target, b'\n') => self.enter(Place::Rest),
            (Place::Target, _) => {}
            (Place::Version, b'\n') => self.version(),
            (Place::Header, b'\n') => self.header(),
            _ => self.keep(&[byte]),
        }
    }

    fn enter(&mut self, place: Place) {
        self.place = place;
        self.line.clear();
        self.cut = false;
    }

    fn keep(&mut self, bytes: &[u8]) {
        let fits = bytes.len().min(KEPT - self.line.len());
        self.line.extend_from_slice(&bytes[..fits]);
        self.cut |= fits < bytes.len();
    }

    fn version(&mut self) {
        let known = matches!(without_cr(&self.line), b"HTTP/1.1" | b"HTTP/1.0");
        self.length = None;
        self.doubtful = false;
        self.enter(if known { Place::Header } else { Place::Rest });
    }

    fn header(&mut self) {
        let line = without_cr(&self.line);
        if line.is_empty() {
            self.enter(Place::Between);
            match self.doubtful {
                true => self.place = Place::Rest,
                false => self.body(self.length.unwrap_or(0)),
            }
            return;
        }
        let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let is = |known: &str| name.trim_ascii().eq_ignore_ascii_case(known.as_bytes());
        if is("content-length") {
            let length = plain_number(value.strip_prefix(b":").unwrap_or_default().trim_ascii());
            self.doubtful |= self.cut || self.length.is_some() || length.is_none();
            self.length = length;
        } else if is("transfer-encoding") || is("upgrade") {
            self.doubtful = true;
        }
        self.enter(Place::Header);
    }
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn plain_number(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out, however the bytes are cut into reads.
    fn passed(text: &[u8]) -> Vec<u8> {
        let mut whole = Follower::default();
        let expected = whole.encoded(text).unwrap_or_else(|| text.to_vec());
        for size in 1..text.len() {
            let mut follower = Follower::default();
            let pieces = text.chunks(size);
            let got: Vec<u8> = pieces
                .flat_map(|piece| follower.encoded(piece).unwrap_or_else(|| piece.to_vec()))
                .collect();
            assert_eq!(got, expected, "in pieces of {size}");
        }
        expected
    }

    fn unchanged(text: &[u8]) {
        assert_eq!(passed(text), text, "{}", text.escape_ascii());
    }

    #[test]
    fn targets_are_encoded_and_nothing_else() {
        let head = b"G`T /a`<b?f=(a>\"1\")&x={|}\\^&\xff HTTP/1.1\r\nX: <\">\xff\r\n\r\n";
        let wanted = b"G`T /a%60%3Cb?f=(a%3E%221%22)&x={|}\\^&%FF HTTP/1.1\r\nX: <\">\xff\r\n\r\n";
        assert_eq!(passed(head), wanted);
        unchanged(b"GET /a?b=%3C HTTP/1.1\r\nHost: <a>\r\n\r\n");
        unchanged(b"GET /a HTTP/1.1 <\r\n\r\nGET /< HTTP/1.1\r\n\r\n");
    }

    #[test]
    fn requests_follow_each_other() {
        let first = "POST /< HTTP/1.1\r\ncontent-LENGTH:  9 \r\nX: y\r\n\r\nP /< H <>\r\nGET /> HTTP/1.0\n\nGET /\" H";
        let wanted = "POST /%3C HTTP/1.1\r\ncontent-LENGTH:  9 \r\nX: y\r\n\r\nP /< H <>\r\nGET /%3E HTTP/1.0\n\nGET /%22 H";
        assert_eq!(passed(first.as_bytes()), wanted.as_bytes());
    }

    #[test]
    fn what_cannot_be_delimited_stays() {
        let padded = format!("Content-Length:{}1", " ".repeat(KEPT));
        for header in [
            "Transfer-Encoding: chunked",
            "transfer-encoding:x\r\nContent-Length: 0",
            "Content-Length: 0\r\nContent-Length: 0",
            "Content-Length: +0",
            "Content-Length: 0, 0",
            "Content-Length:",
            "Content-Length",
            "Content-Length : x",
            "Content-Length: 99999999999999999999999",
            "Upgrade: websocket",
            &padded,
        ] {
            unchanged(format!("POST / HTTP/1.1\r\n{header}\r\n\r\nGET /< HTTP/1.1\r\n\r\n").as_bytes());
        }
        unchanged(b"CONNECT a:1 HTTP/1.1\r\n\r\nGET /< HTTP/1.1\r\n\r\n");
        unchanged(b"GET /\nGET /< HTTP/1.1\r\n\r\n");
        unchanged(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\x06\x04 <\"> < >");
    }
}
