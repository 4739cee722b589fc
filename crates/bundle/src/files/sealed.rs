//! Secrets in a file of their own, encrypted with a passphrase.
//!
//! The key is derived with argon2id and a salt of the file; the content is sealed as one, with AES-256-GCM. A file
//! whose content would not change is not written again.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{Map, Problem, Value};
use serde_json::json;
use store::cipher::Cipher;

/// What is sealed is bound to this place.
const PLACE: &str = "configuration.secrets";
const FORMAT: &str = "dreamwright.secrets/v1";
const SALT: usize = 16;
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 3;

/// Secrets by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sealed(Map<String, Value>);

impl Sealed {
    /// Adds a secret.
    pub fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// A secret.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Opens the text of a file. Fails with 400 when it is none, or the passphrase is another.
    pub fn open(text: &str, passphrase: &str) -> Result<Sealed, Problem> {
        let broken =
            || Problem::bad_request("The file of secrets cannot be read: it is none, or was changed.");
        let file: Value = serde_json::from_str(text).map_err(|_| broken())?;
        let part = |name: &str| file.get(name).and_then(Value::as_str).ok_or_else(broken);
        if part("format")? != FORMAT {
            return Err(broken());
        }
        let salt = STANDARD.decode(part("salt")?).map_err(|_| broken())?;
        let plain = cipher(passphrase, &salt)?
            .open(PLACE, part("sealed")?)
            .map_err(|e| {
                Problem::bad_request(
                    "The passphrase of the file of secrets is another one, or the file was changed.",
                )
                .with_source(e)
            })?;
        serde_json::from_str(&plain).map(Sealed).map_err(|_| broken())
    }

    /// The text of a file.
    pub fn seal(&self, passphrase: &str) -> Result<String, Problem> {
        let mut salt = [0u8; SALT];
        getrandom::fill(&mut salt).map_err(|e| Problem::internal(e.to_string()))?;
        let mut sorted = self.0.clone();
        sorted.sort_keys();
        let sealed = cipher(passphrase, &salt)?.seal(PLACE, &Value::Object(sorted).to_string())?;
        let file = json!({"format": FORMAT, "salt": STANDARD.encode(salt), "sealed": sealed});
        Ok(format!("{file:#}\n"))
    }
}

fn cipher(passphrase: &str, salt: &[u8]) -> Result<Cipher, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(32))
        .expect("the parameters are constants within argon2's limits");
    let mut key = [0u8; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .map_err(|e| Problem::internal(e.to_string()))?;
    Ok(Cipher::new(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_open_with_their_passphrase_alone() {
        let mut secrets = Sealed::default();
        secrets.put("A", json!("hunter2"));
        let text = secrets.seal("a passphrase").unwrap();
        assert!(!text.contains("hunter2"));
        assert_eq!(Sealed::open(&text, "a passphrase").unwrap(), secrets);
        for (text, passphrase) in [(text.as_str(), "another"), ("{}", "a passphrase"), ("", "")] {
            assert_eq!(Sealed::open(text, passphrase).unwrap_err().status(), 400);
        }
    }
}
