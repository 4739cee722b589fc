//! Values that the original keeps encrypted: base64 of `{"iv", "value", "mac"}`, AES-256-CBC (or AES-128-CBC, by the
//! length of the key) under an HMAC-SHA256, as its framework makes them with `APP_KEY`.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, KeyIvInit};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{Problem, Value};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The original's key.
pub struct Encrypter(Vec<u8>);

/// A value in its envelope.
struct Envelope {
    iv: String,
    value: String,
    mac: String,
}

/// Why a value cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closed {
    /// The key is another one, or the value was changed.
    Key,
    /// What came out is no text.
    Content,
}

impl Encrypter {
    /// Takes `APP_KEY` as it stands in the original's settings: 16 or 32 bytes, or their base64 after `base64:`.
    pub fn new(app_key: &str) -> Result<Encrypter, Problem> {
        let text = app_key.trim().trim_matches(['"', '\'']).replace("\\/", "/");
        let bytes = match text.strip_prefix("base64:") {
            Some(encoded) => STANDARD.decode(encoded).ok(),
            None => Some(text.into_bytes()),
        };
        match bytes.filter(|bytes| matches!(bytes.len(), 16 | 32)) {
            Some(bytes) => Ok(Encrypter(bytes)),
            None => Err(Problem::bad_request(
                "The original's APP_KEY must be 16 or 32 characters, or the base64 of as many bytes after 'base64:'.",
            )),
        }
    }

    /// The plain text of a value; `None` when the text is no encrypted value.
    pub(crate) fn open(&self, text: &str) -> Option<Result<String, Closed>> {
        envelope(text).map(|envelope| self.decrypt(&envelope))
    }

    fn decrypt(&self, envelope: &Envelope) -> Result<String, Closed> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(|_| Closed::Key)?;
        mac.update(envelope.iv.as_bytes());
        mac.update(envelope.value.as_bytes());
        let told = hex::decode(&envelope.mac).map_err(|_| Closed::Key)?;
        mac.verify_slice(&told).map_err(|_| Closed::Key)?;
        let iv: [u8; 16] = STANDARD
            .decode(&envelope.iv)
            .ok()
            .and_then(|iv| iv.try_into().ok())
            .ok_or(Closed::Key)?;
        let value = STANDARD.decode(&envelope.value).map_err(|_| Closed::Key)?;
        let plain = match self.0.len() {
            16 => cbc::Decryptor::<aes::Aes128>::new_from_slices(&self.0, &iv)
                .map_err(|_| Closed::Key)?
                .decrypt_padded_vec::<Pkcs7>(&value),
            _ => cbc::Decryptor::<aes::Aes256>::new_from_slices(&self.0, &iv)
                .map_err(|_| Closed::Key)?
                .decrypt_padded_vec::<Pkcs7>(&value),
        };
        let plain = String::from_utf8(plain.map_err(|_| Closed::Key)?).map_err(|_| Closed::Content)?;
        unserialized(plain)
    }
}

/// Whether a text is an encrypted value.
pub(crate) fn is_encrypted(text: &str) -> bool {
    envelope(text).is_some()
}

fn envelope(text: &str) -> Option<Envelope> {
    // All of them are JSON objects, whose base64 begins like this.
    let bytes = text
        .starts_with("eyJ")
        .then(|| STANDARD.decode(text.trim()).ok())??;
    let value: Value = serde_json::from_slice(&bytes).ok()?;
    let part = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Envelope {
        iv: part("iv")?,
        value: part("value")?,
        mac: part("mac")?,
    })
}

/// What was serialized before it was encrypted: text as `s:5:"hello";`. Numbers and truth values become text; text that
/// was not serialized is what it is.
fn unserialized(plain: String) -> Result<String, Closed> {
    let inner = |start: &str| plain.strip_prefix(start)?.strip_suffix(';');
    if let Some(rest) = inner("s:") {
        if let Some((length, quoted)) = rest.split_once(':')
            && let Some(text) = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'))
            && length.parse() == Ok(text.len())
        {
            return Ok(text.to_owned());
        }
        return Err(Closed::Content);
    }
    let number = ["i:", "d:", "b:"].iter().find_map(|start| inner(start));
    let number = number
        .filter(|number| number.parse::<f64>().is_ok())
        .map(str::to_owned);
    if plain == "N;" {
        return Ok(String::new());
    }
    Ok(number.unwrap_or(plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::BlockModeEncrypt;
    use serde_json::json;

    const KEY: [u8; 32] = [7; 32];

    fn sealed(plain: &str) -> String {
        let iv = [9u8; 16];
        let value = cbc::Encryptor::<aes::Aes256>::new(&KEY.into(), &iv.into())
            .encrypt_padded_vec::<Pkcs7>(plain.as_bytes());
        let (iv, value) = (STANDARD.encode(iv), STANDARD.encode(value));
        let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
        mac.update(iv.as_bytes());
        mac.update(value.as_bytes());
        let mac = hex::encode(mac.finalize().into_bytes());
        STANDARD.encode(json!({"iv": iv, "value": value, "mac": mac, "tag": ""}).to_string())
    }

    #[test]
    fn values_open_with_their_key_alone() {
        let key = format!("base64:{}", STANDARD.encode(KEY));
        let encrypter = Encrypter::new(&key).unwrap();
        assert_eq!(
            encrypter.open(&sealed("s:7:\"hunter2\";")),
            Some(Ok("hunter2".into()))
        );
        assert_eq!(
            encrypter.open(&sealed("s:6:\"pässe\";")),
            Some(Ok("pässe".into()))
        );
        assert_eq!(encrypter.open(&sealed("plain")), Some(Ok("plain".into())));
        assert_eq!(
            encrypter.open(&sealed("s:9:\"cut\";")),
            Some(Err(Closed::Content))
        );
        assert_eq!(encrypter.open("not encrypted"), None);
        assert_eq!(encrypter.open("eyJub3RoaW5nIjoxfQ=="), None);
        let other = Encrypter::new(&"x".repeat(32)).unwrap();
        assert_eq!(other.open(&sealed("plain")), Some(Err(Closed::Key)));
        assert!(Encrypter::new("short").is_err() && Encrypter::new("base64:!!").is_err());
    }
}
