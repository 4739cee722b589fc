//! Logstash over HTTP, and over each of its own protocols: what is sent to it, and that nobody waits for it.
#![allow(clippy::unwrap_used)]

use flate2::read::ZlibDecoder;
use kit::{Client, Program, RemoteServer, Reply};
use serde_json::{Value, json};
use std::io::Read;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::{TcpListener, UdpSocket};

const SOON: Duration = Duration::from_secs(30);

async fn service(admin: &Client, name: &str, port: u16, more: Value) {
    let mut config = json!({"host": "127.0.0.1", "port": port});
    for (field, value) in more.as_object().expect("an object") {
        config[field] = value.clone();
    }
    let made = json!({"resource": [{"name": name, "label": name, "type": "logstash", "is_active": true, "config": config}]});
    let answer = admin.post("/api/v2/system/service", &made).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

async fn log(admin: &Client, path: &str, body: Option<Value>) -> (u16, Value) {
    let answer = admin
        .call("POST", &format!("/api/v2/{path}"), body.as_ref())
        .await;
    (answer.status, answer.json())
}

/// A datagram that was sent.
async fn datagram(socket: &UdpSocket) -> Vec<u8> {
    let mut bytes = vec![0; 65_536];
    let length = tokio::time::timeout(SOON, socket.recv(&mut bytes))
        .await
        .unwrap()
        .unwrap();
    bytes.truncate(length);
    bytes
}

fn inflated(bytes: &[u8]) -> Value {
    let mut text = String::new();
    ZlibDecoder::new(bytes).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_clients_travel_over_each_protocol() {
    let program = Program::start();
    let admin = program.admin().await;
    let success = (200, json!({"success": true}));

    let gelf = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let context = json!({"context": ["_event.request.method", "_platform.session.user"]});
    service(&admin, "gelf", gelf.local_addr().unwrap().port(), context).await;
    assert_eq!(
        log(
            &admin,
            "gelf",
            Some(json!({"level": "alert", "message": "one\ntwo"}))
        )
        .await,
        success
    );
    let entry = inflated(&datagram(&gelf).await);
    assert_eq!(
        (
            &entry["version"],
            &entry["short_message"],
            &entry["full_message"],
            &entry["level"]
        ),
        (&json!("1.1"), &json!("one"), &json!("one\ntwo"), &json!(1))
    );
    assert_eq!(entry["_event"], json!({"request": {"method": "POST"}}));
    assert_eq!(entry["_platform"]["session"]["user"]["is_sys_admin"], json!(true));

    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    service(
        &admin,
        "udp",
        udp.local_addr().unwrap().port(),
        json!({"protocol": "udp"}),
    )
    .await;
    assert_eq!(log(&admin, "udp/Hello%20there", None).await, success);
    let entry: Value = serde_json::from_slice(&datagram(&udp).await).unwrap();
    assert_eq!(entry, json!({"_message": "Hello there", "_level": 200}));

    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    service(
        &admin,
        "tcp",
        tcp.local_addr().unwrap().port(),
        json!({"protocol": "tcp"}),
    )
    .await;
    for message in ["tcp/warn/first", "tcp/trace/second"] {
        assert_eq!(log(&admin, message, None).await, success);
    }
    let (stream, _) = tokio::time::timeout(SOON, tcp.accept()).await.unwrap().unwrap();
    let mut lines = BufReader::new(stream).lines();
    for (message, level) in [("first", 300), ("second", 100)] {
        let line = tokio::time::timeout(SOON, lines.next_line())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        let entry: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(entry, json!({"_message": message, "_level": level}));
    }

    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let http = RemoteServer::start(move |asked| {
        told.send(asked.clone()).ok();
        Reply::new(200, "text/plain", "ok")
    });
    service(&admin, "http", http.address().port(), json!({"protocol": "http"})).await;
    assert_eq!(log(&admin, "http/error/Broken", None).await, success);
    let asked = tokio::time::timeout(SOON, heard.recv()).await.unwrap().unwrap();
    assert_eq!(
        (asked.method.as_str(), asked.header("content-type")),
        ("POST", "application/json")
    );
    let entry: Value = serde_json::from_str(&asked.text()).unwrap();
    assert_eq!(entry, json!({"_message": "Broken", "_level": 400}));

    for (path, body, message) in [
        ("udp/loud/x", None, "Unknown log level [LOUD]"),
        (
            "udp",
            Some(json!({"level": "info"})),
            "No message provided for logging",
        ),
        ("udp", None, "No message provided for logging"),
    ] {
        let (status, refused) = log(&admin, path, body).await;
        assert_eq!(
            (status, &refused["error"]["message"]),
            (400, &json!(message)),
            "{path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_other_services_are_logged_when_they_are_asked_for_and_without_secrets() {
    let program = Program::start();
    let admin = program.admin().await;
    let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let more = json!({"protocol": "udp", "context": ["_event.request", "_event.resource", "_event.response", "_platform.session"],
    "service_event_map": [
        {"event": "files.{file_path}.delete", "level": "WARNING", "message": "A file is to go"},
        {"event": "system.role.*", "level": "NOTICE"},
    ]});
    service(&admin, "udp", udp.local_addr().unwrap().port(), more).await;

    assert_eq!(
        admin.call("DELETE", "/api/v2/files/none.txt", None).await.status,
        404
    );
    let entry: Value = serde_json::from_slice(&datagram(&udp).await).unwrap();
    assert_eq!(
        (&entry["_message"], &entry["_level"]),
        (&json!("A file is to go"), &json!(300))
    );
    assert_eq!(entry["_event"]["response"]["status_code"], json!(404));
    assert_eq!(entry["_event"]["request"]["uri"], json!("/api/v2/files/none.txt"));

    // Not asked for.
    assert_eq!(admin.get("/api/v2/system/app").await.status, 200);
    let role = json!({"resource": [{"name": "logged", "is_active": true, "password": "hunter2",
        "x": {"Api_Key": "hunter3"}}]});
    let made = admin
        .post("/api/v2/system/role?api_key=hunter4&access_token=hunter5", &role)
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let text = String::from_utf8(datagram(&udp).await).unwrap();
    assert!(!text.contains("hunter"), "{text}");
    let token = &admin
        .headers()
        .iter()
        .find(|(name, _)| name.to_lowercase().contains("token"))
        .unwrap()
        .1;
    assert!(!text.contains(token.as_str()), "{text}");
    let entry: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(entry["_message"], json!("system.role.post"));
    let request = &entry["_event"]["request"];
    assert_eq!(request["payload"]["resource"][0]["name"], json!("logged"));
    assert_eq!(request["parameters"]["access_token"], json!("***REDACTED***"));
    assert_eq!(entry["_event"]["response"]["status_code"], json!(201));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_server_that_is_away_or_slow_is_in_nobodys_way() {
    let program = Program::start();
    let admin = program.admin().await;
    let closed = kit::free_port();
    // It accepts connections, and never reads.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let everything = json!({"protocol": "tcp", "service_event_map": [{"event": "*", "level": "INFO"}]});
    service(&admin, "away", closed, everything.clone()).await;
    service(&admin, "silent", silent.local_addr().unwrap().port(), everything).await;
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(admin.get("/api/v2/system/app?fields=id").await.status, 200);
        assert_eq!(log(&admin, "away/info/x", None).await.0, 200);
    }
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let refused = json!({"resource": [{"name": "bad", "label": "bad", "type": "logstash", "is_active": true,
        "config": {"host": "127.0.0.1", "port": 1, "protocol": "smoke"}}]});
    assert_eq!(admin.post("/api/v2/system/service", &refused).await.status, 400);
}
