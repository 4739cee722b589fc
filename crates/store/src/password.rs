//! Password hashes: argon2id for new ones; bcrypt hashes that were brought over are read and reported as outdated.
//!
//! Parameters: 19 MiB of memory, two passes, one lane. Hashing runs away from the runtime's threads, and no more of it
//! at a time than there are cores: more would only take memory and starve everything else.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use contract::Problem;
use std::sync::{Arc, LazyLock, OnceLock};
use tokio::sync::Semaphore;

/// Least length of a password that is set on a user or administrator, in characters.
pub const MIN_LENGTH: usize = 16;

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// One turn for each hash that is made or compared at the same time.
static TURNS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    Arc::new(Semaphore::new(cores.clamp(1, 8)))
});

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
pub async fn hash(password: String) -> Result<String, Problem> {
    in_turn(move || hash_now(&password)).await?
}

/// Compares, away from the runtime's threads. Without a hash, or with one of unknown form, as much work is done and
/// the answer is [`Check::Wrong`], so that the time tells nothing about which users exist.
pub async fn check(hash: Option<String>, password: String) -> Result<Check, Problem> {
    in_turn(move || check_now(hash.as_deref(), &password)).await
}

/// Works away from the runtime's threads. The turn is over when the work is, also when nobody waits for it any more.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    let turn = Arc::clone(&TURNS)
        .acquire_owned()
        .await
        .map_err(Problem::internal)?;
    let turned = move || {
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(turned)
        .await
        .map_err(Problem::internal)
}

fn argon() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .expect("the parameters are constants within argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, Problem> {
    let hash = argon()
        .hash_password(password.as_bytes())
        .map_err(|e| Problem::internal(e.to_string()))?;
    Ok(hash.to_string())
}

fn check_now(hash: Option<&str>, password: &str) -> Check {
    match hash {
        Some(hash) if hash.starts_with("$argon2") => match PasswordHash::new(hash) {
            Ok(parsed) if argon().verify_password(password.as_bytes(), &parsed).is_ok() => {
                if hash.starts_with(&current_prefix()) {
                    Check::Right
                } else {
                    Check::Outdated
                }
            }
            Ok(_) => Check::Wrong,
            Err(_) => dummy(password),
        },
        Some(hash) if ["$2y$", "$2a$", "$2b$"].iter().any(|p| hash.starts_with(p)) => {
            if bcrypt::verify(password, hash).unwrap_or(false) {
                Check::Outdated
            } else {
                Check::Wrong
            }
        }
        _ => dummy(password),
    }
}

/// How hashes with today's parameters begin.
pub(crate) fn current_prefix() -> String {
    format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$")
}

/// The work of a comparison for a user who does not exist.
fn dummy(password: &str) -> Check {
    static HASH: OnceLock<Option<String>> = OnceLock::new();
    let hash = HASH.get_or_init(|| hash_now("nobody has this password").ok());
    if let Some(parsed) = hash.as_deref().and_then(|h| PasswordHash::new(h).ok()) {
        // The outcome is of no interest, only the time.
        let _ = argon().verify_password(password.as_bytes(), &parsed);
    }
    Check::Wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_new_hash_is_argon2id_with_our_parameters() {
        let made = hash("correct horse battery".into()).await.unwrap();
        assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
        assert_eq!(
            check(Some(made.clone()), "correct horse battery".into())
                .await
                .unwrap(),
            Check::Right
        );
        assert_eq!(check(Some(made), "wrong".into()).await.unwrap(), Check::Wrong);
    }

    #[tokio::test]
    async fn bcrypt_is_read_in_all_its_spellings_and_reported() {
        let made = bcrypt::hash("swordfish-swordfish", 4).unwrap();
        for prefix in ["$2y$", "$2a$", "$2b$"] {
            let spelled = format!("{prefix}{}", &made[4..]);
            assert_eq!(
                check(Some(spelled.clone()), "swordfish-swordfish".into())
                    .await
                    .unwrap(),
                Check::Outdated
            );
            assert_eq!(
                check(Some(spelled), "swordfish".into()).await.unwrap(),
                Check::Wrong
            );
        }
    }

    #[tokio::test]
    async fn nobody_and_nonsense_are_wrong() {
        assert_eq!(check(None, "x".into()).await.unwrap(), Check::Wrong);
        assert_eq!(
            check(Some("plain".into()), "plain".into()).await.unwrap(),
            Check::Wrong
        );
        assert_eq!(
            check(Some("$argon2id$broken".into()), "x".into()).await.unwrap(),
            Check::Wrong
        );
    }
}
