//! Connections, each on a thread of its own, and the pool that lends them.
//!
//! A thread per connection and not tokio's blocking pool: eight callers reading one row each get 10 to 15 percent
//! more reads, one caller as many (`examples/read_latency.rs` measures both), the statement cache stays with its
//! thread, and long reads cannot fill the blocking pool that others need.
//!
//! A connection may also be used on its borrower's own thread, for a moment: [`Lease::at_once`].

use crate::connection::Opener;
use driver::{Fault, FaultKind};
use parking_lot::Mutex;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How many steps of SQLite's machine pass between looks at whether the caller has gone.
const STEPS_BETWEEN_LOOKS: i32 = 512;
/// How much work may keep its borrower's thread, which others wait for: as many looks (half a millisecond or so), or
/// as much time, where the disk is slow. The time must be longer than a busy system lets a thread wait for its turn:
/// otherwise short reads are taken for long ones, change threads, and make it busier.
const LOOKS_AT_ONCE: u64 = 128;
const TIME_AT_ONCE: Duration = Duration::from_millis(25);
/// More looks than there will ever be.
const ENDLESS: u64 = u64::MAX;

/// Locks the connection while it needs it, and lets it go before it tells anybody that it has ended: whoever is told may
/// want it at once, and must not find it still at work.
type Job = Box<dyn FnOnce(&Mutex<Slot>) + Send>;

/// A lazily opened connection on its thread.
struct Slot {
    connection: Option<Connection>,
    opener: Arc<Opener>,
    reads_only: bool,
    turn: Arc<Turn>,
}

/// Which job runs on a connection, and which its caller gave up.
struct Turn {
    next: AtomicU64,
    running: AtomicU64,
    given_up: AtomicU64,
    ended: AtomicBool,
    /// How many looks are left to what runs.
    looks: AtomicU64,
    /// When what runs at once began.
    began: Mutex<Instant>,
}

impl Turn {
    fn new() -> Turn {
        Turn {
            next: AtomicU64::new(0),
            running: AtomicU64::new(0),
            given_up: AtomicU64::new(0),
            ended: AtomicBool::new(false),
            looks: AtomicU64::new(ENDLESS),
            began: Mutex::new(Instant::now()),
        }
    }

    /// Begins a job. Numbers start at 1: 0 is "none given up".
    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Whether what runs is to be interrupted.
    fn stops(&self) -> bool {
        let looks = self.looks.load(Ordering::Relaxed);
        if looks != ENDLESS {
            self.looks.store(looks.saturating_sub(1), Ordering::Relaxed);
            if looks == 0 || self.began.lock().elapsed() > TIME_AT_ONCE {
                return true;
            }
        }
        self.given_up.load(Ordering::Relaxed) == self.running.load(Ordering::Relaxed)
    }
}

impl Slot {
    fn connection(&mut self) -> Result<&mut Connection, Fault> {
        if self.connection.is_none() {
            let mut connection = self.opener.open(self.reads_only)?;
            let turn = Arc::clone(&self.turn);
            connection
                .progress_handler(STEPS_BETWEEN_LOOKS, Some(move || turn.stops()))
                .map_err(crate::fault::fault)?;
            self.connection = Some(connection);
        }
        self.connection.as_mut().ok_or_else(closed)
    }
}

fn closed() -> Fault {
    Fault::new(FaultKind::Other, "the connection's thread has ended")
}

#[derive(Clone)]
struct Worker {
    jobs: Sender<Job>,
    turn: Arc<Turn>,
    slot: Arc<Mutex<Slot>>,
}

impl Worker {
    fn start(opener: Arc<Opener>, reads_only: bool) -> Result<Worker, Fault> {
        let (jobs, queue) = channel();
        let turn = Arc::new(Turn::new());
        let slot = Arc::new(Mutex::new(Slot {
            connection: None,
            opener,
            reads_only,
            turn: Arc::clone(&turn),
        }));
        let worker = Worker {
            jobs,
            turn: Arc::clone(&turn),
            slot: Arc::clone(&slot),
        };
        let name = if reads_only { "sqlite-read" } else { "sqlite-write" };
        std::thread::Builder::new()
            .name(name.into())
            .spawn(move || serve(&slot, &turn, &queue))
            .map_err(|error| Fault::new(FaultKind::Busy, error))?;
        Ok(worker)
    }
}

/// Runs jobs until the pool and all leases are gone, which closes the connection.
fn serve(slot: &Mutex<Slot>, turn: &Arc<Turn>, queue: &Receiver<Job>) {
    let _ended = Ended(Arc::clone(turn));
    while let Ok(job) = queue.recv() {
        job(slot);
    }
}

/// Tells the end of a thread, also by a panic, so that its connection is not lent again.
struct Ended(Arc<Turn>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Relaxed);
    }
}

/// Connections of one kind: many that read, or one that writes.
pub(crate) struct Pool {
    opener: Arc<Opener>,
    reads_only: bool,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Worker>>,
}

impl Pool {
    pub(crate) fn new(opener: Arc<Opener>, reads_only: bool, size: usize) -> Arc<Pool> {
        let free = Arc::new(Semaphore::new(size.max(1)));
        Arc::new(Pool {
            opener,
            reads_only,
            free,
            idle: Mutex::new(Vec::new()),
        })
    }

