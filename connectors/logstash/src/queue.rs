//! Entries on their way.

use crate::entry::Entry;
use crate::wire::{Server, Wire};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Most entries that wait.
pub(crate) const LONGEST: usize = 512;

/// A queue, and the task that empties it: it begins with the first entry, and ends when this is dropped and all is sent.
pub(crate) struct Queue {
    server: Server,
    sender: OnceLock<Sender<Entry>>,
    /// Entries that found no place since the last that did.
    lost: AtomicU64,
}

impl Queue {
    /// A queue of entries for a server.
    pub(crate) fn new(server: Server) -> Queue {
        Queue {
            server,
            sender: OnceLock::new(),
            lost: AtomicU64::new(0),
        }
    }

    /// Lays an entry into the queue, or lets it go when there is no place. Must be called inside a runtime.
    pub(crate) fn push(&self, entry: Entry) {
        let sender = self.sender.get_or_init(|| {
            let (sender, receiver) = channel(LONGEST);
            tokio::spawn(empty(receiver, Wire::new(self.server.clone())));
            sender
        });
        if sender.try_send(entry).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let lost = self.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            tracing::warn!(lost, "log entries found no place in the queue");
        }
    }
}

async fn empty(mut receiver: Receiver<Entry>, mut wire: Wire) {
    let mut failing = false;
    while let Some(entry) = receiver.recv().await {
        let failed = wire.send(&entry).await.err();
        // Told once, not for every entry.
        match (&failed, failing) {
            (Some(error), false) => tracing::warn!(%error, "log entries cannot be delivered"),
            (None, true) => tracing::info!("log entries are delivered again"),
            _ => {}
        }
        failing = failed.is_some();
    }
}
