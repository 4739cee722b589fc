//! The clock of scheduled tasks.

use chrono::Utc;
use platform::Platform;
use std::sync::Weak;
use std::time::Duration;

const MINUTE: i64 = 60_000;

/// Wakes at every full minute, for as long as there is a platform, and runs what is due. A minute's tasks do not wait
/// for those of the minute before.
pub(crate) async fn run_tasks(platform: Weak<Platform>) {
    loop {
        let now = Utc::now().timestamp_millis();
        let next = next_minute(now);
        tokio::time::sleep(Duration::from_millis(next.abs_diff(now))).await;
        let Some(platform) = platform.upgrade() else {
            return;
        };
        tokio::spawn(async move {
            if let Err(problem) = platform.run_due_tasks(next / 1000).await {
                tracing::warn!(cause = ?problem.source, "the scheduled tasks could not be read: {problem}");
            }
        });
    }
}

/// The first full minute after a moment, in milliseconds since 1970.
fn next_minute(now: i64) -> i64 {
    (now.div_euclid(MINUTE) + 1) * MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_minute_is_full_and_later() {
        assert_eq!(next_minute(0), MINUTE);
        assert_eq!(next_minute(MINUTE - 1), MINUTE);
        assert_eq!(next_minute(MINUTE), 2 * MINUTE);
    }
}
