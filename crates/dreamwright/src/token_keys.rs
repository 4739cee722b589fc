//! The keys of session tokens: a secret, or the pair of keys that the settings name.

use crate::Refusal;
use crate::data::DataFolder;
use contract::Settings;
use platform::{PemPair, TokenKeys};
use std::fs;

/// How a setting says that a key lies in a file.
const FILE: &str = "file://";
/// How a key in PEM begins.
const PEM: &str = "-----BEGIN ";

/// The keys that `JWT_ALGO` asks for. A key that is missing or does not fit is refused with the name of its variable.
pub(crate) fn of(settings: &Settings, folder: &DataFolder) -> Result<TokenKeys, Refusal> {
    let algorithm = &settings.jwt_algorithm;
    if !TokenKeys::is_pair(algorithm) {
        return Ok(TokenKeys::secret(algorithm, &folder.jwt_secret(settings)?));
    }
    let key = |name: &str, set: &Option<String>| {
        let set = set.as_deref().ok_or_else(|| {
            Refusal::Value(format!(
                "{name} must be set with JWT_ALGO {algorithm}: a key in PEM, or {FILE} and the path of its file."
            ))
        })?;
        text(name, set, folder)
    };
    let private = key("JWT_PRIVATE_KEY", &settings.jwt_private_key)?;
    let public = key("JWT_PUBLIC_KEY", &settings.jwt_public_key)?;
    let pair = PemPair {
        private: &private,
        public: &public,
        passphrase: settings.jwt_passphrase.as_deref(),
    };
    TokenKeys::pair(algorithm, pair).map_err(Refusal::Value)
}

/// The PEM text that a setting holds or leads to. In one line, `\n` stands for the ends of lines. A path without a
/// slash at its front begins in the data folder.
fn text(name: &str, set: &str, folder: &DataFolder) -> Result<String, Refusal> {
    if set.trim_start().starts_with(PEM) {
        return Ok(set.replace("\\n", "\n"));
    }
    let path = folder.path().join(set.strip_prefix(FILE).unwrap_or(set));
    fs::read_to_string(&path).map_err(|e| Refusal::io(&format!("The file of {name}"), &path, &e))
}
