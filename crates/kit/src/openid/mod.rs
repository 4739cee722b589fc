//! A provider of OpenID Connect in the test's process: it speaks the protocol over HTTP and signs with real keys, and
//! can be told to do it wrong, which no honest provider can.

mod certified;
mod signer;

pub use certified::CertifiedProvider;
pub use signer::Signature;

use crate::{Asked, Client, RemoteServer, Reply};
use parking_lot::Mutex;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};
use signer::{Keys, encoded};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;
use url::Url;

/// What the provider does.
#[derive(Debug, Clone)]
pub struct Ways {
    /// How ID tokens are signed; none where no ID token is given.
    pub signature: Option<Signature>,
    /// Claims of ID tokens besides or instead of the right ones; null takes one away.
    pub claims: Value,
    /// What the user-info address tells.
    pub user: Value,
    /// Members of the discovery document besides or instead of the right ones; null takes one away.
    pub discovery: Value,
}

/// A running provider with one client.
pub struct OpenIdProvider {
    server: RemoteServer,
    ways: Arc<Mutex<Ways>>,
}

impl OpenIdProvider {
    /// The client that it knows.
    pub const CLIENT: &'static str = "dreamwright";
    /// Its secret.
    pub const SECRET: &'static str = "the secret of the client";
    /// The user's token.
    pub const TOKEN: &'static str = "the access token";

    /// Starts one that does everything right.
    pub fn start() -> OpenIdProvider {
        let ways = Arc::new(Mutex::new(Ways {
            signature: Some(Signature::Rs256),
            claims: json!({}),
            user: json!({"sub": "248289761001", "name": "Jane Doe", "email": "jane@example.com"}),
            discovery: json!({}),
        }));
        let (keys, codes, own) = (Keys::new(), Mutex::default(), Arc::clone(&ways));
        let server = RemoteServer::start(move |asked| {
            let ways = own.lock().clone();
            answer(asked, &ways, &keys, &codes)
        });
        OpenIdProvider { server, ways }
    }

    /// The address of its discovery document.
    pub fn discovery(&self) -> String {
        self.url("/.well-known/openid-configuration")
    }

    /// The address of a path of it: `/authorize`, `/token`, `/user`, `/keys`.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url())
    }

    /// Changes what it does.
    pub fn change(&self, change: impl FnOnce(&mut Ways)) {
        change(&mut self.ways.lock());
    }

    /// What it was asked since the last time this was called.
    pub fn asked(&self) -> Vec<Asked> {
        self.server.asked()
    }

    /// Logs in as a browser that was sent to an address of it does, and returns where it sends the browser then.
    pub async fn log_in(&self, address: &str) -> Url {
        let path = address
            .strip_prefix(&self.url(""))
            .expect("the address is the provider's");
        let answer = Client::new(self.server.address()).get(path).await;
        assert_eq!(answer.status, 302, "{}", answer.text());
        Url::parse(answer.header("location")).expect("a browser is sent to an address")
    }
}

/// What a code was given for.
type Codes = Mutex<HashMap<String, HashMap<String, String>>>;

fn answer(asked: &Asked, ways: &Ways, keys: &Keys, codes: &Codes) -> Reply {
    let base = format!("http://{}", asked.header("host"));
    match asked.path() {
        "/.well-known/openid-configuration" => changed(
            json!({"issuer": base, "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": format!("{base}/token"), "userinfo_endpoint": format!("{base}/user"),
                "jwks_uri": format!("{base}/keys"), "scopes_supported": ["openid", "email", "profile", "phone"],
                "token_endpoint_auth_methods_supported": ["client_secret_post"]}),
            &ways.discovery,
        )
        .into(),
        "/keys" => keys.published().into(),
        "/user" if asked.header("authorization") == format!("Bearer {}", OpenIdProvider::TOKEN) => {
            ways.user.clone().into()
        }
        "/authorize" => begun(asked.values(), codes),
        "/token" => redeemed(asked, &base, ways, keys, codes),
        _ => refused("invalid_request"),
    }
}

/// Sends the browser back with a code.
fn begun(sent: HashMap<String, String>, codes: &Codes) -> Reply {
    let value = |name: &str| sent.get(name).cloned().unwrap_or_default();
    let is_right = value("client_id") == OpenIdProvider::CLIENT
        && value("response_type") == "code"
        && value("code_challenge_method") == "S256"
        && value("scope").split(' ').any(|scope| scope == "openid");
    let (true, Ok(mut back)) = (is_right, Url::parse(&value("redirect_uri"))) else {
        return refused("invalid_request");
    };
    let mut codes = codes.lock();
    let code = format!("code{}", codes.len() + 1);
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &value("state"));
    codes.insert(code, sent);
    Reply {
        status: 302,
        headers: vec![("location".to_owned(), back.into())],
        body: Vec::new(),
    }
}

/// Makes a code a token, once.
fn redeemed(asked: &Asked, base: &str, ways: &Ways, keys: &Keys, codes: &Codes) -> Reply {
    let sent = asked.values();
    let value = |name: &str| sent.get(name).map_or("", String::as_str);
    // The place is left, so that the next code is another.
    let begun = codes
        .lock()
        .get_mut(value("code"))
        .map(std::mem::take)
        .unwrap_or_default();
    let challenge = encoded(digest(&SHA256, value("code_verifier").as_bytes()).as_ref());
    let is_right = value("grant_type") == "authorization_code"
        && (value("client_id"), value("client_secret")) == (OpenIdProvider::CLIENT, OpenIdProvider::SECRET)
        && begun
            .get("redirect_uri")
            .is_some_and(|to| to == value("redirect_uri"))
        && begun.get("code_challenge") == Some(&challenge);
    if !is_right {
        return refused("invalid_grant");
    }
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let claims = changed(
        json!({"iss": base, "sub": "248289761001", "aud": OpenIdProvider::CLIENT, "iat": now, "exp": now + 300,
            "nonce": begun.get("nonce"), "name": "Jane Doe", "email": "jane@example.com"}),
        &ways.claims,
    );
    let mut granted =
        json!({"access_token": OpenIdProvider::TOKEN, "token_type": "Bearer", "expires_in": 300});
    if let Some(signature) = ways.signature {
        granted["id_token"] = keys.sign(&claims, signature, OpenIdProvider::SECRET).into();
    }
    granted.into()
}

fn changed(mut object: Value, by: &Value) -> Value {
    let by: Map<String, Value> = by.as_object().cloned().unwrap_or_default();
    for (name, value) in by {
        object[name] = value;
    }
    if let Some(object) = object.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    object
}

fn refused(error: &str) -> Reply {
    Reply {
        status: 400,
        ..Reply::from(json!({"error": error, "error_description": "the provider's own words"}))
    }
}
