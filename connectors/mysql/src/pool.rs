//! The pool: how many connections there are, how long to wait for one, and which may be used again.
//!
//! It is our own because the driver's has no limit on waiting, reads a result that nobody wants to its end before
//! it uses the connection again, and forgets prepared statements between uses.

use crate::config::{Config, Tls};
use crate::fault::{connect_fault, fault, is_tls};
use driver::{Fault, FaultKind, Trouble};
use futures_util::FutureExt;
use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Error};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Connections unused for this long are closed.
const MAX_IDLE: Duration = Duration::from_secs(300);
/// Connections older than this are closed, so that a changed address of the server is found.
const MAX_AGE: Duration = Duration::from_secs(1800);
/// Commands to end abandoned statements that may run at once.
const KILLS: usize = 2;

/// What a connection is wanted for, which decides after how much rest it is asked whether it still lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A read, which can be repeated on a fresh connection.
    Read,
    /// A write, which cannot.
    Write,
    /// A check: always asks.
    Check,
}

impl Purpose {
    fn trusts(self, rest: Duration) -> bool {
        match self {
            Purpose::Read => rest < Duration::from_secs(30),
            Purpose::Write => rest < Duration::from_millis(500),
            Purpose::Check => false,
        }
    }
}

/// Connections to one server.
#[derive(Debug)]
pub(crate) struct Pool {
    config: Config,
    permits: Arc<Semaphore>,
    kills: Arc<Semaphore>,
    idle: Mutex<Vec<Idle>>,
    /// Whether the server was found to have no encryption, where it is only preferred.
    unencrypted: AtomicBool,
}

/// An open connection.
#[derive(Debug)]
struct Live {
    conn: Conn,
    born: Instant,
    /// The greatest statement that the server takes, in bytes.
    limit: usize,
}

#[derive(Debug)]
struct Idle {
    live: Live,
    since: Instant,
}

/// What a borrowed connection is doing; only one that is at rest goes back to the pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing.
    Rest,
    /// A statement was sent and not answered to its end.
    Running,
    /// The connection is broken.
    Spoilt,
}

