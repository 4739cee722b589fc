//! Encryption of secrets at rest: AES-256-GCM with a random nonce for every value.
//!
//! A sealed value is text, `v1:` and the base64 of nonce and ciphertext. The place where it is kept
//! (`table.column`) is bound into it, so a value that was copied to another column does not open.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::Problem;

const VERSION: &str = "v1:";
const NONCE: usize = 12;

/// Seals and opens secrets with the instance's key.
pub struct Cipher(Aes256Gcm);

impl Cipher {
    /// A cipher with a key of 32 bytes.
    pub fn new(key: &[u8; 32]) -> Cipher {
        Cipher(Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key)))
    }

    /// Encrypts `plain` for `place` (`table.column`). Fails only when the system gives no random numbers.
    pub fn seal(&self, place: &str, plain: &str) -> Result<String, Problem> {
        let mut nonce = [0u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|e| Problem::internal(e.to_string()))?;
        let payload = Payload {
            msg: plain.as_bytes(),
            aad: place.as_bytes(),
        };
        let sealed = self
            .0
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|e| Problem::internal(e.to_string()))?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(format!("{VERSION}{}", STANDARD.encode(bytes)))
    }

    /// Decrypts what [`Cipher::seal`] made for the same `place`. Fails for another key, another place, or a value
    /// that was changed.
    pub fn open(&self, place: &str, sealed: &str) -> Result<String, Problem> {
        let broken = |why: &str| Problem::internal(format!("the secret in {place} cannot be opened: {why}"));
        let text = sealed
            .strip_prefix(VERSION)
            .ok_or_else(|| broken("unknown version"))?;
        let bytes = STANDARD.decode(text).map_err(|_| broken("not base64"))?;
        let (nonce, body) = bytes
            .split_first_chunk::<NONCE>()
            .ok_or_else(|| broken("too short"))?;
        let payload = Payload {
            msg: body,
            aad: place.as_bytes(),
        };
        let plain = self
            .0
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| broken("wrong key, or changed"))?;
        String::from_utf8(plain).map_err(|_| broken("not text"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_only_with_its_key_in_its_place() {
        let cipher = Cipher::new(&[7; 32]);
        let sealed = cipher.seal("service.secrets", "hunter2").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_ne!(
            sealed,
            cipher.seal("service.secrets", "hunter2").unwrap(),
            "the nonce must differ"
        );
        assert_eq!(cipher.open("service.secrets", &sealed).unwrap(), "hunter2");
        assert!(cipher.open("lookup.value", &sealed).is_err());
        assert!(Cipher::new(&[8; 32]).open("service.secrets", &sealed).is_err());
    }

    #[test]
    fn broken_text_is_refused_without_panic() {
        let cipher = Cipher::new(&[7; 32]);
        for text in ["", "v1:", "v1:AAAA", "v2:AAAA", "v1:%%%"] {
            assert!(cipher.open("a.b", text).is_err(), "{text}");
        }
    }
}
