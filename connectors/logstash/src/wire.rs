//! Bringing entries to the server.

use crate::config::{Protocol, Target};
use crate::entry::Entry;
use crate::gelf;
use contract::Problem;
use outbound::{Trust, configured};
use reqwest::Client;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UdpSocket, lookup_host};

/// Longest time that one entry may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A server that takes entries.
#[derive(Clone)]
pub(crate) struct Server {
    target: Target,
    /// Name of this instance, for protocols that say who sends.
    source: String,
    http: Client,
}

/// The way to a server, of the one task that sends.
pub(crate) struct Wire {
    server: Server,
    /// The connection that lines go over.
    tcp: Option<TcpStream>,
}

impl Wire {
    /// Connects to nothing yet.
    pub(crate) fn new(server: Server) -> Wire {
        Wire { server, tcp: None }
    }

    /// Sends an entry within [`PATIENCE`].
    pub(crate) async fn send(&mut self, entry: &Entry) -> io::Result<()> {
        let sent = tokio::time::timeout(PATIENCE, self.try_send(entry)).await;
        if !matches!(sent, Ok(Ok(()))) {
            // A line that was sent in part must not be gone on with.
            self.tcp = None;
        }
        sent?
    }

    async fn try_send(&mut self, entry: &Entry) -> io::Result<()> {
        let server = &self.server;
        match server.target.protocol {
            Protocol::Gelf => server.datagrams(&gelf::datagrams(entry, &server.source)?).await,
            Protocol::Udp => server.datagrams(&[entry.json().to_string().into_bytes()]).await,
            Protocol::Tcp => self.line(entry.json().to_string() + "\n").await,
            Protocol::Http => server.post(entry).await,
        }
    }

    /// Sends a line on the connection that is open, or on a new one when there is none or it broke.
    async fn line(&mut self, line: String) -> io::Result<()> {
        if let Some(open) = &mut self.tcp
            && open.write_all(line.as_bytes()).await.is_ok()
        {
            return Ok(());
        }
        let mut new = self.server.connect().await?;
        new.write_all(line.as_bytes()).await?;
        self.tcp = Some(new);
        Ok(())
    }
}

impl Server {
    /// Connects to nothing yet.
    pub(crate) fn new(target: Target, source: &str) -> Result<Server, Problem> {
        Ok(Server {
            target,
            source: source.to_owned(),
            http: configured(Trust::Public)?.build().map_err(Problem::internal)?,
        })
    }

    /// Whether it can be reached, as far as the protocol lets one know: datagrams are never answered.
    pub(crate) async fn check(&self) -> io::Result<()> {
        let work = async {
            match self.target.protocol {
                Protocol::Gelf | Protocol::Udp => self.address().await.map(drop),
                Protocol::Tcp => self.connect().await.map(drop),
                Protocol::Http => {
                    let answer = self.http.head(self.url()).send().await;
                    answer.map(drop).map_err(|e| io::Error::other(e.without_url()))
                }
            }
        };
        tokio::time::timeout(PATIENCE, work).await?
    }

    fn url(&self) -> String {
        let Target { host, port, .. } = &self.target;
        match host.contains(':') {
            true => format!("http://[{host}]:{port}"),
            false => format!("http://{host}:{port}"),
        }
    }

    async fn address(&self) -> io::Result<SocketAddr> {
        let mut found = lookup_host((self.target.host.as_str(), self.target.port)).await?;
        found.next().ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect((self.target.host.as_str(), self.target.port)).await
    }

    async fn datagrams(&self, datagrams: &[Vec<u8>]) -> io::Result<()> {
        let address = self.address().await?;
        let own: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(own).await?;
        for datagram in datagrams {
            socket.send_to(datagram, address).await?;
        }
        Ok(())
    }

    async fn post(&self, entry: &Entry) -> io::Result<()> {
        let answer = self.http.post(self.url()).json(&entry.json()).send().await;
        let answer = answer.map_err(|e| io::Error::other(e.without_url()))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(io::Error::other(format!(
                "the server answered {}",
                status.as_u16()
            ))),
        }
    }
}
