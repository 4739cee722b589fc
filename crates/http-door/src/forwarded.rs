//! Where a request comes from: the other end of the connection, or what a trusted proxy says of it.
//!
//! Only a peer in `DW_TRUSTED_PROXIES` is believed. Headers are read from their end: each proxy appends who called it,
//! so the last address that is not a trusted proxy's own is the nearest one that nobody could invent. What stands
//! before it was sent by the client and counts for nothing.

use crate::door::text;
use contract::Settings;
use http::request::Parts;
use http::{HeaderMap, header};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Where a request comes from, and under which address it reached this instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// The client.
    pub(crate) address: Option<IpAddr>,
    /// `scheme://host[:port]` as the client sees it.
    pub(crate) base_url: Arc<str>,
}

/// What headers say of a request.
#[derive(Debug, Default, PartialEq, Eq)]
struct Claim {
    address: Option<IpAddr>,
    secure: Option<bool>,
    host: Option<String>,
}

impl Source {
    pub(crate) fn of(parts: &Parts, peer: Option<IpAddr>, settings: &Settings) -> Source {
        let peer = peer.map(|peer| peer.to_canonical());
        let claim = match peer.filter(|peer| settings.trusted_proxies.contains(*peer)) {
            Some(_) => Claim::of(&parts.headers, settings),
            None => Claim::default(),
        };
        Source {
            address: claim.address.or(peer),
            base_url: base_url(parts, &claim, settings).into(),
        }
    }
}

impl Claim {
    /// A proxy writes one of the two kinds of headers and may pass on the other as the client sent it. So where both
    /// are there and differ, neither is believed.
    fn of(headers: &HeaderMap, settings: &Settings) -> Claim {
        let standard = Claim::standard(headers, settings);
        let usual = Claim::usual(headers, settings);
        match (standard, usual) {
            (None, None) => Claim::default(),
            (Some(claim), None) | (None, Some(claim)) => claim,
            (Some(standard), Some(usual)) if standard.address == usual.address => Claim {
                address: usual.address,
                secure: usual.secure.or(standard.secure),
                host: usual.host.or(standard.host),
            },
            _ => {
                tracing::debug!("a proxy sent Forwarded and X-Forwarded-For, and they differ");
                Claim::default()
            }
        }
    }

    /// `Forwarded` (RFC 7239).
    fn standard(headers: &HeaderMap, settings: &Settings) -> Option<Claim> {
        let elements = list(headers, "forwarded");
        if elements.is_empty() {
            return None;
        }
        let mut claim = Claim::default();
        for element in elements.iter().rev() {
            let Some(address) = part(element, "for").and_then(|node| address(&node)) else {
                break;
            };
            claim = Claim {
                address: Some(address),
                secure: part(element, "proto").map(|proto| proto.eq_ignore_ascii_case("https")),
                host: part(element, "host"),
            };
            if !settings.trusted_proxies.contains(address) {
                break;
            }
        }
        Some(claim)
    }

    /// `X-Forwarded-For` with `-Proto` and `-Host`. Of several values of the last two, the nearest proxy's counts.
    fn usual(headers: &HeaderMap, settings: &Settings) -> Option<Claim> {
        let [nodes, protos, hosts] =
            ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"].map(|name| list(headers, name));
        if nodes.is_empty() && protos.is_empty() && hosts.is_empty() {
            return None;
        }
        let mut claim = Claim {
            address: None,
            secure: protos.last().map(|proto| proto.eq_ignore_ascii_case("https")),
            host: hosts.last().map(|host| (*host).to_owned()),
        };
        for node in nodes.iter().rev() {
            let Some(address) = address(node) else { break };
            claim.address = Some(address);
            if !settings.trusted_proxies.contains(address) {
                break;
            }
        }
        Some(claim)
    }
}

/// The members of all headers of a name, in order.
fn list<'h>(headers: &'h HeaderMap, name: &str) -> Vec<&'h str> {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    let members = lines.flat_map(|line| line.split(',')).map(str::trim);
    members.filter(|member| !member.is_empty()).collect()
}

