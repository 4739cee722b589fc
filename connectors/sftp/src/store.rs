//! The store: each step is one or a few questions to the server.

use crate::fault::Fault;
use crate::link::{Connection, Link, Open};
use crate::upload::{self, Upload};
use async_trait::async_trait;
use bytes::Bytes;
use contract::{ByteStream, Kind, Problem, Tried};
use files::{Existing, Failure, FilePath, Found, FoundKind, Store, is_temporary};
use futures_util::{StreamExt, TryStreamExt, stream};
use russh_sftp::protocol::{FileAttributes, FileType, OpenFlags, StatusCode};
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// Bytes in one question, and questions that are on their way at once.
const PART: u64 = 32 * 1024;
const AHEAD: usize = 16;
/// Most names in a folder: they are in memory together.
const MOST_NAMES: usize = 200_000;

/// A folder of a server as a store.
pub(crate) struct Sftp {
    connection: Connection,
}

impl Sftp {
    pub(crate) fn new(connection: Connection) -> Sftp {
        Sftp { connection }
    }
}

#[async_trait]
impl Store for Sftp {
    async fn list(&self, folder: &FilePath) -> Result<Vec<Found>, Failure> {
        let names = self.connection.with(|link| async move {
            let path = link.followed(folder.as_str()).await?;
            let entries = entries(&link, &path).await?;
            let shown = entries.into_iter().filter(|(name, _)| !is_temporary(name));
            let found = shown.map(|(name, about)| {
                let link = Arc::clone(&link);
                // Links are followed from the root, not from here.
                let whole = format!("{}{name}", folder.folder());
                async move { found(&link, &whole, name, &about).await }
            });
            stream::iter(found).buffered(AHEAD).try_collect().await
        });
        names.await
    }

    async fn stat(&self, path: &FilePath) -> Result<Option<Found>, Failure> {
        let looked = self.connection.with(|link| async move {
            if path.is_root() {
                let about = link.sftp.stat(link.followed("").await? + "/").await?;
                return Ok(Some(told(String::new(), &about.attrs, false)));
            }
            let place = match place(&link, path).await {
                Err(fault) if fault.code() == Some(StatusCode::NoSuchFile) => return Ok(None),
                place => place?,
            };
            match link.look(&place).await? {
                Some(about) => {
                    let name = path.name().to_owned();
                    found(&link, path.as_str(), name, &about).await.map(Some)
                }
                None => Ok(None),
            }
        });
        looked.await
    }

    async fn read(&self, file: &FilePath, offset: u64, length: u64) -> Result<ByteStream, Failure> {
        let open = self.connection.with(|link| async move {
            let path = link.followed(file.as_str()).await?;
            let place = link.place().await?;
            let opened = link
                .sftp
                .open(path, OpenFlags::READ, FileAttributes::empty())
                .await?;
            Ok(Arc::new(Open::new(&link, opened.handle, place)))
        });
        let open = open.await?;
        let count = length.div_ceil(PART);
        let parts = (0..count).map(move |number| {
            let begin = offset + number * PART;
            let part = PART.min(offset + length - begin);
            read_part(Arc::clone(&open), begin, part)
        });
        Ok(ByteStream::new(stream::iter(parts).buffered(AHEAD)))
    }

    async fn write(&self, file: &FilePath, content: ByteStream, existing: Existing) -> Result<u64, Failure> {
        if is_temporary(file.name()) {
            return Err(Failure::Refused);
        }
        let begun = self.connection.with(|link| async move {
            let folder = link.followed(file.parent().as_str()).await?;
            let target = format!("{folder}/{}", file.name());
            Ok((Upload::begin(link, &folder).await?, target))
        });
        let (upload, target) = begun.await?;
        let link = upload.link();
        let stored = async {
            let length = upload.fill(content).await?;
            upload.finish(&target, existing).await?;
            Ok(length)
        };
        link.noted(stored.await)
    }

    async fn make_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        let made = self.connection.once(|link| async move {
            let path = place(&link, folder).await?;
            match link
                .sftp
                .mkdir(path.as_str(), FileAttributes::empty())
                .await
                .map_err(Fault::from)
            {
                Err(fault) if fault.code() == Some(StatusCode::Failure) => match link.look(&path).await? {
                    Some(_) => Err(Failure::Exists.into()),
                    None => Err(fault),
                },
                done => done.map(drop),
            }
        });
        made.await
    }

    async fn remove_file(&self, file: &FilePath) -> Result<(), Failure> {
        let removed = self.connection.once(|link| async move {
            let path = place(&link, file).await?;
            Ok(link.sftp.remove(path).await.map(drop)?)
        });
        removed.await
    }

    async fn remove_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        let removed = self.connection.once(|link| async move {
            let path = place(&link, folder).await?;
            match link.sftp.rmdir(path.as_str()).await.map_err(Fault::from) {
                Err(fault) if fault.code() == Some(StatusCode::Failure) => {
                    let left = remove_leftovers(&link, &path).await?;
                    match left {
                        true => Err(Failure::NotEmpty.into()),
                        false => Ok(link.sftp.rmdir(path).await.map(drop)?),
                    }
                }
                done => done.map(drop),
            }
        });
        removed.await
    }

    async fn rename(&self, from: &FilePath, to: &FilePath) -> Result<(), Failure> {
        let renamed = self.connection.once(|link| async move {
            let (from, to) = (place(&link, from).await?, place(&link, to).await?);
            upload::place(&link, &from, &to, Existing::Replace).await
        });
        renamed.await
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        let (link, _) = self
            .connection
            .link()
            .await
            .map_err(|refusal| refusal.explained())?;
        let tried = match link.followed("").await {
            Ok(root) => Upload::begin(link, &root).await.map(drop),
            Err(fault) => Err(fault),
        };
        tried
            .map(|()| Tried::default())
            .map_err(|fault| match Failure::from(fault) {
                Failure::Refused => Problem::bad_request("The root folder cannot be written by the server."),
                failure => failure.into(),
            })
    }
}

