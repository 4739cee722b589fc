//! Logins at any provider of OpenID Connect.

use crate::backchannel::{self, Backchannel};
use crate::discovery::{self, Discovered};
use crate::grant::{self, Authentication, Client, Granted};
use crate::id_token::{self, Expected};
use crate::kept::Kept;
use crate::{config, keys, profile};
use async_trait::async_trait;
use contract::{Map, Params, Problem, Value};
use identity::{Attempt, Identity, Provider};
use jsonwebtoken::jwk::Jwk;
use std::sync::Arc;
use std::time::Duration;

/// How long what a provider publishes is believed.
const FRESH: Duration = Duration::from_secs(600);
/// The same when a token names a key that is not known: it may have been added since.
const JUST_NOW: Duration = Duration::from_secs(10);

/// What is known of a provider before it is asked. Its discovery document fills in what is blank.
#[derive(Default)]
pub(crate) struct Known {
    pub(crate) discovery: Option<String>,
    pub(crate) authorize: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) keys: Option<String>,
    pub(crate) scopes: Option<String>,
    /// Whether the signatures of ID tokens are checked.
    pub(crate) validates: bool,
}

impl Known {
    /// What a configuration says. Fails with 400 when that is not enough.
    pub(crate) fn of(config: &Map<String, Value>) -> Result<Known, Problem> {
        let address = |name: &str| config::address(config, name);
        let known = Known {
            discovery: address("discovery_document")?,
            authorize: address("auth_endpoint")?,
            token: address("token_endpoint")?,
            user: address("user_endpoint")?,
            keys: address("jwks_uri")?,
            scopes: config::text(config, "scopes").map(|list| discovery::scopes(&list)),
            validates: config::flag(config, "validate_id_token"),
        };
        let needed = [
            ("auth_endpoint", known.authorize.is_some()),
            ("token_endpoint", known.token.is_some()),
            ("scopes", known.scopes.is_some()),
            ("jwks_uri", known.keys.is_some() || !known.validates),
        ];
        match needed.iter().find(|(_, there)| !there) {
            Some((name, _)) if known.discovery.is_none() => Err(Problem::bad_request(format!(
                "The service's configuration needs '{name}', or a discovery document."
            ))),
            _ => Ok(known),
        }
    }
}

/// What a provider's answers are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// As the standard says.
    Standard,
    /// People of many tenants, whose administrators write what they want as e-mail address: only the principal name of
    /// the ID token counts.
    Microsoft,
}

impl Manner {
    fn read(self, claims: &Value) -> Option<Identity> {
        match self {
            Manner::Standard => profile::of_claims(claims),
            Manner::Microsoft => profile::of_microsoft_claims(claims),
        }
    }
}

/// Logins at one provider.
pub(crate) struct OpenId {
    known: Known,
    client: Client,
    manner: Manner,
    backchannel: Backchannel,
    discovered: Kept<Discovered>,
    keys: Kept<Vec<Jwk>>,
}

impl OpenId {
    /// Does not connect.
    pub(crate) fn new(known: Known, client: Client, manner: Manner) -> Result<OpenId, Problem> {
        Ok(OpenId {
            known,
            client,
            manner,
            backchannel: Backchannel::new()?,
            discovered: Kept::new(),
            keys: Kept::new(),
        })
    }

    async fn discovered(&self, most: Duration) -> Result<Arc<Discovered>, Problem> {
        let Some(address) = &self.known.discovery else {
            return Ok(Arc::default());
        };
        let read = discovery::read(&self.backchannel, address);
        self.discovered.get(most, read).await
    }

    /// The claims of an ID token, judged.
    async fn claims(&self, token: &str, nonce: &str, discovered: &Discovered) -> Result<Value, Problem> {
        let claims = match self.known.validates {
            true => self.signed(token, discovered).await?,
            // It came straight from the provider, which OpenID Connect allows to take for a signature.
            false => id_token::unsigned(token)?,
        };
        let expected = Expected {
            issuer: discovered.issuer.as_deref(),
            client: &self.client.id,
            nonce,
            now: chrono::Utc::now().timestamp(),
        };
        id_token::judge(&claims, &expected, self.known.validates)?;
        Ok(claims)
    }

    async fn signed(&self, token: &str, discovered: &Discovered) -> Result<Value, Problem> {
        let address = self.known.keys.as_ref().or(discovered.keys.as_ref());
        let address = address.ok_or_else(|| nowhere("keys"))?;
        for most in [FRESH, JUST_NOW] {
            let keys = self
                .keys
                .get(most, keys::read(&self.backchannel, address))
                .await?;
            if let Some(claims) = id_token::signed(token, &keys)? {
                return Ok(claims);
            }
        }
        Err(id_token::unknown_key())
    }

