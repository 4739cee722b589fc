//! The program as its users meet it: started, asked over HTTP, and from the command line.
#![allow(clippy::unwrap_used, missing_docs)]
#![cfg(feature = "sqlite")]

use dreamwright::{Environment, Options, Running, start};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const PASSWORD: &str = "Correct-Horse-Battery-9";

fn options(data: &Path, environment: &[(&str, &str)]) -> Options {
    Options {
        listen: ([127, 0, 0, 1], 0).into(),
        data: data.join("data"),
        sample: false,
        environment: environment.iter().copied().collect(),
    }
}

/// Status and everything after the head.
async fn send(running: &Running, line: &str, headers: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let length = body.len();
    let request = format!(
        "{line} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), body.to_owned())
}

fn program(arguments: &[&str], data: &Path, environment: &[(&str, &str)], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dreamwright"));
    command
        .args(arguments)
        .arg("--data")
        .arg(data.join("data"))
        .current_dir(data);
    command.env_clear().envs(environment.iter().copied());
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program may have ended without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}

#[tokio::test]
async fn the_sample_answers_at_once_and_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let with_sample = || Options {
        sample: true,
        ..options(folder.path(), &[])
    };
    let mut keys = Vec::new();
    for _ in 0..2 {
        let running = start(with_sample()).await.unwrap();
        let line = running.sample_line().unwrap().to_owned();
        let (_, rest) = line.split_once("X-DreamFactory-API-Key: ").unwrap();
        let (key, rest) = rest.split_once('\'').unwrap();
        let path = rest.split_once(running.base()).unwrap().1.trim_end_matches('\'');
        let header = format!("X-DreamFactory-API-Key: {key}\r\n");
        let (status, body) = send(&running, &format!("GET {path}"), &header, "").await;
        assert!(
            status == 200 && body.starts_with("{\"resource\":[{\"emp_no\":10001,"),
            "{status} {body}"
        );
        let (status, body) = send(
            &running,
            &format!("GET {path}&related=salaries_by_emp_no"),
            &header,
            "",
        )
        .await;
        assert!(status == 200 && body.contains("\"salary\":"), "{status} {body}");
        let (status, _) = send(
            &running,
            "DELETE /api/v2/sample/_table/employees/10001",
            &header,
            "",
        )
        .await;
        assert_eq!(status, 401);
        keys.push(key.to_owned());
        running.shutdown().await;
    }
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn the_one_time_link_makes_the_first_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(options(folder.path(), &[])).await.unwrap();
    let link = running.setup_link().unwrap().to_owned();
    let path = link.strip_prefix(running.base()).unwrap();
    let token = path.strip_prefix("/setup?token=").unwrap();
    assert_eq!(send(&running, &format!("GET {path}"), "", "").await.0, 200);
    assert_eq!(send(&running, "GET /setup", "", "").await.0, 404);
    let form = |password: &str| {
        format!(
            "token={token}&email=admin%40example.com&password={password}&password_confirmation={password}"
        )
    };
    let media = "Content-Type: application/x-www-form-urlencoded\r\n";
    let (status, page) = send(&running, "POST /setup", media, &form("short")).await;
    assert!(status == 400 && page.contains("16"), "{page}");
    assert_eq!(send(&running, "POST /setup", media, &form(PASSWORD)).await.0, 302);
    assert_eq!(send(&running, &format!("GET {path}"), "", "").await.0, 404);
    assert!(running.platform().store().admin_exists().await.unwrap());
    running.shutdown().await;
    let again = start(options(folder.path(), &[])).await.unwrap();
    assert_eq!(again.setup_link(), None);
    again.shutdown().await;
}

#[tokio::test]
async fn the_console_makes_the_first_administrator_with_json() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(options(folder.path(), &[])).await.unwrap();
    let environment = async || send(&running, "GET /api/v2/system/environment", "", "").await.1;
    assert!(environment().await.contains("\"first_run\":true"));
    let token = running
        .setup_link()
        .unwrap()
        .split_once('=')
        .unwrap()
        .1
        .to_owned();
    let post = async |token: &str, password: &str| {
        let body = format!(
            r#"{{"token": "{token}", "name": "Ann", "email": "ann@example.com", "password": "{password}"}}"#
        );
        send(
            &running,
            "POST /setup",
            "Content-Type: application/json\r\n",
            &body,
        )
        .await
    };
    assert_eq!(post("0", PASSWORD).await.0, 404);
    let (status, refusal) = post(&token, "short").await;
    assert!(
        status == 400 && refusal.contains("\"context\":{\"password\":["),
        "{refusal}"
    );
    let (status, profile) = post(&token, PASSWORD).await;
    assert_eq!(status, 201);
    assert!(
        profile.contains("\"email\":\"ann@example.com\"") && !profile.contains("argon2"),
        "{profile}"
    );
    assert_eq!(post(&token, PASSWORD).await.0, 404);
    assert!(!environment().await.contains("first_run"));
    running.shutdown().await;
}

