//! Logins at a provider whose addresses are known.

use crate::backchannel::{self, Backchannel};
use crate::google;
use crate::grant::{self, Authentication, Client, Granted};
use crate::profile::AddressList;
use async_trait::async_trait;
use contract::{Params, Problem, Value};
use identity::{Attempt, Identity, Provider};
use ring::hmac;
use std::borrow::Cow;

/// A provider of logins with OAuth 2.
#[derive(Clone)]
pub(crate) struct Vendor {
    /// Name of the service type.
    pub(crate) service_type: &'static str,
    /// Label of the service type.
    pub(crate) label: &'static str,
    /// What the service type is, as a sentence.
    pub(crate) description: &'static str,
    /// The subscription that clients of the original know.
    pub(crate) subscription: Option<&'static str>,
    /// Name in the records of users.
    pub(crate) name: &'static str,
    /// Where browsers are sent.
    pub(crate) authorize: Cow<'static, str>,
    /// Where a code becomes a token.
    pub(crate) token: Cow<'static, str>,
    /// Who the token stands for.
    pub(crate) user: Cow<'static, str>,
    /// What is asked for.
    pub(crate) scopes: &'static str,
    /// How it wants to be shown the client's secret.
    pub(crate) authentication: Authentication,
    /// Whether it knows proof keys (RFC 7636).
    pub(crate) takes_proof_key: bool,
    /// Whether it wants questions about a user to prove that the client's secret is known.
    pub(crate) takes_secret_proof: bool,
    /// Whether it tells the groups of a user.
    pub(crate) tells_groups: bool,
    /// How a user is read.
    pub(crate) profile: fn(&Value) -> Option<Identity>,
    /// Where the addresses are listed that a user does not show.
    pub(crate) addresses: Option<(Cow<'static, str>, AddressList)>,
}

/// Logins at one of them.
pub(crate) struct VendorLogin {
    vendor: Vendor,
    client: Client,
    backchannel: Backchannel,
    /// Whether the groups of a user are asked for.
    groups: bool,
}

impl VendorLogin {
    /// Does not connect.
    pub(crate) fn new(vendor: Vendor, client: Client, groups: bool) -> Result<VendorLogin, Problem> {
        Ok(VendorLogin {
            vendor,
            client,
            backchannel: Backchannel::new()?,
            groups,
        })
    }

    /// Who a token stands for.
    async fn user(&self, granted: &Granted) -> Result<Identity, Problem> {
        let mut question = self
            .backchannel
            .get(&self.vendor.user)
            .bearer_auth(&granted.token);
        if self.vendor.takes_secret_proof {
            let key = hmac::Key::new(hmac::HMAC_SHA256, self.client.secret.as_bytes());
            let proof = hmac::sign(&key, granted.token.as_bytes());
            question = question.query(&[("appsecret_proof", hex::encode(proof))]);
        }
        let user = backchannel::json(question).await?;
        let mut identity = (self.vendor.profile)(&user)
            .ok_or_else(|| backchannel::unreadable("the answer about the user has no id"))?;
        if let (None, Some((address, list))) = (&identity.email, &self.vendor.addresses) {
            let question = self.backchannel.get(address).bearer_auth(&granted.token);
            identity.email = list.primary(&backchannel::json(question).await?);
        }
        Ok(identity)
    }
}

#[async_trait]
impl Provider for VendorLogin {
    async fn begin(&self, attempt: &mut Attempt) -> Result<String, Problem> {
        let challenge = attempt.challenge();
        let proof_key = grant::challenge(&challenge);
        let more: &[_] = if self.vendor.takes_proof_key {
            &proof_key
        } else {
            &[]
        };
        let scopes = match self.groups {
            true => format!("{} {}", self.vendor.scopes, google::SCOPE),
            false => self.vendor.scopes.to_owned(),
        };
        grant::address(&self.vendor.authorize, &self.client, &scopes, attempt, more)
    }

    async fn finish(&self, attempt: &Attempt, callback: &Params) -> Result<Identity, Problem> {
        let verifier = self.vendor.takes_proof_key.then_some(attempt.verifier.as_str());
        let granted = grant::redeem(
            &self.backchannel,
            &self.vendor.token,
            &self.client,
            self.vendor.authentication,
            callback,
            verifier,
        )
        .await?;
        let mut identity = self.user(&granted).await?;
        if let (true, Some(email)) = (self.groups, &identity.email) {
            identity.groups = google::groups(&self.backchannel, &granted.token, email).await?;
        }
        Ok(granted.to(identity))
    }

    async fn check(&self) -> Result<(), Problem> {
        self.backchannel.reach(&self.vendor.token).await
    }
}
