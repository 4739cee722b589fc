//! What the program holds in memory: idle, under a crowd, and while a million rows leave or a hundred megabytes come.

use crate::load::CROWD;
use crate::measure::over_http;
use crate::setup::{EXPORTED, IMPORTED, Stage, Target};
use crate::shape::Shape;
use kit::Program;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How often memory is looked at.
const EVERY: Duration = Duration::from_millis(5);
/// Size of an import's body.
const BODY: usize = 100_000_000;

/// A way to move much data, and by how many bytes the program grew at most.
pub(crate) struct Growth {
    pub(crate) what: String,
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
}

/// Most memory that the program held while something ran.
async fn peak<T>(program: &Program, work: impl Future<Output = T>) -> (T, u64) {
    let (most, over) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let (seen, ended, id) = (most.clone(), over.clone(), program.id());
    let watcher = std::thread::spawn(move || {
        while !ended.load(Ordering::Relaxed) {
            seen.fetch_max(kit::program::memory(id), Ordering::Relaxed);
            std::thread::sleep(EVERY);
        }
    });
    let done = work.await;
    over.store(true, Ordering::Relaxed);
    let _ = watcher.join();
    (done, most.load(Ordering::Relaxed))
}

/// The most memory with 64 readers at a time.
pub(crate) async fn crowd(stage: &Stage, time: Duration) -> Result<u64, String> {
    let Some(service) = stage.databases.first().map(|target| target.service) else {
        return Ok(0);
    };
    let request = move |n| {
        let (method, path, body) = Shape::Page.request(n);
        (method, format!("/api/v2/{service}/_table/{path}"), body)
    };
    let work = over_http(&stage.client, stage.program.id(), time, CROWD, request);
    let (done, most) = peak(&stage.program, work).await;
    done.map(|_| most)
}

/// Exports a million rows in every form, and imports a hundred megabytes.
pub(crate) async fn growth(stage: &Stage, target: &Target) -> Result<Vec<Growth>, String> {
    let mut all = Vec::new();
    let path = format!("/api/v2/{}/_table/{EXPORTED}", target.service);
    for (name, media) in [
        ("JSON", "application/json"),
        ("CSV", "text/csv"),
        ("NDJSON", "application/x-ndjson"),
    ] {
        eprintln!("measuring {}: export in {name}", target.label);
        let what = format!("a million rows in {name}");
        all.push(watched(stage, what, "GET", &path, ("Accept", media), None).await?);
    }
    eprintln!("measuring {}: import", target.label);
    let path = format!("/api/v2/{}/_table/{IMPORTED}", target.service);
    let body = csv();
    let what = format!("an import of {} MB of CSV", BODY / 1_000_000);
    all.push(
        watched(
            stage,
            what,
            "POST",
            &path,
            ("Content-Type", "text/csv"),
            Some(&body),
        )
        .await?,
    );
    Ok(all)
}

async fn watched(
    stage: &Stage,
    what: String,
    method: &str,
    path: &str,
    header: (&str, &str),
    body: Option<&[u8]>,
) -> Result<Growth, String> {
    let (program, before) = (&stage.program, stage.program.memory());
    let began = std::time::Instant::now();
    let (answer, most) = peak(program, stage.client.send(method, path, &[header], body)).await;
    let answer = answer.map_err(|e| format!("{what}: {e}"))?;
    if answer.status != 200 {
        return Err(format!("{what} answered {}: {}", answer.status, answer.text()));
    }
    Ok(Growth {
        what,
        bytes: most.saturating_sub(before),
        took: began.elapsed(),
    })
}

fn csv() -> Vec<u8> {
    let mut text = String::with_capacity(BODY + 1024);
    text.push_str("name,quantity\n");
    let name = "z".repeat(200);
    let mut n = 0;
    while text.len() < BODY {
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{name}{n},{}", 1 + n % 1000);
        n += 1;
    }
    text.into_bytes()
}
