//! Who somebody is, as a provider describes it.

use contract::Value;
use identity::Identity;

/// The claims of OpenID Connect, in an ID token or from a user-info address; `None` without a `sub`. An address that
/// the provider says is not verified is left out: whoever typed it in need not own it.
pub(crate) fn of_claims(claims: &Value) -> Option<Identity> {
    Some(Identity {
        id: text(claims, "sub")?,
        name: text(claims, "name"),
        email: text(claims, "email").filter(|_| !denies_email(claims)),
        nickname: text(claims, "nickname").or_else(|| text(claims, "preferred_username")),
        ..Identity::default()
    })
}

/// `/me` of the Graph API of Facebook, which shows only addresses that were confirmed.
pub(crate) fn of_facebook(user: &Value) -> Option<Identity> {
    Some(Identity {
        id: text(user, "id")?,
        name: text(user, "name"),
        email: text(user, "email"),
        ..Identity::default()
    })
}

/// `/user` of GitHub. The address in it is one that its owner shows to everybody; only verified ones can be.
pub(crate) fn of_github(user: &Value) -> Option<Identity> {
    Some(Identity {
        id: text(user, "id")?,
        name: text(user, "name"),
        email: text(user, "email"),
        nickname: text(user, "login"),
        ..Identity::default()
    })
}

/// `/2.0/user` of Bitbucket, which holds no address.
pub(crate) fn of_bitbucket(user: &Value) -> Option<Identity> {
    Some(Identity {
        id: text(user, "uuid")?.trim_matches(['{', '}']).to_owned(),
        name: text(user, "display_name"),
        nickname: text(user, "nickname").or_else(|| text(user, "username")),
        ..Identity::default()
    })
}

/// `/me` of Microsoft Graph. `mail` is what an administrator of some tenant typed in; the principal name lies in a
/// domain that the tenant has proved to be its own.
pub(crate) fn of_graph(user: &Value) -> Option<Identity> {
    Some(Identity {
        id: text(user, "id")?,
        name: text(user, "displayName"),
        email: text(user, "userPrincipalName").filter(|name| name.contains('@')),
        ..Identity::default()
    })
}

/// An ID token of Microsoft's, whose `email` is what somebody typed in, too.
pub(crate) fn of_microsoft_claims(claims: &Value) -> Option<Identity> {
    let principal = text(claims, "upn").or_else(|| text(claims, "preferred_username"));
    Some(Identity {
        id: text(claims, "oid").or_else(|| text(claims, "sub"))?,
        name: text(claims, "name"),
        email: principal.filter(|name| name.contains('@')),
        ..Identity::default()
    })
}

/// `account/verify_credentials` of Twitter, which shows only addresses that were confirmed.
pub(crate) fn of_twitter(user: &Value) -> Option<Identity> {
    Some(Identity {
        id: text(user, "id_str").or_else(|| text(user, "id"))?,
        name: text(user, "name"),
        email: text(user, "email"),
        nickname: text(user, "screen_name"),
        ..Identity::default()
    })
}

/// How a provider lists somebody's addresses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddressList {
    /// The member that holds the list; empty where the answer is the list.
    pub(crate) within: &'static str,
    /// The member of an entry that is true for the one address that counts.
    pub(crate) primary: &'static str,
    /// The member of an entry that is true for addresses that are known to be theirs.
    pub(crate) verified: &'static str,
}

impl AddressList {
    /// The address that counts, if it is verified.
    pub(crate) fn primary(&self, answer: &Value) -> Option<String> {
        let list = match self.within {
            "" => answer,
            member => answer.get(member)?,
        };
        let is = |entry: &Value, member: &str| entry.get(member).and_then(Value::as_bool) == Some(true);
        let counts = |entry: &&Value| is(entry, self.primary) && is(entry, self.verified);
        list.as_array()?
            .iter()
            .find(counts)
            .and_then(|entry| text(entry, "email"))
    }
}

/// A member that is text or a number, and not blank.
fn text(of: &Value, member: &str) -> Option<String> {
    let value = match of.get(member)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!value.is_empty()).then_some(value)
}

/// Whether claims say that their address is not verified. Some providers write that as text.
pub(crate) fn denies_email(claims: &Value) -> bool {
    match claims.get("email_verified") {
        None | Some(Value::Null | Value::Bool(true)) => false,
        Some(Value::String(text)) => !text.eq_ignore_ascii_case("true"),
        Some(_) => true,
    }
}
