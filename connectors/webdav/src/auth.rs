//! Logging in, call by call.

use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use parking_lot::Mutex;
use reqwest::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use reqwest::{RequestBuilder, Response, Url};
use std::borrow::Cow;

/// How one logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// As the server wants it.
    Asked,
    /// By name and password in clear.
    Basic,
    /// By a digest of them.
    Digest,
}

/// Who logs in, and what the server has said of how.
pub(crate) struct Auth {
    login: Option<(String, String)>,
    scheme: Scheme,
    state: Mutex<State>,
}

/// What the next call brings.
enum State {
    Nothing,
    Basic,
    Digest(Box<WwwAuthenticateHeader>),
}

impl Auth {
    pub(crate) fn new(login: Option<(String, String)>, scheme: Scheme) -> Auth {
        let state = match scheme {
            Scheme::Basic => State::Basic,
            Scheme::Asked | Scheme::Digest => State::Nothing,
        };
        Auth {
            login,
            scheme,
            state: Mutex::new(state),
        }
    }

    /// Whether a server may still have a word to say before it takes what is sent. Contents are sent once, so that is
    /// asked before.
    pub(crate) fn is_asked_before(&self) -> bool {
        self.login.is_some() && !matches!(*self.state.lock(), State::Basic)
    }

    /// Adds what the server wants to see.
    pub(crate) fn apply(&self, request: RequestBuilder, method: &str, address: &str) -> RequestBuilder {
        let Some((user, password)) = &self.login else {
            return request;
        };
        match &mut *self.state.lock() {
            State::Nothing => request,
            State::Basic => request.basic_auth(user, Some(password)),
            State::Digest(challenge) => {
                let path = Url::parse(address)
                    .map(|url| url.path().to_owned())
                    .unwrap_or_default();
                let method = HttpMethod(Cow::Owned(method.to_owned()));
                let context = AuthContext::new_with_method(user, password, &path, None::<&[u8]>, method);
                match challenge.respond(&context) {
                    Ok(answer) => request.header(AUTHORIZATION, answer.to_string()),
                    Err(_) => request,
                }
            }
        }
    }

    /// Takes up how the server wants it, from an answer with 401; false when it cannot be done, or has been already.
    pub(crate) fn learn(&self, refused: &Response) -> bool {
        if self.login.is_none() || self.scheme == Scheme::Basic {
            return false;
        }
        let offers = refused.headers().get_all(WWW_AUTHENTICATE).iter();
        let offers: Vec<&str> = offers.filter_map(|offer| offer.to_str().ok()).collect();
        let begins = |offer: &&&str, scheme: &str| {
            let start = offer.trim_start().get(..scheme.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        let digest = offers.iter().find(|offer| begins(offer, "digest "));
        let mut state = self.state.lock();
        if let Some(challenge) = digest.and_then(|offer| digest_auth::parse(offer).ok()) {
            // The same login for a fresh challenge would be refused again, unless the old one was too old.
            let is_refused = matches!(*state, State::Digest(_)) && !challenge.stale;
            *state = State::Digest(Box::new(challenge));
            return !is_refused;
        }
        let is_new = matches!(*state, State::Nothing);
        let is_basic = self.scheme == Scheme::Asked && offers.iter().any(|offer| begins(&offer, "basic"));
        if is_new && is_basic {
            *state = State::Basic;
        }
        is_new && is_basic
    }
}
