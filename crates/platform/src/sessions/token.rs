//! Session tokens: their claims, their signature, and what can be wrong with them.

use super::keys::TokenKeys;
use contract::{Map, Problem, Settings, Value};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Header, Validation};
use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use store::rows::UserRow;

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// MD5 of the e-mail address in hex: a changed address ends the sessions.
    pub(crate) sub: String,
    pub(crate) user_id: i64,
    /// Whether a refresh may go on for ever.
    pub(crate) forever: bool,
    /// URL of the login.
    #[serde(default)]
    pub(crate) iss: String,
    pub(crate) iat: i64,
    #[serde(default)]
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    /// Random; what a revocation names.
    pub(crate) jti: String,
    /// The user's `token_epoch` when the token was made.
    #[serde(default)]
    pub(crate) epoch: i64,
    /// Fields of the user for whoever else reads the token; never read back.
    #[serde(flatten, skip_deserializing)]
    pub(crate) told: Map<String, Value>,
}

impl Claims {
    /// Whether the token is still this user's: same address, no end of all sessions since.
    pub(crate) fn belongs_to(&self, user: &UserRow) -> Result<(), TokenFault> {
        // The address first: a new one ends the sessions too, and has words of its own.
        if self.sub != subject(&user.email) {
            return Err(TokenFault::User);
        }
        if self.epoch != user.token_epoch {
            return Err(TokenFault::Revoked);
        }
        Ok(())
    }
}

/// The fields of a user that `DF_JWT_USER_CLAIM` names. Only fields that the user may see are known, and none can take
/// the place of a claim.
pub(crate) fn told(settings: &Settings, user: &UserRow) -> Map<String, Value> {
    let known = [
        ("id", Value::from(user.id)),
        ("name", Value::from(user.name.as_str())),
        ("username", Value::from(user.username.as_deref())),
        ("first_name", Value::from(user.first_name.as_deref())),
        ("last_name", Value::from(user.last_name.as_deref())),
        ("email", Value::from(user.email.as_str())),
        ("phone", Value::from(user.phone.as_deref())),
        ("is_sys_admin", Value::from(user.is_sys_admin)),
        ("last_login_date", Value::from(user.last_login_date.as_deref())),
        ("default_app_id", Value::from(user.default_app_id)),
    ];
    let named = |name: &str| settings.jwt_user_claim.split(',').any(|n| n.trim() == name);
    known
        .into_iter()
        .filter(|(name, _)| named(name))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The `sub` of a user.
pub(crate) fn subject(email: &str) -> String {
    hex::encode(Md5::digest(email.as_bytes()))
}

/// A random `jti`.
pub(crate) fn token_id() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Problem::internal)?;
    Ok(hex::encode(bytes))
}

/// What can be wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenFault {
    /// Not three parts.
    Segments,
    /// Not readable as a token.
    Unreadable,
    /// Not signed by us.
    Signature,
    /// Signed, but a claim is missing.
    Claims,
    /// The user's address is another by now.
    User,
    /// From the future.
    NotYet,
    /// Too old.
    Expired,
    /// Too old even to be refreshed.
    NotRefreshable,
    /// Ended by logout, refresh, a new password or an administrator.
    Revoked,
}

impl TokenFault {
    /// Why, as the end of a longer sentence.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            TokenFault::Segments => "Wrong number of segments",
            TokenFault::Unreadable => "The token could not be decoded.",
            TokenFault::Signature => "Token Signature could not be verified.",
            TokenFault::Claims => "JWT payload does not contain the required claims",
            TokenFault::User => "User verification failed.",
            TokenFault::NotYet => "Not Before (nbf) timestamp cannot be in the future",
            TokenFault::Expired => "Token has expired",
            TokenFault::NotRefreshable => "Token has expired and can no longer be refreshed",
            TokenFault::Revoked => "The token has been blacklisted",
        }
    }

    /// The answer to a call that came with such a token.
    pub(crate) fn refusal(self) -> Problem {
        match self {
            TokenFault::Expired => Problem::unauthorized(
                "Token has expired: Session expired. Please refresh your token (if still within refresh window) or \
                 re-login.",
            ),
            TokenFault::Revoked => {
                Problem::forbidden("The token has been blacklisted: Session terminated. Please re-login.")
            }
            other => Problem::unauthorized(format!("Invalid token: {}", other.reason())),
        }
    }
}

