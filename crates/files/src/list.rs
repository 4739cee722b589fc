//! Reading folders: lists, properties, and the components that roles can grant.

use crate::media::{self, HEAD};
use crate::tree::{Item, children, walk};
use crate::words::{
    AS_ACCESS_LIST, AS_LIST, FIELDS, FULL_TREE, ID_FIELD, INCLUDE_FILES, INCLUDE_FOLDERS, INCLUDE_PROPERTIES,
    SEARCH, ZIP,
};
use crate::{FilePath, FileService, Found};
use bytes::Bytes;
use contract::{Map, Problem, Request, Response, Value, Word, truthy};
use futures_util::TryStreamExt;
use serde_json::json;
use std::borrow::Cow;
use std::time::SystemTime;

impl FileService {
    /// Answers a read of a folder.
    pub(crate) async fn read_folder(
        &self,
        folder: &FilePath,
        request: &Request,
    ) -> Result<Response, Problem> {
        if folder.is_root() && request.flag(&AS_ACCESS_LIST) {
            return self.access_list(request).await;
        }
        self.folder(folder).await?;
        if request.flag(&ZIP) {
            return self.pack(folder, request).await;
        }
        if request.flag(&INCLUDE_PROPERTIES) {
            let found = self.store.stat(folder).await?;
            return Ok(Response::value(json!({
                "name": folder.name(),
                "path": folder.folder(),
                "last_modified": date(found.and_then(|found| found.modified)),
            })));
        }
        let items = self.wanted_items(folder, request).await?;
        let entries = match request.flag(&AS_LIST) {
            true => items.iter().map(|item| named(item, folder, request)).collect(),
            false => self.described(&items, folder, request).await?,
        };
        Ok(Response::value(wrapped(request, self, entries)))
    }

    /// The files and folders that a list is to hold.
    async fn wanted_items(&self, folder: &FilePath, request: &Request) -> Result<Vec<Item>, Problem> {
        let is_wanted = |word: &Word| request.text(word).is_none_or(|text| truthy(&text));
        let (folders, files) = (is_wanted(&INCLUDE_FOLDERS), is_wanted(&INCLUDE_FILES));
        let search = request.text(&SEARCH).filter(|text| !text.is_empty());
        let search = search.map(|text| text.to_lowercase());
        let mut items = match request.flag(&FULL_TREE) {
            true => walk(&*self.store, folder, self.settings.max_records_returned).await?,
            false => children(&*self.store, folder).await?,
        };
        items.retain(|item| {
            let kind = if item.found.is_folder() { folders } else { files };
            let found = search.as_ref();
            let found = found.is_none_or(|text| item.found.name.to_lowercase().contains(text));
            kind && found && item.is_shown()
        });
        Ok(items)
    }

    async fn described(
        &self,
        items: &[Item],
        folder: &FilePath,
        request: &Request,
    ) -> Result<Vec<Value>, Problem> {
        let fields = request.list(&FIELDS).unwrap_or_default();
        let all = fields.is_empty() || fields.iter().any(|field| field == "*");
        let is_wanted = |field: &str| all || fields.iter().any(|wanted| wanted == field);
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            let mut entry = Map::new();
            entry.insert("path".into(), json!(item.shown()));
            if let Some(length) = item.found.length() {
                if is_wanted("content_type") {
                    entry.insert(
                        "content_type".into(),
                        json!(self.media(&item.path, &item.found).await?),
                    );
                }
                entry.insert("last_modified".into(), date(item.found.modified));
                entry.insert("content_length".into(), json!(length));
            } else {
                entry.insert("last_modified".into(), date(item.found.modified));
            }
            entry.insert("name".into(), json!(item.path.below(folder)));
            entry.insert("type".into(), json!(kind(&item.found)));
            entry.retain(|field, _| is_wanted(field));
            entries.push(Value::Object(entry));
        }
        Ok(entries)
    }

    /// The root and every folder, each with its wildcard: what roles can grant.
    async fn access_list(&self, request: &Request) -> Result<Response, Problem> {
        let items = walk(
            &*self.store,
            &FilePath::root(),
            self.settings.max_records_returned,
        )
        .await?;
        let folders = items.iter().filter(|item| item.found.is_folder());
        let folders = folders.map(|item| item.path.folder());
        let components = std::iter::once(String::new()).chain(folders);
        let list = components.flat_map(|path| [json!(path), json!(format!("{path}*"))]);
        Ok(Response::value(wrapped(request, self, list.collect())))
    }

    /// The media type of a file.
    pub(crate) async fn media(&self, path: &FilePath, found: &Found) -> Result<&'static str, Problem> {
        let length = found.length().unwrap_or_default();
        if let Some(media) = media::by_name(path.name(), length) {
            return Ok(media);
        }
        let head = self.store.read(path, 0, length.min(HEAD)).await?;
        let pieces: Vec<Bytes> = head.try_collect().await?;
        Ok(media::by_content(&pieces.concat()))
    }
}

/// An entry of `as_list`.
fn named(item: &Item, folder: &FilePath, request: &Request) -> Value {
    let field = request.text(&ID_FIELD).unwrap_or(Cow::Borrowed("path"));
    match &*field {
        "name" => json!(item.path.below(folder)),
        "type" => json!(kind(&item.found)),
        "content_length" => json!(item.found.length()),
        "last_modified" => date(item.found.modified),
        _ => json!(item.shown()),
    }
}

/// `folder` or `file`.
pub(crate) fn kind(found: &Found) -> &'static str {
    if found.is_folder() { "folder" } else { "file" }
}

/// A time as HTTP writes it; null where none is known.
pub(crate) fn date(time: Option<SystemTime>) -> Value {
    time.map_or(Value::Null, |time| json!(httpdate::fmt_http_date(time)))
}

/// A list as clients get it.
pub(crate) fn wrapped(request: &Request, service: &FileService, list: Vec<Value>) -> Value {
    match request.wrapper(&service.settings) {
        Some(wrapper) => Value::Object(Map::from_iter([(wrapper.to_owned(), Value::Array(list))])),
        None => Value::Array(list),
    }
}
