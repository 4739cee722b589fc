//! Logins at a directory of Microsoft's.

use crate::config::{self, GRAPH};
use crate::grant::Client;
use crate::openid::{Known, Manner, OpenId};
use crate::vendor::{Vendor, VendorLogin};
use crate::vendors::MICROSOFT_LIVE;
use contract::{Map, Problem, Value};
use identity::Provider;
use std::borrow::Cow;

/// Name of the service type.
pub(crate) const SERVICE_TYPE: &str = "oauth_azure_ad";
/// Label of the service type.
pub(crate) const LABEL: &str = "Azure Active Directory OAuth";
/// What the service type is.
pub(crate) const DESCRIPTION: &str =
    "OAuth service for supporting Azure Active Directory authentication and API access.";
/// Name in the records of users.
pub(crate) const NAME: &str = "azure-ad";

const LOGIN: &str = "https://login.microsoftonline.com";

/// Logins for a resource. Microsoft Graph tells who a token stands for; where tokens are for an API of one's own, only
/// the ID token does. Fails with 400 when the tenant cannot be one.
pub(crate) fn provider(config: &Map<String, Value>, client: Client) -> Result<Box<dyn Provider>, Problem> {
    let tenant = config::text(config, "tenant_id").unwrap_or_else(|| "common".to_owned());
    if !tenant
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
    {
        return Err(Problem::bad_request(
            "The service's configuration field 'tenant_id' must be the id or the domain of a directory.",
        ));
    }
    let resource = config::text(config, "resource").unwrap_or_else(|| GRAPH.to_owned());
    let resource = resource.trim_end_matches('/');
    if resource == GRAPH.trim_end_matches('/') {
        return Ok(Box::new(VendorLogin::new(of_graph(&tenant), client, false)?));
    }
    let known = Known {
        discovery: Some(format!("{LOGIN}/{tenant}/v2.0/.well-known/openid-configuration")),
        scopes: Some(format!("openid profile email {resource}/.default")),
        validates: true,
        ..Known::default()
    };
    Ok(Box::new(OpenId::new(known, client, Manner::Microsoft)?))
}

fn of_graph(tenant: &str) -> Vendor {
    let endpoint = |name: &str| Cow::Owned(format!("{LOGIN}/{tenant}/oauth2/v2.0/{name}"));
    Vendor {
        service_type: SERVICE_TYPE,
        label: LABEL,
        description: DESCRIPTION,
        subscription: Some("SILVER"),
        name: NAME,
        authorize: endpoint("authorize"),
        token: endpoint("token"),
        ..MICROSOFT_LIVE
    }
}
