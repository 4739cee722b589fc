//! The service: what it is made of, and which part of it answers which call.

use crate::endpoints::ENDPOINTS;
use crate::tree::children;
use crate::{Failure, FilePath, Store};
use async_trait::async_trait;
use contract::{
    BuildContext, Caller, Endpoint, Operation, Origin, Problem, Request, Response, Service, Settings, Tried,
    Verb,
};
use outbound::Fetcher;
use std::path::PathBuf;
use std::sync::Arc;

/// A file service over a store.
pub struct FileService {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) settings: Arc<Settings>,
    /// Where archives are laid down while they are unpacked.
    pub(crate) data: PathBuf,
    /// Paths that are public.
    pub(crate) public: Vec<FilePath>,
    pub(crate) fetcher: Fetcher,
}

impl FileService {
    /// A service over a store. What is public stands in the configuration, as `public_path`. Does not look at the store.
    ///
    /// Fails with 500 when TLS cannot be used.
    pub fn new(context: &BuildContext, store: Arc<dyn Store>) -> Result<FileService, Problem> {
        Ok(FileService {
            store,
            settings: Arc::clone(&context.settings),
            data: context.data.clone(),
            public: crate::published::paths(&context.config),
            fetcher: Fetcher::new(&context.settings)?,
        })
    }

    /// The store, for parts of the program that read and write files of a service by themselves. Nobody's rights are
    /// looked at there.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The folder at a path; 404 when there is none.
    pub(crate) async fn folder(&self, path: &FilePath) -> Result<(), Problem> {
        let found = match path.is_root() {
            true => return Ok(()),
            false => self.store.stat(path).await?,
        };
        match found {
            Some(found) if found.is_folder() => Ok(()),
            _ => Err(Problem::not_found(format!(
                "Folder '{}' does not exist in storage.",
                path.folder()
            ))),
        }
    }

    /// Makes a folder, and those that it lies in.
    pub(crate) async fn make_folder(&self, path: &FilePath) -> Result<(), Problem> {
        if path.is_root() {
            return Err(Problem::bad_request("Invalid empty path."));
        }
        self.ensure_folder(&path.parent()).await?;
        self.store
            .make_folder(path)
            .await
            .map_err(|failure| match failure {
                Failure::Exists => {
                    Problem::bad_request(format!("Folder '{}' already exists.", path.folder()))
                }
                failure => failure.into(),
            })
    }

    /// Makes sure that a folder exists.
    pub(crate) async fn ensure_folder(&self, path: &FilePath) -> Result<(), Problem> {
        let mut missing = Vec::new();
        let mut at = path.clone();
        while !at.is_root() && self.store.stat(&at).await?.is_none() {
            let parent = at.parent();
            missing.push(std::mem::replace(&mut at, parent));
        }
        for folder in missing.into_iter().rev() {
            match self.store.make_folder(&folder).await {
                // Somebody else was faster.
                Ok(()) | Err(Failure::Exists) => {}
                Err(failure) => return Err(failure.into()),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Service for FileService {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, caller: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        // Names of folders are for those who may see all of them.
        if !caller.is_unrestricted() {
            return Ok(Vec::new());
        }
        let items = children(&*self.store, &FilePath::root()).await?;
        let folders = items.into_iter().filter(|item| item.found.is_folder());
        Ok(folders.map(|item| item.found.name).collect())
    }

    async fn call(&self, operation: Operation, request: Request) -> Result<Response, Problem> {
        let path = FilePath::parse(&request.path)?;
        let is_file = operation.endpoint.name == "file";
        match operation.verb {
            Verb::Get if is_file => self.download(&path, &request).await,
            Verb::Get => self.read_folder(&path, &request).await,
            Verb::Post | Verb::Put if is_file => self.write_file(&path, &request).await,
            Verb::Post | Verb::Put => self.write_folder(&path, &request).await,
            Verb::Delete if is_file => self.delete_file(&path, &request).await,
            Verb::Delete => self.delete_folder(&path, &request).await,
            _ => {
                let what = match operation.endpoint.name {
                    "root" => "container",
                    name => name,
                };
                Err(Problem::not_implemented(format!(
                    "Updating {what} properties is not implemented for current file system."
                )))
            }
        }
    }

    fn takes_bytes(&self, verb: Verb) -> bool {
        matches!(verb, Verb::Post | Verb::Put | Verb::Patch)
    }

    async fn published(&self, request: Request) -> Option<Result<Response, Problem>> {
        Some(self.read_public(&request).await)
    }

    async fn check(&self) -> Result<(), Problem> {
        let found = self.store.stat(&FilePath::root()).await?;
        found
            .map(drop)
            .ok_or_else(|| Problem::unavailable("The root folder of the storage is missing."))
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        self.store.try_connection().await
    }
}
