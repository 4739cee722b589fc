//! Password hashes: argon2id for new ones, bcrypt read as well.

/// What comparing a password with a hash gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It is another password.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, but the hash should be renewed with [`hash`].
    Outdated,
}

/// Hashes with argon2id, away from the runtime's threads.
pub async fn hash(_password: String) -> Result<String, contract::Problem> {
    unimplemented!()
}

/// Compares, away from the runtime's threads. Without a hash as much work is done, and the answer is [`Check::Wrong`].
pub async fn check(_hash: Option<String>, _password: String) -> Result<Check, contract::Problem> {
    unimplemented!()
}
