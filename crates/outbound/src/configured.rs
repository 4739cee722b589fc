//! Clients for servers that a service's configuration names.

use bytes::{Bytes, BytesMut};
use contract::Problem;
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Response};
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// Time to connect, and of a whole call unless the client says otherwise.
const CONNECTING: Duration = Duration::from_secs(10);
const CALLING: Duration = Duration::from_secs(30);

/// Whose certificates a server may show besides those of the public authorities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Trust<'a> {
    /// Nobody else's.
    #[default]
    Public,
    /// Those of the authorities in this PEM text, too.
    Also(&'a str),
}

/// A client for a server that an administrator has named: it may be in the own network. Redirects are answers like all
/// others, because the credentials that go with a call are for this one server; connections are kept for the next call.
///
/// Fails with 400 when the PEM text holds no certificate.
pub fn configured(trust: Trust<'_>) -> Result<ClientBuilder, Problem> {
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls(trust)?)
        .redirect(Policy::none())
        .referer(false)
        .user_agent("dreamwright")
        .connect_timeout(CONNECTING)
        .timeout(CALLING))
}

/// How TLS is spoken to a server that an administrator has named, over whatever protocol.
///
/// Fails with 400 when the PEM text holds no certificate.
pub fn tls(trust: Trust<'_>) -> Result<ClientConfig, Problem> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Trust::Also(pem) = trust {
        let found: Vec<_> = rustls_pemfile::certs(&mut pem.as_bytes()).flatten().collect();
        let (added, _) = roots.add_parsable_certificates(found);
        if added == 0 {
            return Err(Problem::bad_request("There is no certificate in the PEM text."));
        }
    }
    Ok(
        ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Problem::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth(),
    )
}

/// Why an answer's body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is longer than it may be.
    #[error("the answer is longer than {0} bytes")]
    TooLong(u64),
    /// It broke off, or took too long.
    #[error("the answer broke off")]
    Broken(#[from] reqwest::Error),
}

/// The whole body of an answer, up to a number of bytes.
pub async fn read(mut answer: Response, most: u64) -> Result<Bytes, Unreadable> {
    let mut whole = BytesMut::new();
    while let Some(piece) = answer.chunk().await? {
        if (whole.len() + piece.len()) as u64 > most {
            return Err(Unreadable::TooLong(most));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn answers_are_read_up_to_a_size_and_redirects_are_not_followed() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let server = tokio::spawn(async move {
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 1024];
                assert!(stream.read(&mut request).await.unwrap() > 0);
                let answer = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        let client = configured(Trust::Public).unwrap().build().unwrap();
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!(answer.status(), 302);
        assert_eq!(read(answer, 5).await.unwrap(), "hello");
        let answer = client.get(&url).send().await.unwrap();
        assert!(matches!(read(answer, 4).await, Err(Unreadable::TooLong(4))));
        server.await.unwrap();
    }

    #[test]
    fn a_text_without_certificates_is_refused() {
        assert!(configured(Trust::Also("nonsense")).is_err());
    }
}
