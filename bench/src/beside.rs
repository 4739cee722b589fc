//! What a large export costs those who read little: the time of small reads with and without one under way.

use crate::lean::{self, Lean};
use crate::load::{Numbers, arriving};
use crate::measure::{Request, lean_request, program_request, sending};
use crate::setup::{EXPORTED, Stage, Target};
use crate::shape::Shape;
use kit::Client;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Small reads a second: few enough that nothing waits for a processor because of them.
const RATE: f64 = 200.0;
/// Times that both are measured, in turn.
const TURNS: u32 = 3;
/// What an exporting client takes in a second at most, which is a fast network's share of one client.
const PACE: u64 = 25_000_000;

/// Small reads of one database, of the program and of the lean handler.
pub(crate) struct Beside {
    pub(crate) label: String,
    pub(crate) program: Reads,
    pub(crate) lean: Reads,
}

/// Small reads alone and beside exports.
#[derive(Default)]
pub(crate) struct Reads {
    pub(crate) alone: Numbers,
    /// Beside a client that takes its export at the pace of a network.
    pub(crate) paced: Numbers,
    /// Beside a client that takes its export as fast as it comes.
    pub(crate) greedy: Numbers,
    /// What that client took in a second, in bytes.
    pub(crate) speed: u64,
}

/// Who is measured.
struct Server<'s> {
    client: &'s Client,
    process: u32,
    /// The head of a request for the export.
    export: String,
    request: Arc<dyn Fn(u64) -> Request + Send + Sync>,
}

/// Measures a database.
pub(crate) async fn database(stage: &Stage, target: &Target, time: Duration) -> Result<Beside, String> {
    eprintln!("measuring {}: small reads beside an export", target.label);
    let lean = Lean::start(&target.place)?;
    let lean_client = Client::new(lean.address);
    let service = target.service;
    let key = format!("X-DreamFactory-API-Key: {}\r\n", stage.key);
    let servers = [
        Server {
            client: &stage.client,
            process: stage.program.id(),
            export: head(&format!("/api/v2/{service}/_table/{EXPORTED}"), &key),
            request: Arc::new(move |n| program_request(service, Shape::One, n)),
        },
        Server {
            client: &lean_client,
            process: lean.id(),
            export: head(lean::EXPORT, ""),
            request: Arc::new(|n| lean_request(Shape::One, n)),
        },
    ];
    // In turn, so that both meet the same other load.
    let (mut program, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        program.push(servers[0].reads(time).await?);
        bare.push(servers[1].reads(time).await?);
    }
    Ok(Beside {
        label: target.label.clone(),
        program: middle(&program),
        lean: middle(&bare),
    })
}

fn head(path: &str, key: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{key}Connection: close\r\n\r\n")
}

impl Server<'_> {
    async fn reads(&self, time: Duration) -> Result<Reads, String> {
        let alone = self.small(time).await?;
        let (paced, _) = self.beside(PACE, time).await?;
        let (greedy, speed) = self.beside(u64::MAX, time).await?;
        Ok(Reads {
            alone,
            paced,
            greedy,
            speed,
        })
    }

    async fn beside(&self, pace: u64, time: Duration) -> Result<(Numbers, u64), String> {
        let export = Export::begin(self, pace);
        // Until it is under way.
        while export.taken.load(Ordering::Relaxed) == 0 && !export.task.is_finished() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let (before, began) = (export.taken.load(Ordering::Relaxed), Instant::now());
        let found = self.small(time).await?;
        let taken = export.taken.load(Ordering::Relaxed) - before;
        let speed = taken as f64 / began.elapsed().as_secs_f64();
        export.end().await?;
        Ok((found, speed as u64))
    }

    async fn small(&self, time: Duration) -> Result<Numbers, String> {
        let request = self.request.clone();
        let work = sending(self.client, move |n| request(n));
        arriving(RATE, time, self.process, work).await
    }
}

/// Of several measurements, those with the median of the medians.
fn middle(all: &[Reads]) -> Reads {
    let middle = |part: fn(&Reads) -> Numbers| {
        let mut all: Vec<Numbers> = all.iter().map(part).collect();
        all.sort_by_key(|numbers| numbers.median);
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    let mut speeds: Vec<u64> = all.iter().map(|reads| reads.speed).collect();
    speeds.sort_unstable();
    Reads {
        alone: middle(|reads| reads.alone),
        paced: middle(|reads| reads.paced),
        greedy: middle(|reads| reads.greedy),
        speed: speeds.get(speeds.len() / 2).copied().unwrap_or_default(),
    }
}

/// A client that exports a million rows again and again.
struct Export {
    over: Arc<AtomicBool>,
    taken: Arc<AtomicU64>,
    task: tokio::task::JoinHandle<Result<(), String>>,
}

impl Export {
    /// Begins, taking so many bytes a second.
    fn begin(server: &Server<'_>, pace: u64) -> Export {
        let (over, taken) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (address, head) = (server.client.address(), server.export.clone());
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
