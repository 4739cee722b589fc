//! Zip archives that are unpacked into a folder, within bounds. An archive with one bad entry is refused before any is
//! written.

use crate::upload::refused;
use crate::words::CLEAN;
use crate::{Existing, FilePath, FileService, Store};
use bytes::Bytes;
use contract::{ByteStream, Problem, Request, Response};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;
use std::fs::File;
use std::io::{Read, Seek};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use zip::ZipArchive;

/// Entries of an archive.
const MOST_ENTRIES: usize = 10_000;
/// Bytes that every archive may unpack to, and how many times its own size a greater one.
const ALWAYS_UNPACKED: u64 = 4 << 20;
const MOST_RATIO: u64 = 200;
/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// What an archive holds.
struct Entry {
    index: usize,
    path: FilePath,
    is_folder: bool,
}

/// An archive on its way into a folder.
struct Archive {
    zip: ZipArchive<File>,
    /// Bytes that it may still unpack to, whatever it says of its entries' sizes.
    allowed: u64,
}

impl FileService {
    /// Answers an archive that is to be unpacked. The archive itself is not kept.
    pub(crate) async fn unpack(
        &self,
        folder: &FilePath,
        content: ByteStream,
        request: &Request,
    ) -> Result<Response, Problem> {
        let most = self.settings.max_upload_bytes;
        let file = self.laid_down(content).await?;
        let target = folder.clone();
        let opened = tokio::task::spawn_blocking(move || Archive::open(file, &target, most)).await;
        let (archive, entries) = opened.map_err(Problem::internal)??;
        for entry in &entries {
            request.permit(entry.path.as_str(), request.verb)?;
        }
        self.folder(folder).await?;
        if request.flag(&CLEAN) {
            self.empty_folder(folder, request).await?;
        }
        for entry in &entries {
            let needed = match entry.is_folder {
                true => entry.path.clone(),
                false => entry.path.parent(),
            };
            self.ensure_folder(&needed).await?;
        }
        let store = Arc::clone(&self.store);
        let runtime = Handle::current();
        let written = tokio::task::spawn_blocking(move || archive.write(&entries, &store, &runtime)).await;
        written.map_err(Problem::internal)??;
        Ok(Response::created(json!({
            "name": folder.as_str(),
            "path": folder.folder(),
            "type": "file",
        })))
    }

    /// The content as a file without a name, which is gone when nobody reads it any more.
    async fn laid_down(&self, mut content: ByteStream) -> Result<File, Problem> {
        let file = tempfile::tempfile_in(&self.data).map_err(Problem::internal)?;
        let mut file = tokio::fs::File::from_std(file);
        while let Some(piece) = content.try_next().await? {
            file.write_all(&piece).await.map_err(Problem::internal)?;
        }
        file.flush().await.map_err(Problem::internal)?;
        Ok(file.into_std().await)
    }
}

