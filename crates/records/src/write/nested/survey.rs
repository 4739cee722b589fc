//! A look at what is nested in the records of a request before anything is written: how much it is, and which tables
//! it reaches. They are opened now, because their catalogue could not be read while a unit of work holds the only
//! connection.

use super::{items, members};
use crate::Table;
use crate::engine::{Engine, Opened};
use contract::{Map, Problem, Request, Value, Verb};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Arc;

/// Deepest nesting of related records.
const DEEPEST: usize = 8;
/// Most related records in one request.
const MOST: usize = 10_000;

/// What may be done to related tables.
const VERBS: [Verb; 4] = [Verb::Get, Verb::Post, Verb::Patch, Verb::Delete];

/// Related tables by name and verb, opened before anything was written; where the caller may not use one, why.
#[derive(Default)]
pub(in crate::write) struct Tables {
    opened: HashMap<String, Verbs>,
}

type Verbs = Vec<(Verb, Result<Opened, Refusal>)>;

/// A refusal that can be told more than once.
#[derive(Clone)]
struct Refusal(contract::Kind, String);

impl From<&Refusal> for Problem {
    fn from(Refusal(kind, message): &Refusal) -> Problem {
        Problem::new(*kind, message.as_str())
    }
}

impl Tables {
    /// A table for a verb, or why not. `None` when the table was not met before.
    pub(super) fn get(&self, name: &str, verb: Verb) -> Option<Result<&Opened, Problem>> {
        let verbs = self.opened.get(name)?;
        let (_, opened) = verbs.iter().find(|(known, _)| *known == verb)?;
        Some(opened.as_ref().map_err(Problem::from))
    }

    /// A table that the caller may use in one way at least.
    pub(super) fn any(&self, name: &str) -> Option<&Arc<Table>> {
        let mut verbs = self.opened.get(name)?.iter();
        verbs.find_map(|(_, opened)| opened.as_ref().ok().map(|opened| &opened.table))
    }
}

/// What was found.
pub(in crate::write) struct Survey {
    /// The related tables.
    pub(in crate::write) tables: Tables,
    /// What is wrong with each record.
    pub(in crate::write) problems: Vec<Option<Problem>>,
}

impl Survey {
    /// Looks at records of a table.
    pub(in crate::write) async fn of(
        engine: &Engine,
        request: &Request,
        table: &Arc<Table>,
        records: impl ExactSizeIterator<Item = &Value>,
    ) -> Survey {
        let mut walk = Walk {
            engine,
            request,
            tables: Tables::default(),
            seen: 0,
        };
        let mut problems = Vec::with_capacity(records.len());
        for record in records {
            let problem = match record.as_object() {
                Some(record) => walk.record(table, record, 1).await.err(),
                None => None,
            };
            problems.push(problem);
        }
        Survey {
            tables: walk.tables,
            problems,
        }
    }
}

struct Walk<'a> {
    engine: &'a Engine,
    request: &'a Request,
    tables: Tables,
    seen: usize,
}

impl Walk<'_> {
    fn record<'f>(
        &'f mut self,
        table: &'f Arc<Table>,
        record: &'f Map<String, Value>,
        depth: usize,
    ) -> BoxFuture<'f, Result<(), Problem>> {
        Box::pin(async move {
            for member in members(table, record) {
                let relation = member.relation;
                if relation.is_remote() {
                    return Err(Problem::not_implemented(format!(
                        "The relationship '{}' leads to another service, whose records cannot be written together \
                         with this one.",
                        relation.name
                    )));
                }
                if relation.fields.len() != 1 || relation.ref_fields.len() != 1 {
                    return Err(Problem::not_implemented(
                        "Relating records with multi-column foreign keys is not currently supported.",
                    ));
                }
                if depth > DEEPEST {
                    return Err(Problem::bad_request(format!(
                        "Related records can be nested at most {DEEPEST} levels deep."
                    )));
                }
                let other = self.open(&relation.ref_table).await?;
                if let Some(junction) = &relation.junction {
                    self.open(&junction.table).await?;
                }
                for item in items(member.value)? {
                    self.seen += 1;
                    if self.seen > MOST {
                        return Err(Problem::bad_request(format!(
                            "At most {MOST} related records can be written by one request."
                        )));
                    }
                    self.record(&other, item, depth + 1).await?;
                }
            }
            Ok(())
        })
    }

    /// Opens a table for whatever the caller may do to it.
    async fn open(&mut self, name: &str) -> Result<Arc<Table>, Problem> {
        if let Some(known) = self.tables.any(name) {
            return Ok(known.clone());
        }
        let mut verbs = Vec::with_capacity(VERBS.len());
        let mut first = None;
        for verb in VERBS {
            let opened = match self.engine.catalogue.open(self.request, name, verb).await {
                Ok(opened) => Ok(opened),
                // Only what the caller may not do is remembered; what is wrong with the database ends here.
                Err(problem) if problem.status() == 403 => {
                    let refusal = Refusal(problem.kind, problem.message.clone());
                    first = first.or(Some(problem));
                    Err(refusal)
                }
                Err(problem) => return Err(problem),
            };
            verbs.push((verb, opened));
        }
        let found = verbs.iter().find_map(|(_, opened)| opened.as_ref().ok());
        let table = found.map(|opened| opened.table.clone());
        self.tables.opened.insert(name.to_owned(), verbs);
        match (table, first) {
            (Some(table), _) => Ok(table),
            (None, Some(refusal)) => Err(refusal),
            (None, None) => Err(Problem::internal("a table is opened for at least one verb")),
        }
    }
}
