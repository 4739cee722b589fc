//! Addresses of the other server, in its answers, as addresses of this service.

/// What is replaced by what.
#[derive(Debug)]
pub(crate) struct Links {
    remote: String,
    own: String,
}

impl Links {
    /// `remote` is the base URL of the other server, `own` that of the service; both without a slash at the end.
    pub(crate) fn new(remote: String, own: String) -> Links {
        Links { remote, own }
    }

    /// The text with every address at or below the other server's base replaced; also where JSON writes its slashes
    /// with a backslash before them.
    pub(crate) fn replaced(&self, text: &str) -> String {
        let escaped = |text: &str| text.replace('/', "\\/");
        let text = replace(text, &self.remote, &self.own);
        replace(&text, &escaped(&self.remote), &escaped(&self.own))
    }

    /// Where a redirect leads, when that is at or below the other server's base: an address, or a path on its host.
    pub(crate) fn location(&self, to: &str) -> Option<String> {
        let base = reqwest::Url::parse(&self.remote).ok()?;
        let to: String = base.join(to).ok()?.into();
        let rest = to.strip_prefix(&self.remote)?;
        ends_here(rest).then(|| format!("{}{rest}", self.own))
    }
}

fn replace(text: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let after = &rest[at + from.len()..];
        out.push_str(&rest[..at]);
        out.push_str(if ends_here(after) { to } else { from });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Whether an address ends before this, or goes on below it: `https://a/v1` is no part of `https://a/v10`, and
/// `https://a` none of `https://a.example`.
fn ends_here(after: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | '%' | '@' | ':' | '+');
    !after.starts_with(goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_base_are_replaced() {
        let links = Links::new("https://a.example/v1".into(), "http://me/api/v2/svc".into());
        assert_eq!(
            links.replaced(r#"{"next":"https://a.example/v1/x?p=2","j":"https:\/\/a.example\/v1\/y","o":"https://a.example/v10","e":"https://a.example/v1"}"#),
            r#"{"next":"http://me/api/v2/svc/x?p=2","j":"http:\/\/me\/api\/v2\/svc\/y","o":"https://a.example/v10","e":"http://me/api/v2/svc"}"#
        );
        assert_eq!(links.location("/v1/b").as_deref(), Some("http://me/api/v2/svc/b"));
        assert_eq!(
            links.location("https://a.example/v1?x").as_deref(),
            Some("http://me/api/v2/svc?x")
        );
        for elsewhere in [
            "/v2",
            "//evil.example/v1",
            "https://evil.example",
            "http://a.example/v1",
        ] {
            assert_eq!(links.location(elsewhere), None, "{elsewhere}");
        }
    }
}
