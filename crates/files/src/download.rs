//! Reading files: their content, a part of it, or their properties.

use crate::condition::{self, Part};
use crate::list::date;
use crate::media;
use crate::words::{CONTENT, DOWNLOAD, INCLUDE_PROPERTIES, IS_BASE64};
use crate::{FilePath, FileService, Found};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contract::{Body, Map, Problem, Request, Response, Value, truthy};
use futures_util::TryStreamExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

/// What a file may do in a browser that shows it. Pages of files stand on the same origin as the console and the API,
/// and must not act for those who are logged in there.
const API_POLICY: &str = "sandbox";

impl FileService {
    /// Answers a read of a file through the API.
    pub(crate) async fn download(&self, path: &FilePath, request: &Request) -> Result<Response, Problem> {
        let found = self.file(path).await?;
        match request.flag(&INCLUDE_PROPERTIES) {
            true => self.properties(path, &found, request).await,
            false => self.content(path, &found, request, API_POLICY).await,
        }
    }

    /// The file at a path; 404 when there is none.
    pub(crate) async fn file(&self, path: &FilePath) -> Result<Found, Problem> {
        let found = self
            .store
            .stat(path)
            .await?
            .filter(|found| found.length().is_some());
        found.ok_or_else(|| {
            Problem::not_found(format!("The specified file '{path}' was not found in storage."))
        })
    }

    /// The content of a file, or as much of it as the client wants and does not have.
    pub(crate) async fn content(
        &self,
        path: &FilePath,
        found: &Found,
        request: &Request,
        policy: &str,
    ) -> Result<Response, Problem> {
        let length = found.length().unwrap_or_default();
        let modified = found.modified.map(httpdate::fmt_http_date);
        let tag = condition::tag(length, found.modified);
        let mut headers = vec![("cache-control".to_owned(), "no-cache, private".to_owned())];
        headers.extend(modified.clone().map(|date| ("last-modified".to_owned(), date)));
        headers.extend(tag.clone().map(|tag| ("etag".to_owned(), tag)));
        let (none, since) = (
            request.header("if-none-match"),
            request.header("if-modified-since"),
        );
        if condition::is_known(none, since, tag.as_deref(), found.modified) {
            return Ok(bare(304, headers));
        }
        let (range, if_range) = (request.header("range"), request.header("if-range"));
        let (status, part) = match condition::part(range, if_range, modified.as_deref(), length) {
            Part::Whole => (200, 0..length),
            Part::Some(part) => {
                let range = format!("bytes {}-{}/{length}", part.start, part.end - 1);
                headers.push(("content-range".to_owned(), range));
                headers.push(("accept-ranges".to_owned(), "bytes".to_owned()));
                (206, part)
            }
            Part::Beyond => {
                headers.push(("content-range".to_owned(), format!("bytes */{length}")));
                return Ok(bare(416, headers));
            }
        };
        let media = self.media(path, found).await?;
        // Viewers of PDF in browsers do not work in a sandbox, and give scripts in it no access to the origin.
        if media != "application/pdf" {
            headers.push(("content-security-policy".to_owned(), policy.to_owned()));
        }
        headers.extend(disposition(path.name(), request.flag(&DOWNLOAD)));
        let count = part.end - part.start;
        headers.push(("content-length".to_owned(), count.to_string()));
        let stream = self.store.read(path, part.start, count).await?;
        Ok(Response {
            status,
            headers,
            body: Body::Stream {
                media: media::header(media),
                stream,
            },
        })
    }

    async fn properties(
        &self,
        path: &FilePath,
        found: &Found,
        request: &Request,
    ) -> Result<Response, Problem> {
        let length = found.length().unwrap_or_default();
        let mut properties = Map::new();
        properties.insert("path".into(), json!(path.as_str()));
        properties.insert("name".into(), json!(path.name()));
        properties.insert("content_type".into(), json!(self.media(path, found).await?));
        properties.insert("last_modified".into(), date(found.modified));
        properties.insert("content_length".into(), json!(length));
        if request.flag(&CONTENT) {
            let most = self.settings.max_body_bytes;
            if length > most {
                return Err(Problem::bad_request(format!(
                    "The file is larger than {most} bytes; read it without 'include_properties'."
                )));
            }
            let pieces: Vec<Bytes> = self.store.read(path, 0, length).await?.try_collect().await?;
            let is_base64 = request.text(&IS_BASE64).is_none_or(|text| truthy(&text));
            let content = match is_base64 {
                true => STANDARD.encode(pieces.concat()),
                false => String::from_utf8(pieces.concat()).map_err(|_| {
                    Problem::bad_request(
                        "The file is no text; leave out 'is_base64=false' to get it in base64.",
                    )
                })?,
            };
            properties.insert("content".into(), json!(content));
        }
        Ok(Response::value(Value::Object(properties)))
    }
}

fn bare(status: u16, headers: Vec<(String, String)>) -> Response {
    Response {
        status,
        headers,
        body: Body::Empty,
    }
}

/// How browsers take a file of this name: save it or show it. Of pages nothing is said.
fn disposition(name: &str, save: bool) -> Option<(String, String)> {
    let header = |value: String| Some(("content-disposition".to_owned(), value));
    match save {
        true => header(attachment(name)),
        false if name.to_ascii_lowercase().ends_with(".html") => None,
        false => header("inline".to_owned()),
    }
}

/// `attachment` with a name; one that cannot stand between quotes is given in both forms that browsers know.
pub(crate) fn attachment(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii() && !c.is_ascii_control() && !matches!(c, '"' | '\\');
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let mut value = format!("attachment; filename=\"{plain}\";");
    if plain != name {
        value.push_str(" filename*=UTF-8''");
        value.extend(utf8_percent_encode(name, NON_ALPHANUMERIC));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_in_headers() {
        assert_eq!(attachment("a.txt"), "attachment; filename=\"a.txt\";");
        assert_eq!(
            attachment("é\".txt"),
            "attachment; filename=\"__.txt\"; filename*=UTF-8''%C3%A9%22%2Etxt"
        );
        assert_eq!(disposition("a.HTML", false), None);
    }
}
