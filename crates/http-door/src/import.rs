//! Bodies that are too large to be held, of records and of files: the call runs while its body arrives.

use crate::inside::Inside;
use bytes::{Bytes, BytesMut};
use contract::{Payload, Problem, Response};
use futures_util::future::{Either, select};
use http_body::Body;
use http_body_util::BodyExt;
use parking_lot::Mutex;
use platform::Incoming;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

/// Up to as many bytes a body is held, and read as any other.
pub(crate) const HELD: usize = 1024 * 1024;
/// As many bytes must arrive within the time that a request has, for it to have this time again.
const PROGRESS: usize = 64 * 1024;

/// The time that a request has. An import has it anew with every piece of its body, so that it may take long but
/// neither stands still nor creeps.
pub(crate) struct Clock {
    limit: Duration,
    since: Mutex<Instant>,
}

impl Clock {
    pub(crate) fn start(limit: Duration) -> Clock {
        Clock {
            limit,
            since: Mutex::new(Instant::now()),
        }
    }

    fn restart(&self) {
        *self.since.lock() = Instant::now();
    }

    /// Ends when the time is over.
    pub(crate) async fn over(&self) {
        loop {
            let end = *self.since.lock() + self.limit;
            if end <= Instant::now() {
                return;
            }
            sleep_until(end).await;
        }
    }
}

/// The start of a body: all of it, or more than is held.
pub(crate) enum Start {
    Whole(Bytes),
    Begun(Bytes),
}

/// Reads a body until it ends or is too large to be held.
pub(crate) async fn start<B>(body: &mut B) -> Result<Start, B::Error>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut begun = BytesMut::new();
    while begun.len() <= HELD {
        match body.frame().await {
            Some(frame) => {
                if let Ok(piece) = frame?.into_data() {
                    begun.extend_from_slice(&piece);
                }
            }
            None => return Ok(Start::Whole(begun.freeze())),
        }
    }
    Ok(Start::Begun(begun.freeze()))
}

/// What comes of a body after its start. It ends with a problem, or when all has come.
pub(crate) type Rest = mpsc::Receiver<Result<Bytes, Problem>>;

/// Runs a call with what `payload` makes of a body whose start has been read.
///
/// What is left of the body when the call has its answer is read and thrown away: a client that is still sending
/// would otherwise not see the answer.
pub(crate) async fn run<B>(
    inside: &dyn Inside,
    mut call: Incoming,
    payload: impl FnOnce(Bytes, Rest) -> Payload,
    (begun, body): (Bytes, B),
    clock: &Clock,
    problem: impl Fn(B::Error) -> Problem,
) -> Result<Response, Problem>
where
    B: Body<Data = Bytes> + Unpin,
{
    let (send, rest) = mpsc::channel(2);
    call.payload = payload(begun, rest);
    let answer = pin!(inside.run(call));
    // In a place of its own: requests with short bodies carry no room for it.
    let pump = Box::pin(pump(body, send, clock, problem));
    match select(answer, pump).await {
        Either::Left((answer, pump)) => {
            clock.restart();
            // Half of the time, so that the answer is never lost to the clock.
            let _ = timeout(clock.limit / 2, pump).await;
            answer
        }
        Either::Right(((), answer)) => answer.await,
    }
}

/// Hands the pieces of a body on, and goes on reading when nobody takes them.
async fn pump<B>(
    mut body: B,
    send: mpsc::Sender<Result<Bytes, Problem>>,
    clock: &Clock,
    problem: impl Fn(B::Error) -> Problem,
) where
    B: Body<Data = Bytes> + Unpin,
{
    let mut progress = 0;
    let mut taken = true;
    while let Some(frame) = body.frame().await {
        let piece = match frame.map(http_body::Frame::into_data) {
            Ok(Ok(piece)) => piece,
            Ok(Err(_trailers)) => continue,
            Err(e) => {
                // Nobody may be interested in it any more.
                let _ = send.send(Err(problem(e))).await;
                return;
            }
        };
        progress += piece.len();
        taken = taken && send.send(Ok(piece)).await.is_ok();
        if progress >= PROGRESS {
            progress = 0;
            clock.restart();
        }
    }
    clock.restart();
}
