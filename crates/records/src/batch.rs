//! Results of many records, and the shape of a failure among them.

use contract::{Problem, Request, Settings, Value, word};
use driver::Fault;
use serde_json::json;

/// What to do when a record fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Stop; what was done stays.
    Stop,
    /// Go on with the others.
    Continue,
    /// Stop and undo everything.
    Rollback,
}

impl OnFailure {
    /// Reads `continue` and `rollback`.
    pub fn of(request: &Request) -> Result<OnFailure, Problem> {
        match (request.flag(&word::CONTINUE), request.flag(&word::ROLLBACK)) {
            (true, true) => Err(Problem::bad_request(
                "Rollback and continue operations can not be requested at the same time.",
            )),
            (true, false) => Ok(OnFailure::Continue),
            (false, true) => Ok(OnFailure::Rollback),
            (false, false) => Ok(OnFailure::Stop),
        }
    }
}

/// Gathers the results of a batch in order.
pub struct Batch {
    on_failure: OnFailure,
    results: Vec<Result<Value, Problem>>,
    failed: bool,
}

impl Batch {
    /// An empty batch.
    pub fn new(on_failure: OnFailure) -> Batch {
        Batch {
            on_failure,
            results: Vec::new(),
            failed: false,
        }
    }

    /// Adds a result. Whether to go on.
    pub fn push(&mut self, result: Result<Value, Problem>) -> bool {
        self.failed |= result.is_err();
        let go_on = result.is_ok() || self.on_failure == OnFailure::Continue;
        self.results.push(result);
        go_on
    }

    /// Whether a record failed.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// The results, or the batch error. `done` is the verb's participle: created, updated, deleted, retrieved.
    /// Faults of the database or the server that say nothing of the record end the batch as themselves.
    pub fn finish(self, done: &str, settings: &Settings) -> Result<Vec<Value>, Problem> {
        if !self.failed {
            return Ok(self.results.into_iter().filter_map(Result::ok).collect());
        }
        let mut failures = Vec::new();
        let mut entries = Vec::with_capacity(self.results.len());
        for (i, result) in self.results.into_iter().enumerate() {
            match result {
                Ok(value) => entries.push(value),
                Err(problem) if problem.status() >= 500 => return Err(problem),
                Err(problem) => {
                    failures.push(json!(i));
                    entries.push(entry(&problem));
                }
            }
        }
        let undone = if self.on_failure == OnFailure::Rollback {
            " All changes rolled back."
        } else {
            ""
        };
        let message = format!("Batch Error: Not all requested records could be {done}.{undone}");
        let mut context = contract::Map::new();
        context.insert("error".into(), Value::Array(failures));
        context.insert(settings.resource_wrapper.clone(), Value::Array(entries));
        Err(Problem::bad_request(message)
            .with_code(1000)
            .with_context(Value::Object(context)))
    }
}

/// A failure among others. What the database refused has its SQLSTATE as code, and nothing besides.
fn entry(problem: &Problem) -> Value {
    let fault = problem
        .source
        .as_ref()
        .and_then(|source| source.downcast_ref::<Fault>());
    match fault.and_then(|fault| fault.state.as_deref()) {
        Some(state) => json!({"code": state, "message": problem.message}),
        None => problem.to_entry(),
    }
}
