//! The listening loop: connections, their limits, and a clean end.

mod progress;
mod raw_target;

use crate::Door;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use progress::Progress;
use raw_target::RawTarget;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tower::Layer;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

/// Most connections at once; more wait in the kernel's queue.
const MOST_CONNECTIONS: usize = 8192;
/// Most requests at once on one HTTP/2 connection.
const MOST_STREAMS: u32 = 128;
/// Answers below this many bytes are not worth compressing.
const WORTH_COMPRESSING: u64 = 1024;
/// How long to wait after the system refused a connection, most likely for want of file descriptors.
const AFTER_REFUSAL: Duration = Duration::from_millis(50);
/// How often an HTTP/2 client is asked for a sign of life, and how long it has for it.
const PING_EVERY: Duration = Duration::from_secs(30);
const PING_LIMIT: Duration = Duration::from_secs(10);

/// Binds an address; port 0 takes a free port.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// A server that listens until it is shut down. Dropping it does not end it.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    ended: JoinHandle<()>,
}

impl Server {
    /// Starts answering on a bound listener. Fails when the listener has no address.
    pub fn start(listener: TcpListener, door: Arc<Door>) -> io::Result<Server> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let ended = tokio::spawn(listen(listener, door, stopped));
        Ok(Server { address, stop, ended })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, lets running requests finish within the time of the settings, then ends them.
    pub async fn shutdown(self) {
        // The loop may have ended already; then there is nobody to tell.
        let _ = self.stop.send(true);
        if let Err(e) = self.ended.await {
            tracing::error!(cause = %e, "the listening loop did not end cleanly");
        }
    }
}

async fn listen(listener: TcpListener, door: Arc<Door>, mut stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let running = GracefulShutdown::new();
    let (end, ended) = watch::channel(());
    let builder = builder(&door);
    loop {
        let accepted = async {
            let place = Arc::clone(&places)
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            _ = stopped.changed() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) => {
                tracing::warn!(cause = %e, "a connection was refused by the system");
                tokio::time::sleep(AFTER_REFUSAL).await;
                continue;
            }
        };
        let connection = connection(&builder, stream, peer, Arc::clone(&door));
        let connection = running.watch(connection);
        let mut ended = ended.clone();
        tokio::spawn(async move {
            tokio::select! {
                result = connection => if let Err(e) = result {
                    tracing::debug!(cause = %e, "a connection broke off");
                },
                _ = ended.changed() => {}
            }
            drop(place);
        });
    }
    drop(listener);
    let limit = Duration::from_secs(door.settings().shutdown_timeout);
    if tokio::time::timeout(limit, running.shutdown()).await.is_err() {
        tracing::warn!("requests that had not finished in time were ended");
        // Nobody listens any more when all connections are gone.
        let _ = end.send(());
    }
}

fn builder(door: &Door) -> Builder<TokioExecutor> {
    let settings = door.settings();
    let header_bytes = usize::try_from(settings.max_header_bytes).unwrap_or(usize::MAX);
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(settings.header_timeout))
        .max_buf_size(header_bytes)
        .keep_alive(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(settings.max_header_bytes).unwrap_or(u32::MAX))
        .max_concurrent_streams(MOST_STREAMS)
        .keep_alive_interval(PING_EVERY)
        .keep_alive_timeout(PING_LIMIT);
    builder
}

/// A connection as a future that ends when the client goes, or soon after it is told to shut down.
fn connection(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    door: Arc<Door>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>>
+ Send
+ use<> {
    if let Err(e) = stream.set_nodelay(true) {
        tracing::debug!(cause = %e, "a connection without TCP_NODELAY");
    }
    let settings = door.settings();
    let opening = Duration::from_secs(settings.header_timeout);
    let stalled = Duration::from_secs(settings.request_timeout);
    let io = TokioIo::new(RawTarget::new(Progress::new(stream, opening, stalled)));
    let worth = SizeAbove::new(WORTH_COMPRESSING)
        .and(NotForContentType::IMAGES)
        .and(NotForContentType::SSE)
        .and(NotForContentType::const_new("application/zip"));
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(worth);
    let service = compression.layer(tower::service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Infallible>(door.answer(request, Some(peer.ip())).await) }
    }));
    builder
        .serve_connection(io, TowerToHyperService::new(service))
        .into_owned()
}
