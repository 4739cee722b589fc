//! The instance that services of this crate, and what others need of it, belong to.

use contract::Problem;
use platform::Platform;
use std::sync::{Arc, Weak};

/// Weak, because the platform holds its services.
pub(crate) struct Instance(pub(crate) Weak<Platform>);

impl Instance {
    /// The platform. 503 when it is gone.
    pub(crate) fn platform(&self) -> Result<Arc<Platform>, Problem> {
        self.0
            .upgrade()
            .ok_or_else(|| Problem::unavailable("The instance is shutting down."))
    }
}
