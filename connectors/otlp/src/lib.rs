//! Traces to a collector: OTLP over HTTP, with TLS from rustls.
//!
//! Invariants: exists only where `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set. Spans are sent in batches by a thread of
//! their own, so no call waits for a collector; what a collector that is away cannot take is dropped. Only spans of
//! the target [`TARGET`] are sent, never log lines.

mod client;

use client::Collector;
use contract::Settings;
use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider, Tracer};
use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use std::time::Duration;
use tracing::{Span, Subscriber};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::registry::LookupSpan;

/// Target of the spans that are sent.
pub const TARGET: &str = "trace";

/// Time that one batch is given.
const PATIENCE: Duration = Duration::from_secs(10);
/// Time that the last batch is given when the program ends.
const AT_END: Duration = Duration::from_secs(5);

/// The way of spans to the collector.
#[derive(Debug, Clone)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// As the settings say; `None` where they name no collector. Must be called within a runtime. Fails with a
    /// sentence when the address or a header cannot be one. Does not connect.
    pub fn start(settings: &Settings) -> Result<Option<Traces>, String> {
        let Some(endpoint) = &settings.traces_endpoint else {
            return Ok(None);
        };
        let wrong = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT must be a URL that begins with http:// or https://.";
        let address: http::Uri = endpoint.parse().map_err(|_| wrong.to_owned())?;
        if !matches!(address.scheme_str(), Some("http" | "https")) || address.host().is_none() {
            return Err(wrong.to_owned());
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(PATIENCE)?)
            .with_endpoint(endpoint)
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(PATIENCE)
            .with_headers(headers(settings.traces_headers.as_deref().unwrap_or_default())?)
            .build()
            .map_err(|e| format!("The traces cannot be sent to OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: {e}."))?;
        let share = f64::from(u32::try_from(settings.traces_percent).unwrap_or(100)) / 100.0;
        let resource = Resource::builder_empty().with_service_name(settings.traces_service.clone());
        let provider = SdkTracerProvider::builder()
            .with_resource(resource.build())
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_batch_exporter(exporter)
            .build();
        Ok(Some(Traces(provider)))
    }

    /// Makes spans of this process ones of traces.
    pub fn layer<S: Subscriber + for<'s> LookupSpan<'s>>(&self) -> OpenTelemetryLayer<S, Tracer> {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("dreamwright"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
    }

    /// Sends what is left. The collector is given a few seconds.
    pub async fn end(self) {
        // It waits on its thread, and that thread for a task of this runtime.
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(AT_END)).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::warn!("the last traces could not be sent");
        }
    }
}

/// Makes a span go on with the trace that a caller tells of in `traceparent` (W3C Trace Context). What cannot be read
/// begins a trace of its own.
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        // Fails where nobody traces, which is all right.
        let _ = span.set_parent(parent);
    }
}

/// `name=value,name=value`, values percent-encoded.
fn headers(text: &str) -> Result<HashMap<String, String>, String> {
    let wrong =
        || "OTEL_EXPORTER_OTLP_TRACES_HEADERS must be a list of name=value, separated by commas.".to_owned();
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
            let value = percent_decode_str(value.trim())
                .decode_utf8()
                .map_err(|_| wrong())?;
            Ok((name.trim().to_owned(), value.into_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_the_standard_writes_them() {
        let read = headers("Authorization=Bearer%20x=y, tenant = a ,").unwrap_or_default();
        assert_eq!(read.get("Authorization").map(String::as_str), Some("Bearer x=y"));
        assert_eq!(read.get("tenant").map(String::as_str), Some("a"));
        assert!(headers("nonsense").is_err_and(|e| !e.contains("nonsense")));
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_refused_and_none_is_no_tracing() {
        let with = |endpoint: &str| Settings {
            traces_endpoint: Some(endpoint.to_owned()),
            ..Settings::default()
        };
        for wrong in ["localhost:4318", "ftp://x/", "http://", "nonsense"] {
            assert!(Traces::start(&with(wrong)).is_err(), "{wrong}");
        }
        assert!(Traces::start(&Settings::default()).is_ok_and(|traces| traces.is_none()));
    }
}
