//! The numbers for charts and health, as they are asked for.

use super::course::{Course, Span, Step, nothing, points};
use super::{Failure, Metrics, Process};
use crate::Platform;
use contract::{Problem, Value};
use serde_json::{Map, json};
use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

/// The numbers of a time.
#[derive(Debug, Clone)]
pub struct Charts {
    /// When counting began.
    pub since: SystemTime,
    /// The course, the oldest step first.
    pub points: Vec<Value>,
    /// The sums of each service, by name.
    pub services: Vec<Value>,
    /// Calls since the start, by app and status.
    pub apps: Vec<(Option<i64>, BTreeMap<u16, u64>)>,
}

/// What traffic told of a service.
#[derive(Debug, Clone, Default)]
pub struct ServiceCourse {
    /// Numbers of the last hour: requests, errors, percentiles.
    pub hour: Map<String, Value>,
    /// When a call was last answered well.
    pub success: Option<SystemTime>,
    /// The last call that failed.
    pub failure: Option<Failure>,
}

impl Metrics {
    fn charts(&self, span: Span, service: Option<&str>) -> Charts {
        let mut all = nothing(span);
        let mut sums = Vec::new();
        for (name, found) in self.services.read().iter() {
            let mut steps = nothing(span);
            found.lately.lock().course.join_into(span, &mut steps);
            if service.is_none_or(|wanted| wanted.eq_ignore_ascii_case(name)) {
                for (sum, step) in all.iter_mut().zip(&steps) {
                    sum.join(step);
                }
            }
            let mut numbers = sum(&steps).numbers();
            numbers["name"] = json!(name);
            sums.push(numbers);
        }
        let mut apps: HashMap<Option<i64>, BTreeMap<u16, u64>> = HashMap::new();
        for ((app, status), count) in self.apps.lock().iter() {
            apps.entry(*app).or_default().insert(*status, *count);
        }
        let mut apps: Vec<_> = apps.into_iter().collect();
        apps.sort_by_key(|(app, _)| *app);
        Charts {
            since: Process::now(self.started).started,
            points: points(span, &all),
            services: sums,
            apps,
        }
    }

    /// What traffic told of a service.
    pub(crate) fn course(&self, name: &str) -> ServiceCourse {
        let services = self.services.read();
        let Some(service) = services.get(name) else {
            return ServiceCourse {
                hour: numbers(&Course::default()),
                ..ServiceCourse::default()
            };
        };
        let lately = service.lately.lock();
        ServiceCourse {
            hour: numbers(&lately.course),
            success: lately.success,
            failure: lately.failure.clone(),
        }
    }
}

fn sum(steps: &[Step]) -> Step {
    let mut sum = Step::default();
    steps.iter().for_each(|step| sum.join(step));
    sum
}

fn numbers(course: &Course) -> Map<String, Value> {
    let mut steps = nothing(Span::Hour);
    course.join_into(Span::Hour, &mut steps);
    match sum(&steps).numbers() {
        Value::Object(numbers) => numbers,
        _ => Map::new(),
    }
}

impl Platform {
    /// How calls went on this node: of one service or of all, and the sums of each. Services that do not exist count
    /// as one.
    pub async fn charts(&self, span: Span, service: Option<&str>) -> Result<Charts, Problem> {
        let generation = self.current.get().await?;
        let snapshot = generation.snapshot();
        self.metrics.keep(|name| snapshot.service(name).is_some());
        Ok(self.metrics.charts(span, service))
    }

    /// What the operating system tells of this process.
    pub fn process(&self) -> Process {
        Process::now(self.metrics.started)
    }
}
