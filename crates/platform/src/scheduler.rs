//! Running scheduled tasks: which are due at a moment, as whom each calls, and what becomes of it.
//!
//! The clock is not here: who calls [`Platform::run_due_tasks`] says what time it is.

use crate::Platform;
use crate::generation::Generation;
use crate::internal::{InternalCall, nobody_with_all_rights};
use crate::policy::Evidence;
use contract::{Caller, Payload, Problem};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use store::Task;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Seconds for which a node holds the task that it runs. If the node ends, others can run the task after that.
const HOLD: i64 = 180;
/// How often a node says that it still runs a task.
const SAY_AGAIN: Duration = Duration::from_secs(60);
/// Tasks of one minute that run at the same time.
const TOGETHER: usize = 8;
/// Characters of a failure that the log of a task keeps.
const LONGEST_LOG: usize = 10_000;

/// Status and text of a task that failed.
type Failure = (u16, String);

impl Platform {
    /// Runs the tasks that are due in the minute of a moment (seconds since 1970) and waits for them; gives how many
    /// this node ran. A task that another node has taken, or that still runs, is left out. Fails when the tasks cannot
    /// be read; what becomes of each is in its log.
    pub async fn run_due_tasks(self: &Arc<Platform>, now: i64) -> Result<usize, Problem> {
        let turns = Arc::new(Semaphore::new(TOGETHER));
        let mut running = JoinSet::new();
        for task in self.store().due_tasks(now).await? {
            let (platform, turns) = (Arc::clone(self), Arc::clone(&turns));
            running.spawn(async move {
                let _turn = turns.acquire_owned().await;
                platform.run_task(&task, now).await
            });
        }
        let mut ran = 0;
        while let Some(ended) = running.join_next().await {
            match ended {
                Ok(Ok(true)) => ran += 1,
                Ok(Ok(false)) => {}
                Ok(Err(problem)) => {
                    tracing::error!(cause = ?problem.source, "a scheduled task could not be kept: {problem}");
                }
                Err(fault) => tracing::error!(%fault, "a scheduled task ended in the middle"),
            }
        }
        Ok(ran)
    }

    /// Runs a task if it is free. Fails when the system database fails; a failure of the task itself is logged there.
    async fn run_task(&self, task: &Task, now: i64) -> Result<bool, Problem> {
        if !self.store().claim_task(task.id, now, HOLD).await? {
            return Ok(false);
        }
        let outcome = tokio::select! {
            outcome = self.call_of(task) => outcome,
            never = self.keep_holding(task.id, now) => match never {},
        };
        if let Err((status, message)) = &outcome {
            tracing::warn!(task = task.name, status, message, "a scheduled task failed");
        }
        let failure = outcome.as_ref().err();
        let failure = failure.map(|(status, message)| (*status, message.as_str()));
        self.store().end_task(task.id, failure).await?;
        Ok(true)
    }

    async fn keep_holding(&self, task: i64, now: i64) -> Infallible {
        let began = Instant::now();
        loop {
            tokio::time::sleep(SAY_AGAIN).await;
            let passed = i64::try_from(began.elapsed().as_secs()).unwrap_or(i64::MAX);
            let until = now.saturating_add(passed).saturating_add(HOLD);
            if let Err(problem) = self.store().hold_task(task, until).await {
                tracing::warn!(task, cause = ?problem.source, "a running task could not be held: {problem}");
            }
        }
    }

    /// Makes the call of a task.
    async fn call_of(&self, task: &Task) -> Result<(), Failure> {
        let answer = async {
            let generation = self.current.get().await?;
            let caller = self.caller_of(&generation, task).await?;
            let (path, query) = task.component.split_once('?').unwrap_or((&task.component, ""));
            let call = InternalCall {
                verb: task.verb,
                service: task.service_id,
                path,
                params: query::parameters::parse(query)?,
                payload: task.payload.clone().map_or(Payload::None, Payload::Value),
                base_url: &self.settings().public_url(),
            };
            self.call_internally(&generation, caller, call).await
        };
        match answer.await {
            Ok(response) if response.status < 300 => Ok(()),
            Ok(response) => {
                let message = format!("The service answered with the status {}.", response.status);
                Err((response.status, message))
            }
            Err(problem) => Err((problem.status(), told(&problem))),
        }
    }

    /// As whom a task calls: as its app's key and its user would, without a session; without an app as nobody, with
    /// all rights. An app or a user that is switched off is refused.
    async fn caller_of(&self, generation: &Generation, task: &Task) -> Result<Caller, Problem> {
        let Some(app) = task.app_id else {
            return Ok(nobody_with_all_rights(generation));
        };
        let app = generation.snapshot().app(app).filter(|app| app.is_active);
        let app = app.ok_or_else(|| Problem::forbidden("App is not active."))?;
        let user = match task.user_id {
            Some(id) => {
                let user = self.current.user(generation, id).await?;
                let user = user.filter(|user| user.row.is_active);
                Some(user.ok_or_else(|| Problem::forbidden("User is not active."))?)
            }
            None => None,
        };
        let evidence = Evidence {
            key: true,
            session: user.is_some(),
        };
        Ok(generation.caller(user.as_deref(), Some(app), evidence, None))
    }
}

/// What the log of a task says of a problem: its sentence, and below it what else a caller would be told.
fn told(problem: &Problem) -> String {
    let text = match &problem.context {
        Some(context) => format!("{}\n{context}", problem.message),
        None => problem.message.clone(),
    };
    text.chars().take(LONGEST_LOG).collect()
}
