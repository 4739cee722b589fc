//! What the other server answers, as this service's answer.

use crate::links::Links;
use bytes::{Bytes, BytesMut};
use contract::media::essence;
use contract::{Body, ByteStream, Kind, Problem, Response};
use futures_util::{StreamExt, stream};
use outbound::{KeptAnswer, KeptAnswers};
use reqwest::header::{CONTENT_TYPE, HeaderMap, LOCATION};

/// Largest text in which links are replaced.
const MOST_LINKS: usize = 16 * 1024 * 1024;
/// How much of the text of an error is told.
const MOST_ERROR: usize = 64 * 1024;
/// Answers of a known length up to this are read whole.
const SMALL: usize = 256 * 1024;

/// Headers that stay here: those of the connection and of the body, which are written anew; and those that would bind
/// browsers and caches to this origin, or speak for it.
const STAYING: [&str; 31] = [
    "age",
    "alt-svc",
    "cache-control",
    "clear-site-data",
    "connection",
    "content-length",
    "content-security-policy",
    "content-security-policy-report-only",
    "content-type",
    "date",
    "expires",
    "keep-alive",
    "location",
    "nel",
    "pragma",
    "proxy-authenticate",
    "proxy-connection",
    "refresh",
    "report-to",
    "server",
    "service-worker-allowed",
    "set-cookie",
    "set-cookie2",
    "strict-transport-security",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "www-authenticate",
    "x-request-id",
    "x-sendfile",
];
/// How those begin that there are several of: rules for other origins, and orders to proxies in front of us.
const STAYING_GROUPS: [&str; 2] = ["access-control-", "x-accel-"];

/// How an answer is to be passed on.
pub(crate) struct Passing<'a> {
    /// Addresses of the other server, and of this service.
    pub(crate) links: &'a Links,
    /// Whether those in the text are replaced.
    pub(crate) replaces: bool,
    /// Where it is kept, and under which key.
    pub(crate) kept: Option<(&'a KeptAnswers, &'a str)>,
}

/// Why there is no answer, without the address, in which keys can stand.
pub(crate) fn unanswered(error: reqwest::Error) -> Problem {
    let error = error.without_url();
    if error.is_timeout() {
        return Problem::new(Kind::Timeout, "The remote server did not answer in time.").with_source(error);
    }
    Problem::unavailable("The remote server cannot be reached.").with_source(error)
}

/// An answer that was kept.
pub(crate) fn again(kept: KeptAnswer) -> Response {
    Response {
        status: kept.status,
        headers: vec![policy()],
        body: Body::Bytes {
            media: kept.media,
            bytes: kept.bytes,
        },
    }
}

/// Passes an answer on: what went well as it is, what did not as an error with the same status and the server's text.
pub(crate) async fn pass(answer: reqwest::Response, how: Passing<'_>) -> Result<Response, Problem> {
    let status = answer.status().as_u16();
    if status < 200 {
        return Err(Problem::unavailable("The remote server's answer is none."));
    }
    let mut headers = relayed(answer.headers());
    headers.push(policy());
    if status == 304 {
        return Ok(Response {
            status,
            headers,
            body: Body::Empty,
        });
    }
    if status >= 300 {
        let location = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        if let Some(to) = location.and_then(|to| how.links.location(to)) {
            headers.push((LOCATION.as_str().to_owned(), to));
        }
        // The body is another one.
        headers.retain(|(name, _)| {
            !matches!(name.as_str(), "content-encoding" | "content-disposition" | "etag")
        });
        return Ok(refused(answer, headers).await);
    }
    let media = text(answer.headers(), CONTENT_TYPE.as_str()).to_owned();
    let replaces = how.replaces && is_text(&media);
    let length = answer
        .content_length()
        .and_then(|length| usize::try_from(length).ok());
    let most = match (replaces, how.kept) {
        (true, _) => MOST_LINKS,
        (false, Some(_)) => KeptAnswers::LARGEST,
        (false, None) => length.filter(|length| *length <= SMALL).unwrap_or_default(),
    };
    let body = match gather(answer, most).await? {
        Gathered::Whole(mut bytes) => {
            if replaces && let Ok(text) = std::str::from_utf8(&bytes) {
                bytes = how.links.replaced(text).into();
            }
            // An encoding would have to be kept as well.
            let is_plain = !headers.iter().any(|(name, _)| name == "content-encoding");
            if let Some((kept, key)) = how.kept.filter(|_| is_plain) {
                let answer = KeptAnswer {
                    status,
                    media: media.clone(),
                    bytes: bytes.clone(),
                };
                kept.keep(key, answer);
            }
            Body::Bytes { media, bytes }
        }
        Gathered::Longer(stream) => Body::Stream { media, stream },
    };
    Ok(Response {
        status,
        headers,
        body,
    })
}

/// Pages of the other server stand on the origin of the console and the API, and must not act for those who are logged
/// in there.
fn policy() -> (String, String) {
    ("content-security-policy".to_owned(), "sandbox".to_owned())
}

fn relayed(headers: &HeaderMap) -> Vec<(String, String)> {
    let passes =
        |name: &str| !STAYING.contains(&name) && !STAYING_GROUPS.iter().any(|group| name.starts_with(group));
    let headers = headers.iter().filter(|(name, _)| passes(name.as_str()));
    let texts = headers.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
    texts.collect()
}

async fn refused(answer: reqwest::Response, headers: Vec<(String, String)>) -> Response {
    let status = answer.status();
    let said = match gather(answer, MOST_ERROR).await {
        Ok(Gathered::Whole(bytes)) => bytes,
        Ok(Gathered::Longer(mut stream)) => match stream.next().await {
            Some(Ok(first)) => first,
            _ => Bytes::new(),
        },
        // There is a status all the same.
        Err(_) => Bytes::new(),
    };
    let message = match said.is_empty() {
        true => status.canonical_reason().unwrap_or_default().to_owned(),
        false => String::from_utf8_lossy(&said).into_owned(),
    };
    Response {
        headers,
        ..Response::refused(status.as_u16(), &message)
    }
}

enum Gathered {
    Whole(Bytes),
    /// There is more than was to be read; all of it, in pieces.
    Longer(ByteStream),
}

/// Reads a body up to a number of bytes. Reads nothing when that is none.
async fn gather(mut answer: reqwest::Response, most: usize) -> Result<Gathered, Problem> {
    let mut begun = BytesMut::new();
    // One more than may be shows that there is more.
    while most > 0 && begun.len() <= most {
        let Some(piece) = answer.chunk().await.map_err(broken)? else {
            return Ok(Gathered::Whole(begun.freeze()));
        };
        begun.extend_from_slice(&piece);
    }
    let begun = (!begun.is_empty()).then(|| Ok(begun.freeze()));
    let rest = answer.bytes_stream().map(|piece| piece.map_err(broken));
    Ok(Gathered::Longer(ByteStream::new(stream::iter(begun).chain(rest))))
}

fn broken(error: reqwest::Error) -> Problem {
    Problem::unavailable("The remote server's answer broke off.").with_source(error.without_url())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

/// Whether a media type is one of text, in which links can stand.
fn is_text(media: &str) -> bool {
    let kind = essence(media);
    kind.starts_with("text/")
        || ["json", "xml", "javascript", "yaml"]
            .iter()
            .any(|end| kind.ends_with(end))
}
