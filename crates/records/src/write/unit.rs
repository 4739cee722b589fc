//! A unit of work over all services that a write reaches.
//!
//! Each service has a transaction of its own. They are begun in the order of the services' ids, so that two writes that
//! reach the same services never wait for each other in a circle, and nothing is made permanent before everything is
//! written and the constraints that wait for the end are looked at: a record that is refused anywhere leaves nothing
//! behind. Then the others are committed first and the service of the request last. Only where one of these commits
//! fails after another one succeeded, a part remains; the answer says so.

use super::nested::{Side, Sides};
use crate::Work;
use crate::cache::Writing;
use crate::engine::Engine;
use crate::service::Peer;
use contract::{Kind, Problem, Request};

/// A unit of work. Dropping it undoes it.
pub(super) struct Unit<'a> {
    home: Box<dyn Work>,
    others: Vec<Other<'a>>,
}

/// The part in another service.
struct Other<'a> {
    peer: &'a Peer,
    work: Box<dyn Work>,
    writing: Option<Writing<'a>>,
}

impl<'a> Other<'a> {
    async fn begin(peer: &'a Peer) -> Result<Other<'a>, Problem> {
        let backend = &peer.engine().backend;
        if !backend.capabilities().transactions {
            return Err(Problem::bad_request(format!(
                "Service '{}' cannot write related records together with their record.",
                peer.name()
            )));
        }
        let writing = peer.writing();
        let work = backend.begin().await?;
        Ok(Other { peer, work, writing })
    }

    async fn commit(self) -> Result<&'a str, Problem> {
        self.work.commit().await?;
        self.writing.into_iter().for_each(Writing::finish);
        Ok(self.peer.name())
    }

    async fn rollback(self) -> Result<(), Problem> {
        let done = self.work.rollback().await;
        self.writing.into_iter().for_each(Writing::finish);
        done
    }
}

impl<'a> Unit<'a> {
    /// Begins in the service of a request and in others, which are in the order of their ids.
    pub(super) async fn begin(
        engine: &Engine,
        request: &Request,
        peers: &'a [Peer],
    ) -> Result<Unit<'a>, Problem> {
        let home = request.service.id;
        let (before, after) = peers.split_at(peers.partition_point(|peer| peer.id() < home));
        let mut others = Vec::with_capacity(peers.len());
        for peer in before {
            others.push(Other::begin(peer).await?);
        }
        let home = engine.backend.begin().await?;
        for peer in after {
            others.push(Other::begin(peer).await?);
        }
        Ok(Unit { home, others })
    }

    /// What writes in each service.
    pub(super) fn sides<'s>(&'s self, engine: &'s Engine, request: &'s Request) -> Sides<'s> {
        let other = |other: &'s Other<'a>| Side {
            engine: other.peer.engine(),
            request: &other.peer.request,
            session: &*other.work,
        };
        let session = &*self.home;
        Sides {
            home: Side {
                engine,
                request,
                session,
            },
            others: self.others.iter().map(other).collect(),
        }
    }

    /// Ends it by how its step ended, so that a refused write leaves nothing behind.
    pub(super) async fn settle<T>(self, done: Result<T, Problem>) -> Result<T, Problem> {
        match done {
            Ok(value) => self.commit().await.map(|()| value),
            Err(problem) => {
                self.others.iter().for_each(|other| other.peer.note(&problem));
                self.undo().await;
                Err(problem)
            }
        }
    }

    /// Looks at what would make a commit fail. Alone, the commit itself looks at it.
    async fn verify(&self) -> Result<(), Problem> {
        if self.others.is_empty() {
            return Ok(());
        }
        for other in &self.others {
            other.work.verify().await?;
        }
        self.home.verify().await
    }

    /// Makes everything permanent. When a part fails, those that follow are undone.
    pub(super) async fn commit(self) -> Result<(), Problem> {
        if let Err(problem) = self.verify().await {
            self.undo().await;
            return Err(problem);
        }
        let mut stored: Vec<&str> = Vec::new();
        let mut others = self.others.into_iter();
        while let Some(other) = others.next() {
            match other.commit().await {
                Ok(name) => stored.push(name),
                Err(problem) => {
                    let rest = Unit {
                        home: self.home,
                        others: others.collect(),
                    };
                    rest.undo().await;
                    return Err(half_stored(&stored, problem));
                }
            }
        }
        self.home.commit().await.map_err(|p| half_stored(&stored, p))
    }

    /// Undoes everything where there is a problem already.
    async fn undo(self) {
        if let Err(failed) = self.rollback().await {
            tracing::warn!(error = ?failed, "rolling back a refused write failed");
        }
    }

    /// Undoes everything; the first failure is told after all were tried.
    pub(super) async fn rollback(self) -> Result<(), Problem> {
        let mut done = self.home.rollback().await;
        for other in self.others {
            done = done.and(other.rollback().await);
        }
        done
    }
}

/// The failure of a commit after others succeeded. Never a refusal, which would be tried again.
fn half_stored(stored: &[&str], problem: Problem) -> Problem {
    if stored.is_empty() {
        return problem;
    }
    let services = stored.join("', '");
    let message = format!(
        "The changes in '{services}' are stored, those in other services are not: {}",
        problem.message
    );
    Problem::new(Kind::Internal, message).with_source(problem)
}
