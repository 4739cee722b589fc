//! The refusals of the front gate, with the sentences that clients know.

use super::Evidence;
use contract::{Origin, Problem, Verb};

/// Nobody's role: what is missing decides the answer.
pub(super) fn without_role(evidence: Evidence, origin: &Origin) -> Problem {
    let script = matches!(origin, Origin::Script { .. } | Origin::Job);
    match evidence {
        Evidence {
            key: false,
            session: false,
        } if !script => Problem::bad_request(
            "No session token (JWT) or API Key detected in request. Please send in X-DreamFactory-Session-Token \
             and/or X-DreamFactory-API-Key request header. You can also use URL query parameters session_token \
             and/or api_key.",
        ),
        Evidence { key: false, .. } => Problem::bad_request(
            "No API Key provided. Please provide a valid API Key using X-DreamFactory-API-Key request header or \
             'api_key' url query parameter.",
        ),
        Evidence { session: false, .. } => Problem::bad_request(
            "No session token (JWT) provided. Please provide a valid JWT using X-DreamFactory-Session-Token request \
             header or 'session_token' url query parameter.",
        ),
        _ => Problem::forbidden("Role not found. A role may not be assigned to you or your application."),
    }
}

/// The role is switched off.
pub(super) fn role_inactive() -> Problem {
    Problem::forbidden(
        "Access Forbidden. The role assigned to you or your application or the default role of your application is \
         not active.",
    )
}

/// A key alone does not reach this far.
pub(super) fn not_authenticated() -> Problem {
    Problem::unauthorized("Unauthorized. User is not authenticated.")
}

/// A known user's role does not grant it. `service` is `None` when there is no such service.
pub(super) fn not_allowed(verb: Verb, component: &str, service: Option<&str>) -> Problem {
    let target = match (component, service) {
        ("", Some(service)) => format!("service '{service}'"),
        ("", None) => "this service".to_owned(),
        (component, Some(service)) => format!("component '{component}' of service '{service}'"),
        (component, None) => format!("component '{component}'"),
    };
    Problem::forbidden(format!(
        "Access Forbidden. {verb} access to {target} is not allowed by this user's role."
    ))
}
