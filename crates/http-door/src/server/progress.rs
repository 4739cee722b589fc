//! A connection that must get on: a client that opens one and says nothing, or takes no answer, loses it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// As many bytes as it takes to tell the versions of HTTP apart; from then on the protocol has its own timeouts.
const OPENING_BYTES: usize = 24;

/// A stream with two deadlines: for its first bytes, and for every write that makes no progress.
pub(super) struct Progress {
    stream: TcpStream,
    opening: Option<Pin<Box<Sleep>>>,
    received: usize,
    write_limit: Duration,
    write_deadline: Option<Pin<Box<Sleep>>>,
}

impl Progress {
    pub(super) fn new(stream: TcpStream, opening: Duration, write_limit: Duration) -> Progress {
        Progress {
            stream,
            opening: Some(Box::pin(sleep(opening))),
            received: 0,
            write_limit,
            write_deadline: None,
        }
    }

    fn written<T>(&mut self, cx: &mut Context<'_>, result: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if result.is_ready() {
            self.write_deadline = None;
            self.opening = None;
            return result;
        }
        let limit = self.write_limit;
        let deadline = self.write_deadline.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(deadline.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client takes no answer",
        )))
    }
}

impl AsyncRead for Progress {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if result.is_ready() {
            self.received = self.received.saturating_add(buffer.filled().len() - before);
            if self.received >= OPENING_BYTES {
                self.opening = None;
            }
            return result;
        }
        if let Some(opening) = &mut self.opening {
            ready!(opening.as_mut().poll(cx));
            return Poll::Ready(Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the client says nothing",
            )));
        }
        Poll::Pending
    }
}

impl AsyncWrite for Progress {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, pieces);
        self.written(cx, result)
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
