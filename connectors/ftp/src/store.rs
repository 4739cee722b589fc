//! The store: each step takes a connection, and gives it back.

use crate::config::Server;
use crate::fault::Fault;
use crate::pool::{Lease, Pool};
use crate::session::{Transfer, patiently};
use crate::upload::Upload;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use contract::{ByteStream, Problem, Tried};
use files::{Existing, Failure, FilePath, Found, Store, is_temporary};
use futures_util::stream;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// A folder of a server as a store.
pub(crate) struct Ftp {
    pool: Arc<Pool>,
}

impl Ftp {
    pub(crate) fn new(server: Server) -> Ftp {
        Ftp {
            pool: Arc::new(Pool::new(server)),
        }
    }

    async fn take(&self) -> Result<Lease, Failure> {
        Ok(self.pool.take().await?)
    }
}

#[async_trait]
impl Store for Ftp {
    async fn list(&self, folder: &FilePath) -> Result<Vec<Found>, Failure> {
        let mut session = self.take().await?;
        let listed = session.list(folder).await;
        let mut found = session.after(listed)?;
        found.retain(|found| !is_temporary(&found.name));
        Ok(found)
    }

    async fn stat(&self, path: &FilePath) -> Result<Option<Found>, Failure> {
        let mut session = self.take().await?;
        let found = session.stat(path).await;
        session.after(found)
    }

    async fn read(&self, file: &FilePath, offset: u64, length: u64) -> Result<ByteStream, Failure> {
        if length == 0 {
            return Ok(ByteStream::whole(Bytes::new()));
        }
        let mut session = self.take().await?;
        let transfer = match session.read(file, offset).await {
            Ok(transfer) => transfer,
            Err(fault) => return session.after(Err(fault)),
        };
        let reading = Reading {
            transfer,
            session,
            left: length,
            patience: self.pool.patience(),
        };
        Ok(ByteStream::new(stream::try_unfold(
            Some(reading),
            |reading| async {
                match reading {
                    Some(reading) => Ok(Some(reading.next().await?)),
                    None => Ok(None),
                }
            },
        )))
    }

    async fn write(&self, file: &FilePath, content: ByteStream, existing: Existing) -> Result<u64, Failure> {
        if is_temporary(file.name()) {
            return Err(Failure::Refused);
        }
        let mut upload = Upload::beside(&self.pool, file)?;
        let mut session = self.take().await?;
        let length = upload.fill(&mut session, content).await;
        let written = match length {
            Ok(length) => {
                let placed = upload.place(&mut session, file, existing).await;
                placed.map(|()| length)
            }
            Err(fault) => Err(fault),
        };
        match written {
            // In the middle of a transfer, a connection is of no use to others.
            Err(fault) => Err(fault.into()),
            written => session.after(written),
        }
    }

    async fn make_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        let mut session = self.take().await?;
        let made = session.make_folder(folder).await;
        session.after(made)
    }

    async fn remove_file(&self, file: &FilePath) -> Result<(), Failure> {
        let mut session = self.take().await?;
        let removed = session.remove_file(file).await;
        session.after(removed)
    }

    async fn remove_folder(&self, folder: &FilePath) -> Result<(), Failure> {
        let mut session = self.take().await?;
        let removed = session.remove_folder(folder).await;
        session.after(removed)
    }

    async fn rename(&self, from: &FilePath, to: &FilePath) -> Result<(), Failure> {
        let mut session = self.take().await?;
        let renamed = session.rename(from, to, Existing::Replace).await;
        session.after(renamed)
    }

    async fn try_connection(&self) -> Result<Tried, Problem> {
        let mut session = self.pool.take().await.map_err(|refusal| refusal.explained())?;
        let mut trial = Upload::beside(&self.pool, &FilePath::root())?;
        let tried = match trial.fill(&mut session, ByteStream::whole(Bytes::new())).await {
            Ok(_) => trial.take_back(&mut session).await,
            Err(fault) => Err(fault),
        };
        session.after(tried).map_err(|failure| match failure {
            Failure::Refused => Problem::bad_request("The root folder cannot be written by the server."),
            failure => failure.into(),
        })?;
        Ok(Tried::default())
    }
}

/// A file on its way out.
struct Reading {
    transfer: Transfer,
    session: Lease,
    left: u64,
    patience: Duration,
}

impl Reading {
    /// The next piece, and what comes after it. Only who has read a file to its end gives the connection back.
    async fn next(mut self) -> Result<(Bytes, Option<Reading>), Problem> {
        let problem = |fault: Fault| Problem::from(Failure::from(fault));
        let most = usize::try_from(self.left).map_or(PIECE, |left| left.min(PIECE));
        let mut piece = BytesMut::with_capacity(most);
        let mut part = (&mut self.transfer).take(most as u64);
        let count = patiently(self.patience, part.read_buf(&mut piece))
            .await
            .map_err(problem)?;
        if count == 0 {
            return Err(Problem::internal("a file became shorter while it was read"));
        }
        self.left -= count as u64;
        if self.left > 0 {
            return Ok((piece.freeze(), Some(self)));
        }
        let mut beyond = [0];
        let ended = patiently(self.patience, self.transfer.read(&mut beyond)).await;
        if matches!(ended, Ok(0)) {
            let Reading {
                transfer,
                mut session,
                ..
            } = self;
            if session.end(transfer).await.is_ok() {
                session.give_back();
            }
        }
        Ok((piece.freeze(), None))
    }
}
