//! Numbers about calls, pools and the process: in the text format of Prometheus, and for charts.
//!
//! A listener of [`Observation`]: counting takes a read lock, two short locks and a few additions, and allocates only
//! at the first call of a service. What callers make up, such as names of services that do not exist, is never a label.

mod charts;
mod course;
mod process;

pub use charts::{Charts, ServiceCourse};
pub use course::{Span, time_text};
pub use process::Process;

use crate::{Listener, Observation, Platform};
use contract::Verb;
use course::Course;
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Upper ends of the buckets of the histogram of durations, in microseconds, and as they are written.
const BUCKETS: [(u64, &str); 12] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
];
const VERBS: [Verb; 6] = [
    Verb::Get,
    Verb::Post,
    Verb::Put,
    Verb::Patch,
    Verb::Delete,
    Verb::Options,
];
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];
/// Label of services that do not exist.
const UNKNOWN: &str = "(unknown)";

/// Numbers of one service and verb.
#[derive(Debug, Default)]
struct Series {
    classes: [AtomicU64; CLASSES.len()],
    buckets: [AtomicU64; BUCKETS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Series {
    fn add(&self, status: u16, micros: u64) {
        let class = usize::from(status / 100).saturating_sub(2).min(CLASSES.len() - 1);
        self.classes[class].fetch_add(1, Ordering::Relaxed);
        if let Some(bucket) = BUCKETS.iter().position(|(end, _)| micros <= *end) {
            self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::Relaxed);
    }
}

/// Numbers of one service.
#[derive(Debug, Default)]
struct Service {
    verbs: [Series; VERBS.len()],
    lately: Mutex<Lately>,
}

/// What is told of a service by time.
#[derive(Debug, Default)]
struct Lately {
    course: Course,
    success: Option<SystemTime>,
    failure: Option<Failure>,
}

/// A call that failed, by our fault or a server's.
#[derive(Debug, Clone)]
pub struct Failure {
    /// When.
    pub at: SystemTime,
    /// What the caller was told.
    pub message: String,
}

impl Service {
    fn add(&self, call: &Observation, verb: usize, micros: u64) {
        self.verbs[verb].add(call.status, micros);
        let now = SystemTime::now();
        let mut lately = self.lately.lock();
        lately.course.add(now, call.status, micros);
        match &call.failure {
            Some(message) => {
                lately.failure = Some(Failure {
                    at: now,
                    message: message.clone(),
                });
            }
            // A refusal at the gate says nothing of the service.
            None if call.status < 400 => lately.success = Some(now),
            None => {}
        }
    }
}

/// Statuses of different apps that are counted; more are left out.
const MOST_COUNTS: usize = 10_000;

/// Counts all calls.
#[derive(Debug)]
pub(crate) struct Metrics {
    started: Instant,
    services: RwLock<BTreeMap<Box<str>, Box<Service>>>,
    refused: AtomicU64,
    limited: AtomicU64,
    /// By app and status, since the start.
    apps: Mutex<HashMap<(Option<i64>, u16), u64>>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics {
            started: Instant::now(),
            services: RwLock::default(),
            refused: AtomicU64::new(0),
            limited: AtomicU64::new(0),
            apps: Mutex::default(),
        }
    }
}

impl Listener for Metrics {
    fn observe(&self, call: &Observation) {
        if call.refused.is_some() {
            let counter = if call.status == 429 {
                &self.limited
            } else {
                &self.refused
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
        let verb = VERBS.iter().position(|v| *v == call.verb).unwrap_or_default();
        let name = if call.known {
            call.service.as_str()
        } else {
            UNKNOWN
        };
        let micros = u64::try_from(call.duration.as_micros()).unwrap_or(u64::MAX);
        self.count_app(call);
        if let Some(service) = self.services.read().get(name) {
            service.add(call, verb, micros);
            return;
        }
        let mut services = self.services.write();
        services.entry(name.into()).or_default().add(call, verb, micros);
    }
}

impl Metrics {
    fn count_app(&self, call: &Observation) {
        let mut apps = self.apps.lock();
        let key = (call.app, call.status);
        if let Some(count) = apps.get_mut(&key) {
            *count += 1;
        } else if apps.len() < MOST_COUNTS {
            apps.insert(key, 1);
        }
    }

    /// Removes services that do not exist any more, so that their number stays bounded.
    fn keep(&self, exists: impl Fn(&str) -> bool) {
        self.services
            .write()
            .retain(|name, _| name.as_ref() == UNKNOWN || exists(name));
    }

    fn calls(&self, out: &mut String) {
        head(
            out,
            "dreamwright_calls_total",
            "counter",
            "Calls answered, by service, verb and class of status.",
        );
        self.each(|name, verb, series| {
            for (class, number) in CLASSES.iter().zip(&series.classes) {
                let number = number.load(Ordering::Relaxed);
                if number > 0 {
                    line(
                        out,
                        "dreamwright_calls_total",
                        &labels(name, verb, "class", class),
                        number,
                    );
                }
            }
        });
        head(
            out,
            "dreamwright_call_duration_seconds",
            "histogram",
            "Time in the pipeline; a streamed body goes on after it.",
        );
        self.each(|name, verb, series| {
            let mut sum = 0;
            let bucket = "dreamwright_call_duration_seconds_bucket";
            for ((_, end), number) in BUCKETS.iter().zip(&series.buckets) {
                sum += number.load(Ordering::Relaxed);
                line(out, bucket, &labels(name, verb, "le", end), sum);
            }
            // A call that is being counted right now may be in a bucket already.
            let count = series.count.load(Ordering::Relaxed).max(sum);
            line(out, bucket, &labels(name, verb, "le", "+Inf"), count);
            let own = labels(name, verb, "", "");
            let seconds = series.micros.load(Ordering::Relaxed) as f64 / 1e6;
            line(out, "dreamwright_call_duration_seconds_sum", &own, seconds);
            line(out, "dreamwright_call_duration_seconds_count", &own, count);
        });
        head(
            out,
            "dreamwright_refused_total",
            "counter",
            "Calls refused for want of rights or credentials.",
        );
        line(
            out,
            "dreamwright_refused_total",
            "",
            self.refused.load(Ordering::Relaxed),
        );
        head(
            out,
            "dreamwright_limited_total",
            "counter",
            "Calls refused by rate limits.",
        );
        line(
            out,
            "dreamwright_limited_total",
            "",
            self.limited.load(Ordering::Relaxed),
        );
    }

    fn each(&self, mut write: impl FnMut(&str, Verb, &Series)) {
        for (name, service) in self.services.read().iter() {
            for (verb, series) in VERBS.iter().zip(service.verbs.iter()) {
                if series.count.load(Ordering::Relaxed) > 0 {
                    write(name, *verb, series);
                }
            }
        }
    }
}

impl Platform {
    /// The numbers of this node in the text format of Prometheus.
    pub async fn metrics(&self) -> String {
        let mut out = String::with_capacity(16 * 1024);
        if let Ok(generation) = self.current.get().await {
            let exists = |name: &str| generation.snapshot().service(name).is_some();
            self.metrics.keep(exists);
            self.metrics.calls(&mut out);
            let pools: Vec<_> = generation.pools().collect();
            for (name, about, number) in [
                ("dreamwright_pool_connections", "Connections that are open.", 0),
                ("dreamwright_pool_connections_in_use", "Connections in use.", 1),
                ("dreamwright_pool_connections_max", "Connections at most.", 2),
            ] {
                head(&mut out, name, "gauge", about);
                for (service, pool) in &pools {
                    let value = [pool.open, pool.in_use, pool.most][number];
                    line(
                        &mut out,
                        name,
                        &format!("{{service=\"{}\"}}", escaped(service)),
                        value,
                    );
                }
            }
            head(&mut out, "dreamwright_limits", "gauge", "Active rate limits.");
            line(
                &mut out,
                "dreamwright_limits",
                "",
                generation.snapshot().limits().all().len(),
            );
        } else {
            self.metrics.calls(&mut out);
        }
        head(
            &mut out,
            "dreamwright_policy_generation",
            "gauge",
            "Number of the policy that this node decides by.",
        );
        line(
            &mut out,
            "dreamwright_policy_generation",
            "",
            self.store().generation(),
        );
        head(
            &mut out,
            "dreamwright_system_database_up",
            "gauge",
            "Whether the system database answers.",
        );
        line(
            &mut out,
            "dreamwright_system_database_up",
            "",
            u8::from(self.ready().await.is_ok()),
        );
        process(&mut out, self.metrics.started);
        out
    }
}

/// What the operating system tells of this process; what it does not tell is left out.
fn process(out: &mut String, started: Instant) {
    let process = Process::now(started);
    let since = process.started.duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut gauge = |name: &str, kind: &str, about: &str, value: Option<String>| {
        if let Some(value) = value {
            head(out, name, kind, about);
            line(out, name, "", value);
        }
    };
    let text = |number: u64| number.to_string();
    gauge(
        "process_start_time_seconds",
        "gauge",
        "Start, in seconds since 1970.",
        Some(text(since.as_secs())),
    );
    gauge(
        "process_resident_memory_bytes",
        "gauge",
        "Memory in use.",
        process.memory.map(text),
    );
    gauge("process_threads", "gauge", "Threads.", process.threads.map(text));
    gauge(
        "process_open_fds",
        "gauge",
        "Open files and connections.",
        process.files.map(text),
    );
    gauge(
        "process_cpu_seconds_total",
        "counter",
        "Processor time, user and system.",
        process.cpu_seconds.map(|seconds| seconds.to_string()),
    );
}

fn head(out: &mut String, name: &str, kind: &str, about: &str) {
    // Writing into a string cannot fail.
    let _ = write!(out, "# HELP {name} {about}\n# TYPE {name} {kind}\n");
}

fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let _ = writeln!(out, "{name}{labels} {value}");
}

fn labels(service: &str, verb: Verb, name: &str, value: &str) -> String {
    let more = match name {
        "" => String::new(),
        _ => format!(",{name}=\"{value}\""),
    };
    format!("{{service=\"{}\",verb=\"{verb}\"{more}}}", escaped(service))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use contract::Origin;
    use std::time::Duration;

    fn call(service: &str, known: bool, status: u16, micros: u64) -> Observation {
        Observation {
            service: service.into(),
            known,
            verb: Verb::Get,
            endpoint: None,
            status,
            duration: Duration::from_micros(micros),
            user: None,
            app: None,
            role: None,
            origin: Origin::Api,
            peer: None,
            exceeded: Vec::new(),
            refused: None,
            failure: None,
        }
    }

    #[test]
    fn calls_are_counted_and_what_callers_make_up_is_no_label() {
        let metrics = Metrics::default();
        metrics.observe(&call("db", true, 200, 400));
        metrics.observe(&call("db", true, 404, 40_000_000));
        metrics.observe(&call("x\"y", false, 404, 1));
        let mut out = String::new();
        metrics.calls(&mut out);
        for line in [
            r#"dreamwright_calls_total{service="db",verb="GET",class="2xx"} 1"#,
            r#"dreamwright_calls_total{service="(unknown)",verb="GET",class="4xx"} 1"#,
            r#"dreamwright_call_duration_seconds_bucket{service="db",verb="GET",le="0.0005"} 1"#,
            r#"dreamwright_call_duration_seconds_bucket{service="db",verb="GET",le="30"} 1"#,
            r#"dreamwright_call_duration_seconds_bucket{service="db",verb="GET",le="+Inf"} 2"#,
            r#"dreamwright_call_duration_seconds_sum{service="db",verb="GET"} 40.0004"#,
        ] {
            assert!(out.lines().any(|l| l == line), "{line} is not in\n{out}");
        }
        assert!(!out.contains("x\\\"y"));
        metrics.keep(|_| false);
        let mut out = String::new();
        metrics.calls(&mut out);
        assert!(!out.contains("\"db\"") && out.contains(UNKNOWN));
    }
}
