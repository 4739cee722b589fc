//! Files in forms: one after the other, while they arrive.

use crate::list::wrapped;
use crate::upload::{existing, written};
use crate::{FilePath, FileService};
use contract::media::essence;
use contract::{ByteStream, Payload, Problem, Request, Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use multer::{Field, Multipart};

/// Most files in one form.
const MOST_FILES: usize = 1000;

impl FileService {
    /// Stores the files of a form in a folder. `None` when the body is no form, or has no field `files`.
    pub(crate) async fn parts(
        &self,
        folder: &FilePath,
        request: &Request,
    ) -> Result<Option<Response>, Problem> {
        let Some(mut form) = form(request)? else {
            return Ok(None);
        };
        let mut stored = Vec::new();
        while let Some(file) = next(&mut form).await? {
            if stored.len() == MOST_FILES {
                return Err(Problem::bad_request(format!(
                    "A form may have at most {MOST_FILES} files."
                )));
            }
            let path = folder.join(&plain(file.file_name().unwrap_or_default())?)?;
            request.permit(path.as_str(), request.verb)?;
            self.store_file(&path, content(file), existing(request)).await?;
            stored.push(written(&path));
        }
        Ok(match stored.is_empty() {
            true => None,
            false => Some(Response::created(wrapped(request, self, stored))),
        })
    }

    /// The only file of a form that is sent to the path of a file; `None` when the body is no form.
    ///
    /// Fails with 400 when there is none. A second one breaks the content off, so that nothing is stored.
    pub(crate) async fn only_part(
        &self,
        path: &FilePath,
        request: &Request,
    ) -> Result<Option<ByteStream>, Problem> {
        let Some(mut form) = form(request)? else {
            return Ok(None);
        };
        let name = path.name().to_owned();
        let Some(file) = next(&mut form).await? else {
            return Err(Problem::bad_request(format!(
                "No file uploaded to REST resource '{name}'."
            )));
        };
        let end = async move {
            match next(&mut form).await? {
                None => Ok(bytes::Bytes::new()),
                Some(_) => Err(Problem::bad_request(format!(
                    "Multiple files uploaded to a single REST resource '{name}'."
                ))),
            }
        };
        Ok(Some(ByteStream::new(content(file).chain(stream::once(end)))))
    }
}

/// The form in a body; `None` when it is something else.
fn form(request: &Request) -> Result<Option<Multipart<'static>>, Problem> {
    let media = request.header("content-type").unwrap_or_default();
    let Payload::Bytes(body) = &request.payload else {
        return Ok(None);
    };
    if !essence(media).starts_with("multipart/") {
        return Ok(None);
    }
    let boundary = multer::parse_boundary(media).map_err(malformed)?;
    Ok(body.take().map(|body| Multipart::new(body, boundary)))
}

/// The next file in a field `files`, `files[]` or `files[1]`; all other fields are passed over.
async fn next(form: &mut Multipart<'static>) -> Result<Option<Field<'static>>, Problem> {
    while let Some(field) = form.next_field().await.map_err(malformed)? {
        let name = field.name().unwrap_or_default();
        if (name == "files" || name.starts_with("files[")) && field.file_name().is_some() {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

fn content(file: Field<'static>) -> ByteStream {
    ByteStream::new(file.map_err(malformed))
}

/// A form that cannot be read: for what the door says of its bytes, or for its own form.
fn malformed(e: multer::Error) -> Problem {
    let unreadable = "The multipart form in the request's body cannot be read.";
    match e {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Problem>() {
            Ok(problem) => *problem,
            Err(cause) => Problem::bad_request(unreadable).with_source(cause),
        },
        e => Problem::bad_request(unreadable).with_source(e),
    }
}

/// The name of a file in a form, made plain: its folder dropped, other than plain signs replaced, no dots in a row.
fn plain(name: &str) -> Result<String, Problem> {
    let own = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut plain = String::with_capacity(own.len());
    for c in own.chars() {
        let is_plain = c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        if c != '.' || !plain.ends_with('.') {
            plain.push(if is_plain { c } else { '_' });
        }
    }
    match plain.trim_matches('.').is_empty() {
        true => Err(Problem::bad_request("A file in the form has no name.")),
        false => Ok(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_plain() {
        for (name, made) in [
            ("a.txt", "a.txt"),
            ("../../etc/passwd", "passwd"),
            ("C:\\x\\b c.txt", "b_c.txt"),
            ("a..b", "a.b"),
            (".htaccess", ".htaccess"),
        ] {
            assert_eq!(plain(name).unwrap(), made);
        }
        for nameless in ["", "..", "a/", "."] {
            assert!(plain(nameless).is_err(), "{nameless}");
        }
    }
}
