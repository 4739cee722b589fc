//! From an answer or a problem to an HTTP response.

use super::{Shape, Wanted, encode};
use bytes::Bytes;
use contract::{Body, ByteStream, Problem, Settings, Value};
use futures_util::{StreamExt, TryStreamExt};
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use std::panic::AssertUnwindSafe;

/// The body of every answer of the door.
pub type Bodied = UnsyncBoxBody<Bytes, Problem>;

/// What is said when nothing that the client accepts can be made.
const UNACCEPTABLE: &str = "Content in response can not be resolved to acceptable content type.";

/// An HTTP response with a complete body and the headers that every answer has.
pub fn whole(status: u16, media: &str, bytes: impl Into<Bytes>) -> Response<Bodied> {
    let body = Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync();
    with_media(status, media, body)
}

fn with_media(status: u16, media: &str, body: Bodied) -> Response<Bodied> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(media) = HeaderValue::from_str(media).ok().filter(|m| !m.is_empty()) {
        headers.insert(CONTENT_TYPE, media);
    }
    response
}

/// Encodes an answer as the client wants it.
///
/// `changed` tells that the call was not a mere read: when nothing that the client accepts can be made, a read is
/// answered with 400, but a write that has happened is told in JSON.
pub fn response(
    answer: contract::Response,
    wanted: &Wanted,
    changed: bool,
    settings: &Settings,
) -> Response<Bodied> {
    let contract::Response {
        status,
        headers,
        body,
    } = answer;
    let shape = match wanted.shape {
        None if status >= 400 || changed => Some(Shape::Json),
        shape => shape,
    };
    let mut response = match (body, shape) {
        (Body::Empty, _) => whole(status, "", Bytes::new()),
        (Body::Bytes { media, bytes }, _) => whole(status, &media, bytes),
        (Body::Stream { media, stream }, _) => with_media(status, &media, streamed(stream)),
        (Body::Json(bytes), Some(Shape::Json)) => whole(status, Shape::Json.media(), bytes),
        (Body::Json(bytes), Some(Shape::Text)) => whole(status, Shape::Text.media(), bytes),
        (Body::JsonStream(stream), Some(shape @ (Shape::Json | Shape::Text))) => {
            with_media(status, shape.media(), streamed(stream))
        }
        (Body::JsonStream(stream), Some(_)) => with_media(status, Shape::Json.media(), streamed(stream)),
        (Body::Value(value), Some(shape)) => whole(status, shape.media(), encode(&value, shape, settings)),
        (Body::Json(bytes), Some(shape)) => {
            let value: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            whole(status, shape.media(), encode(&value, shape, settings))
        }
        (Body::Value(_) | Body::Json(_) | Body::JsonStream(_), None) => {
            return whole(
                400,
                if wanted.html {
                    "text/html; charset=UTF-8"
                } else {
                    ""
                },
                UNACCEPTABLE,
            );
        }
    };
    let out = response.headers_mut();
    if let Some(disposition) = wanted
        .file
        .as_deref()
        .filter(|_| status < 400)
        .and_then(disposition)
    {
        out.insert(CONTENT_DISPOSITION, disposition);
    }
    add(&mut response, &headers);
    response
}

