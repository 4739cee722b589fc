//! Load: in a closed loop for the greatest rate (a fixed number of workers, each with one request under way), and in
//! an open one for latency (requests arrive at a fixed rate, whether or not others were answered).

use kit::Client;
use kit::program::processor_time;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

/// Workers of the measurements that are compared.
pub(crate) const CONCURRENCY: usize = 8;

/// Workers of the crowd.
pub(crate) const CROWD: usize = 64;

/// Requests under way at most in an open loop; beyond, the program is overloaded and the figures say so anyway.
const MOST_UNDER_WAY: u32 = 256;

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

impl Numbers {
    /// How many medians the 99th of 100 requests takes.
    pub(crate) fn spread(&self) -> f64 {
        self.p99.as_secs_f64() / self.median.as_secs_f64().max(f64::EPSILON)
    }
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
    Ok(numbers(&mut times, took, processor))
}

/// Runs `work(n)` at a fixed rate for `time`. A request's time counts from when it should have been sent, so that a
/// stall is felt by all who arrive during it. An error of one is the error of all.
pub(crate) async fn arriving<F, W>(
    rate: f64,
    time: Duration,
    process: u32,
    work: W,
) -> Result<Numbers, String>
where
    W: Fn(u64) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let count = (rate * time.as_secs_f64()) as u64;
    let (processor, began) = (processor_time(process), Instant::now());
    let mut times = arrivals(rate, count, began, work).await?;
    let (took, processor) = (began.elapsed(), processor_time(process).saturating_sub(processor));
    Ok(numbers(&mut times, took, processor))
}

/// Lets `count` requests arrive, and gives the time that each took once the last has its answer.
async fn arrivals<F, W>(rate: f64, count: u64, began: Instant, work: W) -> Result<Vec<Duration>, String>
where
    W: Fn(u64) -> F + Clone + Send + 'static,
    F: Future<Output = Result<(), String>> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MOST_UNDER_WAY as usize));
    let times = Arc::new(Mutex::new(Vec::with_capacity(count as usize)));
    let (own, all, runtime) = (places.clone(), times.clone(), Handle::current());
    // On a thread of its own: the runtime's timers are exact to a millisecond, and who is sent together waits for each
    // other.
    let sent = tokio::task::spawn_blocking(move || {
        for n in 0..count {
            let due = began + Duration::from_secs_f64(n as f64 / rate);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let place = runtime.block_on(own.clone().acquire_owned());
            let place = place.map_err(|e| e.to_string())?;
            let (work, times) = (work.clone(), all.clone());
            runtime.spawn(async move {
                let done = work(n).await.map(|()| due.elapsed());
                times.lock().unwrap_or_else(PoisonError::into_inner).push(done);
                drop(place);
            });
        }
        Ok::<_, String>(())
    });
    sent.await.map_err(|e| e.to_string())??;
    let all = places
        .acquire_many(MOST_UNDER_WAY)
        .await
        .map_err(|e| e.to_string())?;
    drop(all);
    let times = std::mem::take(&mut *times.lock().unwrap_or_else(PoisonError::into_inner));
    match times.len() as u64 == count {
        true => times.into_iter().collect(),
        false => Err("a request came to no end".into()),
    }
}

fn numbers(times: &mut [Duration], took: Duration, processor: Duration) -> Numbers {
    times.sort_unstable();
    let at = |part: f64| {
        let index = (times.len() as f64 * part) as usize;
        times.get(index).copied().unwrap_or_default()
    };
    Numbers {
        rate: times.len() as f64 / took.as_secs_f64(),
        median: at(0.5),
        p99: at(0.99),
        processor: processor / times.len().max(1) as u32,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_requests_of_an_open_loop_are_sent_and_awaited() {
        let sent = Arc::new(AtomicU64::new(0));
        let work = |sent: Arc<AtomicU64>| {
            move |_| {
                let sent = sent.clone();
                async move {
                    tokio::task::yield_now().await;
                    sent.fetch_add(1, Ordering::Relaxed);
                    Ok(())
                }
            }
        };
        let time = Duration::from_millis(20);
        let numbers = arriving(20_000.0, time, std::process::id(), work(sent.clone())).await;
        assert!(numbers.is_ok_and(|found| found.median > Duration::ZERO));
        assert_eq!(sent.load(Ordering::Relaxed), 400);
    }

    #[tokio::test]
    async fn an_error_of_one_request_is_the_error_of_all() {
        let work = |n| async move {
            if n == 7 {
                Err("the eighth".to_owned())
            } else {
                Ok(())
            }
        };
        let found = arriving(10_000.0, Duration::from_millis(2), std::process::id(), work).await;
        assert_eq!(found.err().as_deref(), Some("the eighth"));
    }
}
