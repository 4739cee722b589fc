//! Putting files where others are, one at a time. Some servers (Apache is one) remove the other file before, so that for
//! a moment nothing stands there.

use crate::fault::Fault;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Mutex, MutexGuard};

/// Who puts files in place.
#[derive(Default)]
pub(crate) struct Placing {
    turn: Mutex<()>,
    /// How many have been put in place, or were tried to be.
    done: AtomicU64,
}

/// The turn of one who puts a file in place.
pub(crate) struct Turn<'p> {
    done: &'p AtomicU64,
    _alone: MutexGuard<'p, ()>,
}

impl Placing {
    /// Waits until nobody else puts a file in place. The turn ends when it is dropped.
    pub(crate) async fn turn(&self) -> Turn<'_> {
        Turn {
            _alone: self.turn.lock().await,
            done: &self.done,
        }
    }

    /// Asks for what may just be put in place: what is not found meanwhile is asked for once more, when nobody does.
    pub(crate) async fn settled<T, F>(&self, ask: impl Fn() -> F) -> Result<Option<T>, Fault>
    where
        F: Future<Output = Result<Option<T>, Fault>>,
    {
        let before = self.done.load(Ordering::Acquire);
        if let Some(found) = ask().await? {
            return Ok(Some(found));
        }
        let _turn = self.turn.lock().await;
        match self.done.load(Ordering::Acquire) == before {
            true => Ok(None),
            false => ask().await,
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Before the next one's turn: fields are dropped after this.
        self.done.fetch_add(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    #[tokio::test]
    async fn what_is_just_put_in_place_is_found() {
        let (placing, is_there, asked) = (
            Placing::default(),
            AtomicBool::new(false),
            tokio::sync::Notify::new(),
        );
        let turn = placing.turn().await;
        let ask = || async {
            let found = is_there.load(Ordering::Relaxed).then_some("it");
            asked.notify_one();
            Ok(found)
        };
        let put = async {
            asked.notified().await;
            is_there.store(true, Ordering::Relaxed);
            drop(turn);
        };
        let (found, ()) = tokio::join!(placing.settled(ask), put);
        assert_eq!(found.unwrap(), Some("it"));
    }

    #[tokio::test]
    async fn what_is_missing_is_asked_for_once() {
        let (placing, asked) = (Placing::default(), AtomicU64::new(0));
        drop(placing.turn().await);
        let ask = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            Ok(None::<()>)
        };
        assert_eq!(placing.settled(ask).await.unwrap(), None);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
