//! Failed logins, counted in the system database: every node sees what was tried at another, and a restart forgets
//! nothing.
//!
//! Keys are digests; neither addresses nor what was sent as a login is kept. Nothing here raises the generation.

use crate::Store;
use crate::schema::Type::{Integer, Name};
use crate::schema::{Table, must};
use crate::statements::compared;
use contract::Problem;
use sql::{ArithmeticOp, BinaryOp, Expr, Scalar};
use std::collections::HashMap;

const TABLE: &str = "login_attempt";

pub(crate) const TABLES: &[Table] = &[Table {
    name: TABLE,
    columns: &[
        must("digest", Name),
        must("failures", Integer),
        must("last_at", Integer),
        must("ends_at", Integer),
    ],
    audited: false,
    indexes: &[(true, &["digest"]), (false, &["ends_at"])],
}];

/// Failures in a row. None, with the time of a success, is an entry as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failures {
    /// How many.
    pub count: u32,
    /// When the last one was, in milliseconds since 1970.
    pub last: i64,
}

impl Store {
    /// The entries of these keys that have not ended at `now` (milliseconds).
    pub async fn failures(&self, keys: &[&str], now: i64) -> Result<HashMap<String, Failures>, Problem> {
        let these = Expr::In {
            expr: Box::new(Expr::column("digest")),
            values: keys.iter().map(|key| Scalar::from(*key)).collect(),
            negated: false,
        };
        let columns = &["digest", "failures", "last_at"];
        let open = Expr::And(vec![these, compared("ends_at", BinaryOp::Gt, now)]);
        let rows = self.statements().find(TABLE, columns, Some(open)).await?;
        Ok(rows
            .iter()
            .map(|row| {
                let failures = Failures {
                    count: row
                        .int("failures")
                        .and_then(|n| u32::try_from(n).ok())
                        .unwrap_or(u32::MAX),
                    last: row.int("last_at").unwrap_or_default(),
                };
                (row.string("digest"), failures)
            })
            .collect())
    }

    /// Counts a failure at `now` on a key, remembered for `memory` (both milliseconds). Exact, whoever else counts.
    pub async fn count_failure(&self, key: &str, now: i64, memory: i64) -> Result<(), Problem> {
        let one_more = Expr::Arithmetic(
            Box::new(Expr::column("failures")),
            ArithmeticOp::Add,
            Box::new(Expr::Bind(Scalar::Int(1))),
        );
        // A row that has ended starts anew; one that is made by two at once is found by the slower one.
        for _ in 0..2 {
            let open = compared("ends_at", BinaryOp::Gt, now);
            if self
                .set_attempt(key, one_more.clone(), (now, memory), Some(open))
                .await?
            {
                return Ok(());
            }
            let ended = compared("ends_at", BinaryOp::Le, now);
            let first = Expr::Bind(Scalar::Int(1));
            if self.set_attempt(key, first, (now, memory), Some(ended)).await? {
                return Ok(());
            }
            if self.put_attempt(key, 1, (now, memory)).await? {
                return Ok(());
            }
        }
        Err(Problem::internal("a failed login could not be counted"))
    }

    /// Adds one at `now` to a count that still is as it was seen, `None` for a key without an entry. False when somebody
    /// else was faster: the count has changed since.
    pub async fn count_if_unchanged(
        &self,
        key: &str,
        seen: Option<Failures>,
        now: i64,
        memory: i64,
    ) -> Result<bool, Problem> {
        let Some(seen) = seen else {
            let ended = compared("ends_at", BinaryOp::Le, now);
            let first = Expr::Bind(Scalar::Int(1));
            return Ok(self.set_attempt(key, first, (now, memory), Some(ended)).await?
                || self.put_attempt(key, 1, (now, memory)).await?);
        };
        let unchanged = Expr::eq("failures", i64::from(seen.count));
        let next = Expr::Bind(Scalar::Int(i64::from(seen.count) + 1));
        self.set_attempt(key, next, (now, memory), Some(unchanged)).await
    }

    /// Takes one from a count. A key without an entry, or whose count is 0, stays so.
    pub async fn count_down(&self, key: &str) -> Result<(), Problem> {
        let one_less = Expr::Arithmetic(
            Box::new(Expr::column("failures")),
            ArithmeticOp::Subtract,
            Box::new(Expr::Bind(Scalar::Int(1))),
        );
        let counted = Expr::And(vec![
            Expr::eq("digest", key),
            compared("failures", BinaryOp::Gt, 0),
        ]);
        let set = vec![("failures", one_less)];
        self.statements().update(TABLE, set, counted).await?;
        Ok(())
    }

    /// Notes a success at `now` on a key, remembered for `memory`.
    pub async fn note_success(&self, key: &str, now: i64, memory: i64) -> Result<(), Problem> {
        let none = Expr::Bind(Scalar::Int(0));
        if !self.set_attempt(key, none, (now, memory), None).await? {
            // Made by somebody else in the meantime says the same.
            self.put_attempt(key, 0, (now, memory)).await?;
        }
        Ok(())
    }

    /// Forgets the failures of a key.
    pub async fn forget_failures(&self, key: &str) -> Result<(), Problem> {
        self.statements().delete(TABLE, Expr::eq("digest", key)).await?;
        Ok(())
    }

    /// Removes what has ended at `now` (milliseconds).
    pub async fn remove_ended_attempts(&self, now: i64) -> Result<(), Problem> {
        let ended = compared("ends_at", BinaryOp::Le, now);
        self.statements().delete(TABLE, ended).await?;
        Ok(())
    }

    async fn set_attempt(
        &self,
        key: &str,
        failures: Expr,
        (now, memory): (i64, i64),
        only: Option<Expr>,
    ) -> Result<bool, Problem> {
        let mut filter = vec![Expr::eq("digest", key)];
        filter.extend(only);
        let set = vec![
            ("failures", failures),
            ("last_at", Expr::Bind(Scalar::Int(now))),
            ("ends_at", Expr::Bind(Scalar::Int(now.saturating_add(memory)))),
        ];
        let found = self.statements().update(TABLE, set, Expr::And(filter)).await?;
        Ok(found > 0)
    }

    /// A new row; false when there is one already.
    async fn put_attempt(
        &self,
        key: &str,
        failures: i64,
        (now, memory): (i64, i64),
    ) -> Result<bool, Problem> {
        let row = vec![
            ("digest", Scalar::from(key)),
            ("failures", Scalar::Int(failures)),
            ("last_at", Scalar::Int(now)),
            ("ends_at", Scalar::Int(now.saturating_add(memory))),
        ];
        match self.statements().put(TABLE, row).await {
            Ok(()) => Ok(true),
            Err(problem) if problem.status() == 400 => Ok(false),
            Err(problem) => Err(problem),
        }
    }
}
