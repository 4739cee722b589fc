//! Calls that the instance makes on its own account.

use crate::policy::Rights;
use crate::{Incoming, Platform};
use contract::{Caller, Format, Origin, Params, Payload, Problem, Response, Verb};
use std::sync::Arc;

impl Platform {
    /// Calls the root of a service with POST, on nobody's behalf and with all rights: the code of a password reset is
    /// mailed for somebody who cannot log in. The call is recorded like any other. 404 when there is no such service.
    ///
    /// What reaches `payload` must not be a caller's choice of service, recipient or text.
    pub async fn post_internally(
        &self,
        service: i64,
        params: Params,
        payload: Payload,
        base_url: &str,
    ) -> Result<Response, Problem> {
        let generation = self.current.get().await?;
        let snapshot = generation.snapshot();
        let facts = snapshot
            .service_by_id(service)
            .ok_or_else(|| Problem::not_found(format!("There is no service with the id {service}.")))?;
        let mut caller = Caller::with_access(Arc::new(Rights::full(snapshot.names())));
        caller.lookups = snapshot.lookups().overlay(None, None, None);
        let incoming = Incoming {
            verb: Verb::Post,
            service: facts.reference.name.clone(),
            path: String::new(),
            trailing_slash: false,
            params,
            headers: Vec::new(),
            payload,
            origin: Origin::Job,
            format: Format::Other,
            base_url: base_url.into(),
            peer: None,
        };
        self.run_as(caller, incoming).await
    }
}
