//! Single sign-on from the dashboard of a platform for add-ons: the service type `heroku_addon_sso`.
//!
//! Invariants: who comes has a token that only somebody with the secret can have made, and that is five minutes old at
//! most. They become administrators of their own: the address that comes along is not part of the token, so it names
//! nobody who logs in with a password or at another service.
#![cfg_attr(test, allow(clippy::unwrap_used))]

use async_trait::async_trait;
use chrono::Utc;
use contract::{
    BuildContext, Caller, ConfigDefault, ConfigField, ConfigKind, ConfigSpec, Endpoint, Method, Operation,
    Origin, Params, Problem, Request, Response, Service, ServiceType, Value, Verb,
};
use identity::{Accounts, Admission, Column, Identity};
use sha1::{Digest, Sha1};
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Seconds for which a token is good.
const GOOD_FOR: i64 = 300;
/// Seconds by which the clocks of two machines may differ.
const CLOCK_SKEW: i64 = 60;
/// Most bytes of a file that holds the secret.
const MOST: u64 = 65_536;

const CONFIG: &[ConfigField] = &[
    ConfigField {
        required: true,
        secret: true,
        ..ConfigField::optional(
            "secret",
            "Secret",
            ConfigKind::SecretText,
            "Salt that will be used to verify the token",
        )
    },
    ConfigField {
        default: ConfigDefault::Text("string"),
        ..ConfigField::optional(
            "secret_type",
            "Secret type",
            ConfigKind::Picklist(&[
                ("string", "STRING"),
                ("file", "FILE"),
                ("environment", "ENVIRONMENT"),
            ]),
            "Define how to use secret value",
        )
    },
];

const fn sso(verb: Verb, id: &'static str) -> Method {
    Method::new(verb, id, "Logs in who comes from the dashboard.", &[]).without_event()
}

static ENDPOINTS: &[Endpoint] = &[Endpoint {
    name: "sso",
    path: "sso",
    methods: &[sso(Verb::Get, "get{S}Sso"), sso(Verb::Post, "post{S}Sso")],
}];

/// The service type `heroku_addon_sso`.
pub fn service_type(accounts: &Arc<dyn Accounts>) -> ServiceType {
    let accounts = Arc::clone(accounts);
    ServiceType {
        name: "heroku_addon_sso",
        label: "Heroku Add-on SSO",
        group: identity::SSO,
        description: "Heroku Add-on SSO service for supporting Heroku Add-on Single Sign-on.",
        singleton: true,
        subscription: None,
        config: ConfigSpec { groups: &[CONFIG] },
        build: Arc::new(move |context: BuildContext| {
            Ok(Arc::new(Dashboard::new(&context, Arc::clone(&accounts))) as Arc<dyn Service>)
        }),
    }
}

/// Where the secret is.
enum Secret {
    /// Here.
    Text(String),
    /// In this file.
    File(String),
    /// In this environment variable.
    Environment(String),
}

struct Dashboard {
    secret: Secret,
    accounts: Arc<dyn Accounts>,
    admission: Admission,
}

impl Dashboard {
    fn new(context: &BuildContext, accounts: Arc<dyn Accounts>) -> Dashboard {
        let text = |name: &str| {
            context
                .config
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let secret = text("secret").to_owned();
        Dashboard {
            secret: match text("secret_type") {
                "file" => Secret::File(secret),
                "environment" => Secret::Environment(secret),
                _ => Secret::Text(secret),
            },
            accounts,
            admission: Admission {
                administrators: true,
                ..Admission::new(context, Column::OauthProvider, "heroku_addon_sso")
            },
        }
    }

    async fn secret(&self) -> Result<String, Problem> {
        let found = match &self.secret {
            Secret::Text(text) => Some(text.clone()),
            Secret::Environment(name) => std::env::var(name).ok(),
            Secret::File(path) => read(path).await,
        };
        // An empty one would let anybody in.
        found
            .map(|secret| secret.trim().to_owned())
            .filter(|secret| !secret.is_empty())
            .ok_or_else(|| Problem::unavailable("The secret of this service cannot be read."))
    }

    /// Who comes, if the token is right.
    async fn proven(&self, sent: &Params) -> Result<Identity, Problem> {
        let text = |name: &str| sent.get(name).map(str::trim).unwrap_or_default();
        let (resource, timestamp) = (text("resource_id"), text("timestamp"));
        let right = token(resource, &self.secret().await?, timestamp);
        if !bool::from(
            right
                .as_bytes()
                .ct_eq(text("resource_token").to_lowercase().as_bytes()),
        ) {
            return Err(Problem::forbidden("Token invalid. Please provide valid token"));
        }
        let age = timestamp
            .parse()
            .map(|then: i64| Utc::now().timestamp().saturating_sub(then));
        if !age.is_ok_and(|age| (-CLOCK_SKEW..=GOOD_FOR).contains(&age)) {
            return Err(Problem::forbidden("Timestamp expired. Please login again"));
        }
        if text("email").is_empty() {
            return Err(Problem::bad_request("The email of who logs in is missing."));
        }
        Ok(Identity {
            id: resource.to_owned(),
            email: Some(text("email").to_owned()),
            ..Identity::default()
        })
    }
}

async fn read(path: &str) -> Option<String> {
    let size = tokio::fs::metadata(path)
        .await
        .ok()
        .filter(|file| file.is_file())?
        .len();
    match size {
        0..=MOST => tokio::fs::read_to_string(path).await.ok(),
        _ => None,
    }
}

/// What a dashboard proves that it knows the secret with.
fn token(resource: &str, secret: &str, timestamp: &str) -> String {
    hex::encode(Sha1::digest(
        format!("{resource}:{secret}:{timestamp}").as_bytes(),
    ))
}

#[async_trait]
impl Service for Dashboard {
    fn endpoints(&self) -> &'static [Endpoint] {
        ENDPOINTS
    }

    async fn names(&self, _: &Endpoint, _: &Caller, _: &Origin) -> Result<Vec<String>, Problem> {
        Ok(Vec::new())
    }

    async fn call(&self, _: Operation, request: Request) -> Result<Response, Problem> {
        let identity = self.proven(&identity::callback(&request)).await?;
        let session = self.accounts.log_in(&request, &self.admission, identity).await?;
        let token = session.get("session_token").and_then(Value::as_str);
        let address = identity::with_parameter("/", "jwt", token.unwrap_or_default());
        Ok(identity::redirect(address))
    }

    async fn check(&self) -> Result<(), Problem> {
        self.secret().await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_made_as_documented() {
        assert_eq!(
            token("1", "salt", "1700000000"),
            "01efab343b479a6fc123bc6b4bd2d3f1c5b99be0"
        );
    }
}
