//! Logins at providers of OAuth and OpenID Connect: the service types `oauth_*` and `oidc`.
//!
//! Invariants: who somebody is comes from the provider's own servers, over a connection that this instance opened. An
//! e-mail address counts only where the provider vouches for it. A code is redeemed with the secret of the login that
//! was begun, and an ID token is for this client, for this login and for now. Answers are bounded in size and time;
//! none of a provider's words and no secret reaches a caller or the log. Nothing connects before somebody logs in.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod azure;
mod backchannel;
mod config;
mod discovery;
mod google;
mod grant;
mod id_token;
mod kept;
mod keys;
mod openid;
mod profile;
mod signature;
#[cfg(test)]
mod test_logins;
#[cfg(test)]
mod test_openid;
mod twitter;
mod vendor;
mod vendors;

use contract::{BuildContext, ConfigSpec, Problem, Service, ServiceType};
use identity::{Accounts, Admission, Column, GroupRoles, OAUTH, Provider, ProviderService};
use openid::{Known, Manner, OpenId};
use std::sync::Arc;
use twitter::Twitter;
use vendor::{Vendor, VendorLogin};
use vendors::VENDORS;

/// The service types of providers of OAuth and OpenID Connect. `accounts` is where those who log in become users.
///
/// Building a service does not connect; it fails with 400 when the configuration cannot be used.
pub fn service_types(accounts: &Arc<dyn Accounts>) -> Vec<ServiceType> {
    let others = [
        Kind {
            name: azure::SERVICE_TYPE,
            label: azure::LABEL,
            description: azure::DESCRIPTION,
            provider: azure::NAME,
            config: config::AZURE,
            subscription: Some("SILVER"),
        }
        .of(accounts, |context| {
            azure::provider(&context.config, config::client(&context.config)?)
        }),
        Kind {
            name: twitter::SERVICE_TYPE,
            label: twitter::LABEL,
            description: twitter::DESCRIPTION,
            provider: twitter::NAME,
            config: config::OAUTH,
            subscription: None,
        }
        .of(accounts, |context| {
            Ok(Box::new(Twitter::new(config::client(&context.config)?)?))
        }),
        Kind {
            name: "oidc",
            label: "OpenID Connect",
            description: "OpenID Connect service supporting SSO.",
            provider: "openid_connect",
            config: config::OPENID,
            subscription: Some("SILVER"),
        }
        .of(accounts, |context| {
            let client = config::client(&context.config)?;
            let known = Known::of(&context.config)?;
            Ok(Box::new(OpenId::new(known, client, Manner::Standard)?))
        }),
    ];
    let vendors = VENDORS.iter().map(|vendor| of_vendor(vendor, accounts));
    vendors.chain(others).collect()
}

fn of_vendor(vendor: &'static Vendor, accounts: &Arc<dyn Accounts>) -> ServiceType {
    let kind = Kind {
        name: vendor.service_type,
        label: vendor.label,
        description: vendor.description,
        provider: vendor.name,
        config: match vendor.tells_groups {
            true => config::GOOGLE,
            false => config::OAUTH,
        },
        subscription: vendor.subscription,
    };
    kind.of(accounts, |context| {
        let client = config::client(&context.config)?;
        let groups = config::groups(&context.config).is_some();
        Ok(Box::new(VendorLogin::new(vendor.clone(), client, groups)?))
    })
}

/// A service type without what builds it.
struct Kind {
    name: &'static str,
    label: &'static str,
    description: &'static str,
    /// Name in the records of users.
    provider: &'static str,
    config: ConfigSpec,
    subscription: Option<&'static str>,
}

impl Kind {
    fn of(
        self,
        accounts: &Arc<dyn Accounts>,
        open: impl Fn(&BuildContext) -> Result<Box<dyn Provider>, Problem> + Send + Sync + 'static,
    ) -> ServiceType {
        let accounts = Arc::clone(accounts);
        ServiceType {
            name: self.name,
            label: self.label,
            group: OAUTH,
            description: self.description,
            singleton: false,
            subscription: self.subscription,
            config: self.config,
            build: Arc::new(move |context: BuildContext| {
                let mut admission = Admission::new(&context, Column::OauthProvider, self.provider);
                if let Some(listed) = config::groups(&context.config) {
                    admission.groups = GroupRoles::Listed(listed);
                }
                let service =
                    ProviderService::new(&context, open(&context)?, Arc::clone(&accounts), admission);
                Ok(Arc::new(service) as Arc<dyn Service>)
            }),
        }
    }
}
