//! A look at what is nested in the records of a request before anything is written: how much it is, and which tables
//! it reaches, also in other services. They are opened now, because their catalogue could not be read while a unit of
//! work holds the only connection.

use super::{items, members};
use crate::catalogue::Junction;
use crate::engine::{Engine, Opened};
use crate::related::DEEPEST;
use crate::service::Peer;
use crate::{Relation, Table};
use contract::{Map, Problem, Request, ServiceRef, Value, Verb};
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Arc;

/// Most related records in one request.
const MOST: usize = 10_000;

/// What may be done to related tables.
const VERBS: [Verb; 4] = [Verb::Get, Verb::Post, Verb::Patch, Verb::Delete];

/// A table as a relation names it: within a service by its name for clients, from another service by its real name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Name<T> {
    table: T,
    real: bool,
}

impl<'r> Name<&'r str> {
    /// The other table of a relation.
    pub(super) fn of(relation: &'r Relation) -> Name<&'r str> {
        Name {
            table: &relation.ref_table,
            real: relation.extra.ref_service.is_some(),
        }
    }

    /// The table between.
    pub(super) fn between(relation: &Relation, junction: &'r Junction) -> Name<&'r str> {
        Name {
            table: &junction.table,
            real: relation.extra.junction_service.is_some(),
        }
    }

    /// Opens it for a verb.
    pub(super) async fn open(
        self,
        engine: &Engine,
        request: &Request,
        verb: Verb,
    ) -> Result<Opened, Problem> {
        let catalogue = &engine.catalogue;
        if !self.real {
            return catalogue.open(request, self.table, verb).await;
        }
        let shown = catalogue.shown_name(self.table).await?;
        catalogue.open(request, &shown, verb).await
    }

    fn owned(self) -> Name<String> {
        Name {
            table: self.table.to_owned(),
            real: self.real,
        }
    }
}

/// Related tables by service, name and verb, opened before anything was written; where the caller may not use one, why.
#[derive(Default)]
pub(in crate::write) struct Tables {
    opened: HashMap<(i64, Name<String>), Verbs>,
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
    pub(super) fn get(&self, service: i64, name: Name<&str>, verb: Verb) -> Option<Result<&Opened, Problem>> {
        let verbs = self.opened.get(&(service, name.owned()))?;
        let (_, opened) = verbs.iter().find(|(known, _)| *known == verb)?;
        Some(opened.as_ref().map_err(Problem::from))
    }

    /// A table that the caller may use in one way at least.
    pub(super) fn any(&self, service: i64, name: Name<&str>) -> Option<&Arc<Table>> {
        let mut verbs = self.opened.get(&(service, name.owned()))?.iter();
        verbs.find_map(|(_, opened)| opened.as_ref().ok().map(|opened| &opened.table))
    }
}

/// What the records of a request reach.
#[derive(Default)]
pub(in crate::write) struct Reach {
    /// The related tables.
    pub(super) tables: Tables,
    /// The other services, in the order of their ids.
    pub(in crate::write) peers: Vec<Peer>,
}

/// What was found.
pub(in crate::write) struct Survey {
    /// Tables and services.
    pub(in crate::write) reach: Reach,
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
        let walk = Walk {
            engine,
            request,
            stays: false,
            reach: Reach::default(),
            seen: 0,
        };
        walk.survey(table, records).await
    }

    /// The same for records that must not reach other services.
    pub(in crate::write) async fn at_home(
        engine: &Engine,
        request: &Request,
        table: &Arc<Table>,
        records: &[Value],
    ) -> Survey {
        let walk = Walk {
            engine,
            request,
            stays: true,
            reach: Reach::default(),
            seen: 0,
        };
        walk.survey(table, records.iter()).await
    }
}

struct Walk<'a> {
    engine: &'a Engine,
    request: &'a Request,
    /// Whether other services are refused.
    stays: bool,
    reach: Reach,
    seen: usize,
}

impl Walk<'_> {
    async fn survey(mut self, table: &Arc<Table>, records: impl ExactSizeIterator<Item = &Value>) -> Survey {
        let mut problems = Vec::with_capacity(records.len());
        for record in records {
            let problem = match record.as_object() {
                Some(record) => self.record(self.request.service.id, table, record, 1).await.err(),
                None => None,
            };
            problems.push(problem);
        }
        Survey {
            reach: self.reach,
            problems,
        }
    }

    /// Looks at a record of a table of a service.
    fn record<'f>(
        &'f mut self,
        service: i64,
        table: &'f Arc<Table>,
        record: &'f Map<String, Value>,
        depth: usize,
    ) -> BoxFuture<'f, Result<(), Problem>> {
        Box::pin(async move {
            for member in members(table, record) {
                let relation = member.relation;
                if depth > DEEPEST {
                    return Err(Problem::bad_request(format!(
                        "Related records can be nested at most {DEEPEST} levels deep."
                    )));
                }
                let there = self.service(service, relation.extra.ref_service.as_ref()).await?;
                let other = self.open(there, Name::of(relation)).await?;
                if let Some(junction) = &relation.junction {
                    let between = relation.extra.junction_service.as_ref();
                    let between = self.service(service, between).await?;
                    self.open(between, Name::between(relation, junction)).await?;
                }
                for item in items(member.value)? {
                    self.seen += 1;
                    if self.seen > MOST {
                        return Err(Problem::bad_request(format!(
                            "At most {MOST} related records can be written by one request."
                        )));
                    }
                    self.record(there, &other, item, depth + 1).await?;
                }
            }
            Ok(())
        })
    }

    /// The id of the service that a relation leads to, after finding it: the same, or another.
    async fn service(&mut self, here: i64, other: Option<&Arc<ServiceRef>>) -> Result<i64, Problem> {
        let Some(other) = other else {
            return Ok(here);
        };
        if other.id != self.request.service.id
            && let Err(place) = self.reach.peers.binary_search_by_key(&other.id, |peer| peer.id())
        {
            if self.stays {
                return Err(Problem::bad_request(format!(
                    "Records of service '{}' cannot be written by an import with rollback.",
                    other.name
                )));
            }
            let params = self.request.params.clone();
            let peer = Peer::find(self.engine, self.request, other, params).await?;
            self.reach.peers.insert(place, peer);
        }
        Ok(other.id)
    }

    /// Opens a table for whatever the caller may do to it.
    async fn open(&mut self, service: i64, name: Name<&str>) -> Result<Arc<Table>, Problem> {
        if let Some(known) = self.reach.tables.any(service, name) {
            return Ok(known.clone());
        }
        let peers = &self.reach.peers;
        let peer = peers.binary_search_by_key(&service, |peer| peer.id());
        let peer = peer.ok().map(|place| &peers[place]);
        let mut verbs = Vec::with_capacity(VERBS.len());
        let mut first = None;
        for verb in VERBS {
            let opened = match self.opened(peer, name, verb).await {
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
        self.reach.tables.opened.insert((service, name.owned()), verbs);
        match (table, first) {
            (Some(table), _) => Ok(table),
            (None, Some(refusal)) => Err(refusal),
            (None, None) => Err(Problem::internal("a table is opened for at least one verb")),
        }
    }

    async fn opened(&self, peer: Option<&Peer>, name: Name<&str>, verb: Verb) -> Result<Opened, Problem> {
        match peer {
            None => name.open(self.engine, self.request, verb).await,
            Some(peer) if name.real => peer.open(name.table, verb).await,
            Some(peer) => name.open(peer.engine(), &peer.request, verb).await,
        }
    }
}
