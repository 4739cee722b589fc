//! The body of a request, by its media type.

use super::records::Notation;
use super::{depth, form, xml};
use bytes::Bytes;
use contract::{Form, Map, Payload, Problem, Settings, Upload, Value};

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
    let lower = media.to_ascii_lowercase();
    if lower.starts_with("multipart/") {
        return multipart(media, bytes).await;
    }
    let kind = lower.split(';').next().unwrap_or("").trim();
    if ARCHIVES.contains(&kind) {
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
    if kind.ends_with("/json") || kind.ends_with("+json") {
        return match text.trim().is_empty() {
            true => Ok(Payload::None),
            false => json(text, settings).map(Payload::Value),
        };
    }
    if let Some(notation) = Notation::of(kind) {
        let records = notation.parse(text.as_bytes(), settings)?;
        return Ok(Payload::Value(wrapped(records, settings)));
    }
    let max_depth = settings.max_json_depth;
    Ok(match kind {
        "application/x-www-form-urlencoded" => Payload::Value(form::parse(text)?),
        _ if kind.contains("xml") => Payload::Value(xml::parse(text, &settings.resource_wrapper, max_depth)?),
        "text/plain" => Payload::Text(text.to_owned()),
        _ => return sniffed(text, settings),
    })
}

/// Reads JSON. The message of a refusal tells where the text stops making sense.
fn json(text: &str, settings: &Settings) -> Result<Value, Problem> {
    if depth::exceeds(text.as_bytes(), settings.max_json_depth) {
        return Err(Problem::bad_request(format!(
            "The JSON in the request's body nests deeper than {} levels.",
            settings.max_json_depth
        )));
    }
    serde_json::from_str(text).map_err(|e| {
        Problem::bad_request(format!(
            "Invalid or malformed JSON. (line {}, column {})",
            e.line(),
            e.column()
        ))
    })
}

/// A body whose media type is absent or unknown: JSON, XML or CSV, whichever it is.
fn sniffed(text: &str, settings: &Settings) -> Result<Payload, Problem> {
    let start = text.trim_start();
    if start.is_empty() {
        return Ok(Payload::None);
    }
    if depth::exceeds(text.as_bytes(), settings.max_json_depth) {
        return json(text, settings).map(Payload::Value);
    }
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(Payload::Value(value));
    }
    if start.starts_with('<') {
        let value = xml::parse(start, &settings.resource_wrapper, settings.max_json_depth)?;
        return Ok(Payload::Value(value));
    }
    // One line is a header without rows: nothing tells it from arbitrary text.
    match Notation::Csv.parse(text.as_bytes(), settings) {
        Ok(rows) if !rows.is_empty() && !start.starts_with(['{', '[']) => {
            Ok(Payload::Value(wrapped(rows, settings)))
        }
        _ => Err(Problem::bad_request("Unrecognized payload type")),
    }
}

fn wrapped(rows: Vec<Value>, settings: &Settings) -> Value {
    Value::Object(Map::from_iter([(
        settings.resource_wrapper.clone(),
        Value::Array(rows),
    )]))
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
