//! The original's own system database, read and nothing else: its tables become rows, and the rows a bundle.

mod encrypter;
mod services;
mod strange;

use crate::bundle::{Bundle, Report};
use crate::naming;
use crate::rows::{Names, Row, Rows, string};
use contract::{Problem, Value};
use driver::Executor;
use encrypter::Closed;
pub use encrypter::Encrypter;
use serde_json::json;
use sql::{Aggregate, Dialect, Expr, Scalar, Select, SelectItem, TableName};

/// A table of the original's database, as the database tells it.
#[derive(Debug, Clone)]
pub struct Table {
    /// Name.
    pub name: String,
    /// Columns.
    pub columns: Vec<String>,
}

/// Tables that become rows: the original's name, and ours.
const TABLES: [(&str, &str); 20] = [
    ("service", "service"),
    ("service_doc", "service_doc"),
    ("role", "role"),
    ("role_service_access", "role_service_access"),
    ("role_adldap", "role_adldap"),
    ("app", "app"),
    ("user", "user"),
    ("user_to_app_to_role", "user_to_app_to_role"),
    ("lookup", "lookup"),
    ("system_custom", "system_custom"),
    ("user_custom", "user_custom"),
    ("cors_config", "cors"),
    ("email_template", "email_template"),
    ("event_script", "event_script"),
    ("limits", "limit"),
    ("scheduler_tasks", "scheduler_task"),
    ("db_table_extras", "db_table_extras"),
    ("db_field_extras", "db_field_extras"),
    ("db_relationship_extras", "db_relationship_extras"),
    ("db_virtual_relationship", "db_virtual_relationship"),
];

/// Tables that hold nothing of an instance's content: lists that belong to the program, and what is at work right now.
const PASSING: [&str; 17] = [
    "cache",
    "cache_locks",
    "failed_jobs",
    "instance_id",
    "job_batches",
    "jobs",
    "login_tracker",
    "migrations",
    "oauth_token_map",
    "password_resets",
    "script_type",
    "service_type",
    "sessions",
    "system_resource",
    "task_log",
    "token_map",
    "db_version",
];

/// Reads the original's system database. Without its key, or with another, secrets are left out and reported; the
/// database is not changed. Fails with 400 when it does not look like one.
pub async fn read(
    source: &dyn Executor,
    dialect: &'static dyn Dialect,
    tables: &[Table],
    encrypter: Option<&Encrypter>,
) -> Result<(Bundle, Report), Problem> {
    let missing = ["service", "role", "app", "user"]
        .into_iter()
        .find(|wanted| !tables.iter().any(|table| table.name == *wanted));
    if let Some(missing) = missing {
        return Err(Problem::bad_request(format!(
            "This is no system database of the original: it has no table '{missing}'."
        )));
    }
    let mut reading = Reading {
        dialect,
        encrypter,
        closed: Vec::new(),
    };
    let mut report = Report::default();
    let mut rows = Rows::default();
    let mut configs = Vec::new();
    for table in tables {
        if let Some((_, ours)) = TABLES.iter().find(|(theirs, _)| *theirs == table.name) {
            let read = reading.table(source, table).await?;
            rows.add(ours, read);
        } else if services::is_config(table) {
            configs.push((table.name.clone(), reading.table(source, table).await?));
        } else if !PASSING.contains(&table.name.as_str()) {
            let count = reading.count(source, table).await?;
            if count > 0 {
                report.warn(format!(
                    "{count} rows of the table '{}' did not come over: there is no place for them here.",
                    table.name
                ));
            }
        }
    }
    let rows = services::with_configs(rows, configs);
    for (table, closed) in &reading.closed {
        let why = match closed {
            None => "there was no APP_KEY",
            Some(Closed::Key) => "the APP_KEY is another one",
            Some(Closed::Content) => "it holds no text",
        };
        report.warn(format!("A secret of '{table}' did not come over: {why}."));
    }
    strange::report(&rows, &mut report);
    told_by_hand(&rows, &mut report);
    let names = Names::of(&rows);
    let bundle = naming::bundle(&rows, &names, &mut report);
    Ok((bundle, report))
}