#[tokio::test]
async fn the_environment_makes_the_first_administrator() {
    let folder = tempfile::tempdir().unwrap();
    let named = [
        ("DW_ADMIN_EMAIL", "admin@example.com"),
        ("DW_ADMIN_PASSWORD", PASSWORD),
    ];
    let running = start(options(folder.path(), &named)).await.unwrap();
    assert_eq!(running.setup_link(), None);
    assert_eq!(send(&running, "GET /setup?token=", "", "").await.0, 404);
    running.shutdown().await;
    for half in [&named[..1], &named[1..]] {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(
            start(options(folder.path(), half))
                .await
                .err()
                .unwrap()
                .exit_code(),
            2
        );
    }
}

#[tokio::test]
async fn bad_values_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = start(options(folder.path(), &[("DW_POOL_SIZE", "0")]))
        .await
        .err()
        .unwrap();
    assert_eq!(
        refusal.to_string(),
        "DW_POOL_SIZE must be a whole number from 1 to 1000, but it is '0'."
    );
    assert!(!folder.path().join("data").exists());
    let first = start(options(folder.path(), &[])).await.unwrap();
    let taken = Options {
        listen: first.address(),
        ..options(folder.path(), &[])
    };
    assert_eq!(start(taken).await.err().unwrap().exit_code(), 1);
    first.shutdown().await;
    let other_key = [("APP_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")];
    assert!(
        start(options(folder.path(), &other_key))
            .await
            .err()
            .unwrap()
            .to_string()
            .contains("APP_KEY")
    );
}

#[tokio::test]
async fn probes_and_status_answer() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(options(folder.path(), &[])).await.unwrap();
    for path in ["/", "/live", "/ready", "/up", "/status", "/api/v2"] {
        assert_eq!(
            send(&running, &format!("GET {path}"), "", "").await.0,
            200,
            "{path}"
        );
    }
    let environment = Environment::default();
    assert!(environment.settings().is_ok());
    running.shutdown().await;
}

#[test]
fn setup_takes_the_password_from_three_places_and_runs_once() {
    let setup = [
        "setup",
        "--email",
        "admin@example.com",
        "--first-name",
        "Oracle",
        "--last-name",
        "Admin",
    ];
    let folder = tempfile::tempdir().unwrap();
    let short = program(&setup, folder.path(), &[], "short\n");
    assert_eq!(short.status.code(), Some(2), "{}", text(&short));
    let none = program(&setup, folder.path(), &[], "");
    assert_eq!(none.status.code(), Some(2), "{}", text(&none));
    let read = program(&setup, folder.path(), &[], &format!("{PASSWORD}\n"));
    assert!(
        read.status.success() && !text(&read).contains(PASSWORD),
        "{}",
        text(&read)
    );
    let twice = program(&setup, folder.path(), &[], PASSWORD);
    assert_eq!(
        (twice.status.code(), text(&twice).contains("already")),
        (Some(1), true)
    );
    let folder = tempfile::tempdir().unwrap();
    assert!(
        program(&setup, folder.path(), &[("DW_ADMIN_PASSWORD", PASSWORD)], "")
            .status
            .success()
    );
    let folder = tempfile::tempdir().unwrap();
    let given = [&setup[..], &["--password", PASSWORD]].concat();
    assert!(program(&given, folder.path(), &[], "").status.success());
}

#[test]
fn config_prints_settings_and_refuses_bad_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".env"), "APP_NAME=Mine\n").unwrap();
    let good = program(&["config"], folder.path(), &[("JWT_SECRET", "hunter2")], "");
    assert!(
        good.status.success() && text(&good).contains("APP_NAME=Mine") && !text(&good).contains("hunter2")
    );
    let bad = program(&["config"], folder.path(), &[("DF_JWT_TTL", "soon")], "");
    assert_eq!(bad.status.code(), Some(2));
    assert!(
        text(&bad).contains("DF_JWT_TTL must be a whole number"),
        "{}",
        text(&bad)
    );
    assert_eq!(
        program(&["serve", "--listen", "nowhere"], folder.path(), &[], "")
            .status
            .code(),
        Some(2)
    );
}