/// A borrowed connection. Dropping it gives it back, closes it, or rolls back first, as its state demands.
#[derive(Debug)]
pub(crate) struct Lease {
    live: Option<Live>,
    pub(crate) state: State,
    /// Whether a transaction is open on it.
    pub(crate) in_transaction: bool,
    /// Whether a routine may have changed the session, so that it must be set up anew.
    pub(crate) spent: bool,
    /// Whether it was used before, so that it may have died in the meantime.
    pub(crate) reused: bool,
    pool: Arc<Pool>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Pool {
    /// A pool without connections.
    pub(crate) fn new(config: Config) -> Arc<Pool> {
        Arc::new(Pool {
            permits: Arc::new(Semaphore::new(config.pool_size.min(Semaphore::MAX_PERMITS))),
            kills: Arc::new(Semaphore::new(KILLS)),
            idle: Mutex::new(Vec::new()),
            unencrypted: AtomicBool::new(false),
            config,
        })
    }

    /// The configuration.
    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// What is open right now.
    pub(crate) fn state(&self) -> contract::PoolState {
        let most = self.config.pool_size.min(Semaphore::MAX_PERMITS);
        let in_use = most.saturating_sub(self.permits.available_permits());
        contract::PoolState {
            open: in_use + self.idle().len(),
            in_use,
            most,
        }
    }

    /// Borrows a connection: one that rests, or a new one. [`FaultKind::Busy`] when none became free in time.
    pub(crate) async fn acquire(self: &Arc<Self>, purpose: Purpose) -> Result<Lease, Fault> {
        let permit = self.permit().await?;
        while let Some(Idle { mut live, since }) = self.rested() {
            if purpose.trusts(since.elapsed()) || self.lives(&mut live.conn).await {
                return Ok(self.lease(live, true, permit));
            }
            // One dead connection means that the server was away: the others are dead too.
            close(live.conn);
            self.forget();
        }
        self.fresh(permit).await
    }

    /// Borrows a new connection in place of one that was found dead, and forgets all that rest.
    pub(crate) async fn replace(self: &Arc<Self>, dead: Lease) -> Result<Lease, Fault> {
        drop(dead);
        self.forget();
        let permit = self.permit().await?;
        self.fresh(permit).await
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit, Fault> {
        match timeout(self.config.pool_wait, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(permit) => Ok(permit.expect("the pool never closes its semaphore")),
            Err(_) => Err(Fault::new(FaultKind::Busy, "no connection became free in time")),
        }
    }

    async fn fresh(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Result<Lease, Fault> {
        let connecting = async {
            let mut conn = self.connect().await.map_err(|error| connect_fault(&error))?;
            self.set_up(&mut conn)
                .await
                .map_err(|error| fault(&error).of_set_up())?;
            let limit = conn.query_first::<usize, _>("SELECT @@max_allowed_packet").await;
            let limit = limit.map_err(|error| fault(&error))?.unwrap_or(usize::MAX);
            Ok(Live {
                conn,
                born: Instant::now(),
                limit,
            })
        };
        match timeout(self.config.connect_timeout, connecting).await {
            Ok(live) => Ok(self.lease(live?, false, permit)),
            Err(_) => Err(Fault::new(FaultKind::Down, "the server did not answer in time")
                .with_trouble(Some(&Trouble::SILENT))),
        }
    }

    /// Runs the statements that every session begins with.
    async fn set_up(&self, conn: &mut Conn) -> Result<(), Error> {
        conn.query_drop(&self.config.session).await?;
        for statement in &self.config.statements {
            conn.query_drop(statement).await?;
        }
        Ok(())
    }

    async fn connect(&self) -> Result<Conn, Error> {
        match self.config.tls {
            Tls::Off => Conn::new(self.config.plain.clone()).await,
            Tls::Always => Conn::new(self.config.secure.clone()).await,
            Tls::Preferred if self.unencrypted.load(Ordering::Relaxed) => {
                Conn::new(self.config.plain.clone()).await
            }
            Tls::Preferred => match Conn::new(self.config.secure.clone()).await {
                Err(error) if is_tls(&error) => {
                    self.unencrypted.store(true, Ordering::Relaxed);
                    Conn::new(self.config.plain.clone()).await
                }
                other => other,
            },
        }
    }

    async fn lives(&self, conn: &mut Conn) -> bool {
        matches!(
            timeout(self.config.connect_timeout, conn.ping()).await,
            Ok(Ok(()))
        )
    }

    fn lease(self: &Arc<Self>, live: Live, reused: bool, permit: OwnedSemaphorePermit) -> Lease {
        Lease {
            live: Some(live),
            state: State::Rest,
            in_transaction: false,
            spent: false,
            reused,
            pool: Arc::clone(self),
            permit: Some(permit),
        }
    }

    /// The connection that rests for the shortest time; those that rest too long are closed on the way.
    fn rested(&self) -> Option<Idle> {
        let mut idle = self.idle();
        let expired = idle
            .iter()
            .take_while(|one| one.since.elapsed() > MAX_IDLE)
            .count();
        idle.drain(..expired);
        idle.pop()
    }

    fn give_back(&self, live: Live) {
        if live.born.elapsed() < MAX_AGE {
            self.idle().push(Idle {
                live,
                since: Instant::now(),
            });
        }
    }

    fn forget(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a connection whose statement nobody waits for: the server does not notice by itself that its client
    /// has gone, and would run it to its end.
    fn kill(self: Arc<Self>, id: u32) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        runtime.spawn(async move {
            let Ok(_permit) = Arc::clone(&self.kills).acquire_owned().await else {
                return;
            };
            let killing = async {
                let mut conn = self.connect().await?;
                conn.query_drop(format!("KILL {id}")).await
            };
            if let Ok(Err(error)) = timeout(self.config.connect_timeout, killing).await {
                tracing::debug!(%error, "an abandoned statement could not be ended");
            }
        });
    }
}

/// Closes a connection at once. The driver's own ways read what is left of a result first; polling its farewell
/// once and dropping it closes the socket.
fn close(conn: Conn) {
    let _ = conn.disconnect().now_or_never();
}

impl Lease {
    /// The connection.
    pub(crate) fn conn(&mut self) -> &mut Conn {
        &mut self
            .live
            .as_mut()
            .expect("only dropping takes the connection away")
            .conn
    }

    /// The greatest statement that the server takes, in bytes.
    pub(crate) fn limit(&self) -> usize {
        self.live.as_ref().map_or(usize::MAX, |live| live.limit)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let (Some(live), Some(permit)) = (self.live.take(), self.permit.take()) else {
            return;
        };
        match self.state {
            State::Rest if self.in_transaction => roll_back(self.pool.lease(live, true, permit)),
            State::Rest if self.spent => renew(self.pool.lease(live, true, permit)),
            State::Rest => self.pool.give_back(live),
            State::Running => {
                let id = live.conn.id();
                close(live.conn);
                Arc::clone(&self.pool).kill(id);
            }
            State::Spoilt => close(live.conn),
        }
    }
}

/// Rolls back in the background and gives the connection back; without a runtime, closing it rolls back as well.
fn roll_back(mut lease: Lease) {
    lease.state = State::Spoilt;
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move {
            let limit = lease.pool.config.connect_timeout;
            let rolled_back = timeout(limit, lease.conn().query_drop("ROLLBACK")).await;
            lease.state = if matches!(rolled_back, Ok(Ok(()))) {
                State::Rest
            } else {
                State::Spoilt
            };
            drop(lease);
        });
    }
}

/// Resets the session in the background and gives the connection back; one that cannot be reset is closed.
fn renew(mut lease: Lease) {
    lease.state = State::Spoilt;
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn(async move {
            let pool = Arc::clone(&lease.pool);
            let renewing = async {
                let conn = lease.conn();
                Ok::<bool, Error>(conn.reset().await? && pool.set_up(conn).await.is_ok())
            };
            if matches!(timeout(pool.config.connect_timeout, renewing).await, Ok(Ok(true))) {
                lease.state = State::Rest;
            }
            drop(lease);
        });
    }
}
