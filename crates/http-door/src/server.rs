//! The listening loop: connections, their limits, and a clean end.

mod compression;
mod progress;
mod raw_target;

use crate::Door;
use compression::Accepted;
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Version};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use progress::Progress;
use raw_target::RawTarget;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// How long clients have at shutdown to send one more request on a connection that they keep: it is answered, and the
/// answer says that it was the last. A connection that is closed while a request is on its way loses it.
const LAST_REQUESTS: Duration = Duration::from_millis(500);
/// Most requests at once on one HTTP/2 connection.
const MOST_STREAMS: u32 = 128;
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
    /// Starts answering on a bound listener, with so many connections at once; more wait in the kernel's queue. Fails
    /// when the listener has no address.
    pub fn start(listener: TcpListener, door: Arc<Door>, connections: usize) -> io::Result<Server> {
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let ended = tokio::spawn(listen(listener, door, connections, stopped));
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

/// What the connections share.
struct Listening {
    door: Arc<Door>,
    builder: Builder<TokioExecutor>,
    running: GracefulShutdown,
    /// Whether each answer is the last on its connection.
    closing: Arc<AtomicBool>,
    /// Tells those that did not end in time to end.
    end: watch::Sender<()>,
}

async fn listen(
    listener: TcpListener,
    door: Arc<Door>,
    connections: usize,
    mut stopped: watch::Receiver<bool>,
) {
    let connections = connections.min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(connections));
    let limit = Duration::from_secs(door.settings().shutdown_timeout);
    let listening = Listening {
        builder: builder(&door),
        running: GracefulShutdown::new(),
        closing: Arc::default(),
        end: watch::channel(()).0,
        door,
    };
    loop {
        let accepted = async {
            let place = place(&places).await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            accepted = accepted => accepted,
            _ = stopped.changed() => break,
        };
        match accepted {
            Ok((stream, peer)) => listening.serve(stream, peer, place),
            Err(e) => {
                tracing::warn!(cause = %e, "a connection was refused by the system");
                tokio::time::sleep(AFTER_REFUSAL).await;
            }
        }
    }
    listening.closing.store(true, Ordering::Relaxed);
    // Those who wait in the kernel's queue believe that they are connected.
    while let Ok(place) = Arc::clone(&places).try_acquire_owned()
        && let Some(Ok((stream, peer))) = listener.accept().now_or_never()
    {
        listening.serve(stream, peer, place);
    }
    drop(listener);
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    // Over early when all connections have ended.
    let _ = timeout(LAST_REQUESTS.min(limit), places.acquire_many(all)).await;
    if timeout(limit, listening.running.shutdown()).await.is_err() {
        tracing::warn!("requests that had not finished in time were ended");
        // Nobody listens any more when all connections are gone.
        let _ = listening.end.send(());
    }
}

async fn place(places: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    let place = Arc::clone(places).acquire_owned().await;
    place.expect("the semaphore is never closed")
}

impl Listening {
    fn serve(&self, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
        let connection = self.running.watch(self.connection(stream, peer));
        let mut ended = self.end.subscribe();
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

impl Listening {
    /// A connection as a future that ends when the client goes, or soon after it is told to shut down.
    fn connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> impl hyper_util::server::graceful::GracefulConnection<
        Error = Box<dyn std::error::Error + Send + Sync>,
    > + Send
    + use<> {
        if let Err(e) = stream.set_nodelay(true) {
            tracing::debug!(cause = %e, "a connection without TCP_NODELAY");
        }
        let door = Arc::clone(&self.door);
        let closing = Arc::clone(&self.closing);
        let settings = door.settings();
        let opening = Duration::from_secs(settings.header_timeout);
        let stalled = Duration::from_secs(settings.request_timeout);
        let io = TokioIo::new(RawTarget::new(Progress::new(stream, opening, stalled)));
        let service = service_fn(move |request: Request<_>| {
            let (door, closing) = (Arc::clone(&door), Arc::clone(&closing));
            async move {
                let is_first_version = request.version() <= Version::HTTP_11;
                let accepted = Accepted::of(request.headers());
                let mut response = door.answer(request, Some(peer.ip())).await;
                if is_first_version && closing.load(Ordering::Relaxed) {
                    let headers = response.headers_mut();
                    headers.insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(accepted.applied(response).await)
            }
        });
        self.builder.serve_connection(io, service).into_owned()
    }
}
