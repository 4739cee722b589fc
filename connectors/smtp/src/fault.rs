//! What went wrong at the server, as the caller is told it.

use contract::Problem;
use lettre::transport::smtp::Error;
use messaging::fault;

/// One sentence without the server's words, which go to the log.
pub(crate) fn problem(error: Error) -> Problem {
    if error.is_permanent() {
        return fault::refused().with_source(error);
    }
    if error.is_timeout() {
        return fault::late().with_source(error);
    }
    if error.is_client() {
        // It does not offer what was asked for: encryption, a way to log in, or a recipient's alphabet.
        return Problem::unavailable("The e-mail server does not offer what sending this e-mail needs.")
            .with_source(error);
    }
    fault::away().with_source(error)
}
