//! Codes that prove who receives an e-mail: invitation, registration, reset.
//!
//! Only a digest of a code is kept, with the time at which it ends; a user has at most one. It goes when it was used,
//! when a password is set and at the next login.

use crate::Store;
use crate::statements::Statements;
use crate::write::StoreTx;
use chrono::Utc;
use contract::Problem;
use sha2::{Digest, Sha256};
use sql::{Expr, Scalar};
use std::collections::HashMap;

/// The signs of a code.
const SIGNS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Whether a code is open and right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeCheck {
    /// None is open, or it is another one.
    Wrong,
    /// It is the one, and too late.
    Expired,
    /// It is the one.
    Right,
}

/// A new code of `length` signs from the system's random numbers. Every sign is as likely as any other.
pub fn new_code(length: usize) -> Result<String, Problem> {
    let mut code = String::with_capacity(length);
    let mut bytes = [0u8; 64];
    while code.len() < length {
        getrandom::fill(&mut bytes).map_err(|e| Problem::internal(e.to_string()))?;
        // 252 is the greatest multiple of 36 in a byte; what lies above would favour the first signs.
        let fair = bytes.iter().filter(|byte| **byte < 252);
        for byte in fair.take(length - code.len()) {
            code.push(char::from(SIGNS[usize::from(byte % 36)]));
        }
    }
    Ok(code)
}

fn digest(code: &str) -> String {
    hex::encode(Sha256::digest(code.as_bytes()))
}

impl StoreTx {
    /// Opens a code for a user, good for `seconds`, in place of an earlier one. With `unconfirmed` the account counts
    /// as not yet confirmed.
    pub async fn open_code(
        &self,
        user: i64,
        code: &str,
        seconds: i64,
        unconfirmed: bool,
    ) -> Result<(), Problem> {
        let statements = self.statements();
        close(&statements, user).await?;
        let row = vec![
            ("user_id", Scalar::Int(user)),
            ("code_hash", Scalar::from(digest(code))),
            (
                "expires_at",
                Scalar::Int(Utc::now().timestamp().saturating_add(seconds)),
            ),
        ];
        statements.put("confirmation", row).await?;
        if unconfirmed {
            let set = vec![("confirmed", Expr::Bind(false.into()))];
            statements.update("user", set, Expr::eq("id", user)).await?;
        }
        Ok(())
    }

    /// Uses a user's code up: of several who send it at the same time, on whatever node, one gets true.
    pub(crate) async fn use_code(&self, user: i64, code: &str) -> Result<bool, Problem> {
        let this = Expr::And(vec![
            Expr::eq("user_id", user),
            Expr::eq("code_hash", digest(code)),
        ]);
        Ok(self.statements().delete("confirmation", this).await? > 0)
    }

    /// Forgets a user's code; the account stays as it is.
    pub async fn close_code(&self, user: i64) -> Result<(), Problem> {
        close(&self.statements(), user).await
    }
}

/// Forgets a user's code.
pub(crate) async fn close(statements: &Statements<'_>, user: i64) -> Result<(), Problem> {
    statements
        .delete("confirmation", Expr::eq("user_id", user))
        .await?;
    Ok(())
}

impl Store {
    /// Compares a code with the one that is open for a user.
    pub async fn check_code(&self, user: i64, code: &str) -> Result<CodeCheck, Problem> {
        let columns = &["id", "code_hash", "expires_at"];
        let row = self
            .statements()
            .first("confirmation", columns, Expr::eq("user_id", user))
            .await?;
        // Digests are compared: the time tells nothing of the code itself.
        Ok(match row.filter(|row| row.string("code_hash") == digest(code)) {
            None => CodeCheck::Wrong,
            Some(row) if row.int("expires_at").unwrap_or(0) < Utc::now().timestamp() => CodeCheck::Expired,
            Some(_) => CodeCheck::Right,
        })
    }

    /// When the open codes of users end, as Unix seconds by user.
    pub async fn code_ends(&self, users: &[i64]) -> Result<HashMap<i64, i64>, Problem> {
        if users.is_empty() {
            return Ok(HashMap::new());
        }
        let wanted = Expr::In {
            expr: Box::new(Expr::column("user_id")),
            values: users.iter().map(|id| Scalar::Int(*id)).collect(),
            negated: false,
        };
        let columns = &["id", "user_id", "expires_at"];
        let rows = self
            .statements()
            .find("confirmation", columns, Some(wanted))
            .await?;
        Ok(rows
            .iter()
            .filter_map(|row| Some((row.int("user_id")?, row.int("expires_at")?)))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_length_and_signs() {
        for length in [5, 32] {
            let code = new_code(length).unwrap();
            assert_eq!(code.len(), length);
            assert!(code.bytes().all(|b| SIGNS.contains(&b)), "{code}");
        }
        assert_ne!(new_code(32).unwrap(), new_code(32).unwrap());
    }
}
