//! Which part of the house a path is for.

use contract::{Problem, Settings};
use query::parameters::percent_decoded;
use std::borrow::Cow;

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `/`.
    Landing,
    /// `/setup`.
    Setup,
    /// `/live` and `/up`: the process answers.
    Live,
    /// `/ready`: the instance can serve.
    Ready,
    /// The public status.
    Status,
    /// The list of services.
    Index,
    /// A service and what lies below it.
    Service {
        /// Name in lower case.
        name: String,
        /// Decoded path without slashes at the ends and without `..`.
        path: String,
        /// Whether the path ended with a slash.
        trailing_slash: bool,
    },
    /// An address outside of the API: the console's, where there is one, or nothing.
    Page {
        /// Decoded path without slashes at the ends.
        path: String,
    },
    /// Nothing.
    Nowhere,
}

/// Reads the raw path of a request. Fails with 400 when it is not UTF-8 after decoding.
pub fn parse(raw: &str, settings: &Settings) -> Result<Target, Problem> {
    let decoded = percent_decoded(raw)?;
    if decoded.chars().any(char::is_control) {
        return Ok(Target::Nowhere);
    }
    let path = decoded.trim_start_matches('/');
    let whole = path.trim_end_matches('/');
    if let Some(rest) = below(path, settings.api_route_prefix.trim_matches('/')) {
        return Ok(api(rest));
    }
    if whole == settings.status_route_prefix.trim_matches('/') {
        return Ok(Target::Status);
    }
    Ok(match whole {
        "" => Target::Landing,
        "setup" => Target::Setup,
        "live" | "up" => Target::Live,
        "ready" => Target::Ready,
        path => Target::Page {
            path: path.to_owned(),
        },
    })
}

/// What follows `prefix` and a slash; empty when nothing does. An empty prefix makes every path an API path.
fn below<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(prefix)?;
    match prefix.is_empty() || rest.is_empty() {
        true => Some(rest),
        false => rest.strip_prefix('/'),
    }
}

fn api(rest: &str) -> Target {
    let rest = rest.trim_start_matches('/');
    let (first, after) = rest.split_once('/').unwrap_or((rest, ""));
    let (rest, first) = match is_version(first) {
        true => (
            after.trim_start_matches('/'),
            after.trim_start_matches('/').split('/').next().unwrap_or(""),
        ),
        false => (rest, first),
    };
    if first.is_empty() {
        return Target::Index;
    }
    if !first
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    {
        return Target::Nowhere;
    }
    let resource = &rest[first.len()..];
    let confined = match resource.contains("..") {
        true => Cow::Owned(resource.replace("..", "")),
        false => Cow::Borrowed(resource),
    };
    Target::Service {
        name: first.to_ascii_lowercase(),
        path: confined.trim_matches('/').to_owned(),
        trailing_slash: confined.ends_with('/'),
    }
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(path: &str) -> Target {
        parse(path, &Settings::default()).unwrap()
    }

    fn service(name: &str, path: &str, trailing_slash: bool) -> Target {
        Target::Service {
            name: name.into(),
            path: path.into(),
            trailing_slash,
        }
    }

    #[test]
    fn the_api_has_versions_or_none() {
        for index in ["/api", "/api/", "/api/v2", "/api/v2/", "/api/v2.0"] {
            assert_eq!(target(index), Target::Index, "{index}");
        }
        assert_eq!(target("/api/v2/Db"), service("db", "", false));
        assert_eq!(target("/api/db/_table/a/"), service("db", "_table/a", true));
        assert_eq!(
            target("/api/v2/db/_table/Em%20p+x/%C3%A9"),
            service("db", "_table/Em p+x/é", false)
        );
        assert_eq!(target("/api/v2/files/../../etc"), service("files", "etc", false));
        assert_eq!(target("/api/v2/a%20b/x"), Target::Nowhere);
        assert_eq!(target("/api/v2/db/a%00b"), Target::Nowhere);
    }

    #[test]
    fn other_paths() {
        assert_eq!(target("/"), Target::Landing);
        assert_eq!(target("/status"), Target::Status);
        assert_eq!(target("/live"), Target::Live);
        assert_eq!(target("/up"), Target::Live);
        assert_eq!(target("/ready/"), Target::Ready);
        assert_eq!(target("/setup"), Target::Setup);
        let page = |path: &str| Target::Page { path: path.into() };
        assert_eq!(target("/rest/mysql/"), page("rest/mysql"));
        assert_eq!(target("/apish"), page("apish"));
        assert_eq!(target("/a%00b"), Target::Nowhere);
        assert_eq!(
            parse("/api/v2/db/%ff", &Settings::default())
                .unwrap_err()
                .status(),
            400
        );
    }
}
