//! What a store of files does. Everything that clients see is made of these few steps.

use crate::FilePath;
use async_trait::async_trait;
use contract::{ByteStream, Kind, Problem, Tried};
use std::error::Error;
use std::time::SystemTime;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundKind {
    /// A folder.
    Folder,
    /// A file.
    File {
        /// Bytes.
        length: u64,
    },
    /// A link that leads nowhere, or out of the store. It can be removed, and is not shown.
    Broken,
}

/// Something in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its own name.
    pub name: String,
    /// What it is; of a link what it leads to.
    pub kind: FoundKind,
    /// Whether it is a link: nobody walks through one, and removing it leaves alone what it leads to.
    pub is_link: bool,
    /// When it was last changed, where that is known.
    pub modified: Option<SystemTime>,
}

impl Found {
    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == FoundKind::Folder
    }

    /// Bytes of a file.
    pub fn length(&self) -> Option<u64> {
        match self.kind {
            FoundKind::File { length } => Some(length),
            _ => None,
        }
    }
}

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced.
    Replace,
    /// It stays, and the write fails with [`Failure::Exists`].
    Keep,
}

/// Why a store could not do something.
#[derive(Debug)]
pub enum Failure {
    /// There is nothing at the path, or its folder is missing.
    Missing,
    /// There is something already.
    Exists,
    /// The folder is not empty.
    NotEmpty,
    /// The path leads out of the store, or the store may not touch it.
    Refused,
    /// There is no room left.
    Full(Box<dyn Error + Send + Sync>),
    /// The store cannot be reached; trying again makes sense.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// What should have been written could not be read, or the store has a sentence of its own.
    Problem(Problem),
    /// Anything else, for the log.
    Other(Box<dyn Error + Send + Sync>),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(problem)
    }
}

impl From<Failure> for Problem {
    /// The sentence where the caller has no better one. Never names where the store lies.
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Missing => Problem::not_found("The file or folder was not found in storage."),
            Failure::Exists => Problem::new(Kind::Conflict, "The file or folder already exists."),
            Failure::NotEmpty => {
                Problem::bad_request("Directory not empty, can not delete without force option.")
            }
            Failure::Refused => Problem::forbidden("The storage refuses access to this path."),
            Failure::Full(source) => Problem::unavailable("The storage is full.").with_source(source),
            Failure::Unavailable(source) => {
                Problem::unavailable("The storage cannot be reached.").with_source(source)
            }
            Failure::Problem(problem) => problem,
            Failure::Other(source) => Problem::internal(source),
        }
    }
}

/// A store of files. Paths are checked before they come here; a store still makes sure itself that links do not lead
/// out of its root.
#[async_trait]
pub trait Store: Send + Sync {
    /// What lies in a folder, in any order. The root always exists.
    async fn list(&self, folder: &FilePath) -> Result<Vec<Found>, Failure>;

    /// What stands at a path; `None` when nothing does.
    async fn stat(&self, path: &FilePath) -> Result<Option<Found>, Failure>;

    /// Reads `length` bytes of a file from `offset`. A file that has become shorter ends the stream with a problem.
    async fn read(&self, file: &FilePath, offset: u64, length: u64) -> Result<ByteStream, Failure>;

    /// Writes a file whose folder exists, and tells its length. Nobody sees it before all of it has come; when it does
    /// not come, or the future is dropped, everything is as it was before.
    async fn write(&self, file: &FilePath, content: ByteStream, existing: Existing) -> Result<u64, Failure>;

    /// Makes a folder in a folder that exists.
    async fn make_folder(&self, folder: &FilePath) -> Result<(), Failure>;

    /// Removes a file, or a link.
    async fn remove_file(&self, file: &FilePath) -> Result<(), Failure>;

    /// Removes a folder that is empty.
    async fn remove_folder(&self, folder: &FilePath) -> Result<(), Failure>;

    /// Gives a file or a folder with all that is in it another path; what a file replaces is gone.
    async fn rename(&self, from: &FilePath, to: &FilePath) -> Result<(), Failure>;

    /// Copies a file of `length` bytes. A store that can do so without moving the bytes does.
    async fn copy(
        &self,
        from: &FilePath,
        length: u64,
        to: &FilePath,
        existing: Existing,
    ) -> Result<(), Failure> {
        let content = self.read(from, 0, length).await?;
        self.write(to, content, existing).await.map(|_| ())
    }

    /// Tries the store, for those who set it up; see [`contract::Service::try_connection`].
    async fn try_connection(&self) -> Result<Tried, Problem>;
}
