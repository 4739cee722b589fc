//! Statements on a borrowed connection.

use crate::cells::{Reader, value};
use crate::fault::{fault, is_survivable, is_unpreparable};
use crate::pool::{Lease, State};
use driver::{Fault, FaultKind, Flow, Scalar, Sink, Statement, Written};
use mysql_async::prelude::Queryable;
use mysql_async::{Error, Params};

/// How a read ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Complete,
    Stopped,
}

impl Lease {
    /// Runs a statement that gives rows. `pushed` becomes true with the first row, after which the sink cannot be
    /// used for another attempt.
    pub(crate) async fn read(
        &mut self,
        statement: &Statement,
        sink: &mut dyn Sink,
        pushed: &mut bool,
    ) -> Result<(), Fault> {
        self.fits(statement)?;
        self.state = State::Running;
        match self.stream(statement, sink, pushed).await {
            // The statement still runs; giving the connection up ends it.
            Ok(End::Stopped) => Ok(()),
            Ok(End::Complete) => self.settle(Ok(())),
            Err(error) => self.settle(Err(error)),
        }
    }

    async fn stream(
        &mut self,
        statement: &Statement,
        sink: &mut dyn Sink,
        pushed: &mut bool,
    ) -> Result<End, Error> {
        let whole = self.in_transaction;
        let params = params(statement.values.clone());
        let mut result = self.conn().exec_iter(statement.text.as_str(), params).await?;
        let mut reader = Reader::new(result.columns_ref());
        let mut wanted = true;
        // `next` reads one row without boxing a future for it, unlike the stream of rows.
        while let Some(row) = result.next().await? {
            if !wanted {
                continue;
            }
            *pushed = true;
            reader.push(&row, sink);
            match sink.end_row() {
                Flow::More => {}
                Flow::Drain => sink.drain().await,
                // A transaction needs its connection afterwards; outside, leaving is cheaper than reading on.
                Flow::Stop if whole => wanted = false,
                Flow::Stop => return Ok(End::Stopped),
            }
        }
        result.drop_result().await?;
        Ok(End::Complete)
    }

    /// Runs a statement that gives no rows.
    pub(crate) async fn write(&mut self, statement: Statement) -> Result<Written, Fault> {
        self.fits(&statement)?;
        self.state = State::Running;
        let plain = statement.values.is_empty();
        let mut result = self
            .conn()
            .exec_drop(statement.text.as_str(), params(statement.values))
            .await;
        if plain && result.as_ref().err().is_some_and(is_unpreparable) {
            result = self.conn().query_drop(statement.text).await;
        }
        self.settle(result)?;
        let conn = self.conn();
        let last_id = conn
            .last_insert_id()
            .filter(|id| *id != 0)
            .and_then(|id| i64::try_from(id).ok());
        Ok(Written {
            rows: conn.affected_rows(),
            last_id,
        })
    }

    /// Runs text of our own, which may be several statements.
    pub(crate) async fn command(&mut self, text: &str) -> Result<(), Fault> {
        self.state = State::Running;
        let result = self.conn().query_drop(text).await;
        self.settle(result)
    }

    /// Asks the server whether it is there.
    pub(crate) async fn ping(&mut self) -> Result<(), Fault> {
        self.state = State::Running;
        let result = self.conn().ping().await;
        self.settle(result)
    }

    /// Refuses a statement that the server would refuse by closing the connection.
    pub(crate) fn fits(&self, statement: &Statement) -> Result<(), Fault> {
        let size = |value: &Scalar| match value {
            Scalar::Text(text) | Scalar::Decimal(text) => text.len(),
            Scalar::Bytes(bytes) => bytes.len(),
            _ => 0,
        };
        // Numbers, lengths and the frame of the message.
        let overhead = 1024 + 16 * statement.values.len();
        let total = statement.values.iter().map(size).sum::<usize>() + statement.text.len() + overhead;
        if total <= self.limit() {
            return Ok(());
        }
        Err(Fault::new(
            FaultKind::Value,
            "the statement is larger than the server takes",
        ))
    }

    /// After the answer: the connection rests, or is lost.
    pub(crate) fn settle<T>(&mut self, result: Result<T, Error>) -> Result<T, Fault> {
        let survives = result.as_ref().err().is_none_or(is_survivable);
        self.state = if survives { State::Rest } else { State::Spoilt };
        result.map_err(|error| fault(&error))
    }
}

pub(crate) fn params(values: Vec<Scalar>) -> Params {
    if values.is_empty() {
        Params::Empty
    } else {
        Params::Positional(values.into_iter().map(value).collect())
    }
}
