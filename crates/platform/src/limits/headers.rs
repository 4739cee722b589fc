//! What a caller is told of the limits: headers, and the 429 of an exceeded one.

use super::Limit;
use contract::{Count, Kind, Problem, Value};
use serde_json::json;

/// `X-RateLimit-*` of one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RateHeaders {
    limit: u64,
    remaining: u64,
    /// Seconds until the window or the lock ends, rounded up.
    left: u64,
}

impl RateHeaders {
    fn of(limit: &Limit, count: Count) -> RateHeaders {
        RateHeaders {
            limit: limit.row.rate,
            remaining: if count.locked {
                0
            } else {
                limit.row.rate.saturating_sub(count.attempts)
            },
            left: count.left.as_secs() + u64::from(count.left.subsec_nanos() > 0),
        }
    }

    /// Those of the limit that will refuse first; of several with as little left, the one that lasts longest.
    pub(super) fn closest<'a>(counts: impl Iterator<Item = (&'a Limit, Count)>) -> Option<RateHeaders> {
        counts
            .map(|(limit, count)| RateHeaders::of(limit, count))
            .min_by_key(|headers| (headers.remaining, std::cmp::Reverse(headers.left)))
    }

    /// Adds them to an answer's headers.
    pub(crate) fn add_to(self, headers: &mut Vec<(String, String)>) {
        let reset = u64::try_from(chrono::Utc::now().timestamp()).unwrap_or_default() + self.left;
        for (name, value) in [
            ("x-ratelimit-limit", self.limit),
            ("x-ratelimit-remaining", self.remaining),
            ("x-ratelimit-reset", reset),
        ] {
            headers.push((name.to_owned(), value.to_string()));
        }
    }
}

/// 429, with all exceeded limits in `context` and the headers of the one that lasts longest.
pub(super) fn refusal(over: &[(&Limit, Count)]) -> Problem {
    let entries = over.iter().map(|(limit, _)| {
        let row = &limit.row;
        json!({"id": row.id, "name": row.name, "object": Value::Object(row.shown.clone())})
    });
    let mut problem = Problem::new(Kind::TooManyRequests, "API limit(s) exceeded. ")
        .with_context(Value::Array(entries.collect()));
    let longest = over
        .iter()
        .map(|(limit, count)| RateHeaders::of(limit, *count))
        .max_by_key(|headers| headers.left);
    if let Some(headers) = longest {
        headers.add_to(&mut problem.headers);
        problem.retry_after = Some(u32::try_from(headers.left).unwrap_or(u32::MAX));
    }
    problem
}
