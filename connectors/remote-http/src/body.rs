//! The body of a call, as it goes on.

use bytes::Bytes;
use contract::media::essence;
use contract::{Payload, Problem, Request};
use futures_util::StreamExt;
use parking_lot::Mutex;
use reqwest::Body;
use std::io;
use std::sync::Arc;

/// A body and what is said of it.
pub(crate) struct Sent {
    pub(crate) body: Body,
    pub(crate) media: String,
    /// Its length, where the client told.
    pub(crate) length: Option<u64>,
    /// Why it broke off, when it did.
    pub(crate) broken: Broken,
}

/// Why a body broke off: sending knows only that it did.
#[derive(Clone, Default)]
pub(crate) struct Broken(Arc<Mutex<Option<Problem>>>);

impl Broken {
    /// The problem, when there was one.
    pub(crate) fn take(&self) -> Option<Problem> {
        self.0.lock().take()
    }
}

/// The body of a request; `None` when there is none. Bytes pass as they come; a value, which scripts send, becomes JSON.
///
/// Fails with 400 for what cannot go on as it came.
pub(crate) fn of(request: &mut Request) -> Result<Option<Sent>, Problem> {
    let sent_as = request.header("content-type").map(str::to_owned);
    let whole = |media: String, bytes: Bytes| Sent {
        media,
        length: Some(bytes.len() as u64),
        body: Body::from(bytes),
        broken: Broken::default(),
    };
    Ok(match std::mem::take(&mut request.payload) {
        Payload::None => None,
        Payload::Value(value) => {
            let media = sent_as.filter(|media| is_json(media));
            let text = serde_json::to_vec(&value).map_err(Problem::internal)?;
            Some(whole(
                media.unwrap_or_else(|| "application/json".to_owned()),
                text.into(),
            ))
        }
        Payload::Text(text) => {
            let media = sent_as.unwrap_or_else(|| "text/plain; charset=utf-8".to_owned());
            Some(whole(media, text.into()))
        }
        Payload::Bytes(raw) => {
            let Some(stream) = raw.take() else { return Ok(None) };
            let broken = Broken::default();
            let note = broken.clone();
            let stream = stream.map(move |piece| {
                piece.map_err(|problem| {
                    *note.0.lock() = Some(problem);
                    io::Error::other("the request's body broke off")
                })
            });
            let length = request
                .header("content-length")
                .and_then(|text| text.parse().ok());
            Some(Sent {
                body: Body::wrap_stream(stream),
                media: sent_as.unwrap_or_default(),
                length,
                broken,
            })
        }
        Payload::Form(_) | Payload::Records(_) => {
            return Err(Problem::bad_request(
                "A body of this form can only be sent on with POST, PUT, PATCH and DELETE.",
            ));
        }
    })
}

fn is_json(media: &str) -> bool {
    let kind = essence(media);
    kind == "application/json" || kind.ends_with("+json")
}
