//! A file on its way in: written under a name of its own beside where it goes, and put there when it is complete.

use crate::disk::failure;
use cap_std::fs::{Dir, File, OpenOptions};
use contract::ByteStream;
use files::{Existing, Failure, is_temporary, temporary_name};
use futures_util::StreamExt;
use std::io;
use tokio::io::AsyncWriteExt;

/// Removes what crashes left in a folder.
pub(crate) fn remove_leftovers(folder: &Dir) -> io::Result<()> {
    for entry in folder.entries()? {
        let name = entry?.file_name();
        if name.to_str().is_some_and(is_temporary) {
            folder.remove_file(name)?;
        }
    }
    Ok(())
}

/// A file on its way in. When it is dropped before its end, nothing is left of it.
#[derive(Debug)]
pub(crate) struct Upload {
    place: Place,
    file: File,
}

/// Where a file is, and where it goes.
#[derive(Debug)]
struct Place {
    folder: Dir,
    temporary: String,
    name: String,
}

impl Upload {
    /// Begins a file in a folder. Blocks.
    pub(crate) fn begin(folder: Dir, name: &str) -> io::Result<Upload> {
        let temporary = temporary_name().map_err(io::Error::other)?;
        let file = folder.open_with(&temporary, OpenOptions::new().write(true).create_new(true))?;
        Ok(Upload {
            place: Place {
                folder,
                temporary,
                name: name.to_owned(),
            },
            file,
        })
    }

    /// Writes what comes, down to the disk.
    pub(crate) async fn fill(self, mut content: ByteStream) -> Result<Filled, Failure> {
        let Upload { place, file } = self;
        let mut file = tokio::fs::File::from_std(file.into_std());
        let mut length = 0;
        while let Some(piece) = content.next().await {
            let piece = piece?;
            file.write_all(&piece).await.map_err(failure)?;
            length += piece.len() as u64;
        }
        file.flush().await.map_err(failure)?;
        // Without this, a power cut could leave the name without the content.
        file.sync_data().await.map_err(failure)?;
        Ok(Filled { place, length })
    }
}

/// A file that has come, but is not yet where it goes.
pub(crate) struct Filled {
    place: Place,
    length: u64,
}

impl Filled {
    /// Puts the file where it goes, and tells its length.
    pub(crate) async fn finish(self, existing: Existing) -> Result<u64, Failure> {
        let Filled { place, length } = self;
        let put = tokio::task::spawn_blocking(move || place.put(existing)).await;
        match put {
            Ok(done) => done.map(|()| length).map_err(failure),
            Err(e) => Err(Failure::Other(e.into())),
        }
    }
}

impl Place {
    /// One step of the system, so that of several who write one name each finds it before or after, never between.
    fn put(&self, existing: Existing) -> io::Result<()> {
        match existing {
            Existing::Replace => self.folder.rename(&self.temporary, &self.folder, &self.name),
            // Unlike renaming, linking replaces nothing.
            Existing::Keep => self.folder.hard_link(&self.temporary, &self.folder, &self.name),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // It is gone already when it was renamed; what cannot be removed now is removed with its folder.
        let _ = self.folder.remove_file(&self.temporary);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use cap_std::ambient_authority;
    use contract::Problem;
    use futures_util::stream;

    fn folder() -> (tempfile::TempDir, Dir) {
        let folder = tempfile::tempdir().unwrap();
        let dir = Dir::open_ambient_dir(folder.path(), ambient_authority()).unwrap();
        (folder, dir)
    }

    async fn write(dir: &Dir, text: &'static str, existing: Existing) -> Result<u64, Failure> {
        let upload = Upload::begin(dir.try_clone().unwrap(), "a.txt").unwrap();
        let content = ByteStream::whole(Bytes::from_static(text.as_bytes()));
        upload.fill(content).await?.finish(existing).await
    }

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn files_come_whole_or_not_at_all() {
        let (folder, dir) = folder();
        assert_eq!(write(&dir, "one", Existing::Keep).await.unwrap(), 3);
        assert!(matches!(
            write(&dir, "two", Existing::Keep).await,
            Err(Failure::Exists)
        ));
        assert_eq!(dir.read_to_string("a.txt").unwrap(), "one");
        write(&dir, "three", Existing::Replace).await.unwrap();
        assert_eq!(dir.read_to_string("a.txt").unwrap(), "three");

        let broken = stream::iter([Ok(Bytes::from_static(b"four")), Err(Problem::bad_request("gone"))]);
        let upload = Upload::begin(dir.try_clone().unwrap(), "a.txt").unwrap();
        assert!(upload.fill(ByteStream::new(broken)).await.is_err());
        drop(Upload::begin(dir.try_clone().unwrap(), "a.txt").unwrap());
        assert_eq!(dir.read_to_string("a.txt").unwrap(), "three");
        assert_eq!(names(&folder), ["a.txt"], "nothing is left beside it");
    }

    #[tokio::test]
    async fn what_a_crash_left_goes_with_its_folder() {
        let (folder, dir) = folder();
        std::mem::forget(Upload::begin(dir.try_clone().unwrap(), "a.txt").unwrap());
        assert!(is_temporary(&names(&folder)[0]));
        remove_leftovers(&dir).unwrap();
        assert!(names(&folder).is_empty());
    }
}
