//! A file on its way in: written under a name of its own beside where it goes, and put there when it is complete.

use crate::fault::Fault;
use crate::pool::{Lease, Pool};
use crate::session::patiently;
use contract::ByteStream;
use files::{Existing, Failure, FilePath, temporary_name};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;

/// The file beside, which is removed unless it has found its place.
pub(crate) struct Upload {
    pool: Arc<Pool>,
    temporary: FilePath,
    is_over: bool,
}

impl Upload {
    /// Names a file beside another; nothing is there yet.
    pub(crate) fn beside(pool: &Arc<Pool>, file: &FilePath) -> Result<Upload, Failure> {
        Ok(Upload {
            pool: Arc::clone(pool),
            temporary: file.parent().join(&temporary_name()?)?,
            is_over: true,
        })
    }

    /// Writes what comes, and tells its length.
    pub(crate) async fn fill(&mut self, session: &mut Lease, mut content: ByteStream) -> Result<u64, Fault> {
        let patience = self.pool.patience();
        session.enter(&self.temporary.parent()).await?;
        // From here on there may be something.
        self.is_over = false;
        let mut transfer = session.write(self.temporary.name()).await?;
        let mut length = 0;
        while let Some(piece) = content.next().await {
            let piece = piece?;
            patiently(patience, transfer.write_all(&piece)).await?;
            length += piece.len() as u64;
        }
        patiently(patience, transfer.flush()).await?;
        session.end(transfer).await?;
        Ok(length)
    }

    /// Puts the file where it goes.
    pub(crate) async fn place(
        &mut self,
        session: &mut Lease,
        target: &FilePath,
        existing: Existing,
    ) -> Result<(), Fault> {
        let _alone = self.pool.placing.lock().await;
        session.rename(&self.temporary, target, existing).await?;
        self.is_over = true;
        Ok(())
    }

    /// Removes the file again, for a trial.
    pub(crate) async fn take_back(mut self, session: &mut Lease) -> Result<(), Fault> {
        self.is_over = true;
        session.remove_file(&self.temporary).await
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let (pool, temporary) = (Arc::clone(&self.pool), std::mem::take(&mut self.temporary));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // What cannot be removed now is removed with its folder.
                if let Ok(mut session) = pool.take().await {
                    let removed = session.remove_file(&temporary).await;
                    let _ = session.after(removed);
                }
            });
        }
    }
}
