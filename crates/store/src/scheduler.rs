//! Scheduled tasks: their tables, which are due, who runs one, and what became of it.
//!
//! Running a task raises no generation and is no administrative change; writing one is both.

use crate::entity::{Attribute, Entity, Fallback, Kind, Shape, at};
use crate::schema::{Table, Type, key, may, must};
use crate::statements::{Row, Statements, compared, problem};
use crate::store::Store;
use crate::write::StoreTx;
use contract::{Problem, Value, Verb};
use sql::{BinaryOp, Expr, Scalar};

pub(crate) const TASK: &str = "scheduler_task";
const LOG: &str = "task_log";

/// `last_minute` and `busy_until` are seen by no client: in which minute since 1970 a task began last, and until which
/// second the node that runs it holds it.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: TASK,
        columns: &[
            key(),
            must("name", Type::Text),
            must("name_key", Type::Name),
            may("description", Type::Text),
            must("is_active", Type::Boolean),
            must("service_id", Type::Integer),
            may("component", Type::Text),
            must("verb_mask", Type::Integer),
            must("frequency", Type::Integer),
            may("payload", Type::Text),
            may("app_id", Type::Integer),
            may("user_id", Type::Integer),
            must("last_minute", Type::Integer),
            must("busy_until", Type::Integer),
        ],
        audited: true,
        indexes: &[(true, &["name_key"]), (false, &["service_id"])],
    },
    Table {
        name: LOG,
        columns: &[
            must("task_id", Type::Integer),
            must("status_code", Type::Integer),
            must("content", Type::Text),
            must("created_date", Type::Text),
            must("last_modified_date", Type::Text),
        ],
        audited: false,
        indexes: &[(true, &["task_id"])],
    },
];

const ATTRIBUTES: &[Attribute] = &[
    at("name", Kind::Text(64), Fallback::Rule),
    at("description", Kind::Text(1000), Fallback::Null),
    at("is_active", Kind::Flag, Fallback::Flag(false)),
    at("service_id", Kind::Int, Fallback::Null),
    at("component", Kind::Text(2000), Fallback::Null),
    at("verb_mask", Kind::Int, Fallback::Int(1)),
    at("frequency", Kind::Int, Fallback::Int(5)),
    at("payload", Kind::Open, Fallback::Null),
    at("app_id", Kind::Int, Fallback::Null),
    at("user_id", Kind::Int, Fallback::Null),
];

/// What a task is made of, but not when it ran.
pub(crate) const STORED: &[&str] = &[
    "id",
    "name",
    "description",
    "is_active",
    "service_id",
    "component",
    "verb_mask",
    "frequency",
    "payload",
    "app_id",
    "user_id",
];

pub(crate) static SHAPE: Shape = Shape {
    table: TASK,
    audited: true,
    attributes: ATTRIBUTES,
    columns: STORED,
    children: &[],
};

/// A task that is due: the call that it makes, and as whom.
#[derive(Debug, Clone)]
pub struct Task {
    /// Primary key.
    pub id: i64,
    /// Unique name.
    pub name: String,
    /// The service that is called.
    pub service_id: i64,
    /// Path below the service.
    pub component: String,
    /// Verb of the call.
    pub verb: Verb,
    /// Body of the call.
    pub payload: Option<Value>,
    /// The app whose rights the call has; all rights without one.
    pub app_id: Option<i64>,
    /// The user who calls with that app.
    pub user_id: Option<i64>,
}

/// Whether a task of this frequency runs at a minute of the hour. More than an hour is once an hour.
fn is_due(frequency: i64, minute: i64) -> bool {
    match frequency {
        ..=0 => false,
        1..=59 => minute % frequency == 0,
        60.. => minute == 0,
    }
}

fn task(row: &Row) -> Result<Task, Problem> {
    let lost = || Problem::internal("a scheduled task in the system database has no verb or no JSON payload");
    let payload = row.text("payload").map(|text| serde_json::from_str(&text));
    Ok(Task {
        id: row.int("id").unwrap_or_default(),
        name: row.string("name"),
        service_id: row.int("service_id").unwrap_or_default(),
        component: row.string("component"),
        verb: row.int("verb_mask").and_then(Verb::of_bit).ok_or_else(lost)?,
        payload: payload.transpose().map_err(|_| lost())?,
        app_id: row.int("app_id"),
        user_id: row.int("user_id"),
    })
}

impl Store {
    /// The active tasks that are due in the minute of a moment (seconds since 1970), in id order.
    pub async fn due_tasks(&self, now: i64) -> Result<Vec<Task>, Problem> {
        let minute = now.div_euclid(60).rem_euclid(60);
        let active = Some(Expr::eq("is_active", true));
        let rows = self.statements().find(TASK, STORED, active).await?;
        rows.iter()
            .filter(|row| row.int("frequency").is_some_and(|n| is_due(n, minute)))
            .map(task)
            .collect()
    }

    /// Takes a task for its minute and holds it for `hold` seconds. False when it has begun in this minute or later,
    /// is still running, or was switched off: of several nodes that try, one gets true.
    pub async fn claim_task(&self, id: i64, now: i64, hold: i64) -> Result<bool, Problem> {
        let minute = now.div_euclid(60);
        let free = Expr::And(vec![
            Expr::eq("id", id),
            Expr::eq("is_active", true),
            compared("last_minute", BinaryOp::Lt, minute),
            compared("busy_until", BinaryOp::Le, now),
        ]);
        let set = vec![
            ("last_minute", Expr::Bind(Scalar::Int(minute))),
            ("busy_until", Expr::Bind(Scalar::Int(now.saturating_add(hold)))),
        ];
        Ok(self.statements().update(TASK, set, free).await? > 0)
    }