/// The value of a parameter of a `Forwarded` element, without its quotes.
fn part(element: &str, name: &str) -> Option<String> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut values = pairs
        .filter(|(n, _)| n.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().trim_matches('"').to_owned());
    values.next_back().filter(|value| !value.is_empty())
}

/// An address with or without a port; IPv6 with or without brackets. A name that hides it is none.
fn address(node: &str) -> Option<IpAddr> {
    let bare = node.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let found = bare
        .unwrap_or(node)
        .parse()
        .or_else(|_| node.parse::<SocketAddr>().map(|address| address.ip()));
    found.ok().map(|address| address.to_canonical())
}

/// `scheme://host[:port]` as the client sees it. A host that is none falls back to the settings.
fn base_url(parts: &Parts, claim: &Claim, settings: &Settings) -> String {
    let host = claim
        .host
        .as_deref()
        .or_else(|| text(&parts.headers, &header::HOST))
        .or_else(|| parts.uri.authority().map(|authority| authority.as_str()));
    let plausible = |host: &&str| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b".-_:[]".contains(&b))
    };
    let Some(host) = host.filter(plausible) else {
        return settings.public_url();
    };
    let secure = settings.force_https || claim.secure.unwrap_or(false);
    let scheme = if secure { "https://" } else { "http://" };
    [scheme, host].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    const PROXY: &str = "10.0.0.9";

    fn source(peer: &str, headers: &[(&str, &str)]) -> (String, String) {
        let settings =
            Settings::read(|name| (name == "DW_TRUSTED_PROXIES").then(|| "10.0.0.0/8, 127.0.0.1".into()));
        let mut request = Request::builder()
            .uri("/api/v2")
            .header("host", "own.example:8080");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let source = Source::of(&parts, peer.parse().ok(), &settings.unwrap());
        let address = source.address.map(|address| address.to_string());
        (address.unwrap_or_default(), source.base_url.to_string())
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let sent = [
            ("x-forwarded-for", "1.2.3.4"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
            ("forwarded", "for=1.2.3.4;proto=https;host=evil.example"),
        ];
        let own = ("203.0.113.5".into(), "http://own.example:8080".into());
        assert_eq!(source("203.0.113.5", &sent), own);
    }

    #[test]
    fn the_last_address_that_is_no_proxy_is_the_client() {
        let sent = [
            ("x-forwarded-for", "6.6.6.6, 198.51.100.7"),
            ("x-forwarded-for", "10.1.1.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "api.example"),
        ];
        let client = ("198.51.100.7".into(), "https://api.example".into());
        assert_eq!(source(PROXY, &sent), client);
        assert_eq!(source("::ffff:10.0.0.9", &sent), client);
        assert_eq!(
            source(PROXY, &[("x-forwarded-for", "10.3.3.3, 10.2.2.2")]).0,
            "10.3.3.3"
        );
        assert_eq!(source(PROXY, &[("x-forwarded-for", "6.6.6.6, unknown")]).0, PROXY);
        assert_eq!(source(PROXY, &[]).0, PROXY);
    }

    #[test]
    fn the_standard_header_says_the_same() {
        let sent = "for=6.6.6.6;host=evil.example, For=\"[2001:db8::7]:4711\";Proto=https;host=api.example, for=10.1.1.1";
        assert_eq!(
            source(PROXY, &[("forwarded", sent)]),
            ("2001:db8::7".into(), "https://api.example".into())
        );
        assert_eq!(
            source(PROXY, &[("forwarded", "for=6.6.6.6, for=_hidden")]).0,
            PROXY
        );
    }

    #[test]
    fn headers_that_differ_are_not_believed() {
        let sent = [("forwarded", "for=6.6.6.6"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(source(PROXY, &sent).0, PROXY);
        let sent = [
            ("forwarded", "for=198.51.100.7"),
            ("x-forwarded-for", "198.51.100.7"),
        ];
        assert_eq!(source(PROXY, &sent).0, "198.51.100.7");
    }

    #[test]
    fn a_host_that_is_none_falls_back_to_the_settings() {
        let sent = [("x-forwarded-host", "a/b?c")];
        assert_eq!(source(PROXY, &sent).1, "http://localhost");
    }
}
