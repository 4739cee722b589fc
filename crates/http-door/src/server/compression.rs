//! Compression of answers, for those answers alone that it concerns: an encoder's state is some kilobytes, which every
//! layer around an answer would move.

use crate::write::answer::Bodied;
use contract::Problem;
use futures_util::FutureExt;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_RANGE, VARY};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use std::convert::Infallible;
use std::error::Error;
use std::future::ready;
use tower::{Layer, ServiceExt};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// Answers below this many bytes are not worth compressing.
const WORTH_COMPRESSING: u64 = 1024;

/// What a client said of the encodings that it takes.
pub(super) struct Accepted(Vec<HeaderValue>);

impl Accepted {
    /// Reads the head of a request.
    pub(super) fn of(request: &HeaderMap) -> Accepted {
        Accepted(request.get_all(ACCEPT_ENCODING).iter().cloned().collect())
    }

    /// Compresses an answer where the client takes that and it is worth it. 406 where the client takes nothing.
    pub(super) async fn applied(self, mut response: Response<Bodied>) -> Response<Bodied> {
        let is_worth = is_worth(&response);
        // A client that gives weights may refuse answers as they are.
        let weighs = |value: &HeaderValue| value.as_bytes().contains(&b';');
        if !self.0.is_empty() && (is_worth || self.0.iter().any(weighs)) {
            return self.encoded(response).await;
        }
        if is_worth && !tells_of_encodings(response.headers()) {
            response.headers_mut().append(VARY, ACCEPT_ENCODING.into());
        }
        response
    }

    async fn encoded(self, response: Response<Bodied>) -> Response<Bodied> {
        let mut request = Request::new(response);
        for value in self.0 {
            request.headers_mut().append(ACCEPT_ENCODING, value);
        }
        let answer = |request: Request<_>| ready(Ok::<_, Infallible>(request.into_body()));
        let layer = CompressionLayer::new()
            .quality(CompressionLevel::Precise(4))
            .compress_when(worth());
        let encoded = layer
            .layer(tower::service_fn(answer))
            .oneshot(request)
            .map(|result| match result {
                Ok(response) => response.map(|body| body.map_err(problem).boxed_unsync()),
                Err(never) => match never {},
            });
        encoded.await
    }
}

/// What broke an answer off: its own problem, or the encoder's.
fn problem(error: Box<dyn Error + Send + Sync>) -> Problem {
    match error.downcast::<Problem>() {
        Ok(problem) => *problem,
        Err(error) => Problem::internal("An answer could not be compressed.").with_source(error),
    }
}

fn worth() -> impl Predicate {
    SizeAbove::new(WORTH_COMPRESSING)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(NotForContentType::const_new("font/"))
        .and(NotForContentType::const_new("application/zip"))
}

/// Whether an answer is compressed for those who take that. Neither what is compressed already nor a part of a file is.
fn is_worth(response: &Response<Bodied>) -> bool {
    let headers = response.headers();
    !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_RANGE)
        && worth().should_compress(response)
}

/// Whether caches are told already that the answer depends on the encodings that are taken.
fn tells_of_encodings(headers: &HeaderMap) -> bool {
    let mut names = headers
        .get_all(VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    names.any(|name| name.trim().eq_ignore_ascii_case(ACCEPT_ENCODING.as_str()))
}