    /// Who was granted: by the ID token if it says enough, else as the user-info address says.
    async fn identity(
        &self,
        granted: &Granted,
        attempt: &Attempt,
        discovered: &Discovered,
    ) -> Result<Identity, Problem> {
        let claimed = match &granted.id_token {
            Some(token) => Some(self.claims(token, &attempt.nonce, discovered).await?),
            None if self.known.validates => {
                return Err(Problem::unauthorized("The login provider sent no ID Token."));
            }
            None => None,
        };
        let manner = match discovered.has_many_tenants() {
            true => Manner::Microsoft,
            false => self.manner,
        };
        let says_enough = |who: &Identity| who.name.is_some() && who.email.is_some();
        let claimed_identity = claimed.as_ref().and_then(|claims| manner.read(claims));
        let user = self.known.user.as_ref().or(discovered.user.as_ref());
        let address = match (user.filter(|_| manner == Manner::Standard), claimed_identity) {
            (_, Some(who)) if says_enough(&who) => return Ok(who),
            (None, Some(who)) => return Ok(who),
            (None, None) => return Err(nowhere("user")),
            (Some(address), _) => address,
        };
        let answer = backchannel::json(self.backchannel.get(address).bearer_auth(&granted.token)).await?;
        let no_id = || backchannel::unreadable("the answer about the user has no sub");
        let mut told = profile::of_claims(&answer).ok_or_else(no_id)?;
        let subject = claimed.as_ref().and_then(|claims| claims.get("sub"));
        // The token could have been changed for somebody else's.
        if subject.is_some_and(|subject| Some(subject) != answer.get("sub")) {
            return Err(backchannel::refused());
        }
        if claimed.as_ref().is_some_and(profile::denies_email) {
            told.email = None;
        }
        Ok(told)
    }
}

#[async_trait]
impl Provider for OpenId {
    async fn begin(&self, attempt: &mut Attempt) -> Result<String, Problem> {
        let discovered = self.discovered(FRESH).await?;
        let authorize = self.known.authorize.as_ref().or(discovered.authorize.as_ref());
        let authorize = authorize.ok_or_else(|| nowhere("authorization"))?;
        let usual = discovered.scopes.join(" ");
        let scopes = self.known.scopes.as_deref().unwrap_or(&usual);
        let challenge = attempt.challenge();
        let [key, method] = grant::challenge(&challenge);
        let more = [("nonce", attempt.nonce.as_str()), key, method];
        grant::address(authorize, &self.client, scopes, attempt, &more)
    }

    async fn finish(&self, attempt: &Attempt, callback: &Params) -> Result<Identity, Problem> {
        let discovered = self.discovered(FRESH).await?;
        // RFC 9207: a code of another provider must not be shown to this one.
        let own = discovered
            .issuer
            .as_deref()
            .filter(|_| !discovered.has_many_tenants());
        let stranger = |issuer: &str| own.is_some_and(|own| own != issuer);
        if callback.get("iss").is_some_and(stranger) {
            return Err(backchannel::refused());
        }
        let address = self.known.token.as_ref().or(discovered.token.as_ref());
        let granted = grant::redeem(
            &self.backchannel,
            address.ok_or_else(|| nowhere("token"))?,
            &self.client,
            discovered.authentication.unwrap_or(Authentication::Body),
            callback,
            Some(&attempt.verifier),
        )
        .await?;
        let identity = self.identity(&granted, attempt, &discovered).await?;
        Ok(granted.to(identity))
    }

    async fn check(&self) -> Result<(), Problem> {
        let discovered = self.discovered(Duration::ZERO).await?;
        let keys = self.known.keys.as_ref().or(discovered.keys.as_ref());
        if let (true, Some(address)) = (self.known.validates, keys) {
            self.keys
                .get(Duration::ZERO, keys::read(&self.backchannel, address))
                .await?;
        }
        let token = self.known.token.as_ref().or(discovered.token.as_ref());
        self.backchannel
            .reach(token.ok_or_else(|| nowhere("token"))?)
            .await
    }

    async fn complete(&self) -> Result<Map<String, Value>, Problem> {
        // What Microsoft's are is in the type, not in the configuration.
        if self.manner != Manner::Standard {
            return Ok(Map::new());
        }
        let discovered = self.discovered(Duration::ZERO).await?;
        let (known, scopes) = (&self.known, discovered.scopes.join(","));
        let fields = [
            ("auth_endpoint", &known.authorize, discovered.authorize.as_deref()),
            ("token_endpoint", &known.token, discovered.token.as_deref()),
            ("user_endpoint", &known.user, discovered.user.as_deref()),
            ("jwks_uri", &known.keys, discovered.keys.as_deref()),
            (
                "scopes",
                &known.scopes,
                Some(scopes.as_str()).filter(|list| !list.is_empty()),
            ),
        ];
        let blank = fields.into_iter().filter(|(_, known, _)| known.is_none());
        Ok(blank
            .filter_map(|(name, _, found)| Some((name.to_owned(), found?.into())))
            .collect())
    }
}

/// 503: neither the configuration nor the provider names an address.
fn nowhere(what: &str) -> Problem {
    Problem::unavailable(format!(
        "The login provider's {what} endpoint is neither configured nor in its discovery document."
    ))
}
