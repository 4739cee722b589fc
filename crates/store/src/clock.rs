//! The two forms in which the system database keeps points in time, both UTC.

use chrono::Utc;

/// `YYYY-MM-DDThh:mm:ss.000000Z`: the form of `created_date` and `last_modified_date`, as answers show it.
pub(crate) fn stamp() -> String {
    Utc::now().format("%Y-%m-%dT%H:%M:%S.000000Z").to_string()
}
