//! ID tokens: who signed them, for whom, until when.

use crate::discovery::TENANT;
use contract::{Map, Problem, Value};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use subtle::ConstantTimeEq;

/// How providers may sign: with a private key. What a shared secret signs, or nothing, proves nothing.
/// Each by its name in tokens and in keys.
const ALGORITHMS: [(Algorithm, KeyAlgorithm); 4] = [
    (Algorithm::RS256, KeyAlgorithm::RS256),
    (Algorithm::RS384, KeyAlgorithm::RS384),
    (Algorithm::RS512, KeyAlgorithm::RS512),
    (Algorithm::ES256, KeyAlgorithm::ES256),
];
/// By how many seconds the provider's clock may be ahead or behind.
const LEEWAY: i64 = 60;

/// What a token has to say.
pub(crate) struct Expected<'a> {
    /// Who issued it; `None` where nobody knows.
    pub(crate) issuer: Option<&'a str>,
    /// For whom.
    pub(crate) client: &'a str,
    /// What was sent along when the login began.
    pub(crate) nonce: &'a str,
    /// Seconds since 1970.
    pub(crate) now: i64,
}

/// The claims of a token that one of these keys has signed. `None` where the key that the token names is not among
/// them: the provider may have new ones.
///
/// Fails with 401 when it is not signed in a way that proves anything, or not by that key.
pub(crate) fn signed(token: &str, keys: &[Jwk]) -> Result<Option<Value>, Problem> {
    let header = jsonwebtoken::decode_header(token)
        .map_err(|e| rejected("Failed to verify ID Token header.").with_source(e))?;
    let known = ALGORITHMS.iter().find(|(known, _)| *known == header.alg);
    let algorithm = known.ok_or_else(|| rejected("Failed to verify ID Token algorithm."))?;
    let Some(key) = signer(keys, header.kid.as_deref(), algorithm) else {
        return Ok(None);
    };
    let wrong = |e| rejected("Failed to verify ID Token signature.").with_source(e);
    let key = DecodingKey::from_jwk(key).map_err(wrong)?;
    // The signature alone: all claims are judged in one place, signed or not.
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let read = jsonwebtoken::decode::<Value>(token, &key, &validation).map_err(wrong)?;
    Ok(Some(read.claims))
}

/// The claims of a token whoever signed it. Only of one that came straight from the provider.
pub(crate) fn unsigned(token: &str) -> Result<Value, Problem> {
    jsonwebtoken::dangerous::insecure_decode_claims::<Value>(token)
        .map_err(|e| rejected("Failed to verify ID Token.").with_source(e))
}

/// 401 when the key that a token names is unknown even now.
pub(crate) fn unknown_key() -> Problem {
    rejected("Failed to verify ID Token key.")
}

/// Whether the claims are meant for us, now, and for the login that was begun. `signed` tells whether they must have
/// brought the nonce back; one that is there must be right in any case.
pub(crate) fn judge(claims: &Value, expected: &Expected<'_>, signed: bool) -> Result<(), Problem> {
    let Value::Object(claims) = claims else {
        return Err(rejected("Failed to verify ID Token."));
    };
    if !is_issuer(claims, expected.issuer) {
        return Err(rejected("Failed to verify ID Token issuer."));
    }
    if !is_audience(claims, expected.client) {
        return Err(rejected("Failed to verify ID Token audience."));
    }
    let moment = |name: &str| claims.get(name).and_then(Value::as_f64);
    let now = expected.now as f64;
    if moment("exp").is_none_or(|end| end + LEEWAY as f64 <= now) {
        return Err(rejected("Failed to verify ID Token. Token expired."));
    }
    if moment("nbf").is_some_and(|start| start - LEEWAY as f64 > now) {
        return Err(rejected("Failed to verify ID Token. Token is not valid yet."));
    }
    let is_right = match claims.get("nonce") {
        Some(Value::String(nonce)) => bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())),
        Some(_) => false,
        None => !signed,
    };
    is_right
        .then_some(())
        .ok_or_else(|| rejected("Failed to verify ID Token nonce."))
}

fn is_issuer(claims: &Map<String, Value>, expected: Option<&str>) -> bool {
    let Some(expected) = expected else { return true };
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let tenant = text("tid").filter(|tenant| tenant.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    let expected = match tenant {
        Some(tenant) => expected.replace(TENANT, tenant),
        None => expected.to_owned(),
    };
    text("iss") == Some(&expected)
}

/// Whether a client is the audience; among others it must be the party that asked, and one that is named in any case.
fn is_audience(claims: &Map<String, Value>, client: &str) -> bool {
    let party = claims.get("azp");
    match claims.get("aud") {
        Some(Value::String(one)) => one == client && party.is_none_or(|party| party == client),
        Some(Value::Array(all)) => {
            all.iter().any(|one| one == client) && party.map_or(all.len() == 1, |party| party == client)
        }
        _ => false,
    }
}

/// The key that signs with an algorithm: the one of this id, or the only one.
fn signer<'a>(keys: &'a [Jwk], id: Option<&str>, algorithm: &(Algorithm, KeyAlgorithm)) -> Option<&'a Jwk> {
    let mut fitting = keys.iter().filter(|key| fits(key, algorithm));
    match id {
        Some(id) => fitting.find(|key| key.common.key_id.as_deref() == Some(id)),
        None => fitting.next().filter(|_| fitting.next().is_none()),
    }
}

fn fits(key: &Jwk, (algorithm, name): &(Algorithm, KeyAlgorithm)) -> bool {
    let is_for_signing = matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature));
    let is_named = key
        .common
        .key_algorithm
        .as_ref()
        .is_none_or(|named| named == name);
    let is_kind = match &key.algorithm {
        AlgorithmParameters::RSA(_) => *algorithm != Algorithm::ES256,
        AlgorithmParameters::EllipticCurve(ec) => {
            *algorithm == Algorithm::ES256 && ec.curve == EllipticCurve::P256
        }
        _ => false,
    };
    is_for_signing && is_named && is_kind
}

fn rejected(sentence: &str) -> Problem {
    Problem::unauthorized(sentence)
}
