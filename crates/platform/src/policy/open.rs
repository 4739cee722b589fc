//! The endpoints that need no role: login, logout, registration, password reset, and documents.

use contract::Verb;

/// Which verbs of a resource are open. `None` is any resource of the type.
type Open = (&'static str, Option<&'static str>, &'static [Verb]);

const ALL: &[Verb] = &Verb::GRANTABLE;

/// By service type and resource.
static OPEN: &[Open] = &[
    ("system", Some("admin/session"), ALL),
    ("system", Some("admin/password"), &[Verb::Post]),
    ("system", Some("environment"), &[Verb::Get]),
    ("user", Some("session"), ALL),
    ("user", Some("password"), &[Verb::Post]),
    ("user", Some("register"), &[Verb::Post]),
    (
        "user",
        Some("profile"),
        &[Verb::Get, Verb::Post, Verb::Put, Verb::Patch],
    ),
    ("swagger", None, &[Verb::Get]),
];

/// The resources of login services at which browsers come back: they cannot bring credentials of ours, and what they
/// bring is proven there. Nothing else of these services is open.
static LOGIN: &[(&str, &[Verb])] = &[
    ("sso", &[Verb::Get, Verb::Post]),
    ("acs", &[Verb::Post]),
    ("metadata", &[Verb::Get]),
];

/// Whether anybody may call this. The service itself then answers by who is calling. The path has no slashes at
/// its ends and is compared whole, without case.
pub fn is_open(kind: &str, path: &str, verb: Verb) -> bool {
    let listed = |(of, resource, verbs): &Open| {
        *of == kind && resource.is_none_or(|r| r.eq_ignore_ascii_case(path)) && verbs.contains(&verb)
    };
    let of_login =
        |(resource, verbs): &(&str, &[Verb])| resource.eq_ignore_ascii_case(path) && verbs.contains(&verb);
    // A callback is a path of `user` too, for providers that were told such an address.
    let is_callback = kind == "user" && verb == Verb::Get && is_callback(path);
    OPEN.iter().any(listed) || is_callback || (is_login(kind) && LOGIN.iter().any(of_login))
}

/// Whether this is the type of a login service, by the form of its name.
pub(crate) fn is_login(kind: &str) -> bool {
    kind == "oidc" || kind.starts_with("oauth_") || kind.ends_with("saml") || kind.ends_with("_sso")
}

/// `session/{service}`.
fn is_callback(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts[..], [head, service] if head.eq_ignore_ascii_case("session") && !service.is_empty())
}
