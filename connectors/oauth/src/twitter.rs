//! Logins at Twitter, by OAuth 1.0a (RFC 5849): what the browser is sent with is asked for before it goes.

use crate::backchannel::{self, Backchannel};
use crate::grant::Client;
use crate::profile;
use crate::signature::{self, Question, Secrets};
use async_trait::async_trait;
use contract::{Params, Problem, Value};
use identity::{Attempt, Identity, Provider, Token};
use reqwest::RequestBuilder;
use std::collections::HashMap;
use url::{Url, form_urlencoded};

/// Name of the service type.
pub(crate) const SERVICE_TYPE: &str = "oauth_twitter";
/// Label of the service type.
pub(crate) const LABEL: &str = "Twitter OAuth";
/// What the service type is.
pub(crate) const DESCRIPTION: &str = "OAuth service for supporting Twitter authentication and API access.";
/// Name in the records of users.
pub(crate) const NAME: &str = "twitter";

const SERVER: &str = "https://api.x.com";
/// What is asked about a user: everything but what they wrote.
const USER: [(&str, &str); 3] = [
    ("include_email", "true"),
    ("include_entities", "false"),
    ("skip_status", "true"),
];

/// Logins with one client.
pub(crate) struct Twitter {
    client: Client,
    backchannel: Backchannel,
    server: String,
}

/// A token and what signs for it.
struct Signer<'a> {
    token: Option<&'a str>,
    secret: &'a str,
}

const NOBODY: Signer<'_> = Signer {
    token: None,
    secret: "",
};

impl Twitter {
    /// Does not connect.
    pub(crate) fn new(client: Client) -> Result<Twitter, Problem> {
        Twitter::at(SERVER.to_owned(), client)
    }

    /// The same at another server.
    pub(crate) fn at(server: String, client: Client) -> Result<Twitter, Problem> {
        Ok(Twitter {
            client,
            backchannel: Backchannel::new()?,
            server,
        })
    }

    /// A signed question. `own` are its values of the protocol besides those that all have.
    fn signed(
        &self,
        mut question: RequestBuilder,
        of: &Question<'_>,
        signer: &Signer<'_>,
        own: &[(&str, &str)],
    ) -> Result<RequestBuilder, Problem> {
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).map_err(|e| Problem::internal(e.to_string()))?;
        let nonce = hex::encode(random);
        let now = chrono::Utc::now().timestamp().to_string();
        let mut values = vec![
            ("oauth_consumer_key", self.client.id.as_str()),
            ("oauth_nonce", &nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &now),
            ("oauth_version", "1.0"),
        ];
        values.extend(signer.token.map(|token| ("oauth_token", token)));
        values.extend(own);
        let secrets = Secrets {
            client: &self.client.secret,
            token: signer.secret,
        };
        let signature = of.signature(&values, &secrets);
        values.push(("oauth_signature", &signature));
        if !of.values.is_empty() {
            question = question.query(of.values);
        }
        Ok(question.header(reqwest::header::AUTHORIZATION, signature::header(&values)))
    }

    /// Asks for a token at a path of the server.
    async fn token(
        &self,
        path: &str,
        signer: &Signer<'_>,
        own: &[(&str, &str)],
    ) -> Result<HashMap<String, String>, Problem> {
        let address = format!("{}{path}", self.server);
        let of = Question {
            verb: "POST",
            address: &address,
            values: &[],
        };
        let question = self.signed(self.backchannel.post(&address), &of, signer, own)?;
        let answer = backchannel::body(question).await?;
        Ok(form_urlencoded::parse(&answer).into_owned().collect())
    }
}

#[async_trait]
impl Provider for Twitter {
    async fn begin(&self, attempt: &mut Attempt) -> Result<String, Problem> {
        let own = [("oauth_callback", self.client.redirect_url.as_str())];
        let mut answer = self.token("/oauth/request_token", &NOBODY, &own).await?;
        let (Some(token), Some(secret)) = (answer.remove("oauth_token"), answer.remove("oauth_token_secret"))
        else {
            return Err(backchannel::unreadable("there is no request token in the answer"));
        };
        let mut address = Url::parse(&self.server).map_err(Problem::internal)?;
        address.set_path("/oauth/authenticate");
        address.query_pairs_mut().append_pair("oauth_token", &token);
        attempt.state = token;
        attempt.secret = Some(secret);
        Ok(address.into())
    }

    async fn finish(&self, attempt: &Attempt, callback: &Params) -> Result<Identity, Problem> {
        let verifier = callback.get("oauth_verifier").filter(|sent| !sent.is_empty());
        let verifier = verifier.ok_or_else(|| Problem::unauthorized("The login provider sent no code."))?;
        let begun = Signer {
            token: Some(&attempt.state),
            secret: attempt.secret.as_deref().unwrap_or_default(),
        };
        let own = [("oauth_verifier", verifier)];
        let answer = self.token("/oauth/access_token", &begun, &own).await?;
        let (Some(token), Some(secret)) = (answer.get("oauth_token"), answer.get("oauth_token_secret"))
        else {
            return Err(backchannel::refused());
        };
        let address = format!("{}/1.1/account/verify_credentials.json", self.server);
        let of = Question {
            verb: "GET",
            address: &address,
            values: &USER,
        };
        let signer = Signer {
            token: Some(token),
            secret,
        };
        let question = self.signed(self.backchannel.get(&address), &of, &signer, &[])?;
        let user = backchannel::json(question).await?;
        let mut identity = profile::of_twitter(&user)
            .ok_or_else(|| backchannel::unreadable("the answer about the user has no id"))?;
        identity
            .shown
            .insert("oauth_token".to_owned(), token.clone().into());
        identity.token = Some(Token {
            token: token.clone(),
            response: answer
                .iter()
                .map(|(name, value)| (name.clone(), Value::from(value.clone())))
                .collect(),
        });
        Ok(identity)
    }

    async fn check(&self) -> Result<(), Problem> {
        self.backchannel.reach(&self.server).await
    }
}
