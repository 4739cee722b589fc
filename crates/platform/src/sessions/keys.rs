//! The keys of session tokens: one secret that signs and checks, or a private key that signs and a public key with
//! which others can check as well.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use pkcs8::der::asn1::{AnyRef, OctetStringRef};
use pkcs8::der::{Decode, Encode, pem};
use pkcs8::{
    AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, ObjectIdentifier, PrivateKeyInfoRef,
    SubjectPublicKeyInfoRef,
};
use serde_json::json;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// Least length of an RSA key, in bytes.
const LEAST_RSA: usize = 256;

/// What signs session tokens and what checks them, with the only algorithm that is accepted.
pub struct TokenKeys {
    pub(super) algorithm: Algorithm,
    pub(super) signing: EncodingKey,
    pub(super) checking: DecodingKey,
}

/// A pair of keys as PEM texts.
#[derive(Clone, Copy)]
pub struct PemPair<'a> {
    /// PKCS#8, plain or encrypted, or the older forms of RSA and elliptic curves.
    pub private: &'a str,
    /// `PUBLIC KEY` or `RSA PUBLIC KEY`.
    pub public: &'a str,
    /// Opens an encrypted private key.
    pub passphrase: Option<&'a str>,
}

impl TokenKeys {
    /// Whether an algorithm, one of the choices of `JWT_ALGO`, signs with a pair of keys.
    pub fn is_pair(algorithm: &str) -> bool {
        !algorithm.starts_with("HS")
    }

    /// One secret for both. Algorithms that need a pair become HS256.
    pub fn secret(algorithm: &str, secret: &[u8]) -> TokenKeys {
        TokenKeys {
            algorithm: match algorithm {
                "HS512" => Algorithm::HS512,
                "HS384" => Algorithm::HS384,
                _ => Algorithm::HS256,
            },
            signing: EncodingKey::from_secret(secret),
            checking: DecodingKey::from_secret(secret),
        }
    }

    /// A pair of keys that belong together. The error is one sentence that names the variable to look at, and nothing
    /// of the keys.
    pub fn pair(algorithm: &str, pair: PemPair<'_>) -> Result<TokenKeys, String> {
        let kind = PairKind::of(algorithm)?;
        let keys = TokenKeys {
            algorithm: kind.algorithm,
            signing: kind.signing(pair)?,
            checking: kind.checking(pair)?,
        };
        keys.prove(&kind)?;
        Ok(keys)
    }

    /// Signs something and checks it, so that a wrong pair shows at start and not at the first login.
    fn prove(&self, kind: &PairKind) -> Result<(), String> {
        let probe = jsonwebtoken::encode(&Header::new(self.algorithm), &json!({}), &self.signing)
            .map_err(|_| kind.wrong_private())?;
        let signature = probe.rsplit('.').next().unwrap_or_default();
        let length = URL_SAFE_NO_PAD.decode(signature).map_or(0, |bytes| bytes.len());
        if kind.oid == RSA && length < LEAST_RSA {
            return Err("JWT_PRIVATE_KEY must have at least 2048 bits.".into());
        }
        let mut validation = Validation::new(self.algorithm);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        jsonwebtoken::decode::<serde_json::Value>(&probe, &self.checking, &validation)
            .map(|_| ())
            .map_err(|_| "JWT_PUBLIC_KEY does not belong to JWT_PRIVATE_KEY.".into())
    }
}

/// What an algorithm asks of its keys.
struct PairKind {
    algorithm: Algorithm,
    oid: ObjectIdentifier,
    curve: Option<ObjectIdentifier>,
    /// As people call such a key.
    name: &'static str,
}

impl PairKind {
    fn of(algorithm: &str) -> Result<PairKind, String> {
        let rsa = |algorithm| (algorithm, RSA, None, "an RSA key");
        let (algorithm, oid, curve, name) = match algorithm {
            "RS256" => rsa(Algorithm::RS256),
            "RS384" => rsa(Algorithm::RS384),
            "RS512" => rsa(Algorithm::RS512),
            "ES256" => (
                Algorithm::ES256,
                ELLIPTIC,
                Some(P256),
                "a key of the elliptic curve P-256",
            ),
            "ES384" => (
                Algorithm::ES384,
                ELLIPTIC,
                Some(P384),
                "a key of the elliptic curve P-384",
            ),
            other => return Err(format!("JWT_ALGO {other} does not sign with a pair of keys.")),
        };
        Ok(PairKind {
            algorithm,
            oid,
            curve,
            name,
        })
    }

