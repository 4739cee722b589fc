//! Closed-loop load: a fixed number of workers, each with one request under way at a time.

use kit::Client;
use kit::program::processor_time;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Workers of the measurements that are compared.
pub(crate) const CONCURRENCY: usize = 8;

/// Run before each measurement.
const WARM_UP: Duration = Duration::from_millis(250);

/// What a measurement found.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers {
    /// Requests a second.
    pub(crate) rate: f64,
    /// Median time of a request.
    pub(crate) median: Duration,
    /// Time that 99 of 100 requests do not exceed.
    pub(crate) p99: Duration,
    /// Processor time of the serving process per request.
    pub(crate) processor: Duration,
}

/// Runs `work(n)` with `workers` at a time for `time`, and tells the processor time of `process`. The numbers `n`
/// are counted up across all workers. The first error ends it.
pub(crate) async fn run<F, W>(
    workers: usize,
    time: Duration,
    process: u32,
    work: W,
) -> Result<Numbers, String>
where
    W: Fn(u64) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let next = Arc::new(AtomicU64::new(0));
    rounds(workers, WARM_UP, &next, work.clone()).await?;
    let (processor, began) = (processor_time(process), Instant::now());
    let mut times = rounds(workers, time, &next, work).await?;
    let (took, processor) = (began.elapsed(), processor_time(process).saturating_sub(processor));
    times.sort_unstable();
    let at = |part: f64| {
        times
            .get((times.len() as f64 * part) as usize)
            .copied()
            .unwrap_or_default()
    };
    Ok(Numbers {
        rate: times.len() as f64 / took.as_secs_f64(),
        median: at(0.5),
        p99: at(0.99),
        processor: processor / times.len().max(1) as u32,
    })
}

async fn rounds<F, W>(
    workers: usize,
    time: Duration,
    next: &Arc<AtomicU64>,
    work: W,
) -> Result<Vec<Duration>, String>
where
    W: Fn(u64) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let end = Instant::now() + time;
    let tasks: Vec<_> = (0..workers)
        .map(|_| {
            let (work, next) = (work.clone(), next.clone());
            tokio::spawn(async move {
                let mut times = Vec::with_capacity(32_768);
                while Instant::now() < end {
                    let began = Instant::now();
                    work(next.fetch_add(1, Ordering::Relaxed)).await?;
                    times.push(began.elapsed());
                }
                Ok::<_, String>(times)
            })
        })
        .collect();
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.map_err(|e| e.to_string())??);
    }
    Ok(times)
}

/// Sends one request and fails unless it is answered with 200.
pub(crate) async fn send(
    client: &Client,
    method: &str,
    path: &str,
    body: Option<&str>,
) -> Result<Vec<u8>, String> {
    let headers: &[(&str, &str)] = if body.is_some() {
        &[("Content-Type", "application/json")]
    } else {
        &[]
    };
    let answer = client.send(method, path, headers, body.map(str::as_bytes)).await;
    let answer = answer.map_err(|e| format!("{method} {path}: {e}"))?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(format!("{method} {path} answered {status}: {}", answer.text())),
    }
}
