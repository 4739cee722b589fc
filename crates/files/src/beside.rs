//! Names for files on their way in, which lie beside the place where they go until all of them has come.

use contract::Problem;

/// How such names begin. Nobody is shown them, and nobody may give one to a file.
const PREFIX: &str = ".dreamwright-upload-";

/// A name that no other file on its way in has.
///
/// Fails with 500 when the system gives no random numbers.
pub fn temporary_name() -> Result<String, Problem> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|e| Problem::internal(e.to_string()))?;
    Ok(format!("{PREFIX}{}", hex::encode(random)))
}

/// Whether a name is that of a file on its way in.
pub fn is_temporary(name: &str) -> bool {
    name.starts_with(PREFIX)
}
