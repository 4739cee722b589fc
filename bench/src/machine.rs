//! The machine under the measurement.

use std::thread;
use std::time::{Duration, Instant};

/// How long the machine is watched.
const WATCHED: Duration = Duration::from_secs(4);
/// What a busy thread does between two looks at the clock takes nanoseconds.
const STALL: Duration = Duration::from_millis(1);

/// The processor's name.
pub(crate) fn model() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name"));
    model
        .unwrap_or("unknown processor")
        .trim_start_matches([' ', '\t', ':'])
        .to_owned()
}

/// How many threads run at the same time.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// How threads fare that want to run all the time, one a core, while nothing else is to be done.
#[derive(Debug, Default)]
pub(crate) struct Stalls {
    /// Part of the time in which they did not run for a millisecond or more.
    pub(crate) part: f64,
    /// The longest of these.
    pub(crate) longest: Duration,
}

impl Stalls {
    /// Watches the machine for some seconds, on this thread and others.
    pub(crate) fn watch() -> Stalls {
        let found: Vec<Vec<Duration>> = thread::scope(|scope| {
            let threads: Vec<_> = (0..cores()).map(|_| scope.spawn(busy)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap_or_default())
                .collect()
        });
        let all: Duration = found.iter().flatten().sum();
        Stalls {
            part: all.as_secs_f64() / (WATCHED.as_secs_f64() * cores() as f64),
            longest: found.into_iter().flatten().max().unwrap_or_default(),
        }
    }
}

/// Looks at the clock until the time is over, and gives the stalls.
fn busy() -> Vec<Duration> {
    let began = Instant::now();
    let (mut last, mut stalls) = (began, Vec::new());
    while began.elapsed() < WATCHED {
        let gap = last.elapsed();
        last += gap;
        if gap >= STALL {
            stalls.push(gap);
        }
    }
    stalls
}
