//! A file on its way in: written under a name of its own beside where it goes, and put there when it is complete.

use crate::fault::Fault;
use crate::link::{Link, Open};
use bytes::Bytes;
use contract::ByteStream;
use files::{Existing, Failure, temporary_name};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use std::sync::Arc;

/// Bytes in one step, which every server takes, and steps that are on their way at once.
const PART: usize = 32 * 1024;
const AHEAD: usize = 16;

/// A file on its way in. When it is dropped before its end, nothing is left of it.
pub(crate) struct Upload {
    file: Open,
    temporary: Temporary,
}

/// The file beside, which is removed unless it has found its place.
struct Temporary {
    link: Arc<Link>,
    path: String,
    is_placed: bool,
}

impl Upload {
    /// Begins a file in a folder, which is named as the server resolves it.
    pub(crate) async fn begin(link: Arc<Link>, folder: &str) -> Result<Upload, Fault> {
        let path = format!("{folder}/{}", temporary_name()?);
        let place = link.place().await?;
        let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE;
        let opened = link
            .sftp
            .open(path.as_str(), flags, FileAttributes::empty())
            .await?;
        Ok(Upload {
            file: Open::new(&link, opened.handle, place),
            temporary: Temporary {
                link,
                path,
                is_placed: false,
            },
        })
    }

    /// The connection that it goes over.
    pub(crate) fn link(&self) -> Arc<Link> {
        Arc::clone(&self.file.link)
    }

    /// Writes what comes, and tells its length.
    pub(crate) async fn fill(&self, mut content: ByteStream) -> Result<u64, Fault> {
        let mut length = 0;
        let mut on_their_way = FuturesUnordered::new();
        while let Some(piece) = content.next().await {
            let mut piece = piece?;
            while !piece.is_empty() {
                if on_their_way.len() == AHEAD
                    && let Some(done) = on_their_way.next().await
                {
                    let () = done?;
                }
                let part = piece.split_to(piece.len().min(PART));
                let offset = length;
                length += part.len() as u64;
                on_their_way.push(self.put(offset, part));
            }
        }
        while let Some(done) = on_their_way.next().await {
            done?;
        }
        Ok(length)
    }

    async fn put(&self, offset: u64, part: Bytes) -> Result<(), Fault> {
        let handle = self.file.handle.as_str();
        let written = self.file.link.sftp.write(handle, offset, part.into()).await;
        Ok(written.map(drop)?)
    }

    /// Puts the file where it goes.
    pub(crate) async fn finish(self, target: &str, existing: Existing) -> Result<(), Fault> {
        let Upload { file, mut temporary } = self;
        let link = Arc::clone(&file.link);
        link.sync(&file.handle).await?;
        file.close().await?;
        place(&link, &temporary.path, target, existing).await?;
        temporary.is_placed = true;
        Ok(())
    }
}

/// Renames a file. Renaming in one step is what servers do that know how to replace; with others, a file that is
/// replaced is missing for a moment.
pub(crate) async fn place(link: &Link, from: &str, to: &str, existing: Existing) -> Result<(), Fault> {
    let keeps = existing == Existing::Keep;
    if keeps && link.look(to).await?.is_some() {
        return Err(Failure::Exists.into());
    }
    let renamed = match keeps || !link.replaces() {
        true => link.sftp.rename(from, to).await.map(drop).map_err(Fault::from),
        false => link.replace(from, to).await,
    };
    let fault = match renamed {
        Err(fault) if fault.code() == Some(StatusCode::Failure) => fault,
        done => return done,
    };
    // The server has one word for many things.
    match link.look(to).await? {
        None => Err(fault),
        Some(there) if keeps || there.is_dir() || link.replaces() => Err(Failure::Exists.into()),
        Some(_) => {
            link.sftp.remove(to).await?;
            Ok(link.sftp.rename(from, to).await.map(drop)?)
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if self.is_placed {
            return;
        }
        let (link, path) = (Arc::clone(&self.link), std::mem::take(&mut self.path));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // What cannot be removed now is removed with its folder.
                let _ = link.sftp.remove(path).await;
            });
        }
    }
}
