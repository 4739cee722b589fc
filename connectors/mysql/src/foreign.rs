//! Which tables refer to a table: what these servers tell least willingly.
//!
//! MySQL 8 answers from its dictionary. Older ones and MariaDB keep no such list: InnoDB's own table of foreign
//! keys answers at once, for users with the PROCESS privilege; for others `information_schema` opens every table
//! of the schema, which takes seconds with 20,000 of them. Such a scan is kept for twenty times as long as it
//! took, unless it was so fast that keeping it is not worth being behind.

use crate::schema::Server;
use driver::{Executor, Fault, FaultKind, Scalar, Statement, rows};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Scans faster than this are not kept.
const FAST: Duration = Duration::from_millis(100);
/// How many times as long as it took a scan is kept.
const KEPT: u32 = 20;

/// A table: schema and name.
pub(crate) type Place = (String, String);

/// What is known of references between tables.
#[derive(Debug, Default)]
pub(crate) struct Referrers {
    /// Whether InnoDB's own table is closed to this user, or not to be read.
    closed: AtomicBool,
    scan: Mutex<Option<Scan>>,
}

#[derive(Debug)]
struct Scan {
    /// Which table refers to which.
    edges: Vec<(Place, Place)>,
    /// Whether all schemas were scanned or only one.
    schema: Option<String>,
    until: Instant,
}

impl Referrers {
    /// The tables that may refer to `place`, sorted by schema and name; those of `schema` only, if given. The
    /// caller looks at their keys anyway, so that one too many does no harm.
    pub(crate) async fn of(
        &self,
        executor: &dyn Executor,
        server: &Server,
        schema: Option<&str>,
        place: &Place,
    ) -> Result<Vec<Place>, Fault> {
        let mut found = if server.dictionary {
            dictionary(executor, place).await?
        } else if let Some(found) = self.innodb(executor, place).await? {
            found
        } else {
            self.scanned(executor, schema, place).await?
        };
        found.retain(|(of, _)| schema.is_none_or(|schema| schema == of));
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Forgets what was scanned. A scan that is running is new enough.
    pub(crate) fn forget(&self) {
        if let Ok(mut scan) = self.scan.try_lock() {
            *scan = None;
        }
    }

    /// From InnoDB's own table. `None` when it is closed, or when names are encoded in it.
    async fn innodb(
        &self,
        executor: &dyn Executor,
        (schema, name): &Place,
    ) -> Result<Option<Vec<Place>>, Fault> {
        let simple = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if self.closed.load(Ordering::Relaxed) || !simple(schema) || !simple(name) {
            return Ok(None);
        }
        let statement = Statement {
            text: "SELECT FOR_NAME FROM information_schema.INNODB_SYS_FOREIGN WHERE REF_NAME = ?".into(),
            values: vec![format!("{schema}/{name}").into()],
        };
        let names = match rows(executor, statement).await {
            Ok(names) => names,
            Err(fault) if matches!(fault.kind, FaultKind::Down | FaultKind::Busy | FaultKind::Login) => {
                return Err(fault);
            }
            Err(_) => {
                self.closed.store(true, Ordering::Relaxed);
                return Ok(None);
            }
        };
        let place = |row: Vec<Scalar>| {
            let text = row.first()?.to_text()?;
            let (schema, name) = text
                .split_once('/')
                .filter(|(schema, name)| simple(schema) && simple(name))?;
            Some((schema.to_owned(), name.to_owned()))
        };
        Ok(names.into_iter().map(place).collect())
    }

    async fn scanned(
        &self,
        executor: &dyn Executor,
        schema: Option<&str>,
        place: &Place,
    ) -> Result<Vec<Place>, Fault> {
        let mut kept = self.scan.lock().await;
        let valid = kept
            .as_ref()
            .is_some_and(|scan| scan.schema.as_deref() == schema && Instant::now() < scan.until);
        if !valid {
            *kept = None;
            let started = Instant::now();
            let edges = scan(executor, schema).await?;
            let took = started.elapsed();
            if took < FAST {
                return Ok(referring(&edges, place));
            }
            let until = Instant::now() + took * KEPT;
            *kept = Some(Scan {
                edges,
                schema: schema.map(str::to_owned),
                until,
            });
        }
        Ok(kept
            .as_ref()
            .map(|scan| referring(&scan.edges, place))
            .unwrap_or_default())
    }
}

fn referring(edges: &[(Place, Place)], place: &Place) -> Vec<Place> {
    edges
        .iter()
        .filter(|(_, to)| to == place)
        .map(|(from, _)| from.clone())
        .collect()
}

const EDGES: &str = "SELECT CONSTRAINT_SCHEMA, TABLE_NAME, UNIQUE_CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME \
     FROM information_schema.REFERENTIAL_CONSTRAINTS";

async fn dictionary(executor: &dyn Executor, (schema, name): &Place) -> Result<Vec<Place>, Fault> {
    let statement = Statement {
        text: format!("{EDGES} WHERE UNIQUE_CONSTRAINT_SCHEMA = ? AND REFERENCED_TABLE_NAME = ?"),
        values: vec![schema.as_str().into(), name.as_str().into()],
    };
    Ok(edges(executor, statement)
        .await?
        .into_iter()
        .map(|(from, _)| from)
        .collect())
}

async fn scan(executor: &dyn Executor, schema: Option<&str>) -> Result<Vec<(Place, Place)>, Fault> {
    let statement = match schema {
        Some(schema) => Statement {
            text: format!("{EDGES} WHERE CONSTRAINT_SCHEMA = ?"),
            values: vec![schema.into()],
        },
        None => Statement::fixed(EDGES),
    };
    edges(executor, statement).await
}

async fn edges(executor: &dyn Executor, statement: Statement) -> Result<Vec<(Place, Place)>, Fault> {
    let edge = |row: Vec<Scalar>| {
        let mut texts = row.iter().map(|cell| cell.to_text().unwrap_or_default());
        let mut place = || Some((texts.next()?, texts.next()?));
        Some((place()?, place()?))
    };
    Ok(rows(executor, statement)
        .await?
        .into_iter()
        .filter_map(edge)
        .collect())
}
