//! Transactions: each owns a connection from its begin to its end.

use crate::pool::{Lease, State};
use async_trait::async_trait;
use driver::{Executor, Fault, FaultKind, Sink, Statement, Transaction, Written};
use tokio::sync::Mutex;

/// An open transaction. Dropping it rolls back.
#[derive(Debug)]
pub(crate) struct Open {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    lease: Lease,
    /// Set when the server has rolled back by itself: what came after would be outside of any transaction.
    undone: bool,
}

impl Open {
    /// Begins a transaction on a connection.
    pub(crate) async fn begin(mut lease: Lease) -> Result<Open, (Lease, Fault)> {
        if let Err(fault) = lease.command("START TRANSACTION").await {
            return Err((lease, fault));
        }
        lease.in_transaction = true;
        Ok(Open {
            inner: Mutex::new(Inner { lease, undone: false }),
        })
    }
}

impl Inner {
    fn usable(&mut self) -> Result<&mut Lease, Fault> {
        if self.undone {
            return Err(Fault::new(
                FaultKind::Conflict,
                "the server has rolled the transaction back",
            ));
        }
        match self.lease.state {
            State::Rest => Ok(&mut self.lease),
            _ => Err(Fault::new(
                FaultKind::Down,
                "an earlier statement of the transaction was not finished",
            )),
        }
    }

    /// Notes a deadlock, by which the server ends the transaction while the connection lives on. A lock that was
    /// waited for too long may do the same, by a setting of the server.
    fn noted<T>(&mut self, result: Result<T, Fault>) -> Result<T, Fault> {
        self.undone |=
            matches!(&result, Err(fault) if matches!(fault.kind, FaultKind::Conflict | FaultKind::Busy));
        result
    }

    async fn end(mut self, command: &str) -> Result<(), Fault> {
        let lease = self.usable()?;
        lease.command(command).await?;
        lease.in_transaction = false;
        Ok(())
    }
}

#[async_trait]
impl Executor for Open {
    async fn read(&self, statement: Statement, mut sink: Box<dyn Sink>) -> Result<Box<dyn Sink>, Fault> {
        let mut inner = self.inner.lock().await;
        let result = inner.usable()?.read(&statement, &mut *sink, &mut false).await;
        inner.noted(result)?;
        Ok(sink)
    }

    async fn write(&self, statement: Statement) -> Result<Written, Fault> {
        let mut inner = self.inner.lock().await;
        let result = inner.usable()?.write(statement).await;
        inner.noted(result)
    }
}

#[async_trait]
impl Transaction for Open {
    async fn commit(self: Box<Self>) -> Result<(), Fault> {
        self.inner.into_inner().end("COMMIT").await
    }

    async fn rollback(self: Box<Self>) -> Result<(), Fault> {
        let inner = self.inner.into_inner();
        if inner.undone {
            Ok(())
        } else {
            inner.end("ROLLBACK").await
        }
    }
}
