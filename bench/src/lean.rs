//! The least an HTTP service over a driver can be: axum, one handler, the bare driver.

use crate::baseline::{self, Baseline};
use crate::load::CONCURRENCY;
use crate::shape::Shape;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use axum::serve::ListenerExt;
use futures_util::stream;
use kit::guard::{Guarded, Process};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// First argument that makes this program the lean handler; the second is the place of the database.
pub(crate) const COMMAND: &str = "lean";

/// The lean handler in a process of its own.
pub(crate) struct Lean {
    process: Process,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Lean {
    /// Starts it for a database and waits until it listens.
    pub(crate) fn start(place: &str) -> Result<Lean, String> {
        let folder = tempfile::Builder::new()
            .prefix("dw-lean-")
            .tempdir()
            .map_err(|e| e.to_string())?
            .keep();
        let own = std::env::current_exe()
            .map_err(|e| e.to_string())?
            .display()
            .to_string();
        let process = Process::start(&Guarded {
            command: vec![own, COMMAND.into(), place.into()],
            environment: &[],
            forget: &[],
            log: &folder.join("log"),
            folder: &folder,
            signal: "KILL",
        });
        let limit = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(address) = process.output().lines().next().and_then(|line| line.parse().ok()) {
                return Ok(Lean { process, address });
            }
            if !process.running() || Instant::now() > limit {
                return Err(format!("the lean handler did not start: {}", process.output()));
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }
}

/// What the handlers share.
struct Served {
    baseline: Baseline,
    place: String,
}

/// Path of the export.
pub(crate) const EXPORT: &str = "/export";

/// Serves until the process is ended.
pub(crate) async fn serve(place: String) -> Result<(), String> {
    let baseline = Baseline::connect(&place, CONCURRENCY).await?;
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|e| e.to_string())?;
    println!("{}", listener.local_addr().map_err(|e| e.to_string())?);
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let router = Router::new()
        .route(EXPORT, get(export))
        .route("/{shape}/{n}", any(answer))
        .with_state(Arc::new(Served { baseline, place }));
    axum::serve(listener, router).await.map_err(|e| e.to_string())
}

type Json = ([(HeaderName, &'static str); 1], Body);

fn json(body: Body) -> Json {
    ([(CONTENT_TYPE, "application/json")], body)
}

/// The `n`-th request of a shape, by its number. The body is read and says nothing that the number does not.
async fn answer(
    State(served): State<Arc<Served>>,
    Path((shape, n)): Path<(usize, u64)>,
    _body: Bytes,
) -> Result<Json, (StatusCode, String)> {
    let shape = Shape::ALL.get(shape).copied();
    let shape = shape.ok_or((StatusCode::NOT_FOUND, "There is no such request.".to_owned()))?;
    match served.baseline.answer(shape, n).await {
        Ok(body) => Ok(json(body.into())),
        Err(text) => Err((StatusCode::INTERNAL_SERVER_ERROR, text)),
    }
}

async fn export(State(served): State<Arc<Served>>) -> impl IntoResponse {
    let (send, receive) = mpsc::channel(2);
    tokio::spawn(async move {
        if let Err(text) = baseline::export(served.place.clone(), send).await {
            eprintln!("{text}");
        }
    });
    let pieces = stream::unfold(receive, |mut receive| async {
        let piece: Bytes = receive.recv().await?;
        Some((Ok::<_, Infallible>(piece), receive))
    });
    json(Body::from_stream(pieces))
}
