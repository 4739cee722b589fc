//! What a large export costs those who read little: the time of small reads with and without one under way.

use crate::load::{Numbers, arriving};
use crate::measure::{program_request, sending};
use crate::setup::{EXPORTED, Stage, Target};
use crate::shape::Shape;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Small reads a second: few enough that nothing waits for a processor because of them.
const RATE: f64 = 200.0;
/// Times that both are measured, in turn.
const TURNS: u32 = 3;
/// What an exporting client takes in a second at most, which is a fast network's share of one client.
const PACE: u64 = 25_000_000;

/// Small reads of one database, alone and beside exports.
pub(crate) struct Beside {
    pub(crate) label: String,
    pub(crate) alone: Numbers,
    /// Beside a client that takes its export at the pace of a network.
    pub(crate) paced: Numbers,
    /// Beside a client that takes its export as fast as it comes.
    pub(crate) greedy: Numbers,
}

/// Measures a database.
pub(crate) async fn database(stage: &Stage, target: &Target, time: Duration) -> Result<Beside, String> {
    eprintln!("measuring {}: small reads beside an export", target.label);
    let (mut alone, mut paced, mut greedy) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        alone.push(small(stage, target, time).await?);
        for (pace, found) in [(PACE, &mut paced), (u64::MAX, &mut greedy)] {
            let export = Export::begin(stage, target, pace);
            // Until it is under way.
            while export.taken.load(Ordering::Relaxed) == 0 && !export.task.is_finished() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            found.push(small(stage, target, time).await?);
            export.end().await?;
        }
    }
    Ok(Beside {
        label: target.label.clone(),
        alone: middle(alone),
        paced: middle(paced),
        greedy: middle(greedy),
    })
}

async fn small(stage: &Stage, target: &Target, time: Duration) -> Result<Numbers, String> {
    let service = target.service;
    let request = move |n| program_request(service, Shape::One, n);
    arriving(RATE, time, stage.program.id(), sending(&stage.client, request)).await
}

/// Of several measurements, that with the median of the medians.
fn middle(mut all: Vec<Numbers>) -> Numbers {
    all.sort_by_key(|numbers| numbers.median);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// A client that exports a million rows again and again.
struct Export {
    over: Arc<AtomicBool>,
    taken: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<Result<(), String>>,
}

impl Export {
    /// Begins, taking so many bytes a second.
    fn begin(stage: &Stage, target: &Target, pace: u64) -> Export {
        let (over, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let address = stage.client.address();
        let head = format!(
            "GET /api/v2/{}/_table/{EXPORTED} HTTP/1.1\r\nHost: {address}\r\nX-DreamFactory-API-Key: {}\r\n\
             Connection: close\r\n\r\n",
            target.service, stage.key
        );
        let (until, seen) = (over.clone(), taken.clone());
        let task = tokio::spawn(async move {
            while !until.load(Ordering::Relaxed) {
                let mut stream = TcpStream::connect(address).await.map_err(|e| e.to_string())?;
                stream
                    .write_all(head.as_bytes())
                    .await
                    .map_err(|e| e.to_string())?;
                take(&mut stream, pace, &until, &seen).await?;
            }
            Ok(())
        });
        Export { over, taken, task }
    }

    async fn end(self) -> Result<(), String> {
        self.over.store(true, Ordering::Relaxed);
        self.task.await.map_err(|e| e.to_string())?
    }
}

/// Takes an answer at a pace, until its end or until it is over.
async fn take(stream: &mut TcpStream, pace: u64, over: &AtomicBool, seen: &AtomicU64) -> Result<(), String> {
    let began = tokio::time::Instant::now();
    let mut piece = vec![0; 64 * 1024];
    let mut taken = 0_u64;
    while !over.load(Ordering::Relaxed) {
        let size = stream.read(&mut piece).await.map_err(|e| e.to_string())?;
        if taken == 0 && !piece.starts_with(b"HTTP/1.1 200") {
            return Err(String::from_utf8_lossy(&piece[..size.min(300)]).into_owned());
        }
        if size == 0 {
            break;
        }
        taken += size as u64;
        seen.fetch_add(size as u64, Ordering::Relaxed);
        if pace != u64::MAX {
            tokio::time::sleep_until(began + Duration::from_secs_f64(taken as f64 / pace as f64)).await;
        }
    }
    Ok(())
}
