//! What went wrong where mails are handed over, in words that fit whatever takes them.

use contract::{Kind, Problem};

/// The server is away, or not ready.
pub fn away() -> Problem {
    Problem::unavailable("The e-mail server cannot be reached or is not ready.")
}

/// The server is slow.
pub fn late() -> Problem {
    Problem::new(Kind::Timeout, "The e-mail server did not answer in time.")
}

/// The server does not want this mail.
pub fn refused() -> Problem {
    Problem::bad_request("The e-mail server refused the e-mail.")
}

/// What an answer of an HTTP API means that is no success. What the service's configuration is to blame for is told as
/// 503: whoever sends cannot help it.
pub fn answered(status: u16) -> Problem {
    let problem = match status {
        401 | 403 => Problem::unavailable("The e-mail server does not accept the service's key."),
        404 => Problem::unavailable("The e-mail server does not know the service's account or domain."),
        429 => Problem::unavailable("The e-mail server takes no more e-mails for now."),
        400..500 => refused(),
        _ => away(),
    };
    problem.with_source(format!("the e-mail server answered {status}"))
}
