//! Deleting files and folders, one or several.

use crate::batch::text;
use crate::list::wrapped;
use crate::tree::walk;
use crate::words::{CONTENT_ONLY, FORCE, NO_CHECK};
use crate::{Failure, FilePath, FileService};
use contract::{Map, Problem, Request, Response, Value, Verb};
use serde_json::json;

impl FileService {
    /// Answers a DELETE of a file.
    pub(crate) async fn delete_file(&self, path: &FilePath, request: &Request) -> Result<Response, Problem> {
        self.remove_file(path, request).await?;
        Ok(Response::value(
            json!({"name": path.name(), "path": path.as_str()}),
        ))
    }

    /// Answers a DELETE of a folder, of its content, or of a list of what is in it.
    pub(crate) async fn delete_folder(
        &self,
        folder: &FilePath,
        request: &Request,
    ) -> Result<Response, Problem> {
        if let Some(list) = self.sent_list(request).await? {
            return self.delete_all(folder, list, request).await;
        }
        if folder.is_root() {
            return Err(Problem::bad_request("No resources given for delete."));
        }
        self.remove_folder(folder, request).await?;
        Ok(Response::value(
            json!({"name": folder.name(), "path": folder.folder()}),
        ))
    }

    async fn delete_all(
        &self,
        folder: &FilePath,
        list: Vec<Value>,
        request: &Request,
    ) -> Result<Response, Problem> {
        let empty = Map::new();
        let fields = |entry: &'_ Value| entry.as_object().cloned().unwrap_or_else(|| empty.clone());
        let list: Vec<Map<String, Value>> = list.iter().map(fields).collect();
        let is_named = |entry: &Map<String, Value>| text(entry, "path").or(text(entry, "name")).is_some();
        if !list.iter().all(is_named) {
            return Err(Problem::bad_request("No path or name provided for resource."));
        }
        let mut answers = Vec::with_capacity(list.len());
        for entry in list {
            let field = |name: &str| entry.get(name).cloned().unwrap_or_default();
            let mut answer = json!({"name": field("name"), "path": field("path"), "type": field("type")});
            if let Err(problem) = self.delete_one(folder, &entry, request).await {
                answer["error"] = json!({"message": problem.message});
            }
            answers.push(answer);
        }
        Ok(Response::value(wrapped(request, self, answers)))
    }

    async fn delete_one(
        &self,
        folder: &FilePath,
        entry: &Map<String, Value>,
        request: &Request,
    ) -> Result<(), Problem> {
        let (named, path) = match text(entry, "path") {
            Some(path) => (path, FilePath::parse(path)?),
            None => {
                let name = text(entry, "name").unwrap_or_default();
                (name, folder.join(name)?)
            }
        };
        if path.is_root() {
            return Err(Problem::bad_request("The root folder cannot be deleted."));
        }
        request.permit(path.as_str(), Verb::Delete)?;
        match text(entry, "type") {
            Some("folder") => self.remove_folder(&path, request).await,
            None if named.ends_with('/') => self.remove_folder(&path, request).await,
            _ => self.remove_file(&path, request).await,
        }
    }

    async fn remove_file(&self, path: &FilePath, request: &Request) -> Result<(), Problem> {
        let missing = || Problem::not_found(format!("File '{path}' was not found."));
        let found = self.store.stat(path).await?;
        let removed = match found.filter(|found| !found.is_folder()) {
            Some(_) => self.store.remove_file(path).await,
            None => Err(Failure::Missing),
        };
        match removed {
            Err(Failure::Missing) if request.flag(&NO_CHECK) => Ok(()),
            Err(Failure::Missing) => Err(missing()),
            done => Ok(done?),
        }
    }

    /// Removes a folder, or only what is in it. One that is missing is as good as removed.
    async fn remove_folder(&self, folder: &FilePath, request: &Request) -> Result<(), Problem> {
        let Some(found) = self.store.stat(folder).await? else {
            return Ok(());
        };
        if !found.is_folder() {
            return Err(Problem::not_found(format!(
                "Folder '{}' does not exist in storage.",
                folder.folder()
            )));
        }
        if found.is_link {
            return Ok(self.store.remove_file(folder).await?);
        }
        let keep = request.flag(&CONTENT_ONLY);
        if keep || request.flag(&FORCE) {
            self.empty_folder(folder, request).await?;
        }
        match keep {
            true => Ok(()),
            false => ignoring_missing(self.store.remove_folder(folder).await),
        }
    }

    /// Removes all that is in a folder; nothing of it when the caller may not remove some of it.
    pub(crate) async fn empty_folder(&self, folder: &FilePath, request: &Request) -> Result<(), Problem> {
        let items = walk(&*self.store, folder, u64::MAX).await?;
        for item in &items {
            request.permit(item.path.as_str(), Verb::Delete)?;
        }
        for item in items.iter().rev() {
            ignoring_missing(match item.found.is_folder() && !item.found.is_link {
                true => self.store.remove_folder(&item.path).await,
                false => self.store.remove_file(&item.path).await,
            })?;
        }
        Ok(())
    }
}

/// Somebody else was faster.
fn ignoring_missing(done: Result<(), Failure>) -> Result<(), Problem> {
    match done {
        Ok(()) | Err(Failure::Missing) => Ok(()),
        Err(failure) => Err(failure.into()),
    }
}
