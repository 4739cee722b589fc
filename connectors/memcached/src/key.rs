//! Keys as the server takes them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::{Digest, Sha256};

/// Most bytes of a key on the server.
const LONGEST: usize = 250;
/// Most bytes of what an instance's keys begin with.
const LONGEST_PREFIX: usize = 80;
/// What ends a key or a command, and the sign that stands for it.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'%');
/// Begins a digest; percent encoding never writes it.
const DIGEST: &str = "%%";

/// What the keys of a service begin with.
pub(crate) fn prefix(instance: &str, service: i64) -> String {
    format!("{}:cache:{service}:", word(instance, LONGEST_PREFIX))
}

/// A key of a service in an epoch.
pub(crate) fn full(prefix: &str, epoch: &str, key: &str) -> String {
    let head = format!("{prefix}{epoch}:");
    let most = LONGEST.saturating_sub(head.len());
    head + &word(key, most)
}

/// Any text as one word: as it is where it is harmless, percent-encoded where it is not, and a digest where that is too
/// long. Different texts have different words.
fn word(text: &str, most: usize) -> String {
    let encoded = utf8_percent_encode(text, UNSAFE).to_string();
    if encoded.len() <= most {
        return encoded;
    }
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(text));
    format!("{DIGEST}{digest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_safe(key: &str) -> bool {
        !key.is_empty() && key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_graphic())
    }

    #[test]
    fn any_text_is_one_word() {
        let prefix = prefix(&"ä \r\n".repeat(99), i64::MIN);
        let long = "k".repeat(1024);
        let texts = [
            "a",
            "a b",
            "a\r\nflush_all\r\n",
            "a%20b",
            "é\0",
            "\u{2028}",
            &long,
            "%%",
        ];
        let mut keys: Vec<String> = texts.map(|text| full(&prefix, "0123456789abcdef", text)).into();
        assert!(keys.iter().all(|key| is_safe(key)), "{keys:?}");
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), texts.len());
    }

    #[test]
    fn plain_keys_stay_readable() {
        assert_eq!(
            full(&prefix("dreamwright", 7), "e", "user/5"),
            "dreamwright:cache:7:e:user/5"
        );
    }
}
