//! The pool of connections, and the lease of one: it never gives back a connection that is still at work.

use crate::config::Options;
use crate::connect::{Connector, target};
use crate::fault::{connect_fault, fault};
use deadpool_postgres::{
    ClientWrapper, Hook, HookError, Manager, ManagerConfig, Metrics, Object, Pool, PoolError,
    RecyclingMethod, Runtime, TimeoutType,
};
use driver::{Fault, FaultKind, Trouble};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;

/// A connection that lay idle for longer is asked whether it still lives: a network may drop it without a word.
const IDLE: Duration = Duration::from_secs(30);
/// How long such a question may take.
const QUESTION: Duration = Duration::from_secs(2);

/// The pool.
pub(crate) struct Connections {
    pool: Pool,
    connector: Connector,
}

impl Connections {
    /// Does not connect. The error is a sentence.
    pub(crate) fn new(options: &Options) -> Result<Connections, String> {
        let tls = crate::tls::connector(options.mode, options.root.as_deref())?;
        let connector = Connector::new(options, tls);
        let recycling = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_connect(target(options), connector.clone(), recycling);
        let pool = Pool::builder(manager)
            .max_size(options.pool_size)
            .wait_timeout(Some(options.pool_wait))
            .create_timeout(Some(options.connect_timeout))
            .pre_recycle(Hook::async_fn(|client, metrics| {
                Box::pin(still_alive(client, metrics))
            }))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Connections { pool, connector })
    }

    /// What is open right now.
    pub(crate) fn state(&self) -> contract::PoolState {
        let status = self.pool.status();
        contract::PoolState {
            open: status.size,
            in_use: status.size.saturating_sub(status.available),
            most: status.max_size,
        }
    }

    /// A connection, new or reused. `Busy` when none becomes free in time.
    pub(crate) async fn lease(&self) -> Result<Lease, Fault> {
        match self.pool.get().await {
            Ok(object) => Ok(Lease {
                object: Some(object),
                connector: self.connector.clone(),
                running: AtomicUsize::new(0),
                lost: AtomicBool::new(false),
                in_transaction: false,
                spent: false,
            }),
            Err(PoolError::Timeout(TimeoutType::Wait)) => Err(Fault::new(
                FaultKind::Busy,
                "no connection of the pool became free in time",
            )),
            Err(PoolError::Timeout(_)) => Err(Fault::new(
                FaultKind::Down,
                "the server did not accept a connection in time",
            )
            .with_trouble(Some(&Trouble::SILENT))),
            Err(PoolError::Backend(error)) => Err(connect_fault(&error)),
            Err(error) => Err(Fault::new(FaultKind::Other, error)),
        }
    }

    /// Closes the idle connections: one was found dead, so the others are suspect.
    pub(crate) fn forget_idle(&self) {
        self.pool.retain(|_, _| false);
    }
}

async fn still_alive(client: &mut ClientWrapper, metrics: &Metrics) -> Result<(), HookError> {
    if metrics.last_used() < IDLE {
        return Ok(());
    }
    match timeout(QUESTION, client.simple_query("")).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(HookError::Backend(error)),
        Err(_) => Err(HookError::message("the connection does not answer")),
    }
}

/// A connection out of the pool. Dropped while a statement runs or a transaction is open, it is cleaned up in the
/// background before it goes back, or closed.
pub(crate) struct Lease {
    object: Option<Object>,
    connector: Connector,
    running: AtomicUsize,
    /// Whether the connection is gone although the driver may not have noticed yet.
    lost: AtomicBool,
    in_transaction: bool,
    /// Whether a routine may have changed the session, so that it must be set up anew.
    pub(crate) spent: bool,
}

impl Lease {
    /// The connection.
    pub(crate) fn client(&self) -> &ClientWrapper {
        self.object
            .as_ref()
            .expect("the connection is taken out only when the lease is dropped")
    }

    /// Whether moments with time zone are shown in UTC.
    pub(crate) fn utc(&self) -> bool {
        self.connector.utc()
    }

    /// Runs some work on the connection. When its future is dropped, the connection counts as still at work.
    pub(crate) async fn work<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.running.fetch_add(1, Ordering::Relaxed);
        let done = work.await;
        self.running.fetch_sub(1, Ordering::Relaxed);
        if done.as_ref().is_err_and(|fault| fault.kind == FaultKind::Down) {
            self.lost.store(true, Ordering::Relaxed);
        }
        done
    }

    /// Runs text of our own that gives no rows.
    pub(crate) async fn batch(&self, text: &str) -> Result<(), Fault> {
        self.work(async {
            self.client()
                .batch_execute(text)
                .await
                .map_err(|error| fault(&error))
        })
        .await
    }

    /// Says that rows of a statement are still on their way although nobody waits for them.
    pub(crate) fn leave_running(&self) {
        self.running.fetch_add(1, Ordering::Relaxed);
    }

    /// Begins a transaction, which the drop of the lease undoes until [`Lease::end`].
    pub(crate) async fn begin(&mut self) -> Result<(), Fault> {
        self.in_transaction = true;
        self.batch("BEGIN").await
    }

    /// Ends the transaction with COMMIT or ROLLBACK.
    pub(crate) async fn end(&mut self, word: &'static str) -> Result<(), Fault> {
        self.batch(word).await?;
        self.in_transaction = false;
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        if *self.lost.get_mut() {
            drop(Object::take(object));
            return;
        }
        let busy = *self.running.get_mut() > 0;
        if (!busy && !self.in_transaction && !self.spent) || object.is_closed() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            // Without a runtime nothing can be asked of the server; closing the connection undoes everything.
            drop(Object::take(object));
            return;
        };
        let left = Left {
            busy,
            in_transaction: self.in_transaction,
            spent: self.spent,
        };
        runtime.spawn(clean(object, self.connector.clone(), left));
    }
}

/// What a lease leaves behind.
struct Left {
    busy: bool,
    in_transaction: bool,
    spent: bool,
}

/// Rolls back what is open, renews the session, and gives the connection back; closes it when that fails, and when
/// something still ran: a cancel request is served by another process of the server, which may be late, and would
/// then hit the next statement, which is another caller's.
async fn clean(object: Object, connector: Connector, left: Left) {
    let work = async {
        if left.busy {
            object.cancel_token().cancel_query(connector.tls.clone()).await?;
            // Answered after the cancelled statement: the connection counts in the pool until the server is free of it.
            let _ = object.simple_query("").await;
            return Ok(false);
        }
        object
            .batch_execute(if left.in_transaction { "ROLLBACK" } else { "" })
            .await?;
        if left.spent {
            connector.renew(&object).await?;
        }
        Ok::<bool, tokio_postgres::Error>(true)
    };
    if !matches!(timeout(QUESTION, work).await, Ok(Ok(true))) {
        drop(Object::take(object));
    }
}
