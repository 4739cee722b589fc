//! The shape of a list: wrapped, bare, with `meta`.

use bytes::Bytes;
use contract::{Body, ByteStream, Format, Map, Request, Response, Settings, Value};
use serde_json::json;

/// What is said beside the records.
#[derive(Debug, Default)]
pub(crate) struct Meta {
    pub(crate) count: Option<u64>,
    pub(crate) next: Option<u64>,
    pub(crate) after: Option<Value>,
    pub(crate) schema: Option<Value>,
}

impl Meta {
    fn value(self) -> Option<Value> {
        let mut meta = Map::new();
        if let Some(count) = self.count {
            meta.insert("count".into(), json!(count));
        }
        if let Some(next) = self.next {
            meta.insert("next".into(), json!(next));
        }
        if let Some(after) = self.after {
            meta.insert("after".into(), after);
        }
        if let Some(schema) = self.schema {
            meta.insert("schema".into(), schema);
        }
        (!meta.is_empty()).then_some(Value::Object(meta))
    }

    /// Ends JSON text that began with the records.
    pub(crate) fn close(self, out: &mut Vec<u8>, wrapped: bool) {
        out.push(b']');
        if wrapped {
            if let Some(meta) = self.value() {
                out.extend_from_slice(b",\"meta\":");
                out.extend_from_slice(meta.to_string().as_bytes());
            }
            out.push(b'}');
        }
    }
}

/// Text in the request's format as an answer.
pub(crate) fn whole(format: Format, bytes: Bytes) -> Response {
    let body = match format.media().filter(|_| format != Format::Json) {
        Some(media) => Body::Bytes {
            media: media.to_owned(),
            bytes,
        },
        None => Body::Json(bytes),
    };
    Response {
        status: 200,
        headers: Vec::new(),
        body,
    }
}

/// Text in the request's format, in pieces.
pub(crate) fn streamed(format: Format, stream: ByteStream) -> Response {
    let body = match format.media().filter(|_| format != Format::Json) {
        Some(media) => Body::Stream {
            media: media.to_owned(),
            stream,
        },
        None => Body::JsonStream(stream),
    };
    Response {
        status: 200,
        headers: Vec::new(),
        body,
    }
}

/// A list as an answer. `meta` is never mixed into a bare list: with it the list is wrapped.
pub(crate) fn list(request: &Request, settings: &Settings, records: Vec<Value>, meta: Meta) -> Response {
    let meta = meta.value();
    let key = request
        .wrapper(settings)
        .or(meta.is_some().then_some(settings.resource_wrapper.as_str()));
    let Some(key) = key else {
        return Response::value(Value::Array(records));
    };
    let mut body = Map::new();
    body.insert(key.to_owned(), Value::Array(records));
    if let Some(meta) = meta {
        body.insert("meta".into(), meta);
    }
    Response::value(Value::Object(body))
}
