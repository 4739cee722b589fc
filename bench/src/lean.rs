//! The least an HTTP service over a driver can be: hyper, one handler, the bare driver.

use crate::baseline::{self, Baseline};
use crate::load::CONCURRENCY;
use crate::shape::Shape;
use bytes::Bytes;
use futures_util::stream;
use http::header::CONTENT_TYPE;
use http::{Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
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

/// Serves until the process is ended.
pub(crate) async fn serve(place: String) -> Result<(), String> {
    let baseline = Arc::new(Baseline::connect(&place, CONCURRENCY).await?);
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(|e| e.to_string())?;
    println!("{}", listener.local_addr().map_err(|e| e.to_string())?);
    loop {
        let (stream, _) = listener.accept().await.map_err(|e| e.to_string())?;
        let _ = stream.set_nodelay(true);
        let (baseline, place) = (baseline.clone(), place.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(baseline.clone(), place.clone(), request));
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Path of the export.
pub(crate) const EXPORT: &str = "/export";

type Answer = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// `/SHAPE/N`: the number of the shape and of the request; or the export.
async fn handle(
    baseline: Arc<Baseline>,
    place: String,
    request: Request<Incoming>,
) -> Result<Answer, http::Error> {
    if request.uri().path() == EXPORT {
        return export(place);
    }
    let mut parts = request
        .uri()
        .path()
        .split('/')
        .skip(1)
        .map(|part| part.parse::<u64>().unwrap_or(0));
    let shape = Shape::ALL[parts.next().unwrap_or(0) as usize % Shape::ALL.len()];
    let n = parts.next().unwrap_or(0);
    let _ = request.into_body().collect().await;
    match baseline.answer(shape, n).await {
        Ok(body) => Response::builder()
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body.into()).boxed_unsync()),
        Err(text) => Response::builder()
            .status(StatusCode::INTERNAL_SERVER_ERROR)
            .body(Full::new(text.into()).boxed_unsync()),
    }
}

fn export(place: String) -> Result<Answer, http::Error> {
    let (send, receive) = mpsc::channel(2);
    tokio::spawn(async move {
        if let Err(text) = baseline::export(place, send).await {
            eprintln!("{text}");
        }
    });
    let frames = stream::unfold(receive, |mut receive| async {
        let piece = receive.recv().await?;
        Some((Ok(Frame::data(piece)), receive))
    });
    Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .body(StreamBody::new(frames).boxed_unsync())
}
