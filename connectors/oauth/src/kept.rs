//! What a provider publishes, kept for a while.

use contract::Problem;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Something that is read anew when it is too old. Whoever needs it while it is being read waits for that.
pub(crate) struct Kept<T> {
    read: Mutex<Option<(Instant, Arc<T>)>>,
}

impl<T> Kept<T> {
    /// Nothing yet.
    pub(crate) fn new() -> Kept<T> {
        Kept {
            read: Mutex::new(None),
        }
    }

    /// What was read at most this long ago, now if need be. A failure is kept by nobody.
    pub(crate) async fn get(
        &self,
        most: Duration,
        read: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Arc<T>, Problem> {
        let mut slot = self.read.lock().await;
        if let Some((when, value)) = &*slot
            && when.elapsed() < most
        {
            return Ok(Arc::clone(value));
        }
        let value = Arc::new(read.await?);
        *slot = Some((Instant::now(), Arc::clone(&value)));
        Ok(value)
    }
}