    /// Holds a task that still runs until a later second.
    pub async fn hold_task(&self, id: i64, until: i64) -> Result<(), Problem> {
        busy(&self.statements(), id, until).await.map(|_| ())
    }

    /// Lets go of a task that has run. A failure, as status and text, becomes its log, and a success removes that. A
    /// failure like the last one, with the same status and first line, leaves the log as it is.
    pub async fn end_task(&self, id: i64, failure: Option<(u16, &str)>) -> Result<(), Problem> {
        let _turn = self.0.writer.lock().await;
        let tx = self.0.driver.begin().await.map_err(problem)?;
        let statements = Statements {
            executor: &*tx,
            dialect: self.0.dialect,
        };
        // A task that was deleted while it ran has no log either.
        if busy(&statements, id, 0).await? > 0 {
            match failure {
                Some((status, content)) => log(&statements, id, i64::from(status), content).await?,
                None => drop(statements.delete(LOG, Expr::eq("task_id", id)).await?),
            }
        }
        tx.commit().await.map_err(problem)
    }
}

async fn busy(statements: &Statements<'_>, id: i64, until: i64) -> Result<u64, Problem> {
    let set = vec![("busy_until", Expr::Bind(Scalar::Int(until)))];
    statements.update(TASK, set, Expr::eq("id", id)).await
}

async fn log(statements: &Statements<'_>, id: i64, status: i64, content: &str) -> Result<(), Problem> {
    let columns = &["status_code", "content"];
    let now = crate::clock::stamp();
    let Some(last) = statements.first(LOG, columns, Expr::eq("task_id", id)).await? else {
        let row = vec![
            ("task_id", Scalar::Int(id)),
            ("status_code", Scalar::Int(status)),
            ("content", content.into()),
            ("created_date", now.as_str().into()),
            ("last_modified_date", now.into()),
        ];
        return statements.put(LOG, row).await;
    };
    if last.int("status_code") == Some(status)
        && last.string("content").lines().next() == content.lines().next()
    {
        return Ok(());
    }
    let set = vec![
        ("status_code", Expr::Bind(Scalar::Int(status))),
        ("content", Expr::Bind(content.into())),
        ("last_modified_date", Expr::Bind(now.into())),
    ];
    statements
        .update(LOG, set, Expr::eq("task_id", id))
        .await
        .map(|_| ())
}

impl StoreTx {
    /// The app and the user as whom a task runs.
    pub async fn task_runs_as(&self, id: i64) -> Result<(Option<i64>, Option<i64>), Problem> {
        let columns = &["app_id", "user_id"];
        let row = self.statements().first(TASK, columns, Expr::eq("id", id)).await?;
        Ok(row.map_or((None, None), |row| (row.int("app_id"), row.int("user_id"))))
    }

    /// What happens to tasks when a record is deleted. Those of a service go with it. Those that ran for an app or a
    /// user are switched off, for without them they would run with other rights.
    pub(crate) async fn release_tasks(&self, entity: Entity, id: i64) -> Result<(), Problem> {
        match entity {
            Entity::Task => self.forget_log(id).await,
            Entity::Service => {
                for task in self.tasks_of("service_id", id).await? {
                    self.note_deleted(Entity::Task, task).await?;
                    self.forget_log(task).await?;
                    self.statements().delete(TASK, Expr::eq("id", task)).await?;
                }
                Ok(())
            }
            Entity::App => self.switch_off("app_id", id).await,
            Entity::Admin | Entity::User => self.switch_off("user_id", id).await,
            _ => Ok(()),
        }
    }

    async fn tasks_of(&self, column: &str, id: i64) -> Result<Vec<i64>, Problem> {
        let of = Some(Expr::eq(column, id));
        let rows = self.statements().find(TASK, &["id"], of).await?;
        Ok(rows.iter().filter_map(|row| row.int("id")).collect())
    }

    async fn forget_log(&self, task: i64) -> Result<(), Problem> {
        let own = Expr::eq("task_id", task);
        self.statements().delete(LOG, own).await.map(|_| ())
    }

    async fn switch_off(&self, column: &'static str, id: i64) -> Result<(), Problem> {
        for task in self.tasks_of(column, id).await? {
            let before = self.audit_view(Entity::Task, task).await?;
            let none = || Expr::Bind(Scalar::Null);
            let mut set = vec![("is_active", Expr::Bind(false.into())), ("user_id", none())];
            // A user without an app means nothing.
            if column == "app_id" {
                set.push(("app_id", none()));
            }
            self.statements().update(TASK, set, Expr::eq("id", task)).await?;
            self.note_updated(Entity::Task, task, before).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::is_due;

    #[test]
    fn frequencies_are_counted_from_the_full_hour() {
        let minutes = |frequency| (0..60).filter(|m| is_due(frequency, *m)).collect::<Vec<i64>>();
        assert_eq!(minutes(1).len(), 60);
        assert_eq!(minutes(25), [0, 25, 50]);
        assert_eq!(minutes(59), [0, 59]);
        for hourly in [60, 61, 1440] {
            assert_eq!(minutes(hourly), [0]);
        }
        assert!(minutes(0).is_empty() && minutes(-5).is_empty());
    }
}
