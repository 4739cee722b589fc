//! The answer to a call.

use crate::{Problem, Value};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt};
use serde_json::json;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A body that comes in pieces. An error in the middle ends the connection: what was sent cannot be taken back.
pub struct ByteStream(BoxStream<'static, Result<Bytes, Problem>>);

impl ByteStream {
    /// Wraps a stream.
    pub fn new(stream: impl Stream<Item = Result<Bytes, Problem>> + Send + 'static) -> ByteStream {
        ByteStream(stream.boxed())
    }

    /// A body that is there already.
    pub fn whole(bytes: Bytes) -> ByteStream {
        ByteStream::new(futures_util::stream::once(std::future::ready(Ok(bytes))))
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Problem>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(cx)
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}

/// The body of an answer.
#[derive(Debug, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    Empty,
    /// A value; the door encodes it as the caller asked.
    Value(Value),
    /// JSON text, complete. Only given when the request's format is JSON.
    Json(Bytes),
    /// JSON text in pieces. Only given when the request's format is JSON.
    JsonStream(ByteStream),
    /// Anything else, as it is.
    Bytes {
        /// Media type.
        media: String,
        /// Content.
        bytes: Bytes,
    },
    /// Anything else, in pieces.
    Stream {
        /// Media type.
        media: String,
        /// Content.
        stream: ByteStream,
    },
}

/// An answer.
#[derive(Debug)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Extra headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Body,
}

impl Response {
    /// 200 with a value.
    pub fn value(value: Value) -> Response {
        Response {
            status: 200,
            headers: Vec::new(),
            body: Body::Value(value),
        }
    }

    /// 201 with a value.
    pub fn created(value: Value) -> Response {
        Response {
            status: 201,
            ..Response::value(value)
        }
    }

    /// The error envelope with the status and the sentence of another server, which need not be ours.
    pub fn refused(status: u16, message: &str) -> Response {
        let error = json!({"code": status, "context": null, "message": message, "status_code": status});
        Response {
            status,
            ..Response::value(json!({ "error": error }))
        }
    }

    /// 200 with JSON text.
    pub fn json(bytes: Bytes) -> Response {
        Response {
            status: 200,
            headers: Vec::new(),
            body: Body::Json(bytes),
        }
    }

    /// 200 with JSON text in pieces.
    pub fn json_stream(stream: ByteStream) -> Response {
        Response {
            status: 200,
            headers: Vec::new(),
            body: Body::JsonStream(stream),
        }
    }
}
