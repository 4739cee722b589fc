//! Where calls go: the base URL, and paths below it.

use contract::{Problem, Value};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

/// Signs that stand in a segment of a path as they are.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The root of the other server's API.
#[derive(Debug, Clone)]
pub(crate) struct Base(Url);

impl Base {
    /// Reads a base URL. Fails with 400 when it is none of the web.
    pub(crate) fn parse(text: &str) -> Result<Base, Problem> {
        let wrong = || {
            Problem::bad_request(
                "The base URL of an HTTP service must be an address such as https://example.com/api.",
            )
        };
        let mut url = Url::parse(text).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        url.set_fragment(None);
        Ok(Base(url))
    }

    /// The base URL of a definition: its first server, or in Swagger 2.0 its host. `None` where it names no host.
    pub(crate) fn of_definition(definition: &Value) -> Option<Base> {
        let text = |name: &str| definition.get(name).and_then(Value::as_str);
        if let Some(server) = definition.pointer("/servers/0/url").and_then(Value::as_str) {
            return Base::parse(server).ok();
        }
        let host = text("host").filter(|host| !host.is_empty())?;
        let scheme = definition.pointer("/schemes/0").and_then(Value::as_str);
        let url = format!(
            "{}://{host}{}",
            scheme.unwrap_or("https"),
            text("basePath").unwrap_or_default()
        );
        Base::parse(&url).ok()
    }

    /// The address of a decoded path below it; the base itself where that is empty.
    ///
    /// Fails with 400 for paths that a server could read as another one.
    pub(crate) fn at(&self, path: &str, always_slash: bool) -> Result<Url, Problem> {
        let mut url = self.0.clone();
        if !path.is_empty() {
            let mut whole = url.path().trim_end_matches('/').to_owned();
            for segment in path.split('/') {
                if !is_plain(segment) {
                    return Err(Problem::bad_request(
                        "The path must not have empty parts, '.', '..', or backslashes in it.",
                    ));
                }
                whole.push('/');
                whole.extend(utf8_percent_encode(segment, PLAIN));
            }
            url.set_path(&whole);
        }
        if always_slash && !url.path().ends_with('/') {
            let whole = format!("{}/", url.path());
            url.set_path(&whole);
        }
        Ok(url)
    }

    /// As text without a login, a query, or a slash at its end.
    pub(crate) fn plain(&self) -> String {
        let path = self.0.path().trim_end_matches('/');
        format!("{}{path}", self.0.origin().ascii_serialization())
    }
}

/// Whether a part of a path is what it looks like, whoever reads it.
fn is_plain(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..") && !segment.contains(|c: char| c == '\\' || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn at(base: &str, path: &str) -> String {
        Base::parse(base).unwrap().at(path, false).unwrap().into()
    }

    #[test]
    fn paths_stay_below_the_base() {
        assert_eq!(at("https://example.com/v1/", ""), "https://example.com/v1/");
        assert_eq!(
            at("https://example.com/v1", "a b/é"),
            "https://example.com/v1/a%20b/%C3%A9"
        );
        assert_eq!(at("http://h:81?key=1", "x"), "http://h:81/x?key=1");
        let base = "https://example.com/v1";
        for path in [
            "@evil.example/x",
            "https:evil",
            "%2e%2e/x",
            "a?b#c",
            "a;b",
            "%2F%2Fevil",
            "x:80",
        ] {
            let url = at(base, path);
            assert!(url.starts_with("https://example.com/v1/"), "{url}");
            let url = Url::parse(&url).unwrap();
            assert!(url.query().is_none() && url.fragment().is_none(), "{url}");
        }
        let base = Base::parse(base).unwrap();
        for path in ["..", "a/../b", "./a", "a//b", "a\\b", "a/\r\nb", "a/."] {
            assert_eq!(base.at(path, false).unwrap_err().status(), 400, "{path}");
        }
        assert_eq!(base.at("a", true).unwrap().as_str(), "https://example.com/v1/a/");
        assert_eq!(base.at("", true).unwrap().as_str(), "https://example.com/v1/");
    }

    #[test]
    fn only_addresses_of_the_web_are_bases() {
        for wrong in [
            "",
            "example.com",
            "ftp://example.com",
            "file:///etc/passwd",
            "http://",
        ] {
            assert!(Base::parse(wrong).is_err(), "{wrong}");
        }
        let base = Base::parse("https://me:pw@example.com:8443/v1/?key=2").unwrap();
        assert_eq!(base.plain(), "https://example.com:8443/v1");
    }

    #[test]
    fn definitions_name_a_base() {
        let of = |value: Value| Base::of_definition(&value).map(|base| base.plain());
        let three = json!({"servers": [{"url": "https://example.com/v2"}]});
        assert_eq!(of(three).as_deref(), Some("https://example.com/v2"));
        let two = json!({"host": "example.com", "schemes": ["http"], "basePath": "/v2"});
        assert_eq!(of(two).as_deref(), Some("http://example.com/v2"));
        assert_eq!(of(json!({"servers": [{"url": "/api/v2/x"}]})), None);
        assert_eq!(of(json!({})), None);
    }
}
