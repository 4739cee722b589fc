//! The listener for operators: `/metrics`, `/live` and `/ready`, apart from the API and without credentials.

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use platform::Platform;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// Connections at once: operators are few.
const MOST_CONNECTIONS: usize = 64;
/// Time in which the head of a request must arrive, and an answer be made.
const LIMIT: Duration = Duration::from_secs(10);

/// What operators can ask.
#[async_trait]
pub trait Observed: Send + Sync + 'static {
    /// The numbers, in the text format of Prometheus.
    async fn metrics(&self) -> String;

    /// Whether calls can be answered right now.
    async fn ready(&self) -> bool;
}

#[async_trait]
impl Observed for Platform {
    async fn metrics(&self) -> String {
        Platform::metrics(self).await
    }

    async fn ready(&self) -> bool {
        Platform::ready(self).await.is_ok()
    }
}

/// The listener; ends when it is dropped.
#[derive(Debug)]
pub struct Operators {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Operators {
    /// Starts answering on a bound listener.
    pub fn start(listener: TcpListener, observed: Arc<dyn Observed>) -> io::Result<Operators> {
        let address = listener.local_addr()?;
        let task = tokio::spawn(listen(listener, observed));
        Ok(Operators { address, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Operators {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, observed: Arc<dyn Observed>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .expect("the semaphore is never closed");
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(e) => {
                tracing::warn!(cause = %e, "a connection of an operator was refused by the system");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let observed = Arc::clone(&observed);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let observed = Arc::clone(&observed);
                async move { Ok::<_, Infallible>(answer(&request, &*observed).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(LIMIT)
                .serve_connection(TokioIo::new(stream), answer);
            if let Err(e) = connection.await {
                tracing::debug!(cause = %e, "a connection of an operator broke off");
            }
            drop(place);
        });
    }
}

async fn answer(request: &Request<Incoming>, observed: &dyn Observed) -> Response<Full<Bytes>> {
    const TEXT: &str = "text/plain; charset=utf-8";
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return text(
            StatusCode::METHOD_NOT_ALLOWED,
            TEXT,
            "This address can only be read.\n".into(),
        );
    }
    match request.uri().path() {
        "/metrics" => {
            let media = "text/plain; version=0.0.4; charset=utf-8";
            match tokio::time::timeout(LIMIT, observed.metrics()).await {
                Ok(numbers) => text(StatusCode::OK, media, numbers),
                Err(_) => text(
                    StatusCode::GATEWAY_TIMEOUT,
                    TEXT,
                    "The numbers took too long.\n".into(),
                ),
            }
        }
        "/live" => text(StatusCode::OK, TEXT, "live\n".into()),
        "/ready" if observed.ready().await => text(StatusCode::OK, TEXT, "ready\n".into()),
        "/ready" => text(StatusCode::SERVICE_UNAVAILABLE, TEXT, "not ready\n".into()),
        _ => text(
            StatusCode::NOT_FOUND,
            TEXT,
            "There is nothing at this address.\n".into(),
        ),
    }
}

fn text(status: StatusCode, media: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response
}
