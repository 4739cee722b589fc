//! A certified provider of OpenID Connect (npm `oidc-provider`), which nobody here has written.

use crate::guard::{Guarded, Process};
use crate::{Client, installed, workspace};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use url::Url;

/// Longest wait for it to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(30);
/// Redirects that a browser follows.
const MOST_REDIRECTS: usize = 10;

/// A running provider. It knows the client and the secret of [`super::OpenIdProvider`], and one user, who agrees to
/// everything.
pub struct CertifiedProvider {
    issuer: Url,
    redirect_url: String,
    // Ends, and its folder with it, when this is dropped.
    _process: Process,
}

impl CertifiedProvider {
    /// Starts one that sends browsers back to an address. None, with a `SKIPPED` line, when it is not installed.
    pub fn start(redirect_url: &str) -> Option<CertifiedProvider> {
        let program = workspace().join("tests/openid-provider/provider.mjs");
        let is_there = program.with_file_name("node_modules/oidc-provider").is_dir();
        let Some(node) = installed("node").filter(|_| is_there) else {
            crate::announce("SKIPPED certified provider of OpenID Connect: it is not installed");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("dw-openid-").tempdir();
        let folder = folder.expect("a temporary folder can be made").keep();
        let process = Process::start(&Guarded {
            command: [node, program]
                .map(|file| file.display().to_string())
                .into_iter()
                .chain([redirect_url.to_owned()])
                .collect(),
            environment: &[],
            forget: &["NODE_"],
            log: &folder.join("log"),
            folder: &folder,
            signal: "KILL",
        });
        let limit = Instant::now() + START_LIMIT;
        let issuer = loop {
            let output = process.output();
            // The line is whole when its end is there.
            let lines = output
                .split_inclusive('\n')
                .filter_map(|line| line.strip_suffix('\n'));
            if let Some(issuer) = lines
                .filter(|line| line.starts_with("http://"))
                .find_map(|l| Url::parse(l).ok())
            {
                break issuer;
            }
            assert!(
                process.running() && Instant::now() < limit,
                "the provider did not start: {output}"
            );
            std::thread::yield_now();
        };
        Some(CertifiedProvider {
            issuer,
            redirect_url: redirect_url.to_owned(),
            _process: process,
        })
    }

    /// The address of its discovery document.
    pub fn discovery(&self) -> String {
        format!("{}.well-known/openid-configuration", self.issuer)
    }

    /// Logs in as a browser that was sent to an address of it does, and returns where it sends the browser then.
    pub async fn log_in(&self, address: &str) -> Url {
        let place = self
            .issuer
            .socket_addrs(|| None)
            .expect("the provider listens on this machine");
        let client = Client::new(place[0]);
        let mut cookies = BTreeMap::new();
        let mut at = Url::parse(address).expect("a browser is sent to an address");
        for _ in 0..MOST_REDIRECTS {
            if at.as_str().starts_with(&self.redirect_url) {
                return at;
            }
            let path = at[url::Position::BeforePath..].to_owned();
            let shown: Vec<String> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let answer = client
                .send("GET", &path, &[("Cookie", &shown.join("; "))], None)
                .await;
            let answer = answer.expect("the provider answers");
            let given = answer.headers.iter().filter(|(name, _)| name == "set-cookie");
            let pairs = given.filter_map(|(_, cookie)| cookie.split(';').next()?.split_once('='));
            cookies.extend(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())));
            let to = answer.header("location");
            assert!(!to.is_empty(), "{path}: {} {}", answer.status, answer.text());
            at = at.join(to).expect("a browser is sent to an address");
        }
        panic!("the provider sends browsers in a circle, last to {at}");
    }
}
