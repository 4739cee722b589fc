//! What a provider of OpenID Connect says of itself in its discovery document.

use crate::backchannel::{self, Backchannel};
use crate::grant::Authentication;
use contract::{Problem, Value};

/// What is asked for where neither the configuration nor the provider says anything else.
const USUAL_SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// Where issuers of Microsoft's shared endpoints name the tenant, which is in the token.
pub(crate) const TENANT: &str = "{tenantid}";

/// A discovery document, as far as it matters.
#[derive(Default)]
pub(crate) struct Discovered {
    pub(crate) issuer: Option<String>,
    pub(crate) authorize: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) keys: Option<String>,
    /// Those of the usual scopes that it knows.
    pub(crate) scopes: Vec<&'static str>,
    pub(crate) authentication: Option<Authentication>,
}

impl Discovered {
    /// Whether people of many tenants log in here, each tenant an issuer of its own.
    pub(crate) fn has_many_tenants(&self) -> bool {
        self.issuer
            .as_deref()
            .is_some_and(|issuer| issuer.contains(TENANT))
    }
}

/// Reads a discovery document. Fails with 503 when it cannot be had, or is none.
pub(crate) async fn read(backchannel: &Backchannel, address: &str) -> Result<Discovered, Problem> {
    let document = backchannel::json(backchannel.get(address)).await;
    // A refusal is nothing that whoever logs in could change.
    let document = document.map_err(|problem| {
        Problem::unavailable("The discovery document of the login provider cannot be read.")
            .with_source(problem)
    })?;
    let found = of(&document);
    match found.issuer.is_some() {
        true => Ok(found),
        false => Err(backchannel::unreadable("the discovery document names no issuer")),
    }
}

fn of(document: &Value) -> Discovered {
    let text = |name: &str| {
        let value = document.get(name).and_then(Value::as_str).map(str::trim);
        value.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let list = |name: &str| document.get(name).and_then(Value::as_array);
    let has = |all: &Vec<Value>, one: &str| all.iter().any(|each| each == one);
    let scopes = list("scopes_supported");
    // Without the list only the header is sure, but the body is what every provider takes in fact.
    let ways = list("token_endpoint_auth_methods_supported");
    let only_header =
        ways.is_some_and(|ways| has(ways, "client_secret_basic") && !has(ways, "client_secret_post"));
    Discovered {
        issuer: text("issuer"),
        authorize: text("authorization_endpoint"),
        token: text("token_endpoint"),
        user: text("userinfo_endpoint"),
        keys: text("jwks_uri"),
        scopes: USUAL_SCOPES
            .into_iter()
            .filter(|usual| scopes.is_none_or(|known| has(known, usual)))
            .collect(),
        authentication: only_header.then_some(Authentication::Header),
    }
}

/// Scopes as they are sent, from a list with commas, spaces or both.
pub(crate) fn scopes(list: &str) -> String {
    let each = list.split([',', ' ', '\t', '\r', '\n']);
    each.filter(|scope| !scope.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn scopes_are_split_at_commas_and_spaces() {
        assert_eq!(scopes("openid,email, profile"), "openid email profile");
        assert_eq!(scopes(" openid  email "), "openid email");
        assert_eq!(scopes(" ,"), "");
    }

    #[test]
    fn a_document_is_read_as_far_as_it_matters() {
        let found = of(&json!({
            "issuer": "https://login.example", "token_endpoint": " ", "jwks_uri": 7,
            "scopes_supported": ["offline_access", "email", "openid"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "private_key_jwt"],
        }));
        assert_eq!(found.issuer.as_deref(), Some("https://login.example"));
        assert!(found.token.is_none() && found.keys.is_none());
        assert_eq!(found.scopes, ["openid", "email"]);
        assert_eq!(found.authentication, Some(Authentication::Header));
        let bare = of(&json!({}));
        assert_eq!(bare.scopes, USUAL_SCOPES);
        assert_eq!(bare.authentication, None);
    }
}
