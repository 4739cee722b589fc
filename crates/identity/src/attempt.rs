//! A login that was begun at a provider and not yet ended.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contract::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Signs of what is made up for an attempt.
const LENGTH: usize = 40;
/// Signs of the secret behind a code challenge; RFC 7636 asks for 43 at least.
const VERIFIER: usize = 64;

/// A login that was begun. It is kept for a short time and taken once.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// What the provider sends back: 40 random signs, sent as `state`. A provider that makes up its own word for the
    /// attempt (`oauth_token`) puts that here when it begins.
    pub state: String,
    /// What an ID token has to bring back.
    pub nonce: String,
    /// The secret behind [`Attempt::challenge`], sent with the code.
    pub verifier: String,
    /// Where the browser is to be led at last; `None` for the configured place. Already judged.
    pub redirect: Option<String>,
    /// What the browser that began it can show; `None` for what is no browser.
    pub browser: Option<String>,
    /// What a provider wants to keep until the end, such as the secret of a request token.
    pub secret: Option<String>,
}

impl Attempt {
    /// A new attempt from the system's random numbers.
    pub fn new(redirect: Option<String>) -> Result<Attempt, Problem> {
        Ok(Attempt {
            state: random(LENGTH)?,
            nonce: random(LENGTH)?,
            verifier: random(VERIFIER)?,
            redirect,
            browser: None,
            secret: None,
        })
    }

    /// `code_challenge` of the method S256 (RFC 7636).
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

/// The signs of what is made up. 64 of them, so that each byte gives one and all are as likely.
const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Text that nobody can guess.
pub(crate) fn random(length: usize) -> Result<String, Problem> {
    let mut bytes = vec![0u8; length];
    getrandom::fill(&mut bytes).map_err(|e| Problem::internal(e.to_string()))?;
    Ok(bytes
        .iter()
        .map(|byte| char::from(SIGNS[usize::from(byte % 64)]))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_attempt_is_another() {
        let (one, two) = (Attempt::new(None).unwrap(), Attempt::new(None).unwrap());
        assert_eq!((one.state.len(), one.verifier.len()), (40, 64));
        assert!(one.state != two.state && one.nonce != two.nonce && one.verifier != two.verifier);
        assert!(one.state.bytes().all(|b| SIGNS.contains(&b)));
    }

    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let attempt = Attempt {
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
            ..Attempt::new(None).unwrap()
        };
        assert_eq!(attempt.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
