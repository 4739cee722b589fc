//! The audit: who changed what, and what was refused.
//!
//! The record of an administrative change is written in the transaction of the change: there is no change without its
//! record, and no record of a change that did not happen. Secrets never stand in it, only that one was set.

use crate::clock::stamp;
use crate::entity::Entity;
use crate::schema::{Table, Type, is_flag, key, may, must};
use crate::statements::{Statements, problem};
use crate::store::Store;
use crate::write::StoreTx;
use contract::{MASK, Map, Problem, Value};
use serde_json::json;
use sql::{BinaryOp, Expr, Scalar, Select, SelectItem, TableName};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The table of the audit.
pub(crate) const TABLES: &[Table] = &[Table {
    name: "audit",
    columns: &[
        key(),
        must("created_date", Type::Name),
        must("kind", Type::Text),
        must("action", Type::Text),
        may("user_id", Type::Integer),
        may("user_email", Type::Text),
        may("app_id", Type::Integer),
        may("role_id", Type::Integer),
        may("address", Type::Text),
        may("origin", Type::Text),
        may("verb", Type::Text),
        may("service", Type::Text),
        may("path", Type::Text),
        may("status", Type::Integer),
        may("message", Type::Text),
        may("resource", Type::Text),
        may("record_id", Type::Integer),
        may("before", Type::Text),
        may("after", Type::Text),
        must("times", Type::Integer),
    ],
    audited: false,
    indexes: &[(false, &["created_date"])],
}];

/// Attributes whose values never stand in the audit; of a change it says only that there was one.
const SECRETS: &[&str] = &[
    "password",
    "security_answer",
    "confirm_code",
    "api_key",
    "secrets",
    "value",
];

/// Columns that are worth a record beside the attributes: who a child belongs to, and what makes an administrator.
const WORTH: &[&str] = &[
    "app_id",
    "role_id",
    "user_id",
    "service_id",
    "is_sys_admin",
    "config",
    "secrets",
    "key_text",
    "rate",
    "period",
];

/// Attributes that are kept as JSON text.
const DOCUMENTS: &[&str] = &["config", "filters"];

/// The call that causes a change, as the audit tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AuditCall {
    /// User.
    pub user_id: Option<i64>,
    /// The user's e-mail: what is left of a user who is deleted later.
    pub user_email: Option<String>,
    /// App.
    pub app_id: Option<i64>,
    /// Role.
    pub role_id: Option<i64>,
    /// Address of the other end of the connection.
    pub address: Option<String>,
    /// `api`, `script`, `job`, `tool`, or `system` for the program itself.
    pub origin: &'static str,
    /// Verb.
    pub verb: Option<&'static str>,
    /// Service.
    pub service: Option<String>,
    /// Path below the service.
    pub path: Option<String>,
}

/// A call that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// The call.
    pub call: AuditCall,
    /// HTTP status of the answer.
    pub status: u16,
    /// What the caller was told.
    pub message: String,
}

tokio::task_local! {
    static CALL: Arc<AuditCall>;
}

/// Runs work on behalf of a call: the records of changes made in it name the call.
pub async fn on_behalf_of<F: Future>(call: AuditCall, work: F) -> F::Output {
    CALL.scope(Arc::new(call), work).await
}

/// A change of one record that is not yet written to the audit.
#[derive(Debug)]
pub(crate) struct Change {
    action: &'static str,
    table: &'static str,
    id: i64,
    before: Option<Map<String, Value>>,
    after: Option<Map<String, Value>>,
}

impl Store {
    /// Keeps an audit from now on, or none. An instance keeps none until this is called.
    pub fn keep_audit(&self, keep: bool) {
        self.0.audited.store(keep, Ordering::Relaxed);
    }

    /// Writes refused calls, each with how often it was refused. Does not raise the generation.
    pub async fn write_refusals(&self, refusals: &[(Refusal, u64)]) -> Result<(), Problem> {
        let _turn = self.0.writer.lock().await;
        let tx = self.0.driver.begin().await.map_err(problem)?;
        let statements = Statements {
            executor: &*tx,
            dialect: self.0.dialect,
        };
        let now = stamp();
        for (refusal, times) in refusals {
            let mut row = row("refusal", "refused", &now, &refusal.call);
            row.push(("status", Scalar::Int(i64::from(refusal.status))));
            row.push(("message", refusal.message.as_str().into()));
            row.push(("times", Scalar::Int(i64::try_from(*times).unwrap_or(i64::MAX))));
            statements.put("audit", row).await?;
        }
        tx.commit().await.map_err(problem)
    }

    /// Forgets records from before a point in time (`YYYY-MM-DD…`).
    pub async fn prune_audit(&self, before: &str) -> Result<u64, Problem> {
        let _turn = self.0.writer.lock().await;
        let old = Expr::Binary(
            Box::new(Expr::column("created_date")),
            BinaryOp::Lt,
            Box::new(Expr::Bind(before.into())),
        );
        self.statements().delete("audit", old).await
    }
}

impl StoreTx {
    fn is_audited(&self) -> bool {
        self.store().0.audited.load(Ordering::Relaxed)
    }