/// Adds headers of an answer or a problem; what cannot stand in a header is left out.
fn add(response: &mut Response<Bodied>, headers: &[(String, String)]) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// The envelope of a problem, in the form the client wants where that can be made and in JSON otherwise.
pub fn problem(problem: &Problem, wanted: Option<&Wanted>, settings: &Settings) -> Response<Bodied> {
    let shape = wanted.and_then(|w| w.shape).unwrap_or(Shape::Json);
    let mut response = whole(
        problem.status(),
        shape.media(),
        encode(&problem.to_envelope(), shape, settings),
    );
    if let Some(seconds) = problem.retry_after {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    add(&mut response, &problem.headers);
    if problem.status() == 405 {
        response
            .headers_mut()
            .insert(ALLOW, HeaderValue::from_static(crate::read::verb::ALLOWED));
    }
    response
}

/// A stream as a body. A panic in it ends this answer alone; compression polls beyond the end, which not every
/// stream bears.
fn streamed(stream: ByteStream) -> Bodied {
    let pieces = AssertUnwindSafe(stream).catch_unwind();
    let pieces = pieces.map(|piece| piece.unwrap_or_else(|_| Err(Problem::internal("a panic in a stream"))));
    let frames = pieces.fuse().map_ok(Frame::data).inspect_err(|problem| {
        tracing::error!(problem = %problem, source = ?problem.source, "an answer broke off in the middle");
    });
    BodyExt::boxed_unsync(StreamBody::new(frames))
}

/// `attachment` with a name; a name beyond ASCII is given in both forms that browsers know.
fn disposition(name: &str) -> Option<HeaderValue> {
    let plain: String = name.chars().map(|c| if c.is_ascii() { c } else { '_' }).collect();
    let mut text = format!("attachment; filename=\"{plain}\";");
    if !name.is_ascii() {
        let encoded = percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC);
        text.push_str(&format!(" filename*=UTF-8''{encoded}"));
    }
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wanted(shape: Option<Shape>) -> Wanted {
        Wanted {
            shape,
            html: false,
            file: None,
        }
    }

    async fn text(response: Response<Bodied>) -> (u16, String, String) {
        let media = response
            .headers()
            .get(CONTENT_TYPE)
            .map_or("", |v| v.to_str().unwrap())
            .to_owned();
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, media, String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn values_are_converted_and_json_text_passes_through() {
        let settings = Settings::default();
        let answer = contract::Response::value(json!({"resource": [{"é": "日/"}]}));
        let (_, media, body) = text(response(answer, &wanted(Some(Shape::Json)), false, &settings)).await;
        assert_eq!(
            (media.as_str(), body.as_str()),
            ("application/json", r#"{"resource":[{"é":"日/"}]}"#)
        );
        let answer = contract::Response::json(Bytes::from_static(b"[ 1 ]"));
        assert_eq!(
            text(response(answer, &wanted(Some(Shape::Json)), false, &settings))
                .await
                .2,
            "[ 1 ]"
        );
        let answer = contract::Response::json(Bytes::from_static(b"{\"resource\":[{\"a\":1}]}"));
        assert_eq!(
            text(response(answer, &wanted(Some(Shape::Csv)), false, &settings))
                .await
                .2,
            "a\n1\n"
        );
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_refused_for_reads_only() {
        let settings = Settings::default();
        let answer = || contract::Response::value(json!({"id": 1}));
        let html = Wanted {
            html: true,
            ..wanted(None)
        };
        let (status, media, body) = text(response(answer(), &html, false, &settings)).await;
        assert_eq!(
            (status, media.as_str(), body.as_str()),
            (400, "text/html; charset=UTF-8", UNACCEPTABLE)
        );
        assert_eq!(
            text(response(answer(), &wanted(None), false, &settings)).await.1,
            ""
        );
        assert_eq!(
            text(response(answer(), &wanted(None), true, &settings)).await.2,
            r#"{"id":1}"#
        );
    }

    #[tokio::test]
    async fn problems_are_envelopes_with_their_headers() {
        let settings = Settings::default();
        let answer = problem(&Problem::unavailable("Later."), Some(&wanted(None)), &settings);
        assert_eq!(answer.headers()[RETRY_AFTER], "2");
        assert_eq!(
            text(answer).await.2,
            r#"{"error":{"code":503,"context":null,"message":"Later.","status_code":503}}"#
        );
        let csv = problem(
            &Problem::not_found("No."),
            Some(&wanted(Some(Shape::Csv))),
            &settings,
        );
        assert_eq!(
            text(csv).await.2,
            "code,context,message,status_code\n404,,No.,404\n"
        );
    }

    #[test]
    fn file_names_are_safe_in_headers() {
        assert_eq!(
            disposition("depts.csv").unwrap(),
            "attachment; filename=\"depts.csv\";"
        );
        assert_eq!(
            disposition("é.csv").unwrap(),
            "attachment; filename=\"_.csv\"; filename*=UTF-8''%C3%A9%2Ecsv"
        );
    }
}
