//! The providers whose addresses are known, as data.

use crate::grant::Authentication;
use crate::profile::{self, AddressList};
use crate::vendor::Vendor;
use std::borrow::Cow;

/// Accounts of persons at Microsoft. Logins at a directory are the same at other addresses
/// ([`crate::azure`]).
pub(crate) const MICROSOFT_LIVE: Vendor = Vendor {
    service_type: "oauth_microsoft-live",
    label: "Microsoft Live OAuth",
    description: "OAuth service for supporting Microsoft Live authentication and API access.",
    name: "microsoft-live",
    // What login.live.com and its API were is served here today.
    authorize: Cow::Borrowed("https://login.microsoftonline.com/consumers/oauth2/v2.0/authorize"),
    token: Cow::Borrowed("https://login.microsoftonline.com/consumers/oauth2/v2.0/token"),
    user: Cow::Borrowed("https://graph.microsoft.com/v1.0/me"),
    scopes: "User.Read",
    authentication: Authentication::Body,
    takes_proof_key: true,
    takes_secret_proof: false,
    tells_groups: false,
    profile: profile::of_graph,
    addresses: None,
};

/// The providers, each a service type of its own.
pub(crate) static VENDORS: &[Vendor] = &[
    Vendor {
        service_type: "oauth_bitbucket",
        label: "Bitbucket OAuth",
        description: "OAuth service for supporting Bitbucket authentication and API access.",
        name: "bitbucket",
        authorize: Cow::Borrowed("https://bitbucket.org/site/oauth2/authorize"),
        token: Cow::Borrowed("https://bitbucket.org/site/oauth2/access_token"),
        user: Cow::Borrowed("https://api.bitbucket.org/2.0/user"),
        scopes: "account email",
        authentication: Authentication::Header,
        takes_proof_key: false,
        takes_secret_proof: false,
        tells_groups: false,
        profile: profile::of_bitbucket,
        addresses: Some((
            Cow::Borrowed("https://api.bitbucket.org/2.0/user/emails"),
            AddressList {
                within: "values",
                primary: "is_primary",
                verified: "is_confirmed",
            },
        )),
    },
    Vendor {
        service_type: "oauth_facebook",
        label: "Facebook OAuth",
        description: "OAuth service for supporting Facebook authentication and API access.",
        name: "facebook",
        // Without a version, the oldest one that the application may use answers; its members have never changed.
        authorize: Cow::Borrowed("https://www.facebook.com/dialog/oauth"),
        token: Cow::Borrowed("https://graph.facebook.com/oauth/access_token"),
        user: Cow::Borrowed("https://graph.facebook.com/me?fields=id,name,email"),
        scopes: "email",
        authentication: Authentication::Body,
        takes_proof_key: false,
        takes_secret_proof: true,
        tells_groups: false,
        profile: profile::of_facebook,
        addresses: None,
    },
    Vendor {
        service_type: "oauth_github",
        label: "GitHub OAuth",
        description: "OAuth service for supporting GitHub authentication and API access.",
        name: "github",
        authorize: Cow::Borrowed("https://github.com/login/oauth/authorize"),
        token: Cow::Borrowed("https://github.com/login/oauth/access_token"),
        user: Cow::Borrowed("https://api.github.com/user"),
        scopes: "user:email",
        authentication: Authentication::Body,
        takes_proof_key: true,
        takes_secret_proof: false,
        tells_groups: false,
        profile: profile::of_github,
        addresses: Some((
            Cow::Borrowed("https://api.github.com/user/emails"),
            AddressList {
                within: "",
                primary: "primary",
                verified: "verified",
            },
        )),
    },
    Vendor {
        service_type: "oauth_google",
        label: "Google OAuth",
        description: "OAuth service for supporting Google authentication and API access.",
        name: "google",
        authorize: Cow::Borrowed("https://accounts.google.com/o/oauth2/v2/auth"),
        token: Cow::Borrowed("https://oauth2.googleapis.com/token"),
        user: Cow::Borrowed("https://openidconnect.googleapis.com/v1/userinfo"),
        scopes: "openid profile email",
        authentication: Authentication::Body,
        takes_proof_key: true,
        takes_secret_proof: false,
        tells_groups: true,
        profile: profile::of_claims,
        addresses: None,
    },
    Vendor {
        service_type: "oauth_linkedin",
        label: "LinkedIn OAuth",
        description: "OAuth service for supporting LinkedIn authentication and API access.",
        name: "linkedin",
        authorize: Cow::Borrowed("https://www.linkedin.com/oauth/v2/authorization"),
        token: Cow::Borrowed("https://www.linkedin.com/oauth/v2/accessToken"),
        user: Cow::Borrowed("https://api.linkedin.com/v2/userinfo"),
        scopes: "openid profile email",
        authentication: Authentication::Body,
        // Only of applications without a secret.
        takes_proof_key: false,
        takes_secret_proof: false,
        tells_groups: false,
        profile: profile::of_claims,
        addresses: None,
    },
    MICROSOFT_LIVE,
    Vendor {
        service_type: "oauth_salesforce",
        label: "Salesforce OAuth",
        description: "OAuth service for supporting Salesforce authentication and API access.",
        name: "salesforce",
        authorize: Cow::Borrowed("https://login.salesforce.com/services/oauth2/authorize"),
        token: Cow::Borrowed("https://login.salesforce.com/services/oauth2/token"),
        user: Cow::Borrowed("https://login.salesforce.com/services/oauth2/userinfo"),
        scopes: "openid profile email",
        authentication: Authentication::Body,
        takes_proof_key: true,
        takes_secret_proof: false,
        tells_groups: false,
        profile: profile::of_claims,
        addresses: None,
    },
];
