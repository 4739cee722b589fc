//! Traces, received as a collector does: OTLP over HTTP.
#![allow(clippy::unwrap_used)]

use kit::{Client, Start};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use scenarios::world::{KEY, World, grant};
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

/// A request that the collector was sent.
struct Sent {
    head: String,
    body: Vec<u8>,
}

/// Answers every request with 200 and hands it on.
async fn collector() -> (String, mpsc::UnboundedReceiver<Sent>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    let (tell, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(receive(stream, tell.clone()));
        }
    });
    (url, told)
}

async fn receive(mut stream: TcpStream, tell: mpsc::UnboundedSender<Sent>) {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                let body = bytes[end + 4..end + 4 + length].to_vec();
                bytes.drain(..end + 4 + length);
                let _ = tell.send(Sent { head, body });
                let answer =
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                continue;
            }
        }
        match stream.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

async fn world(settings: &[(&str, &str)]) -> (World, Client) {
    let environment = settings.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
    let start = Start {
        environment: environment.collect(),
        ..Start::default()
    };
    let world = World::start(Vec::new(), start).await;
    let role = world
        .role("reader", &[grant(world.bases[0].id, "*", 1, json!([]))])
        .await;
    let client = world.key("reader", &role).await;
    (world, client)
}

fn spans(sent: &[Sent]) -> Vec<Span> {
    let requests = sent
        .iter()
        .map(|s| ExportTraceServiceRequest::decode(&*s.body).unwrap());
    requests
        .flat_map(|request| request.resource_spans)
        .flat_map(|resource| resource.scope_spans)
        .flat_map(|scope| scope.spans)
        .collect()
}

fn attribute(span: &Span, name: &str) -> String {
    let found = span.attributes.iter().find(|pair| pair.key == name);
    match found
        .and_then(|pair| pair.value.as_ref())
        .and_then(|value| value.value.as_ref())
    {
        Some(Any::StringValue(text)) => text.clone(),
        Some(Any::IntValue(number)) => number.to_string(),
        other => panic!("{name} of {}: {other:?}", span.name),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_goes_on_with_the_trace_of_its_caller() {
    let (url, mut told) = collector().await;
    let (world, client) = world(&[
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", &url),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20collectors-own",
        ),
        ("OTEL_SERVICE_NAME", "orders"),
        ("DW_TRACES_PERCENT", "0"),
    ])
    .await;
    let traced = client.with("traceparent", &format!("00-{TRACE}-{PARENT}-01"));
    let path = "/api/v2/sqlite/_table/employees?filter=first_name%3D%27Zvonko%27&note=secret-in-query";
    assert_eq!(traced.get(path).await.status, 200);
    // The caller has decided against it, and nobody has decided for it.
    let untraced = client.with("traceparent", &format!("00-{TRACE}-{PARENT}-00"));
    assert_eq!(
        untraced.get("/api/v2/sqlite/_table/departments").await.status,
        200
    );
    assert_eq!(client.get("/api/v2/sqlite/_table/departments").await.status, 200);
    let mut world = world;
    world.program.end("TERM");

    let mut sent = Vec::new();
    while let Ok(one) = told.try_recv() {
        sent.push(one);
    }
    assert!(sent.iter().all(|s| s.head.starts_with("post /v1/traces ")));
    assert!(
        sent.iter()
            .all(|s| s.head.contains("authorization: bearer collectors-own"))
    );
    let spans = spans(&sent);
    let of = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        found
            .next()
            .unwrap_or_else(|| panic!("no span {name} among {spans:#?}"))
    };
    let (request, call) = (of("GET"), of("sqlite/_table/{table_name}"));
    assert_eq!(hex(&request.trace_id), TRACE);
    assert_eq!(hex(&request.parent_span_id), PARENT);
    assert_eq!(attribute(request, "url.path"), "/api/v2/sqlite/_table/employees");
    assert_eq!(attribute(request, "http.response.status_code"), "200");
    assert_eq!(call.parent_span_id, request.span_id);
    let statements: Vec<&Span> = spans.iter().filter(|span| span.name == "statement").collect();
    assert!(!statements.is_empty());
    for statement in statements {
        assert_eq!(statement.parent_span_id, call.span_id);
        assert_eq!(attribute(statement, "db.system.name"), "sqlite");
        assert!(!attribute(statement, "db.query.text").contains("Zvonko"));
    }
    assert!(
        spans.iter().all(|span| hex(&span.trace_id) == TRACE),
        "{spans:#?}"
    );
    assert!(
        !spans
            .iter()
            .any(|span| attribute_texts(span).contains("departments"))
    );
    let all: Vec<u8> = sent.into_iter().flat_map(|s| s.body).collect();
    let all = String::from_utf8_lossy(&all);
    assert!(all.contains("orders") && !all.contains("secret-in-query") && !all.contains("Zvonko"));
    assert!(!all.contains(KEY));
}

fn attribute_texts(span: &Span) -> String {
    format!("{:?}", span.attributes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_delays_nobody() {
    // A port that nobody listens on: bound, and let go.
    let gone = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let (_world, client) = world(&[(
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        &format!("http://{gone}/v1/traces"),
    )])
    .await;
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(client.get("/api/v2/sqlite/_table/departments").await.status, 200);
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}
