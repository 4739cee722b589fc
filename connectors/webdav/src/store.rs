//! The store: each step is one or a few calls.

use crate::client::{Client, PATIENCE};
use crate::fault::Fault;
use crate::placing::Placing;
use crate::upload::Upload;
use async_trait::async_trait;
use bytes::Bytes;
use contract::{ByteStream, Problem, Tried};
use files::{Existing, Failure, FilePath, Found, Store, is_temporary};
use futures_util::stream;
use reqwest::Response;
use serde_json::json;
use std::sync::Arc;
use tokio::time::timeout;

/// A folder of a server as a store.
pub(crate) struct WebDav {
    client: Arc<Client>,
    placing: Placing,
}

impl WebDav {
    pub(crate) fn new(client: Client) -> WebDav {
        WebDav {
            client: Arc::new(client),
            placing: Placing::default(),
        }
    }
}

#[async_trait]
impl Store for WebDav {
    async fn list(&self, folder: &FilePath) -> Result<Vec<Found>, Failure> {
        let mut found = match self.client.list(folder).await.map_err(Failure::from) {
            Err(Failure::Missing) if folder.is_root() => return Err(no_root()),
            found => found?,
        };
        found.retain(|found| !is_temporary(&found.name));
        Ok(found)
    }

    async fn stat(&self, path: &FilePath) -> Result<Option<Found>, Failure> {
        match self.placing.settled(|| self.client.stat(path)).await? {
            None if path.is_root() => Err(no_root()),
            found => Ok(found),
        }
    }

    async fn read(&self, file: &FilePath, offset: u64, length: u64) -> Result<ByteStream, Failure> {
        if length == 0 {
            return Ok(ByteStream::whole(Bytes::new()));
        }
        // A part at the beginning is asked for as one, too: nobody wants all of a large file for its first bytes.
        let opened = self
            .placing
            .settled(|| self.client.open(file, offset, length, true));
        let (answer, before) = opened.await?.ok_or(Failure::Missing)?;
        let reading = Reading {
            answer,
            before,
            left: length,
        };
        Ok(ByteStream::new(stream::try_unfold(reading, Reading::next)))
    }

    async fn write(&self, file: &FilePath, content: ByteStream, existing: Existing) -> Result<u64, Failure> {
        if is_temporary(file.name()) {
            return Err(Failure::Refused);
        }
        let upload = Upload::beside(&self.client, file)?;
        let length = match self.client.put(&upload.temporary, content).await {
            Ok(length) => length,
            Err(fault @ Fault::Answer(_)) => return Err(self.unless_missing(&file.parent(), fault).await),
            Err(fault) => return Err(fault.into()),
        };
        upload.place(&self.placing, file, existing).await?;
        Ok(length)
    }

    async fn make_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        Ok(self.client.make_folder(folder).await?)
    }

    async fn remove_file(&self, file: &FilePath) -> Result<(), Failure> {
        let removed = self.placing.settled(|| self.client.remove_file(file));
        removed.await?.ok_or(Failure::Missing)
    }

    async fn remove_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        // Servers remove folders with all that is in them; what lost connections left may go.
        let left = self.client.list(folder).await?;
        if left.iter().any(|found| !is_temporary(&found.name)) {
            return Err(Failure::NotEmpty);
        }
        Ok(self.client.remove_folder(folder).await?)
    }

    async fn rename(&self, from: &FilePath, to: &FilePath) -> Result<(), Failure> {
        let _turn = self.placing.turn().await;
        let found = self.client.stat(from).await?.ok_or(Failure::Missing)?;
        let there = self.client.stat(to).await?;
        if there.is_some_and(|there| there.is_folder() || found.is_folder()) {
            return Err(Failure::Exists);
        }
        Ok(self.client.rename(&found, from, to, true).await?)
    }

    async fn copy(&self, from: &FilePath, _: u64, to: &FilePath, existing: Existing) -> Result<(), Failure> {
        let upload = Upload::beside(&self.client, to)?;
        let copied = self.placing.settled(|| self.client.copy(from, &upload.temporary));
        match copied.await {
            Err(fault @ Fault::Answer(_)) => return Err(self.unless_missing(&to.parent(), fault).await),
            copied => copied?.ok_or(Failure::Missing)?,
        }
        Ok(upload.place(&self.placing, to, existing).await?)
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        let trial = Upload::beside(&self.client, &FilePath::root()).map_err(Failure::from)?;
        let tried = match self.client.stat(&FilePath::root()).await {
            Ok(Some(found)) if found.is_folder() => self
                .client
                .put(&trial.temporary, ByteStream::whole(Bytes::new()))
                .await
                .map(drop),
            Ok(_) => Err(no_root().into()),
            Err(fault) => Err(fault),
        };
        tried.map(|()| Tried::default()).map_err(|fault| {
            let field = match &fault {
                Fault::Login => "config.username",
                Fault::Unreachable(_) | Fault::Odd(_) => "config.base_uri",
                Fault::Answer(_) | Fault::Failed(_) => "config.container",
            };
            let problem = match Failure::from(fault) {
                Failure::Refused => Problem::bad_request("The root folder cannot be written by the server."),
                failure => failure.into(),
            };
            let about = json!({field: [problem.message]});
            problem.with_context(about)
        })
    }
}

impl WebDav {
    /// Why something could not be written into a folder: because it is missing, or as the server says. Servers have
    /// several answers for the first.
    async fn unless_missing(&self, folder: &FilePath, fault: Fault) -> Failure {
        match self.client.stat(folder).await {
            Ok(Some(found)) if found.is_folder() => fault.into(),
            Ok(_) => Failure::Missing,
            Err(other) => other.into(),
        }
    }
}

fn no_root() -> Failure {
    let sentence = "The root folder of the storage does not exist on its server.";
    Failure::Problem(Problem::unavailable(sentence))
}

/// A file on its way out.
struct Reading {
    answer: Response,
    /// Bytes that come before what is wanted, from servers that know no parts.
    before: u64,
    left: u64,
}

impl Reading {
    /// The next piece, and what comes after it.
    async fn next(mut self) -> Result<Option<(Bytes, Reading)>, Problem> {
        while self.left > 0 {
            let read = match timeout(PATIENCE, self.answer.chunk()).await {
                Ok(read) => read.map_err(Fault::from),
                Err(e) => Err(Fault::Unreachable(e.into())),
            };
            let piece = read.map_err(|fault| Problem::from(Failure::from(fault)))?;
            let mut piece =
                piece.ok_or_else(|| Problem::internal("a file became shorter while it was read"))?;
            let skipped = usize::try_from(self.before).map_or(piece.len(), |before| before.min(piece.len()));
            self.before -= skipped as u64;
            let mut piece = piece.split_off(skipped);
            piece.truncate(usize::try_from(self.left).unwrap_or(usize::MAX));
            if !piece.is_empty() {
                self.left -= piece.len() as u64;
                return Ok(Some((piece, self)));
            }
        }
        Ok(None)
    }
}
