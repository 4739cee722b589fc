//! Telling log services of calls.
//!
//! Costs a call a look at an empty list where there is no log service, and the names of its event where there is one;
//! what it says is put together only when somebody wants it.

use crate::Platform;
use crate::generation::Generation;
use contract::{CallEvent, EventNames, LOG_GROUP, Operation, Problem, Request, Response, Service};
use std::sync::Arc;

/// A call that log services want to be told of.
pub(crate) struct Heard {
    names: EventNames,
    event: CallEvent,
    logs: Vec<Arc<dyn Service>>,
}

impl Platform {
    /// Notes what a call says, when somebody wants to be told of it.
    pub(crate) fn hear(
        &self,
        generation: &Generation,
        operation: &Operation,
        request: &Request,
    ) -> Option<Heard> {
        let ids = generation.logs(|kind| {
            let found = self.types().iter().find(|known| known.name == kind);
            found.is_some_and(|known| known.group == LOG_GROUP)
        });
        if ids.is_empty() {
            return None;
        }
        let names = EventNames::of(&request.service.name, operation, &request.path);
        let active = ids.iter().filter_map(|id| {
            let facts = generation.snapshot().service_by_id(*id)?;
            // One that is switched off or cannot be built hears nothing; its own calls say why.
            self.started(generation, facts).ok()
        });
        let wanting = active.filter(|service| service.event_log().is_some_and(|log| log.wants(&names)));
        let logs: Vec<Arc<dyn Service>> = wanting.collect();
        if logs.is_empty() {
            return None;
        }
        let about = operation.captures.first().map_or("", |(_, taken)| taken.as_str());
        Some(Heard {
            event: CallEvent::of(request, about),
            names,
            logs,
        })
    }
}

impl Heard {
    /// Tells those who want it how the call ended.
    pub(crate) fn tell(mut self, answer: &Result<Response, Problem>) {
        self.event.answered(answer);
        for log in self.logs.iter().filter_map(|service| service.event_log()) {
            log.take(&self.names, &self.event);
        }
    }
}
