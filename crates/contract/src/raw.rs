//! Bodies of bytes, as they were sent, for what is too large to be held.

use crate::ByteStream;
use bytes::Bytes;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A body that can be taken once. Clones are the same body. Never empty.
#[derive(Clone)]
pub struct RawBody(Arc<Mutex<Option<ByteStream>>>);

impl RawBody {
    /// A body that arrives. A problem in it means that the rest will never come.
    pub fn new(stream: ByteStream) -> RawBody {
        RawBody(Arc::new(Mutex::new(Some(stream))))
    }

    /// A body that has come.
    pub fn whole(bytes: Bytes) -> RawBody {
        RawBody::new(ByteStream::whole(bytes))
    }

    /// The bytes; `None` when they were taken before.
    pub fn take(&self) -> Option<ByteStream> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RawBody")
    }
}