impl Archive {
    /// Opens an archive and looks at all that it says of itself.
    fn open(mut file: File, folder: &FilePath, most: u64) -> Result<(Archive, Vec<Entry>), Problem> {
        let size = file.seek(std::io::SeekFrom::End(0)).map_err(Problem::internal)?;
        let mut zip = ZipArchive::new(file)
            .map_err(|e| Problem::bad_request("Error opening temporary zip file.").with_source(e))?;
        if zip.len() > MOST_ENTRIES {
            return Err(Problem::bad_request(format!(
                "The archive has more than {MOST_ENTRIES} entries."
            )));
        }
        let allowed = ALWAYS_UNPACKED.max(size.saturating_mul(MOST_RATIO)).min(most);
        let mut entries = Vec::with_capacity(zip.len());
        let mut announced = 0_u64;
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(broken)?;
            let name = entry.name().map_err(broken)?.into_owned();
            if entry.encrypted() || entry.is_symlink() {
                return Err(Problem::bad_request(
                    "The archive holds links or encrypted files, which cannot be unpacked.",
                ));
            }
            announced = announced.saturating_add(entry.size());
            entries.push(Entry {
                index,
                path: inside(folder, &name)?,
                is_folder: entry.is_dir(),
            });
        }
        match announced > allowed {
            true => Err(too_much()),
            false => Ok((Archive { zip, allowed }, entries)),
        }
    }

    /// Writes the files, whose folders exist.
    fn write(mut self, entries: &[Entry], store: &Arc<dyn Store>, runtime: &Handle) -> Result<(), Problem> {
        for entry in entries.iter().filter(|entry| !entry.is_folder) {
            let (send, pieces) = mpsc::channel(2);
            let written = runtime.spawn({
                let (store, path) = (Arc::clone(store), entry.path.clone());
                let pieces = stream::unfold(pieces, |mut pieces: mpsc::Receiver<_>| async {
                    let piece = pieces.recv().await?;
                    Some((piece, pieces))
                });
                let content = ByteStream::new(pieces.boxed());
                async move {
                    let written = store.write(&path, content, Existing::Replace).await;
                    written.map_err(|failure| refused(&path, failure))
                }
            });
            if let Err(problem) = self.read(entry.index, &send) {
                // The writer tells of it, unless its own problem came first.
                let _ = send.blocking_send(Err(problem));
            }
            drop(send);
            runtime.block_on(written).map_err(Problem::internal)??;
        }
        Ok(())
    }

    /// Reads an entry, counting what really comes out of it.
    fn read(&mut self, index: usize, send: &mpsc::Sender<Result<Bytes, Problem>>) -> Result<(), Problem> {
        let mut entry = self.zip.by_index(index).map_err(broken)?;
        let mut piece = vec![0; PIECE];
        loop {
            let count = entry.read(&mut piece).map_err(|e| broken(e.into()))?;
            if count == 0 {
                return Ok(());
            }
            self.allowed = self.allowed.checked_sub(count as u64).ok_or_else(too_much)?;
            if send
                .blocking_send(Ok(Bytes::copy_from_slice(&piece[..count])))
                .is_err()
            {
                return Ok(());
            }
        }
    }
}

/// Where an entry goes. Names that lead elsewhere, or would when somebody decodes them once more, refuse the archive.
fn inside(folder: &FilePath, name: &str) -> Result<FilePath, Problem> {
    let refusal = || {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(255).collect();
        Problem::bad_request(format!(
            "Refusing to extract zip entry with traversal in name: {shown}"
        ))
    };
    let lower = name.to_ascii_lowercase();
    let has_drive = name.as_bytes().get(1) == Some(&b':');
    let is_encoded = ["%2e", "%2f", "%5c", "%00"]
        .iter()
        .any(|sign| lower.contains(sign));
    if name.starts_with('/') || has_drive || is_encoded || name.trim_matches('/').is_empty() {
        return Err(refusal());
    }
    folder.join(name).map_err(|_| refusal())
}

fn too_much() -> Problem {
    Problem::bad_request("The archive unpacks to more than is accepted.")
}

fn broken(e: zip::result::ZipError) -> Problem {
    Problem::bad_request("The archive cannot be read.").with_source(e)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_stay_in_the_folder() {
        let folder = FilePath::parse("a").unwrap();
        assert_eq!(inside(&folder, "b/c.txt").unwrap().as_str(), "a/b/c.txt");
        assert_eq!(inside(&folder, "b/").unwrap().as_str(), "a/b");
        for name in [
            "../x",
            "b/../../x",
            "/etc/x",
            "C:\\x",
            "c:x",
            "b\\..\\x",
            "x\0",
            "%2e%2e/x",
            "..%2Fx",
            "/",
            "",
            "a//b",
        ] {
            let refused = inside(&folder, name).unwrap_err();
            assert!(refused.message.starts_with("Refusing to extract"), "{name}");
        }
    }
}
