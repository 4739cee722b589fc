//! Speaking HTTP to other servers.
//!
//! What a *client* names is fetched by [`Fetcher`], from public addresses alone: it must not make this instance speak to
//! itself, to its neighbours or to the metadata of its host. What an *administrator* configures is asked through
//! [`configured`], wherever it is.
//!
//! Invariants: an address of a client is judged where the connection is made, so neither names nor redirects lead
//! elsewhere; time and size are bounded; whoever asked learns that a file was not fetched, never why.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod configured;
mod kept;

pub use configured::{Trust, Unreadable, basic, configured, read, same_server, tls};
pub use kept::{CACHE, KeptAnswer, KeptAnswers};

use bytes::Bytes;
use contract::{ByteStream, Kind, Networks, Problem, Settings};
use futures_util::stream;
use http::header::LOCATION;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Empty};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::rt::TokioExecutor;
use percent_encoding::percent_decode_str;
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;
use tower::Service;

/// Redirects that are followed.
const MOST_REDIRECTS: usize = 5;
/// Time to connect, to begin an answer, and between two pieces of it.
const PATIENCE: Duration = Duration::from_secs(20);

type Connector = HttpsConnector<HttpConnector<Guarded>>;
type HttpClient = Client<Connector, Empty<Bytes>>;

/// Fetches files.
pub struct Fetcher {
    client: HttpClient,
    allowed: Arc<Networks>,
    most: u64,
}

impl Fetcher {
    /// As the settings say. Fails with 500 when TLS cannot be used.
    pub fn new(settings: &Settings) -> Result<Fetcher, Problem> {
        let allowed = Arc::new(settings.outbound_networks.clone());
        let mut plain = HttpConnector::new_with_resolver(Guarded {
            system: GaiResolver::new(),
            allowed: Arc::clone(&allowed),
        });
        plain.enforce_http(false);
        plain.set_connect_timeout(Some(PATIENCE));
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(Problem::internal)?
            .https_or_http()
            .enable_http1()
            .wrap_connector(plain);
        Ok(Fetcher {
            // Files are fetched now and then: a connection that was kept would often be gone when it is used again.
            client: Client::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(connector),
            allowed,
            most: settings.max_upload_bytes,
        })
    }

    /// Opens a file: the last part of its address, and its content, which breaks off when it is larger than uploads
    /// may be.
    ///
    /// Fails in one way for whatever reason it cannot be had, so that nobody learns of addresses that may not be asked.
    pub async fn open(&self, url: &str) -> Result<(String, ByteStream), NotFetched> {
        let missing = |e: Refusal| {
            tracing::info!(cause = %e, "a file was not fetched");
            NotFetched(e)
        };
        let mut address = parse(url).map_err(missing)?;
        let name = last_part(&address);
        for _ in 0..=MOST_REDIRECTS {
            let answer = self.ask(&address).await.map_err(missing)?;
            let status = answer.status();
            if status.is_success() {
                return Ok((name, content(answer.into_body(), self.most)));
            }
            let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            match to.filter(|_| status.is_redirection()) {
                Some(to) => address = led(&address, to).map_err(missing)?,
                None => return Err(missing(format!("the server answered {status}").into())),
            }
        }
        Err(missing("there are too many redirects".into()))
    }

    async fn ask(&self, address: &Uri) -> Result<Response<hyper::body::Incoming>, Refusal> {
        let host = address.host().unwrap_or_default().trim_matches(['[', ']']);
        // Addresses in figures are not resolved.
        if let Ok(address) = host.parse::<IpAddr>()
            && !is_allowed(address, &self.allowed)
        {
            return Err("its address is not public".into());
        }
        let request = Request::get(address.clone())
            .header("user-agent", "dreamwright")
            .body(Empty::new())?;
        Ok(timeout(PATIENCE, self.client.request(request)).await??)
    }
}

/// A file was not fetched. The cause is for the log alone.
#[derive(Debug)]
pub struct NotFetched(Refusal);

impl fmt::Display for NotFetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the file could not be fetched")
    }
}

