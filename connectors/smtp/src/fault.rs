//! What went wrong at the server, as the caller is told it.

use contract::{Kind, Problem};
use lettre::transport::smtp::Error;

/// One sentence without the server's words, which go to the log.
pub(crate) fn problem(error: Error) -> Problem {
    if error.is_permanent() {
        return Problem::bad_request("The e-mail server refused the e-mail.").with_source(error);
    }
    if error.is_timeout() {
        return Problem::new(Kind::Timeout, "The e-mail server did not answer in time.").with_source(error);
    }
    if error.is_client() {
        // It does not offer what was asked for: encryption, a way to log in, or a recipient's alphabet.
        return Problem::unavailable("The e-mail server does not offer what sending this e-mail needs.")
            .with_source(error);
    }
    Problem::unavailable("The e-mail server cannot be reached or is not ready.").with_source(error)
}
