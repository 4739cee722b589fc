//! Which pairs of keys can sign session tokens, and what is said of those that cannot. The keys lie in `keys/`.

use platform::{PemPair, TokenKeys};
use std::path::Path;

fn key(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/keys")
        .join(name);
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// What is said of a pair; `None` when it can be used.
fn refusal(algorithm: &str, private: &str, public: &str, passphrase: Option<&str>) -> Option<String> {
    let (private, public) = (key(private), key(public));
    let pair = PemPair {
        private: &private,
        public: &public,
        passphrase,
    };
    TokenKeys::pair(algorithm, pair).err()
}

#[test]
fn keys_are_read_in_their_usual_forms() {
    let opened = Some("open sesame");
    for (algorithm, private, public, passphrase) in [
        ("RS256", "rsa.pem", "rsa.public.pem", None),
        ("RS384", "rsa.traditional.pem", "rsa.public.pem", None),
        ("RS512", "rsa.pem", "rsa.public-traditional.pem", None),
        ("RS256", "rsa.encrypted.pem", "rsa.public.pem", opened),
        ("RS256", "rsa.encrypted-3des.pem", "rsa.public.pem", opened),
        // A passphrase that is not needed harms nobody.
        ("RS256", "rsa.pem", "rsa.public.pem", opened),
        ("ES256", "p256.pem", "p256.public.pem", None),
        ("ES256", "p256.traditional.pem", "p256.public.pem", None),
        ("ES384", "p384.pem", "p384.public.pem", None),
    ] {
        assert_eq!(
            refusal(algorithm, private, public, passphrase),
            None,
            "{algorithm} {private} {public}"
        );
    }
}

#[test]
fn what_does_not_fit_is_refused_with_the_variable_to_look_at() {
    let rsa_private = "JWT_PRIVATE_KEY must be an RSA key in PEM, as JWT_ALGO RS256 needs it.";
    let curve_private =
        "JWT_PRIVATE_KEY must be a key of the elliptic curve P-256 in PEM, as JWT_ALGO ES256 needs it.";
    let rsa_public = "JWT_PUBLIC_KEY must be the public half of an RSA key in PEM ('PUBLIC KEY'), as JWT_ALGO RS256 needs it.";
    for (algorithm, private, public, passphrase, sentence) in [
        ("RS256", "p256.pem", "rsa.public.pem", None, rsa_private),
        (
            "RS256",
            "p256.traditional.pem",
            "rsa.public.pem",
            None,
            rsa_private,
        ),
        ("RS256", "rsa.public.pem", "rsa.public.pem", None, rsa_private),
        ("ES256", "rsa.pem", "p256.public.pem", None, curve_private),
        ("ES256", "p384.pem", "p256.public.pem", None, curve_private),
        ("RS256", "rsa.pem", "p256.public.pem", None, rsa_public),
        ("RS256", "rsa.pem", "rsa.pem", None, rsa_public),
        (
            "RS256",
            "rsa.pem",
            "rsa-other.public.pem",
            None,
            "JWT_PUBLIC_KEY does not belong to JWT_PRIVATE_KEY.",
        ),
        (
            "RS256",
            "rsa-short.pem",
            "rsa-short.public.pem",
            None,
            "JWT_PRIVATE_KEY must have at least 2048 bits.",
        ),
        (
            "RS256",
            "rsa.encrypted.pem",
            "rsa.public.pem",
            None,
            "JWT_PRIVATE_KEY is encrypted; JWT_PASSPHRASE must hold its passphrase.",
        ),
        (
            "RS256",
            "rsa.encrypted.pem",
            "rsa.public.pem",
            Some("open barley"),
            "JWT_PRIVATE_KEY cannot be opened with JWT_PASSPHRASE.",
        ),
    ] {
        assert_eq!(
            refusal(algorithm, private, public, passphrase).as_deref(),
            Some(sentence),
            "{algorithm} {private} {public}"
        );
    }
}

#[test]
fn broken_texts_are_refused_and_none_panics() {
    let whole = key("rsa.pem");
    let public = key("rsa.public.pem");
    let cut = &whole[..whole.len() / 2];
    let emptied = "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n";
    let strange = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----";
    for private in [
        "",
        "-----BEGIN ",
        "no key",
        cut,
        emptied,
        strange,
        "-----BEGIN é-----",
    ] {
        let pair = PemPair {
            private,
            public: &public,
            passphrase: None,
        };
        assert!(TokenKeys::pair("RS256", pair).is_err(), "{private}");
    }
}
