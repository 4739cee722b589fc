//! The store: each step is a few system calls, on a thread that may wait for the disk.

use crate::root::Root;
use crate::upload::{self, Upload};
use async_trait::async_trait;
use bytes::BytesMut;
use cap_std::fs::{Dir, Metadata};
use contract::{ByteStream, Problem, Tried};
use files::{Existing, Failure, FilePath, Found, FoundKind, Store, is_temporary};
use futures_util::stream;
use serde_json::json;
use std::io::{self, SeekFrom};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A folder of the local disk as a store.
#[derive(Debug, Clone)]
pub(crate) struct LocalDisk {
    root: Arc<Root>,
}

impl LocalDisk {
    pub(crate) fn new(root: Root) -> LocalDisk {
        LocalDisk { root: Arc::new(root) }
    }

    /// Does something with the root folder, where it may block.
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Dir) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let root = Arc::clone(&self.root);
        let done = tokio::task::spawn_blocking(move || work(&root.open()?)).await;
        done.unwrap_or_else(|e| Err(Failure::Other(e.into())))
    }

    /// Does something with the root folder and a path.
    async fn at(
        &self,
        path: &FilePath,
        work: impl FnOnce(&Dir, &str) -> io::Result<()> + Send + 'static,
    ) -> Result<(), Failure> {
        let path = path.clone();
        self.with(move |root| work(root, path.as_str()).map_err(failure))
            .await
    }
}

#[async_trait]
impl Store for LocalDisk {
    async fn list(&self, folder: &FilePath) -> Result<Vec<Found>, Failure> {
        let path = folder.clone();
        self.with(move |root| {
            let folder = open_folder(root, &path)?;
            let mut found = Vec::new();
            for entry in folder.entries().map_err(failure)? {
                // A name that is not UTF-8 cannot be told, nor asked for.
                let Ok(name) = entry.map_err(failure)?.file_name().into_string() else {
                    continue;
                };
                if is_temporary(&name) {
                    continue;
                }
                // Links are followed from the root, not from here. What has gone meanwhile is not there.
                let whole = format!("{}{name}", path.folder());
                found.extend(look(root, &whole, name)?);
            }
            Ok(found)
        })
        .await
    }

    async fn stat(&self, path: &FilePath) -> Result<Option<Found>, Failure> {
        let path = path.clone();
        self.with(move |root| match path.is_root() {
            true => {
                let about = root.dir_metadata().map_err(failure)?;
                Ok(Some(found(String::new(), &about, false)))
            }
            false => look(root, path.as_str(), path.name().to_owned()),
        })
        .await
    }

    async fn read(&self, file: &FilePath, offset: u64, length: u64) -> Result<ByteStream, Failure> {
        let path = file.clone();
        let file = self
            .with(move |root| root.open(path.as_str()).map_err(failure))
            .await?;
        let mut file = tokio::fs::File::from_std(file.into_std());
        if offset > 0 {
            file.seek(SeekFrom::Start(offset)).await.map_err(failure)?;
        }
        Ok(ByteStream::new(stream::try_unfold(
            (file, length),
            |(mut file, left)| async move {
                if left == 0 {
                    return Ok(None);
                }
                let most = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
                let mut piece = BytesMut::with_capacity(most);
                let mut part = (&mut file).take(most as u64);
                let count = part.read_buf(&mut piece).await.map_err(Problem::internal)?;
                if count == 0 {
                    return Err(Problem::internal("a file became shorter while it was read"));
                }
                Ok(Some((piece.freeze(), (file, left - count as u64))))
            },
        )))
    }

    async fn write(&self, file: &FilePath, content: ByteStream, existing: Existing) -> Result<u64, Failure> {
        if is_temporary(file.name()) {
            return Err(Failure::Refused);
        }
        let path = file.clone();
        let upload = self
            .with(move |root| {
                let folder = open_folder(root, &path.parent())?;
                Upload::begin(folder, path.name()).map_err(failure)
            })
            .await?;
        upload.fill(content).await?.finish(existing).await
    }

    async fn make_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        self.at(folder, |root, path| root.create_dir(path)).await
    }

    async fn remove_file(&self, file: &FilePath) -> Result<(), Failure> {
        self.at(file, |root, path| root.remove_file(path)).await
    }

    async fn remove_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        self.at(folder, |root, path| match root.remove_dir(path) {
            Err(e) if e.kind() == io::ErrorKind::DirectoryNotEmpty => {
                // What a crash left of an upload is nobody's.
                upload::remove_leftovers(&root.open_dir(path)?)?;
                root.remove_dir(path)
            }
            done => done,
        })
        .await
    }

    async fn rename(&self, from: &FilePath, to: &FilePath) -> Result<(), Failure> {
        let to = to.clone();
        self.at(from, move |root, from| root.rename(from, root, to.as_str()))
            .await
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        let tried = self.with(|root| {
            let file = Upload::begin(root.try_clone().map_err(failure)?, "trial").map_err(failure)?;
            drop(file);
            Ok(())
        });
        tried.await.map_err(|failure| {
            let problem = match failure {
                Failure::Refused => Problem::bad_request("The root folder cannot be written by the server."),
                failure => failure.into(),
            };
            let about = json!({"config.container": [problem.message]});
            problem.with_context(about)
        })?;
        Ok(Tried::default())
    }
}

fn open_folder(root: &Dir, folder: &FilePath) -> Result<Dir, Failure> {
    let opened = match folder.is_root() {
        true => root.try_clone(),
        false => root.open_dir(folder.as_str()),
    };
    opened.map_err(failure)
}

/// What stands at a path below the root; `None` when nothing does.
fn look(root: &Dir, path: &str, name: String) -> Result<Option<Found>, Failure> {
    let about = match root.symlink_metadata(path) {
        Ok(about) => about,
        Err(e) => {
            return match failure(e) {
                Failure::Missing => Ok(None),
                failure => Err(failure),
            };
        }
    };
    if !about.is_symlink() {
        return Ok(Some(found(name, &about, false)));
    }
    // Where it leads out of the root, or nowhere, is not told apart.
    Ok(Some(match root.metadata(path) {
        Ok(about) => found(name, &about, true),
        Err(_) => Found {
            name,
            kind: FoundKind::Broken,
            is_link: true,
            modified: None,
        },
    }))
}

fn found(name: String, about: &Metadata, is_link: bool) -> Found {
    let kind = if about.is_dir() {
        FoundKind::Folder
    } else if about.is_file() {
        FoundKind::File { length: about.len() }
    } else {
        // Pipes, sockets and devices are no files to anybody here.
        FoundKind::Broken
    };
    Found {
        name,
        kind,
        is_link,
        modified: about.modified().ok().map(cap_std::time::SystemTime::into_std),
    }
}

/// What an error of the system means.
pub(crate) fn failure(e: io::Error) -> Failure {
    use io::ErrorKind;
    match e.kind() {
        // A file in the place of a folder has nothing in it.
        ErrorKind::NotFound | ErrorKind::NotADirectory => Failure::Missing,
        ErrorKind::AlreadyExists | ErrorKind::IsADirectory => Failure::Exists,
        ErrorKind::DirectoryNotEmpty => Failure::NotEmpty,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Failure::Refused,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            Failure::Full(e.into())
        }
        _ => Failure::Other(e.into()),
    }
}
