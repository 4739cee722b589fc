//! Calls that the instance makes on its own account.

use crate::generation::Generation;
use crate::policy::Rights;
use crate::{Incoming, Platform};
use contract::{Caller, Format, Origin, Params, Payload, Problem, Response, Verb};
use std::sync::Arc;

/// A call from inside, of a service by its id.
pub(crate) struct InternalCall<'a> {
    pub(crate) verb: Verb,
    pub(crate) service: i64,
    /// The path below the service.
    pub(crate) path: &'a str,
    pub(crate) params: Params,
    pub(crate) payload: Payload,
    pub(crate) base_url: &'a str,
}

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
        let call = InternalCall {
            verb: Verb::Post,
            service,
            path: "",
            params,
            payload,
            base_url,
        };
        self.call_internally(&generation, nobody_with_all_rights(&generation), call)
            .await
    }

    /// Makes a call as this caller, through the pipeline. 404 when there is no such service.
    pub(crate) async fn call_internally(
        &self,
        generation: &Generation,
        caller: Caller,
        call: InternalCall<'_>,
    ) -> Result<Response, Problem> {
        let id = call.service;
        let facts = generation
            .snapshot()
            .service_by_id(id)
            .ok_or_else(|| Problem::not_found(format!("There is no service with the id {id}.")))?;
        let incoming = Incoming {
            verb: call.verb,
            service: facts.reference.name.clone(),
            path: call.path.trim_matches('/').to_owned(),
            trailing_slash: call.path.ends_with('/'),
            params: call.params,
            headers: Vec::new(),
            payload: call.payload,
            origin: Origin::Job,
            format: Format::Other,
            base_url: call.base_url.into(),
            peer: None,
        };
        self.run_as(caller, incoming).await
    }
}

/// Nobody, to whom nothing is refused.
pub(crate) fn nobody_with_all_rights(generation: &Generation) -> Caller {
    let snapshot = generation.snapshot();
    let mut caller = Caller::with_access(Arc::new(Rights::full(snapshot.names())));
    caller.lookups = snapshot.lookups().overlay(None, None, None);
    caller
}
