//! Lists of files and folders that are made in one call. What fails is told in its place, and the others go on.

use crate::list::wrapped;
use crate::upload::existing;
use crate::{FilePath, FileService};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{ByteStream, Map, Problem, Request, Response, Value, truthy};
use serde_json::json;

/// What an entry of a list wants.
struct Entry<'a> {
    fields: &'a Map<String, Value>,
    is_folder: bool,
    source: Option<&'a str>,
}

impl<'a> Entry<'a> {
    /// `None` for what is neither a folder nor a file with content or a source: such entries are passed over.
    fn of(value: &'a Value) -> Option<Entry<'a>> {
        let fields = value.as_object()?;
        let source = text(fields, "source_path");
        let is_folder = match text(fields, "type")? {
            "folder" => true,
            "file" if source.is_some() || fields.contains_key("content") => false,
            _ => return None,
        };
        Some(Entry {
            fields,
            is_folder,
            source,
        })
    }

    /// Where it goes: to its path, or to its name in the folder, or to the name of its source.
    fn target(&self, folder: &FilePath) -> Result<FilePath, Problem> {
        if let Some(path) = text(self.fields, "path") {
            return FilePath::parse(path);
        }
        let target = match (text(self.fields, "name"), self.source) {
            (Some(name), _) => folder.join(name)?,
            (None, Some(source)) => folder.join(FilePath::parse(source)?.name())?,
            (None, None) => folder.clone(),
        };
        match target == *folder {
            true => Err(Problem::bad_request("No path or name provided for resource.")),
            false => Ok(target),
        }
    }

    /// The content of a file: text unless it says that it is in base64. Values that are no text are kept as JSON.
    fn content(&self) -> Result<Vec<u8>, Problem> {
        let text = match self.fields.get("content") {
            Some(Value::String(text)) => text.clone(),
            None | Some(Value::Null) => String::new(),
            Some(value) => value.to_string(),
        };
        match flag(self.fields, "is_base64") {
            false => Ok(text.into_bytes()),
            true => STANDARD
                .decode(text.trim())
                .map_err(|e| Problem::bad_request("The content is not base64.").with_source(e)),
        }
    }
}

impl FileService {
    /// Answers a list of what is to be made in a folder: 201, whatever becomes of the entries.
    pub(crate) async fn create_all(
        &self,
        folder: &FilePath,
        list: Vec<Value>,
        request: &Request,
    ) -> Result<Response, Problem> {
        let mut answers = Vec::with_capacity(list.len());
        for entry in list.iter().filter_map(Entry::of) {
            answers.push(match self.create(folder, &entry, request).await {
                Ok(made) => made,
                Err(problem) => failed(&entry, &problem),
            });
        }
        Ok(Response::created(wrapped(request, self, answers)))
    }

    async fn create(
        &self,
        folder: &FilePath,
        entry: &Entry<'_>,
        request: &Request,
    ) -> Result<Value, Problem> {
        let target = entry.target(folder)?;
        request.permit(target.as_str(), request.verb)?;
        match (entry.source, entry.is_folder) {
            (Some(source), is_folder) => {
                let source = FilePath::parse(source)?;
                let moves = flag(entry.fields, "delete_source");
                match is_folder {
                    true => self.transfer_folder(&source, &target, moves, request).await?,
                    false => self.transfer_file(&source, &target, moves, request).await?,
                }
            }
            (None, true) => self.make_folder(&target).await?,
            (None, false) => {
                let content = ByteStream::whole(entry.content()?.into());
                self.store_file(&target, content, existing(request)).await?;
            }
        }
        let (path, kind) = match entry.is_folder {
            true => (target.folder(), "folder"),
            false => (target.as_str().to_owned(), "file"),
        };
        Ok(json!({"name": target.name(), "path": path, "type": kind}))
    }
}

/// An entry as it was sent, with the sentence of what went wrong.
fn failed(entry: &Entry<'_>, problem: &Problem) -> Value {
    if problem.status() >= 500 {
        tracing::error!(problem = %problem, source = ?problem.source, "an entry of a list of files failed");
    }
    let field = |name: &str| entry.fields.get(name).cloned().unwrap_or_default();
    json!({
        "name": field("name"),
        "path": field("path"),
        "type": field("type"),
        "error": {"message": problem.message},
    })
}

/// Text that is not empty.
pub(crate) fn text<'v>(fields: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    let text = fields.get(name).and_then(Value::as_str);
    text.filter(|text| !text.is_empty())
}

fn flag(fields: &Map<String, Value>, name: &str) -> bool {
    match fields.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => truthy(text),
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        _ => false,
    }
}