    fn wrong_private(&self) -> String {
        format!(
            "JWT_PRIVATE_KEY must be {} in PEM, as JWT_ALGO {:?} needs it.",
            self.name, self.algorithm
        )
    }

    fn wrong_public(&self) -> String {
        format!(
            "JWT_PUBLIC_KEY must be the public half of {} in PEM ('PUBLIC KEY'), as JWT_ALGO {:?} needs it.",
            self.name, self.algorithm
        )
    }

    fn signing(&self, pair: PemPair<'_>) -> Result<EncodingKey, String> {
        let wrong = || self.wrong_private();
        let (label, der) = block(pair.private).ok_or_else(wrong)?;
        match label {
            "PRIVATE KEY" => self.signing_of(&der).ok_or_else(wrong),
            "RSA PRIVATE KEY" if self.oid == RSA => Ok(EncodingKey::from_rsa_der(&der)),
            "EC PRIVATE KEY" if self.oid == ELLIPTIC => {
                let key = self.wrapped(&der).ok_or_else(wrong)?;
                Ok(EncodingKey::from_ec_der(&key))
            }
            "ENCRYPTED PRIVATE KEY" => {
                let passphrase = pair
                    .passphrase
                    .ok_or("JWT_PRIVATE_KEY is encrypted; JWT_PASSPHRASE must hold its passphrase.")?;
                let sealed = EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| wrong())?;
                let opened = sealed
                    .decrypt(passphrase)
                    .map_err(|_| "JWT_PRIVATE_KEY cannot be opened with JWT_PASSPHRASE.")?;
                self.signing_of(opened.as_bytes()).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }

    /// The key in a PKCS#8 document.
    fn signing_of(&self, der: &[u8]) -> Option<EncodingKey> {
        let info = PrivateKeyInfoRef::from_der(der).ok()?;
        if !self.fits(&info.algorithm) {
            return None;
        }
        Some(match self.oid == RSA {
            true => EncodingKey::from_rsa_der(info.private_key.as_bytes()),
            false => EncodingKey::from_ec_der(der),
        })
    }

    fn checking(&self, pair: PemPair<'_>) -> Result<DecodingKey, String> {
        let wrong = || self.wrong_public();
        let (label, der) = block(pair.public).ok_or_else(wrong)?;
        match label {
            "PUBLIC KEY" => {
                let info = SubjectPublicKeyInfoRef::from_der(&der).map_err(|_| wrong())?;
                let key = info
                    .subject_public_key
                    .as_bytes()
                    .filter(|_| self.fits(&info.algorithm));
                let key = key.ok_or_else(wrong)?;
                Ok(match self.oid == RSA {
                    true => DecodingKey::from_rsa_der(key),
                    false => DecodingKey::from_ec_der(key),
                })
            }
            "RSA PUBLIC KEY" if self.oid == RSA => Ok(DecodingKey::from_rsa_der(&der)),
            _ => Err(wrong()),
        }
    }

    fn fits(&self, algorithm: &AlgorithmIdentifierRef<'_>) -> bool {
        let curve = || {
            algorithm
                .parameters
                .and_then(|p| p.decode_as::<ObjectIdentifier>().ok())
        };
        algorithm.oid == self.oid && self.curve.is_none_or(|wanted| curve() == Some(wanted))
    }

    /// The older form of a key of an elliptic curve, as PKCS#8.
    fn wrapped(&self, der: &[u8]) -> Option<Vec<u8>> {
        let curve = self.curve?;
        let algorithm = AlgorithmIdentifierRef {
            oid: self.oid,
            parameters: Some(AnyRef::from(&curve)),
        };
        PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(der).ok()?)
            .to_der()
            .ok()
    }
}

/// The first key in a PEM text, with its label. What else stands there, such as the parameters of a curve, is passed
/// over.
fn block(text: &str) -> Option<(&str, Vec<u8>)> {
    let begins = text.match_indices("-----BEGIN ").map(|(index, _)| &text[index..]);
    begins
        .filter_map(|rest| {
            let label = rest.strip_prefix("-----BEGIN ")?.split_once("-----")?.0;
            let end = format!("-----END {label}-----");
            let whole = &rest[..rest.find(&end)? + end.len()];
            Some((label, pem::decode_vec(whole.as_bytes()).ok()?.1))
        })
        .find(|(label, _)| label.ends_with("KEY"))
}
