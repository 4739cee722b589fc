//! Rules of scheduled tasks.

use super::Change;
use crate::scheduler::TASK;
use crate::write::StoreTx;
use contract::{Problem, Value, Verb};
use sql::Scalar;

impl StoreTx {
    pub(super) async fn task_rules(&self, change: &mut Change<'_>) -> Result<(), Problem> {
        self.name_rules(TASK, change).await?;
        change.require("service_id");
        let references = [("service_id", "service"), ("app_id", "app"), ("user_id", "user")];
        self.reference_rules(change, &references).await?;
        if change.is_new() {
            change.values.set("last_minute", 0);
            change.values.set("busy_until", 0);
        }
        let number = |change: &Change<'_>, name| change.values.get(name).map(Scalar::to_int);
        if number(change, "verb_mask").is_some_and(|mask| mask.and_then(Verb::of_bit).is_none()) {
            let message =
                "The verb mask field must be one of 1 (GET), 2 (POST), 4 (PUT), 8 (PATCH) and 16 (DELETE).";
            change.errors.add("verb_mask", message);
        }
        if number(change, "frequency").is_some_and(|minutes| minutes.is_none_or(|n| n < 1)) {
            let message = "The frequency field must be at least 1 minute.";
            change.errors.add("frequency", message);
        }
        if change.int_after("user_id").is_some() && change.int_after("app_id").is_none() {
            let message = "A task that runs as a user needs an app id.";
            change.errors.add("app_id", message);
        }
        payload(change);
        Ok(())
    }
}

/// A payload that could not be sent must not be stored; an empty one is none.
fn payload(change: &mut Change<'_>) {
    let Some(text) = change.values.text("payload") else {
        return;
    };
    if text.trim().is_empty() {
        change.values.set("payload", Scalar::Null);
    } else if serde_json::from_str::<Value>(&text).is_err() {
        change
            .errors
            .add("payload", "The payload field must be JSON text.");
    }
}
