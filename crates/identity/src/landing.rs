//! Where browsers are led when a login is over.

use contract::{Problem, Request, Response, Settings};
use url::Url;

/// The cookie by which a browser shows that it began a login.
pub(crate) use contract::LOGIN_COOKIE as COOKIE;

/// The address that a client wants browsers to be led to, if that may be: https (http only while debugging), and at a
/// host of `OAUTH_ALLOWED_REDIRECT_DOMAINS`, or of `APP_URL` where that is empty. What may not be is no error.
pub(crate) fn allowed(wanted: &str, settings: &Settings) -> Option<String> {
    let url = Url::parse(wanted).ok()?;
    let secure = url.scheme() == "https" || (settings.app_debug && url.scheme() == "http");
    let host = url.host_str()?.to_ascii_lowercase();
    let plain = url.username().is_empty() && url.password().is_none();
    let mut patterns = settings
        .oauth_redirect_domains
        .split(',')
        .map(str::trim)
        .filter(|pattern| !pattern.is_empty())
        .peekable();
    let known = match patterns.peek() {
        None => Url::parse(&settings.app_url).is_ok_and(|own| own.host_str() == Some(&host)),
        Some(_) => patterns.any(|pattern| fits(pattern, &host)),
    };
    // As the parser wrote it, so that no browser reads another host out of it.
    (secure && plain && known).then(|| url.to_string())
}

/// Whether a host is the one of a pattern; `*.` at its beginning stands for the names below it.
fn fits(pattern: &str, host: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    match pattern.strip_prefix("*.") {
        Some(domain) => host
            .strip_suffix(domain)
            .is_some_and(|before| before.len() > 1 && before.ends_with('.')),
        None => pattern == host,
    }
}

/// An address with one more parameter in its query.
pub fn with_parameter(address: &str, name: &str, value: &str) -> String {
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let (before, fragment) = match address.split_once('#') {
        Some((before, fragment)) => (before, format!("#{fragment}")),
        None => (address, String::new()),
    };
    let mark = if before.contains('?') { '&' } else { '?' };
    format!("{before}{mark}{name}={value}{fragment}")
}

/// Leads a browser to an address. Nobody keeps that, and the next page is not told where it came from: there may be a
/// session in it.
pub fn redirect(address: String) -> Response {
    let header = |name: &str, value: String| (name.to_owned(), value);
    Response {
        status: 302,
        headers: vec![
            header("location", address),
            header("cache-control", "no-store".into()),
            header("referrer-policy", "no-referrer".into()),
        ],
        body: contract::Body::Empty,
    }
}

/// The sign that the browser of a request showed.
pub(crate) fn shown(request: &Request) -> Option<&str> {
    let cookies = request.headers.iter().filter(|(name, _)| name == "cookie");
    cookies
        .flat_map(|(_, value)| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
        .filter(|sign| !sign.is_empty())
}

/// The header that gives a browser its sign. Only this instance sees it, and no script; it comes along when a provider
/// leads the browser back, and with nothing that another page sends on its own.
pub(crate) fn cookie(sign: &str, request: &Request, settings: &Settings) -> (String, String) {
    let secure = if request.base_url.starts_with("https:") {
        "; Secure"
    } else {
        ""
    };
    (
        "set-cookie".to_owned(),
        format!(
            "{COOKIE}={sign}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
            settings.oauth_cache_ttl
        ),
    )
}

/// Refuses a browser that did not begin what it ends: somebody else's login must not become this browser's session.
/// What is no browser shows nothing and cannot be led astray; browsers all say what they are.
pub(crate) fn same_browser(begun: Option<&str>, request: &Request) -> Result<(), Problem> {
    let is_browser = request.header("sec-fetch-mode").is_some()
        || request
            .header("user-agent")
            .is_some_and(|agent| agent.trim_start().starts_with("Mozilla/"));
    match (begun, shown(request)) {
        (Some(begun), Some(shown)) if begun == shown => Ok(()),
        (_, None) if !is_browser => Ok(()),
        _ => Err(Problem::unauthorized("Invalid state")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(domains: &str, debug: bool) -> Settings {
        let mut settings = Settings::read(|_| None).unwrap();
        settings.oauth_redirect_domains = domains.into();
        settings.app_debug = debug;
        settings.app_url = "https://own.example".into();
        settings
    }

    #[test]
    fn only_allowed_hosts_are_led_to() {
        let own = settings("", false);
        assert_eq!(
            allowed("https://own.example/a?b#c", &own).as_deref(),
            Some("https://own.example/a?b#c")
        );
        for bad in [
            "http://own.example/",
            "https://other.example/",
            "https://own.example.evil.example/",
            "https://own.example@evil.example/",
            "https://evil.example\\@own.example/",
            "https://user@own.example/",
            "javascript:alert(1)//own.example",
            "//own.example/",
            "/relative",
            "",
        ] {
            assert_eq!(allowed(bad, &own), None, "{bad}");
        }
        assert!(allowed("http://own.example/", &settings("", true)).is_some());
        let listed = settings("app.example, *.apps.example", false);
        assert!(allowed("https://APP.example/", &listed).is_some());
        assert!(allowed("https://a.b.apps.example/", &listed).is_some());
        for bad in [
            "https://own.example/",
            "https://apps.example/",
            "https://evilapps.example/",
        ] {
            assert_eq!(allowed(bad, &listed), None, "{bad}");
        }
    }

    #[test]
    fn a_parameter_is_added_before_the_fragment() {
        assert_eq!(with_parameter("/", "jwt", "a.b"), "/?jwt=a.b");
        assert_eq!(
            with_parameter("/x?y=1#/z", "error", "a&b"),
            "/x?y=1&error=a%26b#/z"
        );
    }
}