/// What came over and still needs a hand.
fn told_by_hand(rows: &Rows, report: &mut Report) {
    for user in rows.of("user") {
        let code = string(user, "confirm_code");
        if !code.is_empty() && code != "y" {
            let email = string(user, "email");
            report.warn(format!(
                "The user '{email}' has not confirmed the account; send a new invitation."
            ));
        }
    }
    for service in rows.of("service") {
        let content = service.get("config").and_then(|config| config.get("content"));
        if content.is_some_and(|content| content.as_str().is_some_and(|text| !text.is_empty())) {
            let (name, kind) = (string(service, "name"), string(service, "type"));
            report.warn(format!(
                "The service '{name}' is a script ({kind}); try it before it is relied on."
            ));
        }
    }
}

fn unreadable(fault: driver::Fault) -> Problem {
    Problem::bad_request("The original's system database cannot be read.").with_source(fault)
}

struct Reading<'a> {
    dialect: &'static dyn Dialect,
    encrypter: Option<&'a Encrypter>,
    /// Secrets that stayed closed, by table and column.
    closed: Vec<(String, Option<Closed>)>,
}

impl Reading<'_> {
    async fn table(&mut self, executor: &dyn Executor, table: &Table) -> Result<Vec<Row>, Problem> {
        let item = |name: &String| SelectItem {
            expr: Expr::column(name.as_str()),
            alias: None,
        };
        let select = Select {
            items: table.columns.iter().map(item).collect(),
            from: TableName::plain(table.name.as_str()),
            filter: None,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
        };
        let cells = driver::rows(executor, sql::select(self.dialect, &select))
            .await
            .map_err(unreadable)?;
        let mut rows: Vec<Row> = cells
            .into_iter()
            .map(|cells| {
                let pairs = table.columns.iter().zip(cells);
                pairs
                    .map(|(column, cell)| (column.clone(), self.value(&table.name, column, &cell)))
                    .collect()
            })
            .collect();
        rows.sort_by_key(|row| crate::rows::id(row).unwrap_or_default());
        Ok(rows)
    }

    async fn count(&self, executor: &dyn Executor, table: &Table) -> Result<i64, Problem> {
        let select = Select {
            items: vec![SelectItem {
                expr: Expr::Aggregate(Aggregate::Count, None),
                alias: None,
            }],
            from: TableName::plain(table.name.as_str()),
            filter: None,
            group: Vec::new(),
            having: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
        };
        let count = driver::scalar(executor, sql::select(self.dialect, &select)).await;
        Ok(count.map_err(unreadable)?.to_int().unwrap_or_default())
    }

    fn value(&mut self, table: &str, column: &str, cell: &Scalar) -> Value {
        match cell {
            Scalar::Null => Value::Null,
            Scalar::Bool(flag) => json!(flag),
            Scalar::Int(number) => json!(number),
            other => {
                let text = other.to_text().unwrap_or_default();
                self.opened(&format!("{table}.{column}"), text)
            }
        }
    }

    /// Text in clear, also inside JSON documents, where the original encrypts single values.
    fn opened(&mut self, place: &str, text: String) -> Value {
        if encrypter::is_encrypted(&text) {
            let result = self.encrypter.and_then(|encrypter| encrypter.open(&text));
            return match result {
                Some(Ok(plain)) => json!(plain),
                failed => {
                    self.closed.push((place.to_owned(), failed.and_then(Result::err)));
                    Value::Null
                }
            };
        }
        match serde_json::from_str(&text) {
            Ok(mut document @ (Value::Object(_) | Value::Array(_))) if text.contains("eyJ") => {
                self.open_inside(place, &mut document);
                json!(document.to_string())
            }
            _ => json!(text),
        }
    }

    fn open_inside(&mut self, place: &str, value: &mut Value) {
        match value {
            Value::String(text) => *value = self.opened(place, std::mem::take(text)),
            Value::Array(list) => list.iter_mut().for_each(|value| self.open_inside(place, value)),
            Value::Object(map) => map.values_mut().for_each(|value| self.open_inside(place, value)),
            _ => {}
        }
    }
}
