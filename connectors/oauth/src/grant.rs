//! The authorization code grant of OAuth 2 (RFC 6749, section 4.1): a browser brings a code, and the code becomes a
//! token.

use crate::backchannel::{self, Backchannel};
use contract::{Params, Problem, Value};
use identity::{Attempt, Identity, Token};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

/// What this instance is to a provider.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// Where the provider sends browsers back to.
    pub(crate) redirect_url: String,
}

/// How a client shows its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Authentication {
    /// Among the values of a question.
    Body,
    /// In its header.
    Header,
}

/// What a code became.
pub(crate) struct Granted {
    pub(crate) token: String,
    pub(crate) id_token: Option<String>,
    /// The whole answer.
    pub(crate) answer: Value,
}

impl Granted {
    /// Somebody with what was granted in their name.
    pub(crate) fn to(self, mut identity: Identity) -> Identity {
        let shown = [
            ("oauth_token", Some(&self.token)),
            ("id_token", self.id_token.as_ref()),
        ];
        for (name, value) in shown {
            if let Some(value) = value {
                identity.shown.insert(name.to_owned(), value.clone().into());
            }
        }
        identity.token = Some(Token {
            token: self.token,
            response: self.answer,
        });
        identity
    }
}

/// The address that a browser is sent to: `more` are values that only some providers know.
pub(crate) fn address(
    authorize: &str,
    client: &Client,
    scopes: &str,
    attempt: &Attempt,
    more: &[(&str, &str)],
) -> Result<String, Problem> {
    let mut address = Url::parse(authorize).map_err(Problem::internal)?;
    address
        .query_pairs_mut()
        .append_pair("client_id", &client.id)
        .append_pair("redirect_uri", &client.redirect_url)
        .append_pair("scope", scopes)
        .append_pair("response_type", "code")
        .append_pair("state", &attempt.state)
        .extend_pairs(more);
    Ok(address.into())
}

/// The values with which a browser is sent, and a code redeemed, where the provider knows proof keys (RFC 7636): who
/// steals the code cannot use it.
pub(crate) fn challenge(challenge: &str) -> [(&str, &str); 2] {
    [("code_challenge", challenge), ("code_challenge_method", "S256")]
}

/// Makes the code that a browser brought a token. `verifier` belongs to the challenge, where one was sent.
///
/// Fails with 401 when there is no code or the provider does not take it, with 503 when the provider is away.
pub(crate) async fn redeem(
    backchannel: &Backchannel,
    address: &str,
    client: &Client,
    authentication: Authentication,
    callback: &Params,
    verifier: Option<&str>,
) -> Result<Granted, Problem> {
    let code = callback.get("code").filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| Problem::unauthorized("The login provider sent no code."))?;
    let mut values = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", client.redirect_url.as_str()),
    ];
    values.extend(verifier.map(|verifier| ("code_verifier", verifier)));
    let question = backchannel.post(address);
    let question = match authentication {
        Authentication::Header => question.basic_auth(encoded(&client.id), Some(encoded(&client.secret))),
        Authentication::Body => {
            values.extend([
                ("client_id", client.id.as_str()),
                ("client_secret", client.secret.as_str()),
            ]);
            question
        }
    };
    let answer = backchannel::json(question.form(&values)).await?;
    let text = |name: &str| {
        let value = answer.get(name).and_then(Value::as_str);
        value.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    // Some providers refuse with 200.
    let token = text("access_token").ok_or_else(backchannel::refused)?;
    Ok(Granted {
        id_token: text("id_token"),
        token,
        answer,
    })
}

/// In a header, what a client is called must not hold a colon, nor its secret what headers do not.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