/// Signs and reads tokens.
pub(crate) struct Signer {
    keys: TokenKeys,
    validation: Validation,
}

impl Signer {
    /// Tokens of another algorithm than that of the keys are refused, whatever key they are signed with.
    pub(crate) fn new(keys: TokenKeys) -> Signer {
        let mut validation = Validation::new(keys.algorithm);
        // Times are compared by the callers: a refresh takes tokens that have expired.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Signer { keys, validation }
    }

    pub(crate) fn sign(&self, claims: &Claims) -> Result<String, Problem> {
        jsonwebtoken::encode(&Header::new(self.keys.algorithm), claims, &self.keys.signing)
            .map_err(Problem::internal)
    }

    /// The claims of a token with a good signature. Says nothing of times, revocation or the user.
    pub(crate) fn read(&self, token: &str) -> Result<Claims, TokenFault> {
        if token.split('.').count() != 3 {
            return Err(TokenFault::Segments);
        }
        match jsonwebtoken::decode::<serde_json::Value>(token, &self.keys.checking, &self.validation) {
            Ok(data) => serde_json::from_value(data.claims).map_err(|_| TokenFault::Claims),
            Err(fault) => Err(match fault.kind() {
                ErrorKind::InvalidSignature | ErrorKind::InvalidAlgorithm => TokenFault::Signature,
                _ => TokenFault::Unreadable,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::Algorithm;

    fn signing(secret: &[u8], algorithm: &str) -> Signer {
        Signer::new(TokenKeys::secret(algorithm, secret))
    }

    fn claims() -> Claims {
        Claims {
            sub: subject("a@x.io"),
            user_id: 3,
            forever: false,
            iss: "http://h/api/v2/user/session".into(),
            iat: 1000,
            nbf: 1000,
            exp: 2000,
            jti: "j".into(),
            epoch: 4,
            told: Map::new(),
        }
    }

    #[test]
    fn a_signed_token_is_read_back_expired_or_not() {
        let signer = signing(b"secret", "HS256");
        let token = signer.sign(&claims()).unwrap();
        assert!(
            token.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."),
            "the header is the documented one"
        );
        assert_eq!(signer.read(&token), Ok(claims()));
        assert_eq!(
            signing(b"other", "HS256").read(&token),
            Err(TokenFault::Signature)
        );
    }

    #[test]
    fn bad_tokens_are_told_apart_and_none_panics() {
        let signer = signing(b"secret", "HS256");
        let sign = |claims: &serde_json::Value| {
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), claims, &signer.keys.signing).unwrap()
        };
        let without_user =
            sign(&serde_json::json!({"sub": "x", "iat": 1, "exp": 2, "jti": "j", "forever": false}));
        let unsigned = "eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.e30.";
        let tampered =
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4IiwidXNlcl9pZCI6MSwiZm9yZXZlciI6ZmFsc2V9.AAAA";
        for (token, fault) in [
            ("garbage", TokenFault::Segments),
            ("", TokenFault::Segments),
            ("a.b.c.d", TokenFault::Segments),
            ("a.b.c", TokenFault::Unreadable),
            ("é.ü.", TokenFault::Unreadable),
            (unsigned, TokenFault::Unreadable),
            (tampered, TokenFault::Signature),
            (without_user.as_str(), TokenFault::Claims),
        ] {
            assert_eq!(signer.read(token), Err(fault), "{token}");
        }
    }

    #[test]
    fn tokens_of_another_algorithm_are_refused() {
        let token = signing(b"secret", "HS512").sign(&claims()).unwrap();
        assert_eq!(signing(b"secret", "HS512").read(&token), Ok(claims()));
        assert_eq!(
            signing(b"secret", "HS256").read(&token),
            Err(TokenFault::Signature)
        );
    }

    #[test]
    fn refusals_have_the_known_words() {
        let refusal = |fault: TokenFault| (fault.refusal().status(), fault.refusal().message);
        assert_eq!(
            refusal(TokenFault::Segments),
            (401, "Invalid token: Wrong number of segments".into())
        );
        assert_eq!(refusal(TokenFault::Revoked).0, 403);
        assert_eq!(refusal(TokenFault::Expired).0, 401);
    }
}
