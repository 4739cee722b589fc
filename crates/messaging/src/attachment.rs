//! Files that a request attaches.

use crate::{Attachment, Surroundings};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use contract::{Kind, Map, Problem, Request, Value};

/// Most files of one mail.
const MOST: usize = 50;
/// Most bytes of all files of one mail: few servers take more.
const MOST_BYTES: usize = 25 << 20;

/// The files of `attachments` (content in base64) and `attachment` (files of file services).
pub(crate) async fn read(
    surroundings: &dyn Surroundings,
    request: &Request,
    data: &Map<String, Value>,
) -> Result<Vec<Attachment>, Problem> {
    let mut files = Files::default();
    for entry in entries(data.get("attachments")) {
        files.add(inline(entry)?)?;
    }
    for entry in entries(data.get("attachment")) {
        let text = |name: &str| entry.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
        let (Some(service), Some(path)) = (text("service"), text("path").or_else(|| text("file_path")))
        else {
            return Err(Problem::bad_request(
                "No service name and file path provided in request.",
            ));
        };
        let file = surroundings.file(request, (service, path), files.left).await?;
        files.add(file)?;
    }
    Ok(files.found)
}

/// Files within the bounds of a mail.
struct Files {
    found: Vec<Attachment>,
    /// Bytes that may still come.
    left: usize,
}

impl Default for Files {
    fn default() -> Files {
        Files {
            found: Vec::new(),
            left: MOST_BYTES,
        }
    }
}

impl Files {
    fn add(&mut self, file: Attachment) -> Result<(), Problem> {
        if self.found.len() == MOST {
            return Err(Problem::bad_request(format!(
                "An e-mail may have at most {MOST} attachments."
            )));
        }
        self.left = self.left.checked_sub(file.bytes.len()).ok_or_else(too_large)?;
        self.found.push(file);
        Ok(())
    }
}

/// The refusal of files that are too large for a mail.
pub fn too_large() -> Problem {
    Problem::new(
        Kind::TooLarge,
        format!("The attachments of an e-mail may have at most {MOST_BYTES} bytes together."),
    )
}

/// The entries of a list, or the one that stands alone.
fn entries(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, one) = match value {
        Some(Value::Array(list)) => (list.as_slice(), None),
        Some(Value::Null) | None => (&[][..], None),
        one => (&[][..], one),
    };
    list.iter().chain(one)
}

fn inline(entry: &Value) -> Result<Attachment, Problem> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let wrong = |what: &str| Problem::bad_request(format!("Each of 'attachments' needs {what}."));
    let name = text("name").map(str::trim).filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| wrong("a 'name'"))?;
    let content = text("content").ok_or_else(|| wrong("its 'content' in base64"))?;
    let bytes = STANDARD
        .decode(content.trim())
        .map_err(|_| wrong("its 'content' in base64"))?;
    Ok(Attachment {
        name: name
            .chars()
            .filter(|c| !c.is_control() && !"/\\\"".contains(*c))
            .collect(),
        media: text("content_type")
            .unwrap_or("application/octet-stream")
            .to_owned(),
        bytes: Bytes::from(bytes),
    })
}
