//! Whether a server is the right one: by the fingerprint that the configuration names, or by the key that it showed
//! when it was first asked.

use contract::Problem;
use md5::{Digest, Md5};
use russh::keys::known_hosts::{known_host_keys_path, learn_known_hosts_path};
use russh::keys::{self, HashAlg, PublicKey, PublicKeyBase64};
use std::path::{Path, PathBuf};

/// The file of keys that servers showed, in the instance's data, in the form that SSH clients use.
const KNOWN: &str = "known_hosts";

/// Which keys a server may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trust {
    /// One with one of these fingerprints: `SHA256:…` without padding, or 32 hexadecimal figures of MD5.
    Named(Vec<String>),
    /// The one that it showed first, which stands in this file.
    First(PathBuf),
}

impl Trust {
    /// Reads what the configuration names: fingerprints as SSH programs print them (`SHA256:…`, or MD5 in hexadecimal
    /// figures), or a whole public key. Several may be given, for a server with several keys.
    ///
    /// Fails with 400 when something is neither.
    pub(crate) fn read(named: Option<&str>, data: &Path) -> Result<Trust, Problem> {
        let Some(named) = named else {
            return Ok(Trust::First(data.join(KNOWN)));
        };
        if let Ok(key) = PublicKey::from_openssh(named) {
            return Ok(Trust::Named(vec![sha256(&key)]));
        }
        let parts = named.split([' ', '\t', '\r', '\n', ',']);
        let parts = parts.filter(|part| !part.is_empty());
        let fingerprints: Option<Vec<String>> = parts.map(fingerprint).collect();
        fingerprints.map(Trust::Named).ok_or_else(|| {
            Problem::bad_request(
                "The service's configuration field 'host_fingerprint' must be like 'SHA256:…', as ssh-keygen -l \
                 prints it, or like '1f:2e:…' of MD5.",
            )
        })
    }

    /// Whether a server may show this key. The first key of a server is remembered. Blocks.
    pub(crate) fn accepts(&self, host: &str, port: u16, key: &PublicKey) -> Result<bool, keys::Error> {
        match self {
            Trust::Named(known) => {
                let shown = [sha256(key), md5(key)];
                Ok(known.iter().any(|known| shown.contains(known)))
            }
            Trust::First(file) => {
                let known = known_host_keys_path(host, port, file)?;
                if known.is_empty() {
                    tracing::warn!(host, port, key = %sha256(key), "the key of an SFTP server is trusted from now on");
                    learn_known_hosts_path(host, port, key, file)?;
                    return Ok(true);
                }
                // A key of another kind is a stranger's as well.
                Ok(known.iter().any(|(_, known)| known.key_data() == key.key_data()))
            }
        }
    }
}

fn sha256(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

fn md5(key: &PublicKey) -> String {
    hex::encode(Md5::digest(key.public_key_bytes()))
}

/// One fingerprint in the form in which they are compared; `None` when it is none.
fn fingerprint(text: &str) -> Option<String> {
    if let Some(base64) = text.strip_prefix("SHA256:") {
        let base64 = base64.trim_end_matches('=');
        let is_base64 = base64.len() == 43
            && base64
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+/".contains(c));
        return is_base64.then(|| format!("SHA256:{base64}"));
    }
    let figures = text
        .strip_prefix("MD5:")
        .unwrap_or(text)
        .replace(':', "")
        .to_ascii_lowercase();
    let is_md5 = figures.len() == 32 && figures.chars().all(|c| c.is_ascii_hexdigit());
    is_md5.then_some(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X";
    const OF_ANOTHER_KIND: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";

    fn key(text: &str) -> PublicKey {
        PublicKey::from_openssh(text).unwrap()
    }

    #[test]
    fn fingerprints_are_read_in_all_their_forms() {
        let data = Path::new("/nowhere");
        let (shown, other) = (key(KEY), key(OTHER));
        let colons: Vec<String> = md5(&shown)
            .as_bytes()
            .chunks(2)
            .map(|two| String::from_utf8_lossy(two).to_uppercase())
            .collect();
        for named in [
            sha256(&shown),
            format!("{}=", sha256(&shown)),
            format!("{}\n{}", sha256(&other), sha256(&shown)),
            md5(&shown),
            colons.join(":"),
            format!("MD5:{}", colons.join(":")),
            format!("{KEY} comment"),
        ] {
            let trust = Trust::read(Some(&named), data).unwrap();
            assert!(trust.accepts("h", 22, &shown).unwrap(), "{named}");
            let trust = Trust::read(Some(&named.replace(&sha256(&other), "")), data).unwrap();
            assert!(!trust.accepts("h", 22, &other).unwrap(), "{named}");
        }
        for wrong in [
            "x",
            "SHA256:abc",
            "SHA1:abc",
            "1f:2e",
            &format!("{} x", sha256(&shown)),
        ] {
            assert_eq!(
                Trust::read(Some(wrong), data).unwrap_err().status(),
                400,
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_first_key_of_a_server_is_the_only_one() {
        let data = tempfile::tempdir().unwrap();
        let trust = Trust::read(None, data.path()).unwrap();
        assert!(trust.accepts("host", 22, &key(KEY)).unwrap());
        assert!(trust.accepts("host", 22, &key(KEY)).unwrap());
        assert!(!trust.accepts("host", 22, &key(OTHER)).unwrap());
        assert!(!trust.accepts("host", 22, &key(OF_ANOTHER_KIND)).unwrap());
        assert!(
            trust.accepts("host", 2022, &key(OTHER)).unwrap(),
            "another port is another server"
        );
        assert!(!trust.accepts("host", 2022, &key(KEY)).unwrap());
    }
}
