//! `sslmode`, with certificates made for the occasion.

use super::{config, text};
use contract::Settings;
use driver::{Driver, FaultKind};
use kit::{Engine, Server};
use postgres::Source;
use serde_json::{Value, json};

/// Makes an authority and a certificate for `localhost` in the server's data folder, and tells the server to use
/// them. `None` when the machine has no openssl.
fn encrypt(server: &Server) -> Option<String> {
    let script = "set -e; \
        openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt; \
        openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr; \
        printf \"subjectAltName=DNS:localhost\" > san; \
        openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.crt";
    let made = server.admin(
        &format!("COPY (SELECT 1) TO PROGRAM '({script}) >/dev/null 2>&1'"),
        "postgres",
    );
    if made.is_err() {
        kit::announce("SKIPPED encryption: 'openssl' is not installed or made no certificate");
        return None;
    }
    let authority = server.admin("SELECT pg_read_file('ca.crt')", "postgres").unwrap();
    server.admin("ALTER SYSTEM SET ssl = on", "postgres").unwrap();
    server.stop();
    server.start();
    Some(authority)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mode_means_what_it_means_elsewhere() {
    let Some(server) = Server::own(Engine::Postgres) else {
        return;
    };
    let database = server.database("encryption");
    let connect = async |more: Value| {
        let mut config = config(&database);
        config.extend(more.as_object().unwrap().clone());
        let source = Source::new(&config, &Settings::default()).unwrap();
        source.check().await.map_err(|fault| fault.kind)?;
        Ok(text(
            &source,
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        )
        .await
            == "true")
    };
    // A server without encryption.
    assert_eq!(connect(json!({"sslmode": "disable"})).await, Ok(false));
    assert_eq!(connect(json!({})).await, Ok(false));
    assert_eq!(connect(json!({"sslmode": "require"})).await, Err(FaultKind::Down));

    let Some(authority) = encrypt(&server) else { return };
    let file = tempfile(&authority);
    let path = file.path().to_str().unwrap();
    for (mode, root, host, expected) in [
        ("disable", "", "127.0.0.1", Ok(false)),
        ("prefer", "", "127.0.0.1", Ok(true)),
        ("require", "", "127.0.0.1", Ok(true)),
        ("verify-ca", authority.as_str(), "127.0.0.1", Ok(true)),
        ("verify-ca", "", "127.0.0.1", Err(FaultKind::Down)),
        ("verify-full", authority.as_str(), "localhost", Ok(true)),
        ("verify-full", path, "localhost", Ok(true)),
        (
            "verify-full",
            authority.as_str(),
            "127.0.0.1",
            Err(FaultKind::Down),
        ),
        ("verify-full", "", "localhost", Err(FaultKind::Down)),
    ] {
        let more = json!({"sslmode": mode, "sslrootcert": root, "host": host});
        assert_eq!(connect(more).await, expected, "{mode} {host}");
    }
    // Another authority, even with `require`: a given root certificate is there to be checked.
    server.admin("COPY (SELECT 1) TO PROGRAM 'openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -keyout other.key -out other.crt 2>/dev/null'", "postgres").unwrap();
    let other = server
        .admin("SELECT pg_read_file('other.crt')", "postgres")
        .unwrap();
    for mode in ["require", "verify-ca", "verify-full"] {
        let more = json!({"sslmode": mode, "sslrootcert": other, "host": "localhost"});
        assert_eq!(connect(more).await, Err(FaultKind::Down), "{mode}");
    }
}

#[tokio::test]
async fn a_root_certificate_that_is_none_is_refused_without_its_path() {
    for (root, mode) in [
        ("/no/such/secret-file", "verify-full"),
        ("-----BEGIN nothing", "verify-ca"),
    ] {
        let config = json!({"host": "h", "database": "d", "sslmode": mode, "sslrootcert": root});
        let problem = Source::new(config.as_object().unwrap(), &Settings::default())
            .err()
            .unwrap();
        assert_eq!(problem.status(), 400);
        assert!(
            problem.message.contains("sslrootcert") && !problem.message.contains("secret"),
            "{}",
            problem.message
        );
    }
}

fn tempfile(text: &str) -> Named {
    let path = std::env::temp_dir().join(format!("dw-root-{}.pem", std::process::id()));
    std::fs::write(&path, text).unwrap();
    Named(path)
}

/// A file that is removed when it is dropped.
struct Named(std::path::PathBuf);

impl Named {
    fn path(&self) -> &std::path::Path {
        &self.0
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
