//! Which services work, as traffic tells, or by asking them right now.

use crate::Platform;
use crate::metrics::{Failure, ServiceCourse};
use crate::policy::ServiceFacts;
use contract::{PoolState, Problem, Service};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::timeout;

/// Services that are asked at the same time.
const AT_ONCE: usize = 8;
/// Time that one is given beyond that for connecting.
const GRACE: Duration = Duration::from_secs(2);
/// Time after which nobody waits for the rest.
const MOST: Duration = Duration::from_secs(20);

/// How a service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The last call was answered well, or it works right now.
    Up,
    /// The last call that says something of the service failed, or it does not work right now.
    Failing,
    /// It is deactivated, or of a type that this program does not have.
    Off,
    /// Nobody has called it since the start.
    Unknown,
}

impl State {
    /// The word in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Up => "up",
            State::Failing => "failing",
            State::Off => "off",
            State::Unknown => "unknown",
        }
    }
}

/// What is known of a service.
#[derive(Debug, Clone)]
pub struct ServiceHealth {
    /// Primary key.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Name of its type.
    pub kind: String,
    /// How it does.
    pub state: State,
    /// When it was asked, if it was.
    pub checked: Option<SystemTime>,
    /// What traffic told, and what asking it told.
    pub course: ServiceCourse,
    /// Its connections, where it keeps some and has been used.
    pub pool: Option<PoolState>,
}

impl Platform {
    /// The health of all services of this node in the order of their ids, or of one; 404 when there is none of that
    /// name. With `check` they are connected to, within a time that is bounded whatever they do.
    pub async fn health(&self, service: Option<&str>, check: bool) -> Result<Vec<ServiceHealth>, Problem> {
        let generation = self.current.get().await?;
        let snapshot = generation.snapshot();
        let is_wanted = |facts: &&ServiceFacts| {
            service.is_none_or(|name| facts.reference.name.eq_ignore_ascii_case(name))
        };
        let wanted: Vec<&ServiceFacts> = snapshot.services().iter().filter(is_wanted).collect();
        if let (Some(name), true) = (service, wanted.is_empty()) {
            return Err(crate::pipeline::unknown_service(name));
        }
        let mut running = HashMap::new();
        let mut off = HashMap::new();
        for facts in &wanted {
            match self.started(&generation, facts) {
                Ok(service) => running.insert(facts.reference.id, service).map(|_| ()),
                Err(problem) => off.insert(facts.reference.id, problem.message).map(|_| ()),
            };
        }
        let checked = match check {
            true => {
                ask(
                    &running,
                    Duration::from_secs(self.settings().connect_timeout) + GRACE,
                )
                .await
            }
            false => HashMap::new(),
        };
        let told = wanted.into_iter().map(|facts| {
            let id = facts.reference.id;
            let mut health = ServiceHealth {
                id,
                name: facts.reference.name.clone(),
                kind: facts.kind.clone(),
                state: State::Unknown,
                checked: None,
                course: self.metrics.course(&facts.reference.name),
                pool: running.get(&id).and_then(|service| service.pool()),
            };
            match off.remove(&id) {
                Some(message) => health.is_off(message, facts.is_active),
                None => health.judge(checked.get(&id)),
            }
            health
        });
        Ok(told.collect())
    }
}

impl ServiceHealth {
    /// What is deactivated is so on purpose; else it cannot be built, and the message says why.
    fn is_off(&mut self, message: String, is_active: bool) {
        self.state = State::Off;
        if is_active {
            self.course.failure = Some(Failure {
                at: SystemTime::now(),
                message,
            });
        }
    }

    fn judge(&mut self, asked: Option<&Result<(), String>>) {
        let course = &mut self.course;
        if let Some(asked) = asked {
            let now = SystemTime::now();
            self.checked = Some(now);
            match asked {
                Ok(()) => course.success = Some(now),
                Err(message) => {
                    course.failure = Some(Failure {
                        at: now,
                        message: message.clone(),
                    });
                }
            }
        }
        self.state = match (&course.success, &course.failure) {
            (Some(success), Some(failure)) if failure.at > *success => State::Failing,
            (None, Some(_)) => State::Failing,
            (Some(_), _) => State::Up,
            (None, None) => State::Unknown,
        };
    }
}

/// Connects to services, some at the same time. Those that have not answered in time are failing.
async fn ask(services: &HashMap<i64, Arc<dyn Service>>, limit: Duration) -> HashMap<i64, Result<(), String>> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for (id, service) in services {
        let (id, service, places) = (*id, Arc::clone(service), Arc::clone(&places));
        tasks.spawn(async move {
            let _place = places.acquire_owned().await;
            let asked = timeout(limit, service.try_connection()).await;
            (
                id,
                asked.map_or_else(|_| Err(late()), |asked| asked.map(|_| ()).map_err(|p| p.message)),
            )
        });
    }
    let mut told: HashMap<i64, Result<(), String>> = HashMap::new();
    let all = async {
        while let Some(joined) = tasks.join_next().await {
            // A task that panicked has told nothing, like one that is late.
            if let Ok((id, asked)) = joined {
                told.insert(id, asked);
            }
        }
    };
    // Dropping the set ends the tasks that are still at it.
    let _ = timeout(MOST, all).await;
    for id in services.keys() {
        told.entry(*id).or_insert_with(|| Err(late()));
    }
    told
}

fn late() -> String {
    "The service did not answer in time.".to_owned()
}
