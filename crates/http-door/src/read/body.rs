//! The body of a request, by its media type.

use super::form;
use bytes::Bytes;
use contract::media::essence;
use contract::{Form, Payload, Problem, Settings, Upload, Value};
use query::body::value;

/// Most files that one form may have.
const MOST_FILES: usize = 100;

/// Media types of bodies that are a file.
const ARCHIVES: [&str; 2] = ["application/zip", "application/x-zip-compressed"];

/// Reads a body. `media` is the Content-Type header, empty when there is none.
///
/// Fails with 400 when the text does not fit its media type, nests too deep, or is of no known type.
pub async fn parse(media: &str, bytes: Bytes, settings: &Settings) -> Result<Payload, Problem> {
    if bytes.is_empty() {
        return Ok(Payload::None);
    }
    let kind = essence(media);
    if kind.starts_with("multipart/") {
        // In a place of its own: requests without a form carry no room for reading one.
        return Box::pin(multipart(media, bytes)).await;
    }
    if ARCHIVES.contains(&kind.as_str()) {
        return Ok(Payload::Form(Form {
            files: vec![Upload {
                field: String::new(),
                name: String::new(),
                bytes,
            }],
            ..Form::default()
        }));
    }
    let text = std::str::from_utf8(&bytes)
        .map_err(|_| Problem::bad_request("The request's body is not valid UTF-8."))?
        .trim_start_matches('\u{feff}');
    Ok(match kind.as_str() {
        "application/x-www-form-urlencoded" => Payload::Value(form::parse(text)?),
        "text/plain" => Payload::Text(text.to_owned()),
        _ => value(&kind, text, settings)?.map_or(Payload::None, Payload::Value),
    })
}

/// The fields and files of a multipart form.
async fn multipart(media: &str, bytes: Bytes) -> Result<Payload, Problem> {
    let malformed = |_| Problem::bad_request("The multipart form in the request's body cannot be read.");
    let boundary = multer::parse_boundary(media).map_err(malformed)?;
    let whole = futures_util::stream::once(std::future::ready(Ok::<_, std::convert::Infallible>(bytes)));
    let mut parts = multer::Multipart::new(whole, boundary);
    let mut fields = form::Fields::default();
    let mut files = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(malformed)? {
        let Some(name) = part.name().map(str::to_owned) else {
            continue;
        };
        if let Some(file) = part.file_name().map(str::to_owned) {
            if files.len() == MOST_FILES {
                return Err(Problem::bad_request(format!(
                    "A form may have at most {MOST_FILES} files."
                )));
            }
            files.push(Upload {
                field: name,
                name: file,
                bytes: part.bytes().await.map_err(malformed)?,
            });
            continue;
        }
        fields.add(&name, part.text().await.map_err(malformed)?)?;
    }
    match (fields.finish(), files.is_empty()) {
        (Value::Object(fields), false) => Ok(Payload::Form(Form { fields, files })),
        (fields, _) => Ok(Payload::Value(fields)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    async fn read(media: &str, text: &str) -> Result<Payload, Problem> {
        parse(
            media,
            Bytes::copy_from_slice(text.as_bytes()),
            &Settings::default(),
        )
        .await
    }

    async fn value(media: &str, text: &str) -> Value {
        match read(media, text).await.unwrap() {
            Payload::Value(value) => value,
            Payload::Text(text) => json!({ "text": text }),
            Payload::Form(form) => {
                let files = form.files.iter().map(|f| json!([f.field, f.name, f.bytes.len()]));
                json!({"fields": form.fields, "files": files.collect::<Vec<_>>()})
            }
            Payload::None => json!("none"),
            Payload::Records(_) => json!("records"),
            Payload::Bytes(_) => json!("bytes"),
        }
    }

    #[tokio::test]
    async fn each_media_type_has_its_reader() {
        assert_eq!(
            value("application/json; charset=utf-8", r#"{"a":1}"#).await,
            json!({"a": 1})
        );
        assert_eq!(value("application/problem+json", "[1]").await, json!([1]));
        assert_eq!(value("application/json", "  ").await, json!("none"));
        assert_eq!(
            value("application/x-www-form-urlencoded", "a=1").await,
            json!({"a": "1"})
        );
        assert_eq!(value("text/xml", "<d><a>1</a></d>").await, json!({"a": "1"}));
        assert_eq!(
            value("text/csv", "a\n1\n").await,
            json!({"resource": [{"a": "1"}]})
        );
        assert_eq!(
            value("application/x-ndjson", "{\"a\":1}\n{}\n").await,
            json!({"resource": [{"a": 1}, {}]})
        );
        assert_eq!(
            value("text/plain", "{\"a\":1}").await,
            json!({"text": "{\"a\":1}"})
        );
        let form = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X\r\n\
                    Content-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\n\r\n2\r\n--X--\r\n";
        assert_eq!(
            value("multipart/form-data; boundary=X", form).await,
            json!({"fields": {"a": "1"}, "files": [["f", "f.txt", 1]]})
        );
        assert_eq!(
            value("application/zip", "PK").await,
            json!({"fields": {}, "files": [["", "", 2]]})
        );
    }

    #[tokio::test]
    async fn unknown_types_are_sniffed() {
        assert_eq!(value("", r#"{"a":1}"#).await, json!({"a": 1}));
        assert_eq!(value("", " <d><a>1</a></d>").await, json!({"a": "1"}));
        assert_eq!(
            value("foo/bar", "a,b\n1,2").await,
            json!({"resource": [{"a": "1", "b": "2"}]})
        );
        let refused = read("", "{\"email\":").await.unwrap_err();
        assert_eq!(
            (refused.status(), refused.message.as_str()),
            (400, "Unrecognized payload type")
        );
    }

    #[tokio::test]
    async fn broken_and_deep_json_is_refused() {
        let broken = read("application/json", "{\"email\":").await.unwrap_err();
        assert_eq!(broken.message, "Invalid or malformed JSON. (line 1, column 9)");
        let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
        for media in ["application/json", ""] {
            assert_eq!(read(media, &deep).await.unwrap_err().status(), 400);
        }
        assert_eq!(
            parse("", Bytes::from_static(b"\xff"), &Settings::default())
                .await
                .unwrap_err()
                .status(),
            400
        );
    }
}
