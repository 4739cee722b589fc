//! Handing mails to a server.

use crate::config::{Encryption, Server};
use crate::{fault, message};
use async_trait::async_trait;
use contract::Problem;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use messaging::{Mail, Transport};
use std::time::Duration;

/// Longest time for a connection, and for an answer of the server.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most connections that are kept.
const CONNECTIONS: u32 = 4;

/// A server that mails are handed to.
pub(crate) struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    /// Connects to nothing yet.
    pub(crate) fn new(server: &Server) -> Result<Smtp, Problem> {
        let tls = || {
            TlsParameters::new(server.host.clone()).map_err(|e| {
                Problem::bad_request("The SMTP service's host is no name of a host.").with_source(e)
            })
        };
        let encryption = match server.encryption {
            Encryption::Opportunistic => Tls::Opportunistic(tls()?),
            Encryption::StartTls => Tls::Required(tls()?),
            Encryption::Tls => Tls::Wrapper(tls()?),
            Encryption::Plain => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(encryption)
            .timeout(Some(PATIENCE))
            .pool_config(PoolConfig::new().max_size(CONNECTIONS));
        if let Some((name, password)) = &server.credentials {
            builder = builder.credentials(Credentials::new(name.clone(), password.clone()));
        }
        Ok(Smtp(builder.build()))
    }
}

#[async_trait]
impl Transport for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), Problem> {
        let message = message::build(mail)?;
        self.0.send(message).await.map(|_| ()).map_err(fault::problem)
    }

    async fn check(&self) -> Result<(), Problem> {
        match self.0.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Problem::unavailable("The e-mail server is not ready.")),
            Err(error) => Err(fault::problem(error)),
        }
    }
}

/// What there is where nobody has named a server.
pub(crate) struct Unconfigured;

fn unconfigured() -> Problem {
    Problem::not_implemented(
        "This instance has no e-mail server: set MAIL_HOST, or use an e-mail service of type 'smtp_email'.",
    )
}

#[async_trait]
impl Transport for Unconfigured {
    async fn send(&self, _: &Mail) -> Result<(), Problem> {
        Err(unconfigured())
    }

    async fn check(&self) -> Result<(), Problem> {
        Err(unconfigured())
    }
}