    /// A record as it is right now, for the audit; `None` when no audit is kept.
    pub(crate) async fn audit_view(
        &self,
        entity: Entity,
        id: i64,
    ) -> Result<Option<Map<String, Value>>, Problem> {
        if !self.is_audited() {
            return Ok(None);
        }
        let shape = entity.shape();
        let worth = shape.columns.iter().filter(|c| WORTH.contains(c));
        let attributes = shape.attributes.iter().map(|a| &a.name);
        let mut columns: Vec<&str> = attributes.copied().collect();
        columns.extend(worth.filter(|c| !shape.attributes.iter().any(|a| a.name == **c)));
        let item = |name: &&str| SelectItem {
            expr: Expr::column(*name),
            alias: None,
        };
        let select = Select {
            items: columns.iter().map(item).collect(),
            from: TableName::plain(shape.table),
            filter: Some(Expr::eq("id", id)),
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
        };
        let statements = self.statements();
        let rows = driver::rows(statements.executor, sql::select(statements.dialect, &select))
            .await
            .map_err(problem)?;
        Ok(rows.into_iter().next().map(|cells| {
            let pairs = columns.iter().zip(cells);
            pairs
                .map(|(name, cell)| ((*name).to_owned(), shown((shape.table, name), cell)))
                .collect()
        }))
    }

    /// Notes that a record was made.
    pub(crate) async fn note_created(&self, entity: Entity, id: i64) -> Result<(), Problem> {
        let after = self.audit_view(entity, id).await?;
        self.note("create", entity, id, None, after);
        Ok(())
    }

    /// Notes that a record was changed; nothing when it is as before.
    pub(crate) async fn note_updated(
        &self,
        entity: Entity,
        id: i64,
        before: Option<Map<String, Value>>,
    ) -> Result<(), Problem> {
        let (Some(mut before), Some(mut after)) = (before, self.audit_view(entity, id).await?) else {
            return Ok(());
        };
        let same: Vec<String> = before
            .iter()
            .filter(|(name, value)| after.get(*name) == Some(value))
            .map(|(name, _)| name.clone())
            .collect();
        for name in same {
            before.shift_remove(&name);
            after.shift_remove(&name);
        }
        if !before.is_empty() || !after.is_empty() {
            self.note("update", entity, id, Some(before), Some(after));
        }
        Ok(())
    }

    /// Notes that a record is deleted.
    pub(crate) async fn note_deleted(&self, entity: Entity, id: i64) -> Result<(), Problem> {
        let before = self.audit_view(entity, id).await?;
        self.note("delete", entity, id, before, None);
        Ok(())
    }

    fn note(
        &self,
        action: &'static str,
        entity: Entity,
        id: i64,
        before: Option<Map<String, Value>>,
        after: Option<Map<String, Value>>,
    ) {
        if before.is_none() && after.is_none() {
            return;
        }
        self.changes.lock().push(Change {
            action,
            table: entity.table(),
            id,
            before,
            after,
        });
    }

    /// Writes what was noted.
    pub(crate) async fn write_changes(&self) -> Result<(), Problem> {
        let changes = std::mem::take(&mut *self.changes.lock());
        if changes.is_empty() {
            return Ok(());
        }
        let call = CALL.try_with(Arc::clone).unwrap_or_else(|_| {
            Arc::new(AuditCall {
                user_id: self.by(),
                origin: "system",
                ..AuditCall::default()
            })
        });
        let now = stamp();
        for change in changes {
            let document = |map: Option<Map<String, Value>>| map.map(|m| masked(m).to_string());
            let mut row = row("change", change.action, &now, &call);
            row.push(("resource", change.table.into()));
            row.push(("record_id", Scalar::Int(change.id)));
            row.push(("before", document(change.before).into()));
            row.push(("after", document(change.after).into()));
            row.push(("times", Scalar::Int(1)));
            self.statements().put("audit", row).await?;
        }
        Ok(())
    }
}

fn row(kind: &str, action: &str, now: &str, call: &AuditCall) -> Vec<(&'static str, Scalar)> {
    vec![
        ("created_date", now.into()),
        ("kind", kind.into()),
        ("action", action.into()),
        ("user_id", call.user_id.into()),
        ("user_email", call.user_email.clone().into()),
        ("app_id", call.app_id.into()),
        ("role_id", call.role_id.into()),
        ("address", call.address.clone().into()),
        ("origin", call.origin.into()),
        ("verb", call.verb.map(str::to_owned).into()),
        ("service", call.service.clone().into()),
        ("path", call.path.clone().into()),
    ]
}

/// A cell as the audit compares and shows it.
fn shown((table, name): (&str, &str), cell: Scalar) -> Value {
    match cell {
        Scalar::Null => Value::Null,
        Scalar::Bool(flag) => json!(flag),
        Scalar::Int(number) if is_flag(table, name) => json!(number != 0),
        Scalar::Int(number) => json!(number),
        other => {
            let text = other.to_text().unwrap_or_default();
            match DOCUMENTS.contains(&name) {
                true => serde_json::from_str(&text).unwrap_or(Value::String(text)),
                false => Value::String(text),
            }
        }
    }
}

/// Without the secrets. What is not set is no secret.
fn masked(mut record: Map<String, Value>) -> Value {
    for (name, value) in &mut record {
        if SECRETS.contains(&name.as_str()) && !value.is_null() {
            *value = MASK.into();
        }
    }
    Value::Object(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attribute_that_holds_a_secret_is_masked() {
        let secret: Map<String, Value> = SECRETS
            .iter()
            .map(|n| ((*n).to_owned(), json!("hunter2")))
            .collect();
        assert!(!masked(secret).to_string().contains("hunter2"));
        let kept = json!({"name": "x", "password": null});
        assert_eq!(masked(kept.as_object().cloned().unwrap_or_default()), kept);
    }
}
