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

/// Whether anybody may call this. The service itself then answers by who is calling. The path has no slashes at
/// its ends and is compared whole, without case.
pub fn is_open(service: &str, kind: &str, path: &str, verb: Verb) -> bool {
    let listed = |(of, resource, verbs): &Open| {
        *of == kind && resource.is_none_or(|r| r.eq_ignore_ascii_case(path)) && verbs.contains(&verb)
    };
    OPEN.iter().any(listed)
        // What a login provider calls back cannot bring credentials of ours. The type is asked as well, so that the
        // name of, say, a database cannot open it.
        || (kind.starts_with("oauth") && service.to_ascii_lowercase().ends_with("_oauth") && ALL.contains(&verb))
}
