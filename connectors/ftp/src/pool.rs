//! The connections to a server: a few are kept, and each does one thing at a time.

use crate::config::Server;
use crate::fault::{Fault, Refusal};
use crate::session::Session;
use files::Failure;
use parking_lot::Mutex;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections at once, and those that are kept while nobody uses them.
const MOST: usize = 32;
const KEPT: usize = 4;

/// The connections to a server.
pub(crate) struct Pool {
    server: Server,
    idle: Mutex<Vec<Session>>,
    room: Arc<Semaphore>,
    /// Held while a file is put in its place, so that of several who write one name each finds it before or after.
    pub(crate) placing: tokio::sync::Mutex<()>,
}

impl Pool {
    pub(crate) fn new(server: Server) -> Pool {
        Pool {
            server,
            idle: Mutex::default(),
            room: Arc::new(Semaphore::new(MOST)),
            placing: tokio::sync::Mutex::default(),
        }
    }

    /// Time to connect, and for each step.
    pub(crate) fn patience(&self) -> Duration {
        self.server.address.timeout
    }

    /// A connection that answers: one of those that were kept, or a new one.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Lease, Refusal> {
        let unreachable = |e: Box<dyn std::error::Error + Send + Sync>| Refusal::Unreachable(e);
        let room = timeout(self.patience(), Arc::clone(&self.room).acquire_owned()).await;
        let room = room
            .map_err(|e| unreachable(e.into()))?
            .map_err(|e| unreachable(e.into()))?;
        loop {
            let kept = self.idle.lock().pop();
            let session = match kept {
                Some(mut session) => match session.is_alive().await {
                    true => session,
                    false => continue,
                },
                None => Session::open(&self.server).await?,
            };
            return Ok(Lease {
                session,
                pool: Arc::clone(self),
                _room: room,
            });
        }
    }
}

/// A connection for one who uses it. It is closed when this is dropped, unless it is given back.
pub(crate) struct Lease {
    session: Session,
    pool: Arc<Pool>,
    _room: OwnedSemaphorePermit,
}

impl Lease {
    /// Gives the connection back, for others.
    pub(crate) fn give_back(self) {
        let mut idle = self.pool.idle.lock();
        if idle.len() < KEPT {
            idle.push(self.session);
        }
    }

    /// Gives the connection back when what was done on it does not say that it is broken.
    pub(crate) fn after<T>(self, done: Result<T, Fault>) -> Result<T, Failure> {
        if !matches!(done, Err(Fault::Lost(_))) {
            self.give_back();
        }
        done.map_err(Failure::from)
    }
}

impl Deref for Lease {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Lease {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}
