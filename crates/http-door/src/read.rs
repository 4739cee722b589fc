//! From bytes to a call: paths, queries, verbs and bodies.

pub mod body;
mod csv;
mod depth;
mod form;
mod ndjson;
pub mod query;
pub mod records;
pub mod target;
pub mod verb;
mod xml;

use contract::Problem;
use percent_encoding::percent_decode_str;

/// Decodes `%xx`. Fails with 400 when the result is not UTF-8; a `%` without two digits stays as it is.
pub fn percent_decoded(text: &str) -> Result<String, Problem> {
    match percent_decode_str(text).decode_utf8() {
        Ok(decoded) => Ok(decoded.into_owned()),
        Err(_) => Err(Problem::bad_request(
            "The request's address is not valid UTF-8 after percent-decoding.",
        )),
    }
}
