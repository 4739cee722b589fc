//! A call as a door read it, before anybody knows who is calling.

use contract::{Format, Origin, Params, Payload, Verb};
use std::net::IpAddr;
use std::sync::Arc;

/// A call as a door read it. Credentials are still among the parameters, headers and body.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// The verb, after tunnelling.
    pub verb: Verb,
    /// The service's name as it stands in the path; compared without case.
    pub service: String,
    /// The decoded path below the service, without slashes at the ends.
    pub path: String,
    /// Whether the path ended with a slash.
    pub trailing_slash: bool,
    /// Query parameters.
    pub params: Params,
    /// Headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub payload: Payload,
    /// Where the call comes from.
    pub origin: Origin,
    /// What the caller wants back.
    pub format: Format,
    /// `scheme://host[:port]` under which the caller reached us.
    pub base_url: Arc<str>,
    /// The other end of the connection, for the record.
    pub peer: Option<IpAddr>,
}

impl Incoming {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// A member of the body when the body is an object and the member is text that is not empty.
    pub fn body_text(&self, name: &str) -> Option<&str> {
        match &self.payload {
            Payload::Value(value) => value.get(name).and_then(|v| v.as_str()).filter(|t| !t.is_empty()),
            _ => None,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A call of `service/path` without anything.
    pub(crate) fn call(verb: Verb, target: &str) -> Incoming {
        let (service, path) = target.split_once('/').unwrap_or((target, ""));
        Incoming {
            verb,
            service: service.into(),
            path: path.into(),
            trailing_slash: false,
            params: Params::default(),
            headers: Vec::new(),
            payload: Payload::None,
            origin: Origin::Api,
            format: Format::Json,
            base_url: "http://localhost".into(),
            peer: None,
        }
    }
}