/// Where a path is, as the server resolves the folder that it lies in. Its last name may be a link, and is not followed.
async fn place(link: &Link, path: &FilePath) -> Result<String, Fault> {
    let folder = link.followed(path.parent().as_str()).await?;
    Ok(format!("{folder}/{}", path.name()))
}

/// The names in a folder that can be told, and asked for.
async fn entries(link: &Arc<Link>, path: &str) -> Result<Vec<(String, FileAttributes)>, Fault> {
    let room = link.place().await?;
    let opened = link.sftp.opendir(format!("{path}/")).await?;
    let folder = Open::new(link, opened.handle, room);
    let mut entries = Vec::new();
    loop {
        let part = match link
            .sftp
            .readdir(folder.handle.as_str())
            .await
            .map_err(Fault::from)
        {
            Err(fault) if fault.code() == Some(StatusCode::Eof) => return Ok(entries),
            part => part?.files,
        };
        if entries.len() + part.len() > MOST_NAMES {
            return Err(
                Problem::bad_request(format!("The folder holds more than {MOST_NAMES} names.")).into(),
            );
        }
        let part = part.into_iter().map(|entry| (entry.filename, entry.attrs));
        // What was no UTF-8 has been made that, and is no name any more.
        let is_name =
            |name: &str| !matches!(name, "." | "..") && !name.contains(['/', char::REPLACEMENT_CHARACTER]);
        entries.extend(part.filter(|(name, _)| is_name(name)));
    }
}

/// Removes what lost connections left of uploads in a folder, and tells whether there is anything else.
async fn remove_leftovers(link: &Arc<Link>, path: &str) -> Result<bool, Fault> {
    let entries = entries(link, path).await?;
    if entries.iter().any(|(name, _)| !is_temporary(name)) {
        return Ok(true);
    }
    for (name, _) in entries {
        link.sftp.remove(format!("{path}/{name}")).await?;
    }
    Ok(false)
}

/// What was found at a path below the root; of a link what it leads to.
async fn found(link: &Link, path: &str, name: String, about: &FileAttributes) -> Result<Found, Fault> {
    if about.file_type() != FileType::Symlink {
        return Ok(told(name, about, false));
    }
    // Where it leads out of the root, or nowhere, is not told apart.
    let led = match link.followed(path).await {
        Ok(real) => link.sftp.stat(real).await.map_err(Fault::from),
        Err(fault) => Err(fault),
    };
    match led {
        Ok(about) => Ok(told(name, &about.attrs, true)),
        Err(Fault::Lost(e)) => Err(Fault::Lost(e)),
        Err(_) => Ok(Found {
            name,
            kind: FoundKind::Broken,
            is_link: true,
            modified: None,
        }),
    }
}

fn told(name: String, about: &FileAttributes, is_link: bool) -> Found {
    let kind = match about.file_type() {
        FileType::Dir => FoundKind::Folder,
        FileType::File => FoundKind::File {
            length: about.size.unwrap_or_default(),
        },
        // Pipes, sockets and devices are no files to anybody here.
        FileType::Symlink | FileType::Other => FoundKind::Broken,
    };
    let modified = about
        .mtime
        .map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds.into()));
    Found {
        name,
        kind,
        is_link,
        modified,
    }
}

/// Reads a part of a file, however little of it the server gives at once.
async fn read_part(file: Arc<Open>, offset: u64, length: u64) -> Result<Bytes, Problem> {
    let shorter = || Problem::internal("a file became shorter while it was read");
    let mut part = Vec::new();
    while (part.len() as u64) < length {
        let left = length - part.len() as u64;
        let wanted = u32::try_from(left).map_err(Problem::internal)?;
        let read = file
            .link
            .sftp
            .read(file.handle.as_str(), offset + part.len() as u64, wanted)
            .await;
        let data = match read.map_err(Fault::from) {
            Ok(data) if data.data.len() as u64 <= left => data.data,
            Ok(_) => {
                return Err(Problem::new(
                    Kind::Internal,
                    "The storage's server gave more than it was asked for.",
                ));
            }
            Err(fault) if fault.code() == Some(StatusCode::Eof) => return Err(shorter()),
            Err(fault) => {
                if matches!(fault, Fault::Lost(_)) {
                    file.link.give_up();
                }
                return Err(Failure::from(fault).into());
            }
        };
        match data.is_empty() {
            true => return Err(shorter()),
            false if part.is_empty() => part = data,
            false => part.extend(data),
        }
    }
    Ok(part.into())
}
