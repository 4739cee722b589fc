//! The credentials of a call, found and taken out.

use crate::Incoming;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contract::{LOGIN_COOKIE, Verb};

/// Headers that no service gets to see.
const HEADERS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-dreamfactory-api-key",
    "x-dreamfactory-session-token",
    "x-dreamfactory-script-token",
];

/// Query parameters that no service gets to see.
const PARAMETERS: [&str; 3] = ["api_key", "session_token", "script_token"];

/// How the session token of a call is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenUse {
    /// Checked; a bad one refuses the call.
    Checked,
    /// Not looked at: whoever logs in is nobody yet.
    Ignored,
    /// Passed on unchecked: an expired one may still be refreshed.
    Unchecked,
}

/// What a call brought along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credentials<'a> {
    pub(crate) key: Option<&'a str>,
    pub(crate) token: Option<&'a str>,
    pub(crate) token_use: TokenUse,
    /// Login and password; `Some(None)` when they cannot be read.
    pub(crate) basic: Option<Option<(String, String)>>,
}

impl<'a> Credentials<'a> {
    /// Finds them. Of several places the documented first one wins; empty text counts as not sent.
    pub(crate) fn of(call: &'a Incoming) -> Credentials<'a> {
        let query = |name: &str| call.params.get(name);
        let header = |name: &str| call.header(name);
        // A new app's key may be part of its record.
        let is_app = call.service.eq_ignore_ascii_case("system") && starts_with_word(&call.path, "app");
        let key = sent(query("api_key"))
            .or_else(|| sent(header("x-dreamfactory-api-key")))
            .or_else(|| call.body_text("api_key").filter(|_| !is_app));
        let authorization = header("authorization").map(str::trim);
        let token = sent(authorization.and_then(|a| scheme(a, "bearer")))
            .or_else(|| sent(header("x-dreamfactory-session-token")))
            .or_else(|| sent(query("session_token")))
            .or_else(|| call.body_text("session_token"));
        let token_use = token_use(call);
        let wants_basic = token.is_none() && token_use == TokenUse::Checked;
        let basic = authorization
            .and_then(|a| scheme(a, "basic"))
            .filter(|_| wants_basic)
            .map(read_basic);
        Credentials {
            key,
            token,
            token_use,
            basic,
        }
    }
}

/// Takes the credentials out of what services get to see. Of cookies one is left, which is none.
pub(crate) fn remove(call: &mut Incoming) {
    let sign = sign_of_login(call);
    call.headers.retain(|(name, _)| !HEADERS.contains(&name.as_str()));
    if let Some(sign) = sign {
        call.headers.push(("cookie".to_owned(), sign));
    }
    call.params
        .0
        .retain(|(name, _)| !PARAMETERS.contains(&name.as_str()));
}

/// The cookie by which a browser shows that it began a login, as `name=value`.
fn sign_of_login(call: &Incoming) -> Option<String> {
    let cookies = call.headers.iter().filter(|(name, _)| name == "cookie");
    let mut pairs = cookies.flat_map(|(_, value)| value.split(';')).map(str::trim);
    pairs
        .find(|pair| {
            pair.strip_prefix(LOGIN_COOKIE)
                .is_some_and(|rest| rest.starts_with('='))
        })
        .map(str::to_owned)
}

fn sent(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

fn token_use(call: &Incoming) -> TokenUse {
    let at = |service: &str, path: &str| {
        call.service.eq_ignore_ascii_case(service) && call.path.eq_ignore_ascii_case(path)
    };
    let session = at("user", "session") || at("system", "admin/session");
    match call.verb {
        Verb::Post if session => TokenUse::Ignored,
        Verb::Put if session => TokenUse::Unchecked,
        _ => TokenUse::Checked,
    }
}

fn starts_with_word(path: &str, word: &str) -> bool {
    path.split('/')
        .next()
        .is_some_and(|first| first.eq_ignore_ascii_case(word))
}

/// What follows an authorization scheme, whose name is compared without case.
fn scheme<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    let (found, rest) = header.split_once(' ')?;
    found.eq_ignore_ascii_case(name).then(|| rest.trim())
}

fn read_basic(encoded: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (login, password) = text.split_once(':')?;
    Some((login.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incoming::tests::call;
    use contract::Payload;
    use serde_json::json;

    #[test]
    fn the_documented_first_place_wins() {
        let mut call = call(Verb::Get, "db/_table/t");
        call.payload = Payload::Value(json!({"api_key": "k3", "session_token": "t4"}));
        assert_eq!(Credentials::of(&call).key, Some("k3"));
        assert_eq!(Credentials::of(&call).token, Some("t4"));
        call.params.0.push(("session_token".into(), "t3".into()));
        call.headers.push(("x-dreamfactory-api-key".into(), "k2".into()));
        assert_eq!(Credentials::of(&call).key, Some("k2"));
        assert_eq!(Credentials::of(&call).token, Some("t3"));
        call.headers
            .push(("x-dreamfactory-session-token".into(), "t2".into()));
        call.params.0.push(("api_key".into(), "k1".into()));
        assert_eq!(Credentials::of(&call).key, Some("k1"));
        assert_eq!(Credentials::of(&call).token, Some("t2"));
        call.headers.push(("authorization".into(), "BEARER t1".into()));
        assert_eq!(Credentials::of(&call).token, Some("t1"));

        remove(&mut call);
        assert!(call.headers.is_empty() && call.params.0.is_empty());
    }

    #[test]
    fn of_cookies_only_the_sign_of_a_login_is_left() {
        let mut call = call(Verb::Get, "corp/sso");
        let cookies = format!("a=b; {LOGIN_COOKIE}x=no; {LOGIN_COOKIE}=sign; c=d");
        call.headers.push(("cookie".into(), cookies));
        remove(&mut call);
        let left = [("cookie".to_owned(), format!("{LOGIN_COOKIE}=sign"))];
        assert_eq!(call.headers, left);
    }

    #[test]
    fn basic_counts_only_without_a_token() {
        let mut call = call(Verb::Get, "db");
        call.headers
            .push(("authorization".into(), "Basic YTpiOmM=".into()));
        assert_eq!(
            Credentials::of(&call).basic,
            Some(Some(("a".into(), "b:c".into())))
        );
        call.headers
            .push(("x-dreamfactory-session-token".into(), "t".into()));
        assert_eq!(Credentials::of(&call).basic, None);
        call.headers = vec![("authorization".into(), "Basic ???".into())];
        assert_eq!(Credentials::of(&call).basic, Some(None));
    }

    #[test]
    fn session_endpoints_treat_tokens_differently() {
        for (verb, path, expected) in [
            (Verb::Post, "user/session", TokenUse::Ignored),
            (Verb::Post, "SYSTEM/Admin/Session", TokenUse::Ignored),
            (Verb::Put, "system/admin/session", TokenUse::Unchecked),
            (Verb::Delete, "user/session", TokenUse::Checked),
            (Verb::Put, "user/profile", TokenUse::Checked),
            (Verb::Post, "db/session", TokenUse::Checked),
        ] {
            assert_eq!(
                Credentials::of(&call(verb, path)).token_use,
                expected,
                "{verb} {path}"
            );
        }
    }

    #[test]
    fn an_apps_record_may_hold_a_key() {
        let mut call = call(Verb::Post, "system/app");
        call.payload = Payload::Value(json!({"api_key": "new"}));
        assert_eq!(Credentials::of(&call).key, None);
    }
}
