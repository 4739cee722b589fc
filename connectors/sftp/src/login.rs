//! Logging in: with a private key, a password, or both.

use crate::fault::Refusal;
use russh::MethodKind;
use russh::client::{AuthResult, Handle, Handler};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg, decode_secret_key};
use std::io::Read;
use std::sync::Arc;

/// Greatest file that can hold a private key.
const MOST_KEY_BYTES: u64 = 64 * 1024;

/// Who logs in.
pub(crate) struct Login {
    pub(crate) user: String,
    /// The password; where there is a key, also what the key is encrypted with.
    pub(crate) password: Option<String>,
    /// The private key, or the path of a file that holds it.
    pub(crate) key: Option<String>,
}

impl Login {
    /// Logs in: with the key when there is one, else, or when the server wants that as well, with the password.
    pub(crate) async fn take<H: Handler>(&self, ssh: &mut Handle<H>) -> Result<(), Refusal> {
        let mut answer = None;
        if let Some(key) = self.key().await? {
            // Only RSA keys sign in several ways.
            let hash = match key.algorithm().is_rsa() {
                true => ssh.best_supported_rsa_hash().await?.flatten(),
                false => None,
            };
            let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
            answer = Some(ssh.authenticate_publickey(&self.user, key).await?);
        }
        let wants_password = match &answer {
            None => true,
            Some(AuthResult::Success) => return Ok(()),
            Some(AuthResult::Failure {
                remaining_methods, ..
            }) => remaining_methods.contains(&MethodKind::Password),
        };
        match &self.password {
            Some(password) if wants_password => {
                match ssh.authenticate_password(&self.user, password).await? {
                    AuthResult::Success => Ok(()),
                    AuthResult::Failure { .. } => Err(Refusal::Login),
                }
            }
            _ => Err(Refusal::Login),
        }
    }

    /// The private key, decrypted. Decryption is slow on purpose, and files block.
    async fn key(&self) -> Result<Option<PrivateKey>, Refusal> {
        let Some(named) = self.key.clone() else {
            return Ok(None);
        };
        let password = self.password.clone();
        let read = tokio::task::spawn_blocking(move || read_key(&named, password.as_deref())).await;
        read.map_err(|e| Refusal::Unreachable(e.into()))?.map(Some)
    }
}

/// A private key from its text, or from the file that the text names.
fn read_key(named: &str, password: Option<&str>) -> Result<PrivateKey, Refusal> {
    let unusable = |e: Box<dyn std::error::Error + Send + Sync>| Refusal::Key(e);
    let text = match named.contains('\n') {
        true => named.to_owned(),
        false => {
            // Opening a pipe would wait for somebody to write.
            let about = std::fs::metadata(named).map_err(|e| unusable(e.into()))?;
            if !about.is_file() {
                return Err(unusable("it is no file".into()));
            }
            let file = std::fs::File::open(named).map_err(|e| unusable(e.into()))?;
            let mut text = String::new();
            file.take(MOST_KEY_BYTES)
                .read_to_string(&mut text)
                .map_err(|e| unusable(e.into()))?;
            text
        }
    };
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    decode_secret_key(&lines.join("\n"), password).map_err(|e| unusable(e.into()))
}
