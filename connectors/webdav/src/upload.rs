//! A file on its way in: written under a name of its own beside where it goes, and put there when it is complete.

use crate::client::Client;
use crate::fault::Fault;
use crate::placing::Placing;
use files::{Existing, Failure, FilePath, Found, FoundKind, temporary_name};
use std::sync::Arc;

/// The file beside, which is removed unless it has found its place.
pub(crate) struct Upload {
    client: Arc<Client>,
    pub(crate) temporary: FilePath,
    is_placed: bool,
}

impl Upload {
    /// Names a file beside another.
    pub(crate) fn beside(client: &Arc<Client>, file: &FilePath) -> Result<Upload, Fault> {
        Ok(Upload {
            client: Arc::clone(client),
            temporary: file.parent().join(&temporary_name()?)?,
            is_placed: false,
        })
    }

    /// Puts the file where it goes, in its turn: of several who write one name, each finds it before or after.
    pub(crate) async fn place(
        mut self,
        placing: &Placing,
        target: &FilePath,
        existing: Existing,
    ) -> Result<(), Fault> {
        let _turn = placing.turn().await;
        // Where a folder is, servers would replace it with all that is in it.
        match self.client.stat(target).await? {
            Some(found) if found.is_folder() || existing == Existing::Keep => {
                return Err(Failure::Exists.into());
            }
            _ => {}
        }
        let file = Found {
            name: String::new(),
            kind: FoundKind::File { length: 0 },
            is_link: false,
            modified: None,
        };
        let replaces = existing == Existing::Replace;
        self.client
            .rename(&file, &self.temporary, target, replaces)
            .await?;
        self.is_placed = true;
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        if self.is_placed {
            return;
        }
        let (client, temporary) = (Arc::clone(&self.client), std::mem::take(&mut self.temporary));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // What cannot be removed now is removed with its folder.
                let _ = client.remove_file(&temporary).await;
            });
        }
    }
}
