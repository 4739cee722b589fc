//! Signatures of calls, version 4: a digest of the call under a key that holds for a day, a region and a service.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What a signature is made of.
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    /// Path without a query, of signs that need no encoding.
    pub(crate) path: &'a str,
    pub(crate) body: &'a [u8],
}

/// With what, and for what, calls are signed.
pub(crate) struct Signer<'a> {
    pub(crate) key: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// The headers that a call needs beside `host`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    /// `x-amz-date`.
    pub(crate) date: String,
    /// `authorization`.
    pub(crate) authorization: String,
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("keys of any length are taken");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

impl Signer<'_> {
    /// Signs a call at a moment.
    pub(crate) fn sign(&self, call: &Call<'_>, now: DateTime<Utc>) -> Signed {
        let date = now.format("%Y%m%dT%H%M%SZ").to_string();
        let day = now.format("%Y%m%d").to_string();
        let canonical = format!(
            "{}\n{}\n\nhost:{}\nx-amz-date:{date}\n\nhost;x-amz-date\n{}",
            call.method,
            call.path,
            call.host,
            hex::encode(Sha256::digest(call.body)),
        );
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let text = format!(
            "AWS4-HMAC-SHA256\n{date}\n{scope}\n{}",
            hex::encode(Sha256::digest(canonical))
        );
        let begin = mac(format!("AWS4{}", self.secret).as_bytes(), &day);
        let key = [self.region, self.service, "aws4_request"]
            .iter()
            .fold(begin, |key, part| mac(&key, part));
        let signature = hex::encode(mac(&key, &text));
        Signed {
            date,
            authorization: format!(
                "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders=host;x-amz-date, Signature={signature}",
                self.key
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example `get-vanilla` of the published test suite.
    #[test]
    fn signatures_are_those_of_the_published_examples() {
        let signer = Signer {
            key: "AKIDEXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            region: "us-east-1",
            service: "service",
        };
        let call = Call {
            method: "GET",
            host: "example.amazonaws.com",
            path: "/",
            body: b"",
        };
        let now = DateTime::parse_from_rfc3339("2015-08-30T12:36:00Z")
            .unwrap()
            .to_utc();
        let signed = signer.sign(&call, now);
        assert_eq!(signed.date, "20150830T123600Z");
        assert_eq!(
            signed.authorization,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
    }
}
