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

/// What may be done to related tables. Verbs that the caller may not use are absent.
const VERBS: [Verb; 4] = [Verb::Get, Verb::Post, Verb::Patch, Verb::Delete];

/// Tables that were opened before, by name and verb.
#[derive(Default)]
pub(in crate::write) struct Tables {
    opened: HashMap<String, Vec<(Verb, Opened)>>,
}

impl Tables {
    pub(super) fn get(&self, name: &str, verb: Verb) -> Option<&Opened> {
        let verbs = self.opened.get(name)?;
        verbs
            .iter()
            .find(|(known, _)| *known == verb)
            .map(|(_, opened)| opened)
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
        if let Some((_, known)) = self.tables.opened.get(name).and_then(|verbs| verbs.first()) {
            return Ok(known.table.clone());
        }
        let mut verbs = Vec::with_capacity(VERBS.len());
        let mut refusal = None;
        for verb in VERBS {
            match self.engine.catalogue.open(self.request, name, verb).await {
                Ok(opened) => verbs.push((verb, opened)),
                Err(problem) => refusal = refusal.or(Some(problem)),
            }
        }
        match (verbs.first(), refusal) {
            (Some((_, opened)), _) => {
                let table = opened.table.clone();
                self.tables.opened.insert(name.to_owned(), verbs);
                Ok(table)
            }
            (None, Some(refusal)) => Err(refusal),
            (None, None) => Err(Problem::internal("a table is opened for at least one verb")),
        }
    }
}
