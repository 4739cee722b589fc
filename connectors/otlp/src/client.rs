//! The connection to the collector.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use opentelemetry_http::hyper::HyperClient;
use opentelemetry_http::{HttpClient, HttpError};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;

type Connector = HttpsConnector<HttpConnector>;

/// Sends batches on the program's runtime: the exporter has a thread of its own, without one.
#[derive(Debug, Clone)]
pub(crate) struct Collector {
    client: Arc<HyperClient<Connector>>,
    runtime: Handle,
}

impl Collector {
    /// Must be called within a runtime.
    pub(crate) fn new(patience: Duration) -> Result<Collector, String> {
        let runtime = Handle::try_current().map_err(|e| e.to_string())?;
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
            .map_err(|e| format!("TLS cannot be used for traces: {e}."))?
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Collector {
            client: Arc::new(HyperClient::new(connector, patience, None)),
            runtime,
        })
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = Arc::clone(&self.client);
        let sent = self
            .runtime
            .spawn(async move { client.send_bytes(request).await });
        sent.await?
    }
}