impl Error for NotFetched {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// Why a file was not fetched.
type Refusal = Box<dyn Error + Send + Sync>;

/// Reads an address: of the web, with a host, and without a login.
fn parse(url: &str) -> Result<Uri, Refusal> {
    let url = url.split('#').next().unwrap_or_default();
    let address: Uri = url.trim().parse()?;
    let is_web = matches!(address.scheme_str(), Some("http" | "https"));
    let authority = address.authority().ok_or("it has no host")?;
    match is_web && !authority.host().is_empty() && !authority.as_str().contains('@') {
        true => Ok(address),
        false => Err("it is no address of the web".into()),
    }
}

/// Where a redirect leads: a whole address, or a path on the same host.
fn led(from: &Uri, to: &str) -> Result<Uri, Refusal> {
    if to.contains("://") {
        return parse(to);
    }
    let scheme = from.scheme_str().unwrap_or("http");
    if to.starts_with("//") {
        return parse(&format!("{scheme}:{to}"));
    }
    let host = from.authority().map_or("", |authority| authority.as_str());
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    match to.starts_with('/') {
        true => parse(&format!("{scheme}://{host}{to}")),
        false => parse(&format!("{scheme}://{host}{folder}/{to}")),
    }
}

/// The last part of an address's path, decoded.
fn last_part(address: &Uri) -> String {
    let last = address.path().rsplit('/').next().unwrap_or_default();
    percent_decode_str(last).decode_utf8_lossy().into_owned()
}

/// The pieces of an answer, up to a size.
fn content(body: hyper::body::Incoming, most: u64) -> ByteStream {
    let gone = |e: Refusal| Problem::not_found("The file at the URL could not be fetched.").with_source(e);
    ByteStream::new(stream::unfold(Some((body, 0_u64)), move |state| async move {
        let (mut body, mut count) = state?;
        loop {
            let frame = match timeout(PATIENCE, body.frame()).await {
                Ok(None) => return None,
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(e))) => return Some((Err(gone(e.into())), None)),
                Err(e) => return Some((Err(gone(e.into())), None)),
            };
            let Ok(piece) = frame.into_data() else { continue };
            count += piece.len() as u64;
            if count > most {
                let sentence = format!("The file at the URL is larger than {most} bytes.");
                return Some((Err(Problem::new(Kind::TooLarge, sentence)), None));
            }
            return Some((Ok(piece), Some((body, count))));
        }
    }))
}

/// Networks that are nobody's business: private, local, shared, reserved, and those that stand for others. Of IPv6 all
/// but what is given out for use.
static CLOSED: LazyLock<Networks> = LazyLock::new(|| {
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 \
     192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3 \
     ::/3 4000::/2 8000::/1 2001::/23 2001:db8::/32 2002::/16 3fff::/20"
        .parse()
        .expect("these are networks; a test reads them")
});

fn is_allowed(address: IpAddr, allowed: &Networks) -> bool {
    allowed.contains(address) || !CLOSED.contains(address)
}

/// Resolves names to addresses that may be asked; the connection is made to those and no others, so a name cannot mean
/// something else a moment later.
#[derive(Clone)]
struct Guarded {
    system: GaiResolver,
    allowed: Arc<Networks>,
}

impl Service<Name> for Guarded {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, io::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        self.system.poll_ready(cx)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolved = self.system.call(name);
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let found: Vec<SocketAddr> = resolved.await?.filter(|a| is_allowed(a.ip(), &allowed)).collect();
            match found.is_empty() {
                true => Err(io::Error::other("the name has no public address")),
                false => Ok(found.into_iter()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(address: &str, networks: &str) -> bool {
        is_allowed(address.parse().unwrap(), &networks.parse().unwrap())
    }

    #[test]
    fn only_public_addresses_are_asked() {
        for public in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(allowed(public, ""), "{public}");
        }
        for closed in [
            "127.0.0.1",
            "10.1.2.3",
            "172.31.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.100.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "ff02::1",
        ] {
            assert!(!allowed(closed, ""), "{closed}");
        }
        assert!(allowed("10.1.2.3", "10.1.0.0/16") && !allowed("10.2.2.3", "10.1.0.0/16"));
    }

    #[test]
    fn addresses_and_redirects() {
        for wrong in [
            "file:///etc/passwd",
            "ftp://a/b",
            "a/b",
            "http://me:pw@host/x",
            "http:///x",
            "",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let from = parse("https://a.com/x/y%20z.txt?q#f").unwrap();
        assert_eq!(last_part(&from), "y z.txt");
        for (to, leads) in [
            ("/b", "https://a.com/b"),
            ("b", "https://a.com/x/b"),
            ("//c.com/b", "https://c.com/b"),
            ("http://d.com/", "http://d.com/"),
        ] {
            assert_eq!(led(&from, to).unwrap().to_string(), leads);
        }
        assert!(led(&from, "file:///etc/passwd").is_err());
    }

    #[tokio::test]
    async fn this_machine_is_not_asked() {
        let fetcher = Fetcher::new(&Settings::default()).unwrap();
        for url in [
            "http://127.0.0.1:9/x",
            "http://localhost:9/x",
            "http://[::1]:9/x",
            "http://2130706433:9/x",
        ] {
            assert!(fetcher.open(url).await.is_err(), "{url}");
        }
    }
}
