//! Encrypted connections to a server with a certificate of its own authority.
#![allow(clippy::unwrap_used)]

mod server;

use contract::{Map, Value};
use driver::{Driver, FaultKind, Scalar};
use kit::guard::{Guarded, Process};
use mysql::Source;
use serde_json::json;
use server::{fresh, impatient, scalar};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// A server that speaks TLS, as `localhost` by a certificate of the authority in `authority`.
struct Secured {
    port: u16,
    authority: String,
    _process: Process,
}

fn succeed(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program).args(arguments).current_dir(folder).output();
    let output = output.unwrap_or_else(|e| panic!("{program}: {e}"));
    assert!(
        output.status.success(),
        "{program}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn certificates(folder: &Path) {
    let openssl = |arguments: &[&str]| succeed("openssl", arguments, folder);
    let key = |name: &'static str| {
        [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-keyout",
            name,
        ]
    };
    openssl(
        &[
            &[
                "req",
                "-x509",
                "-subj",
                "/CN=Test authority",
                "-days",
                "2",
                "-out",
                "ca.pem",
            ][..],
            &key("ca.key"),
        ]
        .concat(),
    );
    openssl(
        &[
            &["req", "-subj", "/CN=localhost", "-out", "server.csr"][..],
            &key("server.key"),
        ]
        .concat(),
    );
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    let sign = [
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-set_serial",
        "7",
    ];
    openssl(
        &[
            &sign[..],
            &["-days", "2", "-extfile", "names", "-out", "server.pem"],
        ]
        .concat(),
    );
}

/// Starts it; none when there is no server or no openssl here.
fn secured() -> Option<Secured> {
    kit::mariadb()?;
    Command::new("openssl").arg("version").output().ok()?;
    let folder = tempfile::Builder::new()
        .prefix("dw-mariadb-tls-")
        .tempdir()
        .unwrap()
        .keep();
    certificates(&folder);
    let data = format!("--datadir={}", folder.join("data").display());
    let install = [
        "--no-defaults",
        &data,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        "--user=mysql",
    ];
    succeed("chmod", &["-R", "a+rX", "."], &folder);
    succeed("mariadb-install-db", &install, &folder);
    let port = kit::free_port();
    let file = |name: &str| folder.join(name).display().to_string();
    let socket = folder.join("data").join("s");
    let init = "CREATE DATABASE d;\nCREATE USER df@'%' IDENTIFIED BY 'pw';\nGRANT ALL ON d.* TO df@'%';\n";
    std::fs::write(folder.join("init.sql"), init).unwrap();
    succeed("chmod", &["-R", "a+rX", "init.sql", "server.key"], &folder);
    let mut command: Vec<String> = ["mariadbd", "--no-defaults", &data, "--user=mysql"]
        .map(String::from)
        .into();
    command.extend([
        format!("--port={port}"),
        format!("--socket={}", socket.display()),
        "--bind-address=127.0.0.1".into(),
        "--skip-name-resolve".into(),
        "--innodb-use-native-aio=0".into(),
        format!("--init-file={}", file("init.sql")),
        format!("--ssl-ca={}", file("ca.pem")),
        format!("--ssl-cert={}", file("server.pem")),
        format!("--ssl-key={}", file("server.key")),
    ]);
    let process = Process::start(&Guarded {
        command,
        environment: &[],
        forget: &["MYSQL"],
        log: &folder.join("log"),
        folder: &folder,
        signal: "KILL",
    });
    let limit = Instant::now() + Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(
            process.running() && Instant::now() < limit,
            "{}",
            process.output()
        );
        std::thread::yield_now();
    }
    let authority = std::fs::read_to_string(folder.join("ca.pem")).unwrap();
    Some(Secured {
        port,
        authority,
        _process: process,
    })
}

impl Secured {
    fn source(&self, host: &str, mode: &str, authority: Option<&str>) -> Source {
        let config = json!({
            "host": host, "port": self.port, "database": "d", "username": "df", "password": "pw",
            "schema": null, "ssl_mode": mode, "ssl_ca": authority,
        });
        let config: Map<String, Value> = config.as_object().unwrap().clone();
        Source::new(&config, &impatient(), "MariaDB").unwrap()
    }
}

const CIPHER: &str =
    "SELECT VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_CIPHER'";

#[tokio::test]
async fn each_mode_encrypts_and_verifies_what_it_says() {
    let Some(server) = secured() else { return };
    let grant = server.source("127.0.0.1", "preferred", None);
    assert_eq!(scalar(&grant, CIPHER).await, Scalar::Int(1));
    let ca = server.authority.as_str();
    for (host, mode, authority, works) in [
        ("127.0.0.1", "required", None, true),
        ("localhost", "verify_identity", Some(ca), true),
        ("localhost", "verify_ca", Some(ca), true),
        ("127.0.0.1", "verify_identity", Some(ca), false),
        // The driver does not recognise a wrong name in the words of today's TLS library: refused, never accepted.
        ("127.0.0.1", "verify_ca", Some(ca), false),
        ("localhost", "verify_identity", None, false),
        ("localhost", "verify_ca", None, false),
    ] {
        let source = server.source(host, mode, authority);
        let what = format!("{host} {mode} {}", authority.is_some());
        if works {
            assert_eq!(scalar(&source, CIPHER).await, Scalar::Int(1), "{what}");
        } else {
            assert_eq!(source.check().await.unwrap_err().kind, FaultKind::Down, "{what}");
        }
    }
    let plain = server.source("127.0.0.1", "disabled", None);
    assert_eq!(scalar(&plain, CIPHER).await, Scalar::Int(0));
}

#[tokio::test]
async fn a_server_without_certificates_is_used_only_when_encryption_is_not_required() {
    let Some((db, database)) = fresh("no_tls", "").await else {
        return;
    };
    assert_eq!(scalar(&db, CIPHER).await, Scalar::Int(0));
    let required = server::changed(&database, json!({"ssl_mode": "required"}));
    assert_eq!(required.check().await.unwrap_err().kind, FaultKind::Down);
}
