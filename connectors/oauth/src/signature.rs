//! Signatures of OAuth 1.0a (RFC 5849, section 3.4), with the method HMAC-SHA1.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;

/// What is not written as it is.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The two secrets behind a signature.
pub(crate) struct Secrets<'a> {
    pub(crate) client: &'a str,
    /// Empty before there is a token.
    pub(crate) token: &'a str,
}

/// Something that is about to be asked.
pub(crate) struct Question<'a> {
    pub(crate) verb: &'a str,
    /// Without a query.
    pub(crate) address: &'a str,
    /// All its values, those of the query too.
    pub(crate) values: &'a [(&'a str, &'a str)],
}

impl Question<'_> {
    /// `oauth_signature` of a question that carries these values in its header besides.
    pub(crate) fn signature(&self, header: &[(&str, &str)], secrets: &Secrets<'_>) -> String {
        let mut pairs: Vec<(String, String)> = self
            .values
            .iter()
            .chain(header)
            .map(|(name, value)| (encoded(name), encoded(value)))
            .collect();
        pairs.sort();
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let base = [self.verb, self.address, &pairs.join("&")].map(encoded).join("&");
        let key = format!("{}&{}", encoded(secrets.client), encoded(secrets.token));
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key.as_bytes());
        STANDARD.encode(hmac::sign(&key, base.as_bytes()))
    }
}

/// A header `Authorization` of these values.
pub(crate) fn header(values: &[(&str, &str)]) -> String {
    let values: Vec<String> = values
        .iter()
        .map(|(name, value)| format!("{}=\"{}\"", encoded(name), encoded(value)))
        .collect();
    format!("OAuth {}", values.join(", "))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of X's documentation.
    #[test]
    fn the_documented_example() {
        let question = Question {
            verb: "POST",
            address: "https://api.twitter.com/1.1/statuses/update.json",
            values: &[
                ("status", "Hello Ladies + Gentlemen, a signed OAuth request!"),
                ("include_entities", "true"),
            ],
        };
        let header = [
            ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
            ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "1318622958"),
            (
                "oauth_token",
                "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
            ),
            ("oauth_version", "1.0"),
        ];
        let secrets = Secrets {
            client: "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
            token: "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE",
        };
        assert_eq!(
            question.signature(&header, &secrets),
            "hCtSmYh+iHYCEqBWrE7C7hYmtUk="
        );
        assert_eq!(
            super::header(&[("oauth_token", "a b"), ("oauth_version", "1.0")]),
            "OAuth oauth_token=\"a%20b\", oauth_version=\"1.0\""
        );
    }
}
