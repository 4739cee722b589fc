//! A database's refusal as a problem: the kind decides the sentence; the driver's own text goes to the log.

use contract::{Kind, Map, Problem, Value};
use driver::{Fault, FaultKind};
use serde_json::json;

/// The problem that a caller is told for a database's fault. `product` is the kind of database, such as
/// its product name; hosts, users and statements never appear.
pub fn problem(fault: Fault, product: &str) -> Problem {
    let named = |what: &str| match &fault.detail {
        Some(name) => format!(" ({what} '{name}')"),
        None => String::new(),
    };
    let problem = match fault.kind {
        FaultKind::Down => Problem::unavailable(format!(
            "The {product} database of this service cannot be reached. Try again in a moment."
        )),
        FaultKind::Busy => Problem::unavailable(format!(
            "The {product} database of this service has no free connection. Try again in a moment."
        )),
        FaultKind::Login => Problem::unavailable(format!(
            "The {product} database of this service refused the login. An administrator must check the service's \
             user name, password and database name."
        )),
        FaultKind::SetUp => Problem::unavailable(format!(
            "The {product} database of this service refused what is set in each new connection. An administrator must \
             check the service's configuration, its field 'statements' first of all."
        )),
        FaultKind::Permission => Problem::forbidden(
            "The database user of this service is not allowed to do this. An administrator must grant it in the database.",
        ),
        FaultKind::Duplicate => Problem::bad_request(format!(
            "A record with this value already exists{}. Send a value that is not used yet.",
            named("constraint")
        )),
        FaultKind::Reference => Problem::bad_request(format!(
            "The record refers to one that does not exist, or is still referred to{}.",
            named("constraint")
        )),
        FaultKind::NotNull => match &fault.detail {
            Some(field) => Problem::bad_request(format!("Field '{field}' can not be NULL.")),
            None => Problem::bad_request("A field that must have a value has none."),
        },
        FaultKind::Check => Problem::bad_request(format!(
            "A value breaks a rule of the table{}.",
            named("constraint")
        )),
        FaultKind::Value => Problem::bad_request(format!(
            "A value does not fit its field{}: wrong form, too long or out of range.",
            named("field")
        )),
        FaultKind::ReadOnly => Problem::bad_request(
            "The database does not let this view or table be written in this way. Write to the tables behind it.",
        ),
        FaultKind::NoTable => Problem::not_found("The table does not exist in the database any more."),
        FaultKind::NoColumn => Problem::bad_request(
            "A field does not exist in the database any more. Call the service's _schema with refresh=true.",
        ),
        FaultKind::Timeout => Problem::new(
            Kind::Timeout,
            "The database took too long and the statement was cancelled.",
        ),
        FaultKind::Conflict => Problem::new(
            Kind::Conflict,
            "The database refused the change because of another one at the same time. Try again.",
        ),
        // Of a trigger: its text is its author's, and not meant for callers as that of a routine is.
        FaultKind::Raised => Problem::bad_request("A value breaks a rule of the table."),
        FaultKind::Storage => Problem::unavailable("The database cannot store anything right now."),
        FaultKind::Other => Problem::internal("database"),
    };
    problem.with_source(fault)
}

/// The problem that is told to those who set a connection up: 400 with the fields that are concerned.
pub(super) fn untried(fault: Fault, product: &str) -> Problem {
    let Some(trouble) = fault.trouble else {
        let sentence = match fault.kind {
            FaultKind::Down | FaultKind::Timeout => format!("The {product} database cannot be reached."),
            FaultKind::Login | FaultKind::Permission => format!("The {product} database refused the login."),
            _ => {
                format!("The {product} database refused to set the connection up as the configuration says.")
            }
        };
        return Problem::bad_request(sentence).with_source(fault);
    };
    let told = |field: &&str| (format!("config.{field}"), json!([trouble.sentence]));
    let context: Map<String, Value> = trouble.fields.iter().map(told).collect();
    let problem = Problem::bad_request(trouble.sentence);
    match context.is_empty() {
        true => problem,
        false => problem.with_context(Value::Object(context)),
    }
    .with_source(fault)
}
