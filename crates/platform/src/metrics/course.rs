//! How calls of a service went in the last hour by the minute, and in the last day by ten minutes.

use super::BUCKETS;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Which time is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The last hour, by the minute.
    Hour,
    /// The last 24 hours, by ten minutes.
    Day,
}

impl Span {
    /// Seconds of a step.
    pub const fn step(self) -> u64 {
        match self {
            Span::Hour => 60,
            Span::Day => 600,
        }
    }

    /// Number of steps.
    pub const fn steps(self) -> usize {
        match self {
            Span::Hour => 60,
            Span::Day => 144,
        }
    }

    /// The step that is going on.
    fn now(self) -> u64 {
        seconds(SystemTime::now()) / self.step()
    }
}

/// Seconds since 1970.
pub(super) fn seconds(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Calls of a step.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Step {
    /// Steps since 1970; what stands here of an older one is over.
    number: u64,
    pub(super) requests: u32,
    pub(super) client_errors: u32,
    pub(super) server_errors: u32,
    /// By duration; the last takes what is beyond all buckets.
    durations: [u32; BUCKETS.len() + 1],
}

impl Step {
    fn add(&mut self, status: u16, bucket: usize) {
        self.requests = self.requests.saturating_add(1);
        match status {
            400..500 => self.client_errors = self.client_errors.saturating_add(1),
            500.. => self.server_errors = self.server_errors.saturating_add(1),
            _ => {}
        }
        if let Some(count) = self.durations.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
    }

    /// Adds what another one has.
    pub(super) fn join(&mut self, other: &Step) {
        self.requests = self.requests.saturating_add(other.requests);
        self.client_errors = self.client_errors.saturating_add(other.client_errors);
        self.server_errors = self.server_errors.saturating_add(other.server_errors);
        for (sum, more) in self.durations.iter_mut().zip(other.durations) {
            *sum = sum.saturating_add(more);
        }
    }

    /// Milliseconds within which this share of the calls ended, as well as the buckets can tell; `None` without
    /// calls.
    fn percentile(&self, share: f64) -> Option<f64> {
        let total: u32 = self.durations.iter().fold(0, |sum, n| sum.saturating_add(*n));
        if total == 0 {
            return None;
        }
        let wanted = f64::from(total) * share;
        let (mut below, mut start) = (0.0, 0.0);
        for (count, (end, _)) in self.durations.iter().zip(BUCKETS) {
            let (count, end) = (f64::from(*count), end as f64 / 1e3);
            if count > 0.0 && below + count >= wanted {
                let within = (wanted - below) / count;
                return Some(rounded(start + (end - start) * within));
            }
            below += count;
            start = end;
        }
        Some(start)
    }

    /// The numbers for an answer.
    pub(super) fn numbers(&self) -> Value {
        json!({
            "requests": self.requests,
            "client_errors": self.client_errors,
            "server_errors": self.server_errors,
            "p50_ms": self.percentile(0.50),
            "p95_ms": self.percentile(0.95),
            "p99_ms": self.percentile(0.99),
        })
    }
}

fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 100.0).round() / 100.0
}

/// The steps of an hour and of a day, each in its place in a ring.
#[derive(Debug)]
pub(super) struct Course {
    hour: [Step; Span::Hour.steps()],
    day: [Step; Span::Day.steps()],
}

impl Default for Course {
    fn default() -> Course {
        Course {
            hour: [Step::default(); Span::Hour.steps()],
            day: [Step::default(); Span::Day.steps()],
        }
    }
}

impl Course {
    /// Counts a call that ended at a time.
    pub(super) fn add(&mut self, at: SystemTime, status: u16, micros: u64) {
        let bucket = BUCKETS
            .iter()
            .position(|(end, _)| micros <= *end)
            .unwrap_or(BUCKETS.len());
        for span in [Span::Hour, Span::Day] {
            let number = seconds(at) / span.step();
            let step = &mut self.ring(span)[number as usize % span.steps()];
            if step.number != number {
                *step = Step {
                    number,
                    ..Step::default()
                };
            }
            step.add(status, bucket);
        }
    }

    fn ring(&mut self, span: Span) -> &mut [Step] {
        match span {
            Span::Hour => &mut self.hour,
            Span::Day => &mut self.day,
        }
    }

    /// Adds its steps to others, the oldest first.
    pub(super) fn join_into(&self, span: Span, sums: &mut [Step]) {
        let ring: &[Step] = match span {
            Span::Hour => &self.hour,
            Span::Day => &self.day,
        };
        let first = span.now() + 1 - span.steps() as u64;
        for (sum, number) in sums.iter_mut().zip(first..) {
            let step = &ring[number as usize % span.steps()];
            if step.number == number {
                sum.join(step);
            }
        }
    }
}

/// Steps without calls, up to the one that is going on.
pub(super) fn nothing(span: Span) -> Vec<Step> {
    vec![Step::default(); span.steps()]
}

/// The steps as points of a chart, the oldest first, each with the time at which it begins.
pub(super) fn points(span: Span, steps: &[Step]) -> Vec<Value> {
    let first = span.now() + 1 - span.steps() as u64;
    let point = |(step, number): (&Step, u64)| {
        let mut point = step.numbers();
        point["date"] = json!(time_text(UNIX_EPOCH + Duration::from_secs(number * span.step())));
        point
    };
    steps.iter().zip(first..).map(point).collect()
}

/// A time as answers tell it: `2026-01-31T12:00:00.000Z`.
pub fn time_text(at: SystemTime) -> String {
    let at: chrono::DateTime<chrono::Utc> = at.into();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_fall_into_their_minute_and_leave_after_an_hour() {
        let mut course = Course::default();
        let now = SystemTime::now();
        let ago = |minutes: u64| now - Duration::from_secs(minutes * 60);
        course.add(ago(90), 200, 100);
        course.add(ago(30), 404, 100);
        course.add(now, 200, 100);
        course.add(now, 503, 100);
        let sum = |span: Span| {
            let mut steps = nothing(span);
            course.join_into(span, &mut steps);
            steps.iter().fold(Step::default(), |mut sum, step| {
                sum.join(step);
                sum
            })
        };
        let hour = sum(Span::Hour);
        assert_eq!((hour.requests, hour.client_errors, hour.server_errors), (3, 1, 1));
        assert_eq!(sum(Span::Day).requests, 4);
        let mut steps = nothing(Span::Hour);
        course.join_into(Span::Hour, &mut steps);
        assert_eq!(points(Span::Hour, &steps).len(), 60);
    }

    #[test]
    fn percentiles_lie_in_their_bucket() {
        let mut step = Step::default();
        assert_eq!(step.percentile(0.5), None);
        for _ in 0..90 {
            step.add(200, 0);
        }
        for _ in 0..10 {
            step.add(200, 6);
        }
        let p50 = step.percentile(0.50).unwrap();
        let p95 = step.percentile(0.95).unwrap();
        assert!(p50 > 0.0 && p50 <= 0.5, "{p50}");
        assert!(p95 > 25.0 && p95 <= 50.0, "{p95}");
        let mut slow = Step::default();
        slow.add(200, BUCKETS.len());
        assert_eq!(slow.percentile(0.5), Some(30_000.0));
    }
}
