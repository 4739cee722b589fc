//! The public keys of a provider (RFC 7517).

use crate::backchannel::{self, Backchannel};
use contract::{Problem, Value};
use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;

/// Most providers have two or three.
const MOST: usize = 100;

/// Reads a set of keys. Those of kinds that nobody here knows are left out, as the standard wants. Fails with 503 when
/// it cannot be had, or is none.
pub(crate) async fn read(backchannel: &Backchannel, address: &str) -> Result<Vec<Jwk>, Problem> {
    let set = backchannel::json(backchannel.get(address))
        .await
        .map_err(|problem| {
            Problem::unavailable("The keys of the login provider cannot be read.").with_source(problem)
        })?;
    of(&set).ok_or_else(|| backchannel::unreadable("the set of keys has no list of keys"))
}

fn of(set: &Value) -> Option<Vec<Jwk>> {
    let keys = set.get("keys")?.as_array()?;
    let read = keys.iter().take(MOST).flat_map(Jwk::deserialize);
    Some(read.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_unknown_kind_of_key_does_not_hide_the_others() {
        let set = json!({"keys": [
            {"kty": "PQC", "kid": "new", "alg": "ML-DSA-44"},
            {"kty": "RSA", "kid": "a", "use": "sig", "alg": "RS256", "n": "AQAB", "e": "AQAB"},
            "no key",
        ]});
        let keys = of(&set).unwrap();
        assert!(keys.iter().any(|key| key.common.key_id.as_deref() == Some("a")));
        assert!(of(&json!({})).is_none() && of(&json!({"keys": 1})).is_none());
    }
}