    /// Waits for a connection, bounded; then [`FaultKind::Busy`].
    pub(crate) async fn lease(self: &Arc<Pool>) -> Result<Lease, Fault> {
        let permit = match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let wait = tokio::time::timeout(
                    self.opener.config().pool_wait,
                    Arc::clone(&self.free).acquire_owned(),
                );
                match wait.await {
                    Ok(Ok(permit)) => permit,
                    _ => return Err(Fault::new(FaultKind::Busy, "no connection became free in time")),
                }
            }
        };
        self.lend(permit)
    }

    /// A connection without waiting, for the start of the program.
    pub(crate) fn lease_now(self: &Arc<Pool>) -> Result<Lease, Fault> {
        match Arc::clone(&self.free).try_acquire_owned() {
            Ok(permit) => self.lend(permit),
            Err(_) => Err(Fault::new(FaultKind::Busy, "no connection is free")),
        }
    }

    /// The connection used last is lent first: its caches are warm, and the others stay unopened.
    fn lend(self: &Arc<Pool>, permit: OwnedSemaphorePermit) -> Result<Lease, Fault> {
        let worker = {
            let mut idle = self.idle.lock();
            idle.retain(|worker| !worker.turn.ended.load(Ordering::Relaxed));
            idle.pop()
        };
        let worker = match worker {
            Some(worker) => worker,
            None => Worker::start(Arc::clone(&self.opener), self.reads_only)?,
        };
        Ok(Lease {
            worker: Some(worker),
            pool: Arc::clone(self),
            _permit: permit,
        })
    }
}

/// A connection on loan; goes back to its pool when dropped.
pub(crate) struct Lease {
    worker: Option<Worker>,
    pool: Arc<Pool>,
    // Declared last, so released after `drop` has put the worker back.
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take()
            && !std::thread::panicking()
        {
            self.pool.idle.lock().push(worker);
        }
    }
}

impl Lease {
    /// Runs work on the connection and gives it back. When the caller goes away, the work is interrupted.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let worker = self.worker()?;
        run(worker, Some(self), work, true).await
    }

    /// Runs work on the connection and keeps the loan. When the caller goes away, the work is interrupted.
    pub(crate) async fn run_kept<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        run(self.worker()?, None, work, true).await
    }

    /// Runs work to its end, whether or not the caller stays.
    pub(crate) async fn finish<T: Send + 'static>(
        self,
        work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let worker = self.worker()?;
        run(worker, Some(self), work, false).await
    }

    /// Runs a little work on this very thread, without waiting for locks; more than a little is interrupted. None when
    /// the connection is not open yet or still at work. For what only reads: it may fail here and be good elsewhere.
    pub(crate) fn at_once<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Option<Result<T, Fault>> {
        let slot = self.worker.as_ref()?.slot.try_lock()?;
        let (connection, turn) = (slot.connection.as_ref()?, &slot.turn);
        let wait = slot.opener.config().pool_wait;
        turn.running.store(turn.number(), Ordering::Relaxed);
        *turn.began.lock() = Instant::now();
        turn.looks.store(LOOKS_AT_ONCE, Ordering::Relaxed);
        let result = waiting(connection, Duration::ZERO).and_then(|()| work(connection));
        turn.looks.store(ENDLESS, Ordering::Relaxed);
        Some(waiting(connection, wait).and(result))
    }

    /// Queues work that nobody waits for.
    pub(crate) fn leave(self, work: impl FnOnce(&mut Connection) + Send + 'static) {
        if let Ok(worker) = self.worker() {
            let job: Job = Box::new(move |slot| {
                let mut slot = slot.lock();
                slot.turn.running.store(slot.turn.number(), Ordering::Relaxed);
                if let Some(connection) = slot.connection.as_mut() {
                    work(connection);
                }
                drop(slot);
                drop(self);
            });
            // A thread that is gone took its connection, and with it the transaction, along.
            let _ = worker.jobs.send(job);
        }
    }

    /// Opens the connection and waits for it on this thread.
    pub(crate) fn open_now(self) -> Result<(), Fault> {
        let worker = self.worker()?;
        let (reply, answer) = channel();
        let job: Job = Box::new(move |slot| {
            let opened = slot.lock().connection().map(|_| ());
            drop(self);
            let _ = reply.send(opened);
        });
        worker.jobs.send(job).map_err(|_| closed())?;
        answer.recv().map_err(|_| closed())?
    }

    fn worker(&self) -> Result<Worker, Fault> {
        self.worker.clone().ok_or_else(closed)
    }
}

/// Sets how long the connection waits for locks.
fn waiting(connection: &Connection, time: Duration) -> Result<(), Fault> {
    connection.busy_timeout(time).map_err(crate::fault::fault)
}

/// Marks a job as given up unless it was answered.
struct GiveUp {
    turn: Arc<Turn>,
    job: u64,
}

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.turn.given_up.store(self.job, Ordering::Relaxed);
    }
}

async fn run<T: Send + 'static>(
    worker: Worker,
    lease: Option<Lease>,
    work: impl FnOnce(&mut Connection) -> Result<T, Fault> + Send + 'static,
    interruptible: bool,
) -> Result<T, Fault> {
    let (reply, answer) = oneshot::channel();
    let number = worker.turn.number();
    let job: Job = Box::new(move |slot| {
        let mut slot = slot.lock();
        slot.turn.running.store(number, Ordering::Relaxed);
        if interruptible && reply.is_closed() {
            return;
        }
        let result = slot.connection().and_then(work);
        drop(slot);
        // Back to the pool before the answer: the caller's next read finds this connection free.
        drop(lease);
        let _ = reply.send(result);
    });
    worker.jobs.send(job).map_err(|_| closed())?;
    let guard = interruptible.then(|| GiveUp {
        turn: Arc::clone(&worker.turn),
        job: number,
    });
    let result = answer.await;
    // An answered job cannot be interrupted any more, and marking it would do no harm: numbers are not used again.
    drop(guard);
    result.map_err(|_| closed())?
}
