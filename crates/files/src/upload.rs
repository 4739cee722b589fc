//! Writing: files by their path, and whatever can be put into a folder.

use crate::words::{CHECK_EXIST, EXTRACT, FILENAME, URL};
use crate::{Existing, Failure, FilePath, FileService};
use bytes::{Bytes, BytesMut};
use contract::media::essence;
use contract::{ByteStream, Kind, Payload, Problem, Request, Response, Value};
use futures_util::TryStreamExt;
use serde_json::json;

impl FileService {
    /// Answers a write to the path of a file.
    pub(crate) async fn write_file(&self, path: &FilePath, request: &Request) -> Result<Response, Problem> {
        if let Some(content) = self.only_part(path, request).await? {
            return self.stored(path, content, request).await;
        }
        self.take(path, sent(request), request).await
    }

    /// Answers a write to a folder; what is sent decides what it means.
    pub(crate) async fn write_folder(
        &self,
        folder: &FilePath,
        request: &Request,
    ) -> Result<Response, Problem> {
        let named = |header: &str| {
            request
                .header(header)
                .map(str::trim)
                .filter(|name| !name.is_empty())
        };
        if let Some(name) = named("x-file-name") {
            let path = folder.join(name)?;
            request.permit(path.as_str(), request.verb)?;
            return self.take(&path, sent(request), request).await;
        }
        if let Some(name) = named("x-folder-name") {
            let path = folder.join(name)?;
            request.permit(path.as_str(), request.verb)?;
            self.make_folder(&path).await?;
            return Ok(Response::created(
                json!({"name": path.name(), "path": path.as_str()}),
            ));
        }
        if let Some(url) = request.text(&URL).filter(|url| !url.is_empty()) {
            return self.import(folder, &url, request).await;
        }
        if let Some(answer) = self.parts(folder, request).await? {
            return Ok(answer);
        }
        if let Some(list) = self.sent_list(request).await? {
            return self.create_all(folder, list, request).await;
        }
        self.make_folder(folder).await?;
        Ok(Response::created(
            json!({"name": folder.name(), "path": folder.folder()}),
        ))
    }

    /// Fetches a file and stores it.
    async fn import(&self, folder: &FilePath, url: &str, request: &Request) -> Result<Response, Problem> {
        let opened = self.fetcher.open(url).await;
        let (last, content) =
            opened.map_err(|e| Problem::not_found("Invalid URL entered. File not found.").with_source(e))?;
        let name = request.text(&FILENAME).filter(|name| !name.is_empty());
        let path = folder.join(name.as_deref().unwrap_or(&last))?;
        if path == *folder {
            return Err(Problem::bad_request(
                "The URL names no file; give it a name with 'filename'.",
            ));
        }
        request.permit(path.as_str(), request.verb)?;
        self.take(&path, content, request).await
    }

    /// Stores a file, or unpacks it into its folder when that is asked for and it is an archive.
    async fn take(
        &self,
        path: &FilePath,
        content: ByteStream,
        request: &Request,
    ) -> Result<Response, Problem> {
        if request.flag(&EXTRACT) && is_archive(path.name(), request) {
            return self.unpack(&path.parent(), content, request).await;
        }
        self.stored(path, content, request).await
    }

    async fn stored(
        &self,
        path: &FilePath,
        content: ByteStream,
        request: &Request,
    ) -> Result<Response, Problem> {
        self.store_file(path, content, existing(request)).await?;
        Ok(Response::created(written(path)))
    }

    /// Writes a file into a folder that must exist.
    pub(crate) async fn store_file(
        &self,
        path: &FilePath,
        content: ByteStream,
        existing: Existing,
    ) -> Result<(), Problem> {
        let written = self.store.write(path, content, existing).await;
        written.map(drop).map_err(|failure| refused(path, failure))
    }

    /// A list of what is to be made or removed; `None` when the body is empty or something else.
    pub(crate) async fn sent_list(&self, request: &Request) -> Result<Option<Vec<Value>>, Problem> {
        let value = match &request.payload {
            Payload::Value(value) => Some(value.clone()),
            Payload::Bytes(body) => match body.take() {
                Some(body) => self.value(body, request).await?,
                None => None,
            },
            Payload::Text(text) => query::body::value("", text, &self.settings)?,
            Payload::None | Payload::Form(_) | Payload::Records(_) => None,
        };
        Ok(match value {
            Some(Value::Array(list)) => Some(list),
            Some(Value::Object(mut object)) => match object.shift_remove(&self.settings.resource_wrapper) {
                Some(Value::Array(list)) => Some(list),
                Some(one @ Value::Object(_)) => Some(vec![one]),
                _ => None,
            },
            _ => None,
        })
    }

    /// The value in a body, which must be as small as those of other services. Forms hold none.
    async fn value(&self, mut body: ByteStream, request: &Request) -> Result<Option<Value>, Problem> {
        let kind = essence(request.header("content-type").unwrap_or_default());
        if kind.starts_with("multipart/") {
            return Ok(None);
        }
        let most = self.settings.max_body_bytes;
        let mut bytes = BytesMut::new();
        while let Some(piece) = body.try_next().await? {
            if (bytes.len() + piece.len()) as u64 > most {
                return Err(Problem::new(
                    Kind::TooLarge,
                    format!(
                        "A list may have at most {most} bytes; name a file with X-File-Name to send its content."
                    ),
                ));
            }
            bytes.extend_from_slice(&piece);
        }
        let text = std::str::from_utf8(&bytes).map_err(|_| {
            Problem::bad_request("The body is no list; name a file with X-File-Name to send its content.")
        })?;
        query::body::value(&kind, text, &self.settings)
    }
}

/// The content that was sent.
fn sent(request: &Request) -> ByteStream {
    match &request.payload {
        Payload::Bytes(body) => body.take().unwrap_or_else(|| ByteStream::whole(Bytes::new())),
        // Calls from inside come with values.
        Payload::Text(text) => ByteStream::whole(Bytes::copy_from_slice(text.as_bytes())),
        Payload::Value(Value::String(text)) => ByteStream::whole(Bytes::copy_from_slice(text.as_bytes())),
        Payload::Value(value) => ByteStream::whole(value.to_string().into()),
        Payload::Form(form) => {
            let first = form.files.first().map(|file| file.bytes.clone());
            ByteStream::whole(first.unwrap_or_default())
        }
        Payload::None | Payload::Records(_) => ByteStream::whole(Bytes::new()),
    }
}

/// What becomes of files that are there, as the caller wants.
pub(crate) fn existing(request: &Request) -> Existing {
    match request.flag(&CHECK_EXIST) {
        true => Existing::Keep,
        false => Existing::Replace,
    }
}

/// What is answered of a file that was written.
pub(crate) fn written(path: &FilePath) -> Value {
    json!({"name": path.name(), "path": path.as_str(), "type": "file"})
}

/// Why a file could not be written.
pub(crate) fn refused(path: &FilePath, failure: Failure) -> Problem {
    match failure {
        Failure::Missing => Problem::not_found(format!("Folder '{}' does not exist.", path.parent())),
        Failure::Exists => Problem::new(Kind::Conflict, format!("File '{path}' already exists.")),
        failure => failure.into(),
    }
}

fn is_archive(name: &str, request: &Request) -> bool {
    let kind = essence(request.header("content-type").unwrap_or_default());
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ["application/zip", "application/x-zip-compressed"].contains(&kind.as_str())
        || ["zip", "dfpkg"]
            .iter()
            .any(|known| ending.eq_ignore_ascii_case(known))
}
