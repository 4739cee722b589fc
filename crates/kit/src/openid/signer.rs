//! Tokens and the keys that sign them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};

/// Made for these tests; no key is made as slowly as one of RSA.
const OWN: &[u8] = include_bytes!("own.der");
const STRANGER: &[u8] = include_bytes!("stranger.der");

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signature {
    /// With the RSA key that is published.
    Rs256,
    /// The same with a longer digest.
    Rs384,
    /// The same with the longest.
    Rs512,
    /// With the elliptic key that is published.
    Es256,
    /// With somebody else's key, which says that it is the published one.
    Stranger,
    /// With somebody else's key, which says who it is.
    Unknown,
    /// With the public key, as if that were a shared secret.
    PublicKey,
    /// With the client's secret.
    ClientSecret,
    /// Not at all: `alg` is `none`.
    None,
}

pub(super) struct Keys {
    own: RsaKeyPair,
    stranger: RsaKeyPair,
    elliptic: EcdsaKeyPair,
    random: SystemRandom,
}

impl Keys {
    pub(super) fn new() -> Keys {
        let random = SystemRandom::new();
        let rsa = |der| RsaKeyPair::from_der(der).expect("the file holds a key");
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let elliptic = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key can be made");
        let elliptic = EcdsaKeyPair::from_pkcs8(algorithm, elliptic.as_ref(), &random);
        Keys {
            own: rsa(OWN),
            stranger: rsa(STRANGER),
            elliptic: elliptic.expect("the key was just made"),
            random,
        }
    }

    /// What `jwks_uri` tells.
    pub(super) fn published(&self) -> Value {
        let public = self.modulus_and_exponent();
        let point = self.elliptic.public_key().as_ref();
        json!({"keys": [
            {"kty": "RSA", "kid": "rsa", "use": "sig", "e": encoded(&public.e),
             "n": encoded(&public.n)},
            {"kty": "EC", "kid": "ec", "use": "sig", "alg": "ES256", "crv": "P-256",
             "x": encoded(&point[1..33]), "y": encoded(&point[33..])},
            {"kty": "PQC", "kid": "of a kind that nobody knows"},
        ]})
    }

    pub(super) fn sign(&self, claims: &Value, how: Signature, secret: &str) -> String {
        let (algorithm, key) = match how {
            Signature::Rs256 | Signature::Stranger => ("RS256", "rsa"),
            Signature::Rs384 => ("RS384", "rsa"),
            Signature::Rs512 => ("RS512", "rsa"),
            Signature::Es256 => ("ES256", "ec"),
            Signature::Unknown => ("RS256", "nobody's"),
            Signature::PublicKey | Signature::ClientSecret => ("HS256", "rsa"),
            Signature::None => ("none", "rsa"),
        };
        let header = json!({"typ": "JWT", "alg": algorithm, "kid": key}).to_string();
        let text = format!(
            "{}.{}",
            encoded(header.as_bytes()),
            encoded(claims.to_string().as_bytes())
        );
        let signature = match how {
            Signature::Rs256 => self.rsa(&self.own, &RSA_PKCS1_SHA256, &text),
            Signature::Rs384 => self.rsa(&self.own, &RSA_PKCS1_SHA384, &text),
            Signature::Rs512 => self.rsa(&self.own, &RSA_PKCS1_SHA512, &text),
            Signature::Stranger | Signature::Unknown => self.rsa(&self.stranger, &RSA_PKCS1_SHA256, &text),
            Signature::Es256 => {
                let signed = self.elliptic.sign(&self.random, text.as_bytes());
                signed.expect("a text can be signed").as_ref().to_vec()
            }
            Signature::PublicKey => shared(&self.modulus_and_exponent().n, &text),
            Signature::ClientSecret => shared(secret.as_bytes(), &text),
            Signature::None => Vec::new(),
        };
        format!("{text}.{}", encoded(&signature))
    }

    fn modulus_and_exponent(&self) -> PublicKeyComponents<Vec<u8>> {
        self.own.public().into()
    }

    fn rsa(&self, key: &RsaKeyPair, how: &'static dyn RsaEncoding, text: &str) -> Vec<u8> {
        let mut signature = vec![0; key.public().modulus_len()];
        key.sign(how, &self.random, text.as_bytes(), &mut signature)
            .expect("a text can be signed");
        signature
    }
}

fn shared(secret: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes())
        .as_ref()
        .to_vec()
}

pub(super) fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
